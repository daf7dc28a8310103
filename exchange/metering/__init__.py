"""What was used: metering events, the periods that they are billed in, and the receipts of both.

Owns: metered subscriptions, events, quantities by period, caps, alerts, bills in draft and final,
corrections, daily receipts.
Does not own: prices (pricing computes them), money (ledger, payments), orders, access.

Invariants
- An event is counted once: its identity is unique in the database, in the transaction that keeps it.
- What a closed period was billed for never changes; what comes later is a correction of the next.
- Quantities are recomputed from the events alone, to the same bytes.
"""
