"""The transparency log: what happened at the exchange, in an order that nobody can rewrite.

Owns: records (who did what to what, when), the queue of committed records, the Merkle tree over
them, its signed heads, the proofs, and the values behind personal commitments until their erasure.
Does not own: the business rows that records speak of, nor who may read a record (the doors ask).

Invariants
- A record is written in the transaction of its change: both are there or neither is.
- Writing takes no lock that another writer waits for; order is given afterwards by one sequencer.
- Every committed record gets exactly one index; indexes have no gap and never change.
- A signed head speaks of all leaves before it, and every later head continues it.
- Records, leaves, nodes and heads are never updated or deleted; the database refuses.
- No personal value stands in a record: only a salted commitment, so that erasing the value and its
  salt leaves a log that still verifies.
"""
