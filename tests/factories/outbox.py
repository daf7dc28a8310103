"""Jobs of the outbox, in any state a test needs."""

from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now

from exchange.core import outbox
from exchange.core.models import OutboxJob
from exchange.core.outbox import Lease

TOPIC = "probe.mark.wanted"


def emit_job(*, key: str = "1", topic: str = TOPIC, payload: dict[str, Any] | None = None) -> int:
    """Promise a job in a transaction of its own; return its id."""
    with transaction.atomic():
        outbox.emit(topic=topic, key=key, payload=payload or {"mark": key})
    return OutboxJob.objects.get(topic=topic, dedupe_key=key).pk


def lease_one(*, worker: str = "first") -> Lease:
    """Lease the one job that is due."""
    (lease,) = outbox.lease(worker=worker, limit=2)
    return lease


def let_leases_run_out() -> None:
    """Bring every lease to its end without waiting for it."""
    OutboxJob.objects.filter(lease_until__isnull=False).update(
        lease_until=Now() - timedelta(seconds=1)
    )


def make_ready_jobs_due() -> None:
    """Bring every delayed job to its hour without waiting for it, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE core_outboxjob SET run_after = statement_timestamp() - interval '1 hour'"
            " + id * interval '1 microsecond' WHERE state = 'ready'"
        )
