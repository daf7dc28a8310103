"""Turns among the lanes of the outbox: who promised many jobs does not make others wait for all of them.

One worker at a time decides whose turn it is, since each must see what the last one took. Another that
comes in the same moment takes jobs without a lane, and looks again at the next sweep.
"""

from collections.abc import Collection

from django.db import connection

LOCK = 0x4C414E45


def may_lease(without: Collection[str]) -> bool:
    """Whether jobs wait in lanes and it is on us to share them out, until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(MAY_LEASE, {"lock": LOCK, "without": list(without)})
        return bool(cursor.fetchone()[0])


_WAITS = """
    state = 'ready' AND lane <> '' AND run_after <= statement_timestamp()
    AND topic <> ALL(%(without)s)
"""

# A statement of its own: the next one sees what those before us have committed.
MAY_LEASE = f"""
    SELECT CASE WHEN EXISTS (SELECT FROM core_outboxjob WHERE {_WAITS})
                THEN pg_try_advisory_xact_lock(%(lock)s) ELSE false END
"""  # noqa: S608 - built of constants

# A vanished worker's job counts as under way until it is leased again, which it is before any other.
NEXT = f"""
    WITH turns AS (
        SELECT waiting.lane, busy.jobs, last.finished_at
        FROM (SELECT DISTINCT lane FROM core_outboxjob WHERE {_WAITS}) AS waiting
        CROSS JOIN LATERAL (
            SELECT count(*) AS jobs FROM core_outboxjob
            WHERE lane = waiting.lane AND lane <> '' AND state = 'leased'
        ) AS busy
        CROSS JOIN LATERAL (
            SELECT max(finished_at) AS finished_at FROM core_outboxjob
            WHERE lane = waiting.lane AND lane <> ''
        ) AS last
        WHERE busy.jobs < %(per_lane)s
        ORDER BY busy.jobs, last.finished_at NULLS FIRST, waiting.lane LIMIT %(limit)s
    ), due AS (
        SELECT job.id FROM turns CROSS JOIN LATERAL (
            SELECT id FROM core_outboxjob WHERE lane = turns.lane AND {_WAITS}
            ORDER BY run_after, id LIMIT 1 FOR UPDATE SKIP LOCKED
        ) AS job
    )
"""  # noqa: S608 - built of constants
