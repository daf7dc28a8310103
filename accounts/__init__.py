"""People and organisations, and how they sign in.

Owns: users, organisations, memberships, invitations, API keys. Knows nothing of an exchange: what
an organisation may do there is decided by others, from what stands here.

Invariants
- A unified credit code, where given, has a right check digit and belongs to one organisation.
- An organisation has at least one owner.
- Names and addresses are one line each.
- The secret of an API key or an invitation is shown once and stored only as a hash.
"""
