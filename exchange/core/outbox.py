"""The outbox: promise work in the transaction that causes it, lease it, finish it once.

The database is the promise and its clock the only one asked. A notification after the commit
merely saves the time until somebody looks.

What a handler may rely on, and must respect:

- An effect in this database alone runs in one transaction with `complete`: it takes effect once,
  whoever is killed whenever.
- A call to the world outside takes two: the promise was committed first; then the call is made with
  `Lease.idempotency_key`, the same at every attempt; then its outcome is recorded in one transaction
  with `complete`. An attempt whose outcome is unknown is repeated with the same key, never undone.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import DurationField, ExpressionWrapper, Min
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from exchange.core import outbox_lanes as lanes
from exchange.core.lifecycle import Doer
from exchange.core.models import OutboxJob
from exchange.core.models.outbox import ERROR_CHARS_MAX, KEY_CHARS_MAX
from exchange.core.outbox_lifecycle import OUTBOX, OutboxState
from exchange.core.outbox_lifecycle import OutboxTransition as T
from exchange.core.refusals import KeyReused, NotFound, Refusal
from exchange.core.use_case import use_case

log = structlog.get_logger(__name__)

ATTEMPTS_MAX = 12
RETRY_DELAY_SECONDS = 1
RETRY_DELAY_MAX_SECONDS = 3600
PAYLOAD_BYTES_MAX = 64 * 1024
LEASES_MAX = 100


class StaleLease(Refusal):
    """The lease ran out or was taken over; what the worker did is not kept."""

    code = "stale_lease"


@dataclass(frozen=True)
class Lease:
    """One attempt at one job, granted to one worker until the lease runs out."""

    job_id: int
    topic: str
    key: str
    payload: dict[str, Any]
    fence: int
    attempts: int

    @property
    def idempotency_key(self) -> str:
        """The key for calls to the world outside: the same for every attempt at this job."""
        return f"{self.topic}:{self.key}"


def emit(
    *,
    topic: str,
    key: str,
    payload: Mapping[str, Any],
    run_after: datetime | None = None,
    lane: str = "",
) -> None:
    """Promise that `topic` will be handled once, not before `run_after`, if this transaction commits.

    Jobs of one `lane`, such as the files of one organisation, take turns with those of others; only
    OUTBOX_PER_LANE of them are done at once. The same topic, key and payload again is the same promise. Raises KeyReused when the key stands
    for another payload, ValueError when key or payload are too long, and
    TransactionManagementError outside a transaction: a promise without its cause is a mistake.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("outbox.emit() belongs into a transaction.")
    content = json.dumps(payload)
    if len(key) > KEY_CHARS_MAX or len(content) > PAYLOAD_BYTES_MAX:
        raise ValueError(f"{topic}: the key or the payload is too long for the outbox.")
    with connection.cursor() as cursor:
        cursor.execute(
            PROMISE,
            {
                "topic": topic,
                "key": key,
                "payload": content,
                "run_after": run_after,
                "lane": lane,
            },
        )
        is_new = cursor.fetchone() is not None
    if is_new:
        if run_after is None:
            _poke_after_commit()
    elif OutboxJob.objects.get(topic=topic, dedupe_key=key).payload != json.loads(content):
        raise KeyReused(
            _("This piece of work was already promised with another content."), topic=topic, key=key
        )


def _poke_after_commit() -> None:
    """Poke once per transaction. One that waits already stands or falls with what surrounds us too."""
    if not any(waiting[1] is poke for waiting in connection.run_on_commit):
        transaction.on_commit(poke, robust=True)


def poke() -> None:
    """Wake the dispatchers, from outside a transaction.

    A NOTIFY inside the business transaction would take a lock at its commit that all notifying
    commits queue on; in a statement of its own it holds nobody up. Losing it loses only time.
    """
    with connection.cursor() as cursor:
        cursor.execute(POKE)


@transaction.atomic
def lease(*, worker: str, limit: int = 1, without: Collection[str] = ()) -> list[Lease]:
    """Take up to `limit` due jobs, those first whose earlier lease ran out. Commit before you work.

    Jobs of the topics `without` are left to others. Of jobs in lanes the oldest of that lane comes first
    which has fewest under way, and among those whose last one is longest ago; who may take them takes
    them first, since others do what is short.

    A job whose worker vanished in the last of its attempts is buried here, so that work which
    kills its worker does not go round for ever.
    """
    most = min(limit, LEASES_MAX)
    taken = _taken(lanes.NEXT, worker, most, without) if lanes.may_lease(without) else []
    if len(taken) < most:
        taken += _taken(DUE, worker, most - len(taken), without)
    for exhausted in taken:
        if exhausted.attempts > ATTEMPTS_MAX:
            fail(
                job_id=exhausted.job_id,
                fence=exhausted.fence,
                error="The worker vanished in the last attempt.",
            )
    return [granted for granted in taken if granted.attempts <= ATTEMPTS_MAX]


def _taken(due: str, worker: str, limit: int, without: Collection[str]) -> list[Lease]:
    rows = OUTBOX.transition_many(
        T.LEASE,
        source=due,
        where=IS_DUE,
        columns={
            "lease_until": LEASE_FROM_NOW,
            "leased_by": "%(worker)s",
            "fence": "subject.fence + 1",
            "attempts": "subject.attempts + 1",
        },
        params={
            "worker": worker,
            "limit": limit,
            "lease_seconds": settings.OUTBOX_LEASE_SECONDS,
            "without": list(without),
            "per_lane": settings.OUTBOX_PER_LANE,
        },
        returning=("id", "topic", "dedupe_key", "payload", "fence", "attempts"),
    )
    return [
        Lease(job_id, topic, key, json.loads(payload), fence, attempts)
        for job_id, topic, key, payload, fence, attempts in rows
    ]


def renew(*, job_id: int, fence: int) -> None:
    """Begin the lease anew from now. Raises StaleLease when it ran out or was taken over."""
    seconds = {"lease_seconds": settings.OUTBOX_LEASE_SECONDS}
    _move_held(T.RENEW, job_id, fence, columns={"lease_until": LEASE_FROM_NOW}, params=seconds)


def complete(*, job_id: int, fence: int) -> None:
    """Mark the job done. In the effect's transaction call it first: it locks the job.

    Raises StaleLease when the lease ran out or somebody else holds it; the effect must then roll back.
    """
    ended = {"lease_until": "NULL", "finished_at": "statement_timestamp()", "last_error": "''"}
    _move_held(T.COMPLETE, job_id, fence, columns=ended)


def fail(*, job_id: int, fence: int, error: str) -> OutboxState:
    """Record a failed attempt: the job comes back after a growing delay, or is dead after the last.

    Raises StaleLease when somebody else holds the job by now.
    """
    params = {
        "job_id": job_id,
        "fence": fence,
        "error": error.replace("\x00", "")[:ERROR_CHARS_MAX],
        "attempts_max": ATTEMPTS_MAX,
        "delay_seconds": RETRY_DELAY_SECONDS,
        "delay_max_seconds": RETRY_DELAY_MAX_SECONDS,
    }
    failed = {"lease_until": "NULL", "last_error": "%(error)s"}
    if OUTBOX.transition_many(
        T.POSTPONE,
        where=f"{IS_HELD} AND NOT {IS_LAST_ATTEMPT}",
        columns={**failed, "run_after": AFTER_A_DELAY},
        params=params,
    ):
        return OutboxState.READY
    if buried := OUTBOX.transition_many(
        T.BURY,
        where=f"{IS_HELD} AND {IS_LAST_ATTEMPT}",
        columns={
            **failed,
            "finished_at": "statement_timestamp()",
            "attempts": "%(attempts_max)s",
        },
        params=params,
        returning=("topic", "dedupe_key"),
    ):
        for topic, key in buried:
            log.error("outbox.job.buried", topic=topic, key=key, error=params["error"])
        return OutboxState.DEAD
    raise _taken_over(job_id, fence)


def _move_held(
    transition: T,
    job_id: int,
    fence: int,
    *,
    columns: Mapping[str, str],
    params: Mapping[str, Any] | None = None,
) -> None:
    """Move a job whose lease still runs."""
    if not OUTBOX.transition_many(
        transition,
        where=IS_HELD_IN_TIME,
        columns=columns,
        params={"job_id": job_id, "fence": fence, **(params or {})},
    ):
        raise _taken_over(job_id, fence)


def _taken_over(job_id: int, fence: int) -> StaleLease:
    return StaleLease(
        _("Another worker has taken over this piece of work."), job_id=job_id, fence=fence
    )


@use_case("console.change")
def retry_dead(*, job_id: int, actor: Doer, reason: str, now: datetime) -> OutboxJob:
    """Give a dead job all its attempts again, at once.

    Raises NotAllowed, NotFound, or IllegalTransition when the job is not dead.
    """
    job = OutboxJob.objects.select_for_update().filter(pk=job_id).first()
    if job is None:
        raise NotFound(_("There is no such piece of work."), job_id=job_id)
    OUTBOX.check(job, T.REVIVE)
    job.attempts, job.finished_at, job.run_after = 0, None, Now()
    job.retried_by, job.retried_at = actor.name, now
    OUTBOX.transition(
        job,
        T.REVIVE,
        actor=actor,
        now=now,
        save=("attempts", "finished_at", "run_after", "retried_by", "retried_at"),
        facts={
            "topic": job.topic,
            "key": job.dedupe_key,
            "last_error": job.last_error[:500],
            "reason": reason,
        },
    )
    job.refresh_from_db(fields=["run_after"])
    _poke_after_commit()
    return job


def oldest_ready_age_seconds() -> float:
    """For how long the job that waits longest could have run already; 0.0 when none waits.

    The sign of a silent worker: a long queue may be a busy day, an old one is a fault.
    """
    due = OutboxJob.objects.filter(state=OutboxState.READY, run_after__lte=Now())
    age = due.aggregate(
        age=ExpressionWrapper(Now() - Min("run_after"), output_field=DurationField())
    )["age"]
    return 0.0 if age is None else float(age.total_seconds())


CHANNEL = "assay_outbox"

POKE = f"NOTIFY {CHANNEL}"

# Without a row the promise exists already; while its transaction is open this waits for the outcome.
# A promise that stands is only looked at: the insertion alone would wait for a worker that is just
# finishing the job, and which may be waiting for what the promising transaction has locked.
PROMISE = """
    INSERT INTO core_outboxjob (topic, dedupe_key, payload, run_after, lane)
    SELECT %(topic)s, %(key)s, %(payload)s::jsonb, coalesce(%(run_after)s, statement_timestamp()),
           %(lane)s
    WHERE NOT EXISTS (
        SELECT 1 FROM core_outboxjob WHERE topic = %(topic)s AND dedupe_key = %(key)s)
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
          AND lane = '' AND topic <> ALL(%(without)s)
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
