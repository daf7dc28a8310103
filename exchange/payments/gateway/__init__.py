"""The door to payment providers: one port, and what stands behind it.

`port.py` is what use cases know. `stripe_gateway.py` speaks Stripe's own API through Stripe's own kit;
`sandbox/` answers that API in process, so that development and tests run what production runs.
Nothing outside this package imports `stripe`.
"""
