"""What is offered: products, their revisions and offers, the listing that an operator approves, search.

Owns: products, revisions, offers, licences in plain words, the listing lifecycle with its gates and
steps, the search index, watches, saved searches, reviews and demands.
Does not own: the data itself (vault), orders, access (delivery).

Invariants
- Only a listed product is seen by others than its seller and the operators.
- A listing's state changes only by a step of the table of moves; steps are never changed or deleted.
- Revisions and offers never change once published: a change is a new one.
"""
