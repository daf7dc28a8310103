"""The console: where operators work and regulators read.

Owns: its pages, its overview, and the question who may open it (asked of policy).
Does not own: any rule and any table. Rows are read here and changed through use cases only; no form of
this door writes a row by itself.

Invariants
- Anonymous visitors are sent to the one sign-in; for who may not enter, the console does not exist.
- Every act has a reason, asks policy again and leaves a record in the log.
- No list counts its table, and no page asks the database in a loop.
"""
