"""How money moves: payments, refunds, shares, payouts, and the numbered documents about them.

Owns: payments through the provider port, provider events, bank transfers and their matching,
settlements, refunds, payouts, payout accounts, invoices, credit notes and statements.
Does not own: the books (ledger), orders; both are joined by journeys.

Invariants
- One fact of a provider is one fact of the books, whatever arrives twice, late or out of order.
- Captured money of an order is held, released or refunded, and the three sum to it.
- A seller never receives more than was ever available to it.
- Numbers of invoices, credit notes and statements have no gaps.
"""
