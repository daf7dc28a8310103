"""A payment provider for development, which answers the API of Stripe in process.

Owns: its own tables (payment intents, refunds, accounts, transfers, payouts, balance lines, events),
its idempotency store, its clock, its signed messages, and the switches that make it misbehave.
Does not own: anything of the exchange; it knows it only by what requests say, and the exchange
knows it only through Stripe's own kit. No money moves here.

Invariants
- A request that the kit's own parameter types do not allow is answered 400, as the real one would.
- A key's first answer stands for 24 hours, errors of the server included; another request under
  the same key is refused.
- A balance is the sum of its lines, and nothing is sent that is not available.
"""
