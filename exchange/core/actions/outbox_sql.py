"""The outbox in PostgreSQL's own words, judged by the database's clock."""

CHANNEL = "assay_outbox"

POKE = f"NOTIFY {CHANNEL}"

# Without a row the promise exists already; while its transaction is open this waits for the outcome.
PROMISE = """
    INSERT INTO core_outboxjob (topic, dedupe_key, payload, run_after)
    VALUES (%(topic)s, %(key)s, %(payload)s, coalesce(%(run_after)s, statement_timestamp()))
    ON CONFLICT (topic, dedupe_key) DO NOTHING RETURNING id
"""

# Rows that another worker is looking at are passed over, so workers never queue for each other.
# A row whose effect is just being committed is locked too: its lease may run out without harm.
DUE = """
    WITH expired AS (
        SELECT id FROM core_outboxjob
        WHERE state = 'leased' AND lease_until <= statement_timestamp()
          AND topic <> ALL(%(without)s)
        ORDER BY lease_until LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    ), ready AS (
        SELECT id FROM core_outboxjob
        WHERE state = 'ready' AND run_after <= statement_timestamp()
          AND topic <> ALL(%(without)s)
        ORDER BY run_after LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    ), due AS (
        SELECT id FROM expired UNION ALL SELECT id FROM ready LIMIT %(limit)s
    )
"""
IS_DUE = "subject.id IN (SELECT id FROM due)"
LEASE_FROM_NOW = "statement_timestamp() + make_interval(secs => %(lease_seconds)s)"
IS_HELD = "subject.id = %(job_id)s AND subject.fence = %(fence)s"
IS_HELD_IN_TIME = f"{IS_HELD} AND subject.lease_until > statement_timestamp()"
IS_LAST_ATTEMPT = "subject.attempts >= %(attempts_max)s"
# The delay doubles with every attempt up to a ceiling; half to one and a half of it is drawn, so
# that jobs which failed together do not come back together.
AFTER_A_DELAY = """
    statement_timestamp() + make_interval(secs => (0.5 + random()) * least(
        %(delay_max_seconds)s::float8, %(delay_seconds)s::float8 * 2.0 ^ (subject.attempts - 1)))
"""
