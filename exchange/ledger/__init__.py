"""The books: double entry in whole minor units, kept so that they cannot be wrong.

Owns: accounts with their balances, postings (one business event each) and their transfers, holds
(pending transfers), references to facts of payment providers, statements and the recomputation.
Does not own: what a posting means. Rooms above decide who pays whom, and log it.

Invariants
- A transfer moves a positive amount from one account to another of the same currency; it never
  changes and never disappears. A correction is a further posting.
- An account's balances are the sums of its transfers, pending ones apart; a guarded account never
  goes below zero, holds included, at any commit.
- A hold is resolved at most once, by at most its amount; what is not taken is free again.
- One scope and key name one posting: repeating it gives the first, altering it is refused.
- A posting is whole or absent.
All of this is enforced by the database (sql/guards.sql), against plain SQL too; the room refuses to
post when a guard is missing.
"""
