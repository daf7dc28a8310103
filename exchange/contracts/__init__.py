"""What two organisations have signed: contracts from templates, their clauses, signatures and policy.

Owns: templates and clauses as data, contracts by value and hash, signatures, permits.
Does not own: how the price was reached (negotiation, auctions), the order that follows (orders).

Invariants
- A contract's document never changes once it was put up for signing: its hash is what is signed.
- A contract is concluded when an authorised member of each party has signed the same hash.
- No use goes beyond what the permit allows; a permit ends with a contract that ends early.
"""
