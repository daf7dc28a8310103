"""Who takes part in the exchange, as what, and what each may do.

Owns: the admission of an organisation (its standing, the steps that led there, its documents), its
qualifications, the roles of people within it, and the policy that answers every door's question
"may this actor do this to that, and if not why".
Does not own: users, organisations and memberships (accounts); the things that actions are done to.

Invariants
- An organisation has at most one open admission; a new application starts a new one after exit.
- Standing changes only by a step of the table of moves, and steps are never changed or deleted.
- Qualifying, requalifying, suspending, restoring and expelling need two different operators.
- No organisation and no person holds two things that the separation of duties keeps apart.
- A role counts only while its holder is a member of the organisation, and its organisation is
  qualified for it: both are read at every request and never kept in a session.
"""
