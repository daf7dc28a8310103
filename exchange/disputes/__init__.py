"""What buyer and seller disagree about, from the first word to the end of it.

Owns: disputes and their lifecycle, what both sides say and hand in, and by when.
Does not own: the order that is disputed, rulings and messages (orders), money (payments), access (delivery).

Invariants
- Over an order runs one dispute at a time, and the order's money is held while it does.
- A side that stays silent past its time loses: the clock ends the dispute as its opener asked, or drops it.
- A side that a ruling goes against appeals at most once; nobody who made the ruling decides on the appeal.
- A dispute that has ended says how, and what was refunded.
"""
