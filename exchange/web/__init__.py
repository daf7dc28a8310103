"""The door for people: the exchange's own pages.

Owns: addresses, forms, what a page shows and in which words.
Does not own: decisions. A view parses, makes one call, renders; a refusal becomes a readable page.

Invariants
- Every page works without JavaScript and carries no inline script or style.
- A page is a frozen dataclass; its template asks the database nothing.
- What the reader may not know answers 404.
"""
