"""How bought data arrives: entitlements, the files they open, and short-lived signed links.

Owns: entitlements with their term and revision rule, deliveries and their count, links.
Does not own: the content (vault), orders.

Invariants
- A link opens what its entitlement covers at the moment of use, and nothing after revocation.
- A delivery is counted once, however many requests its download takes; a use of it is billed once.
"""
