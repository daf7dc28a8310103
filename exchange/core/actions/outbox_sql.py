"""The outbox in PostgreSQL's own words: one statement each, judged by the database's clock."""

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
LEASE = """
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
    UPDATE core_outboxjob AS job
    SET state = 'leased',
        lease_until = statement_timestamp() + make_interval(secs => %(lease_seconds)s),
        leased_by = %(worker)s,
        fence = job.fence + 1,
        attempts = job.attempts + 1
    FROM due WHERE job.id = due.id
    RETURNING job.id, job.topic, job.dedupe_key, job.payload, job.fence, job.attempts
"""

RENEW = """
    UPDATE core_outboxjob
    SET lease_until = statement_timestamp() + make_interval(secs => %(lease_seconds)s)
    WHERE id = %(job_id)s AND state = 'leased' AND fence = %(fence)s
      AND lease_until > statement_timestamp()
"""

COMPLETE = """
    UPDATE core_outboxjob
    SET state = 'done', lease_until = NULL, finished_at = statement_timestamp(), last_error = ''
    WHERE id = %(job_id)s AND state = 'leased' AND fence = %(fence)s
      AND lease_until > statement_timestamp()
"""

# The delay doubles with every attempt up to a ceiling; half to one and a half of it is drawn, so
# that jobs which failed together do not come back together.
FAIL = """
    UPDATE core_outboxjob
    SET state = CASE WHEN attempts >= %(attempts_max)s THEN 'dead' ELSE 'ready' END,
        finished_at = CASE WHEN attempts >= %(attempts_max)s THEN statement_timestamp() END,
        attempts = least(attempts, %(attempts_max)s),
        lease_until = NULL,
        run_after = statement_timestamp() + make_interval(secs => (0.5 + random()) * least(
            %(delay_max_seconds)s::float8, %(delay_seconds)s::float8 * 2.0 ^ (attempts - 1))),
        last_error = %(error)s
    WHERE id = %(job_id)s AND state = 'leased' AND fence = %(fence)s
    RETURNING state
"""
