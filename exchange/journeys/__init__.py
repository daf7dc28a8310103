"""Stories that span rooms which do not know each other, each read from top to bottom in one file.

Owns: nothing. A journey calls use cases and never writes a row itself.
Does not own: what happens inside a room (its own use cases), what follows from a step (reactions).

Invariants
- A journey is one transaction; what it calls joins it.
"""
