"""The door for programs: REST, version 1.

Owns: representations, problem documents, keyset pages, idempotency keys, rate limits, the schema.
Does not own: decisions. A view parses, makes one call, renders.

Invariants
- Every answer that is not a success is a problem document (RFC 9457) with a stable code.
- A write that moves money or access needs an idempotency key and is safe to repeat with it.
- An API key reaches what its scopes name, in its own organisation, and nothing else.
"""
