"""What is offered: products, their revisions and offers, the listing that an operator approves, search.

Owns: products, revisions, offers, licences in plain words, the listing lifecycle with its gates and
steps, the search index, watches, saved searches and demands, questions with their answers.
Does not own: the data itself (vault), orders and the reviews of them, access (delivery).

Invariants
- Only a listed product is seen by others than its seller and the operators.
- A listing changes its state by a transition of `LISTING` alone, through `listing.transition`; steps
  are never changed or deleted.
- Revisions and offers never change once published: a change is a new one.
"""
