"""Who gets it and what they pay: auctions, markets, and the evidence that lets anyone clear again.

Owns: the bid and its total order, single-item, multi-unit, two-sided and package auctions, budget
bids, digital goods, licences by number, reserves, evidence documents.
Does not own: who may bid, deposits, the clock, or storing bids. Imports no web framework.

Invariants
- A price is a whole number of ticks (the currency's minor units) from 1 to 2^53.
- Bids are ranked by price, then time, then sequence number; the order in which they are handed
  over changes nothing.
- Nobody pays more than they bid, and who gets nothing pays nothing.
- An outcome is a function of its auction document alone, seed included: cleared again, it gives
  the same bytes.
"""
