"""One statement that gives a batch of deposits free: what waited for its lock is read again."""

RELEASE = """
WITH held AS MATERIALIZED (
    SELECT id FROM payments_deposit
    WHERE purpose = %(purpose)s AND state = 'held' AND id > %(after)s
        AND organisation_id <> ALL (%(keep)s)
    ORDER BY id LIMIT %(limit)s FOR NO KEY UPDATE
)
UPDATE payments_deposit AS deposit SET state = 'released', ended_at = %(now)s
FROM held WHERE deposit.id = held.id
RETURNING deposit.id, deposit.public_id, deposit.hold
"""
