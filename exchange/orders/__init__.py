"""Who agreed to what: orders with their frozen terms, from checkout to the trading certificate.

Owns: orders and their lifecycle, frozen terms by value and hash, steps, messages, buying limits,
discount tiers, subscriptions' renewals.
Does not own: money (payments, ledger), access to data (delivery), what is offered (catalog).

Invariants
- The terms of an order are those of the moment of acceptance, kept by value and by hash.
- An order's state changes only by a step of the table of moves; steps are never changed or deleted.
- At any moment it is known who must act, and until when.
"""
