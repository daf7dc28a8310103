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

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from exchange.core.actions import outbox_sql
from exchange.core.errors import KeyReused
from exchange.core.models import OutboxJob
from exchange.core.models.outbox import ERROR_CHARS_MAX, KEY_CHARS_MAX
from exchange.core.moves import check_move
from exchange.core.refusals import NotFound, Refusal
from exchange.core.states import OUTBOX_MOVES, OutboxState

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
    *, topic: str, key: str, payload: Mapping[str, Any], run_after: datetime | None = None
) -> None:
    """Promise that `topic` will be handled once, not before `run_after`, if this transaction commits.

    The same topic, key and payload again is the same promise. Raises KeyReused when the key stands
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
            outbox_sql.PROMISE,
            {"topic": topic, "key": key, "payload": content, "run_after": run_after},
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
        cursor.execute(outbox_sql.POKE)


def lease(*, worker: str, limit: int = 1, without: Collection[str] = ()) -> list[Lease]:
    """Take up to `limit` due jobs, those first whose earlier lease ran out. Commit before you work.

    Jobs of the topics `without` are left to others.

    A job whose worker vanished in the last of its attempts is buried here, so that work which
    kills its worker does not go round for ever.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            outbox_sql.LEASE,
            {
                "worker": worker,
                "limit": min(limit, LEASES_MAX),
                "lease_seconds": settings.OUTBOX_LEASE_SECONDS,
                "without": list(without),
            },
        )
        taken = [
            Lease(job_id, topic, key, json.loads(payload), fence, attempts)
            for job_id, topic, key, payload, fence, attempts in cursor.fetchall()
        ]
    for exhausted in taken:
        if exhausted.attempts > ATTEMPTS_MAX:
            fail(
                job_id=exhausted.job_id,
                fence=exhausted.fence,
                error="The worker vanished in the last attempt.",
            )
    return [granted for granted in taken if granted.attempts <= ATTEMPTS_MAX]


def renew(*, job_id: int, fence: int) -> None:
    """Begin the lease anew from now. Raises StaleLease when it ran out or was taken over."""
    with connection.cursor() as cursor:
        cursor.execute(
            outbox_sql.RENEW,
            {
                "job_id": job_id,
                "fence": fence,
                "lease_seconds": settings.OUTBOX_LEASE_SECONDS,
            },
        )
        if cursor.rowcount != 1:
            raise _taken_over(job_id, fence)


def complete(*, job_id: int, fence: int) -> None:
    """Mark the job done. In the effect's transaction call it first: it locks the job.

    Raises StaleLease when the lease ran out or somebody else holds it; the effect must then roll back.
    """
    with connection.cursor() as cursor:
        cursor.execute(outbox_sql.COMPLETE, {"job_id": job_id, "fence": fence})
        if cursor.rowcount != 1:
            raise _taken_over(job_id, fence)


def fail(*, job_id: int, fence: int, error: str) -> OutboxState:
    """Record a failed attempt: the job comes back after a growing delay, or is dead after the last.

    Raises StaleLease when somebody else holds the job by now.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            outbox_sql.FAIL,
            {
                "job_id": job_id,
                "fence": fence,
                "error": error.replace("\x00", "")[:ERROR_CHARS_MAX],
                "attempts_max": ATTEMPTS_MAX,
                "delay_seconds": RETRY_DELAY_SECONDS,
                "delay_max_seconds": RETRY_DELAY_MAX_SECONDS,
            },
        )
        row = cursor.fetchone()
    if row is None:
        raise _taken_over(job_id, fence)
    return OutboxState(row[0])


def _taken_over(job_id: int, fence: int) -> StaleLease:
    return StaleLease(
        _("Another worker has taken over this piece of work."), job_id=job_id, fence=fence
    )


@transaction.atomic
def retry_dead(*, job_id: int, actor: str, now: datetime) -> OutboxJob:
    """Give a dead job all its attempts again, at once.

    Raises NotFound, or IllegalMove when the job is not dead.
    """
    job = OutboxJob.objects.select_for_update().filter(pk=job_id).first()
    if job is None:
        raise NotFound(_("There is no such piece of work."), job_id=job_id)
    check_move(OUTBOX_MOVES, OutboxState(job.state), OutboxState.READY)
    job.state = OutboxState.READY
    job.attempts = 0
    job.finished_at = None
    job.run_after = Now()
    job.retried_by = actor
    job.retried_at = now
    job.save(
        update_fields=[
            "state", "attempts", "finished_at", "run_after", "retried_by", "retried_at",
        ]
    )  # fmt: skip
    job.refresh_from_db(fields=["run_after"])
    _poke_after_commit()
    return job
