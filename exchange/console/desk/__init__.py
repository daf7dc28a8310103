"""The sellers' desk: an admin site for the members of a selling organisation, over its own rows alone.

It stands on the same machinery as the operators' console. Whoever works in the organisation may look;
each act asks its own permission, in the use case that the pages call too.

Invariants
- A row of another organisation is not there: no list shows it, its page answers 404, no act reaches it.
- Rows are addressed by their public ids.
"""
