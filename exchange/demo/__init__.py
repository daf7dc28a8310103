"""The demo: an invented exchange to walk through, with one-click sign-in.

Owns: the personas, the seeded story, and the door that signs a visitor in as a persona.
Does not own: anything that real exchanges run. It is installed by the demo settings alone and does
all it does through the same use cases as everybody.

Invariants
- Every organisation it makes is marked synthetic in its name.
- Seeding again changes nothing.
"""
