"""The claim of an idempotency key and its answer, in PostgreSQL's own words."""

# Without a row the key is taken; while its first request is running this waits for the outcome.
CLAIM = """
    INSERT INTO core_idempotencykey (scope, key, fingerprint)
    VALUES (%(scope)s, %(key)s, %(fingerprint)s)
    ON CONFLICT (scope, key) DO NOTHING RETURNING id
"""

ANSWER = """
    UPDATE core_idempotencykey SET status = %(status)s, answer = %(answer)s::jsonb WHERE id = %(row)s
"""
