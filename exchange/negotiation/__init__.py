"""How two parties agree on a price and terms: requests for quotes, private offers, counter-offers.

Owns: requests, rounds of offers as differences to the last, answers to requests on the board,
requests for offers that need approval, deadlines and who acts next.
Does not own: price arithmetic (pricing), the contract (contracts), the order (orders).

Invariants
- At any moment one side has the turn, until a known moment.
- An offer is never changed: it is answered, withdrawn, overtaken by a newer one, or it expires.
- What is accepted is exactly the newest offer, by its hash.
"""
