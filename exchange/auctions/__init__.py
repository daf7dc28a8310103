"""Where bids meet: auctions of every mechanism that the pricing library knows.

Owns: auctions and their schedule, bids, sealed envelopes and their commitments, the award and its
evidence.
Does not own: who wins and pays what (pricing computes it), deposits (payments), the order (orders).

Invariants
- The clock of the database decides whether a bid is in time; bids are never changed or deleted.
- An auction is awarded once, from evidence that anybody can clear again.
- The seller, who gets a part of what it brings, and organisations related to one of them never bid.
"""
