"""What people are told: one line in their inbox, and a mail where they want one.

Owns: notices, whether they were read, and how each person wants to be told.
Does not own: what happened (the rooms), the wording of pages.

Invariants
- The same fact is told to the same person once.
- A notice keeps facts, not sentences: it is worded in the reader's language when it is read.
"""
