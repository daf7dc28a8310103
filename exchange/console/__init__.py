"""The admin sites: the console, where operators work and regulators read, and the sellers' desk (`desk/`).

Owns: their pages, their overviews, and the question who may open them (asked of policy).
Does not own: any rule and any table. Rows are read here and changed through use cases only; no form of
this door writes a row by itself.

Invariants
- Anonymous visitors are sent to the one sign-in; for who may not enter, the site does not exist.
- Every act asks policy again and leaves a record in the log; those of operators have a reason.
- No list counts its table, and no page asks the database in a loop.
"""
