"""Forgetting what nobody can ask for any more, in small steps by the database's clock."""

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Now

from exchange.core.models import IdempotencyKey, OutboxJob
from exchange.core.outbox_lifecycle import OutboxState

DONE_JOBS_KEPT_DAYS = 90
IDEMPOTENCY_KEYS_KEPT_DAYS = 30
BATCH_MAX = 1000


def purge_done_jobs(*, kept_days: int = DONE_JOBS_KEPT_DAYS) -> int:
    """Delete jobs done longer ago than `kept_days`; dead ones stay until somebody decides.

    Until then their keys stand: the same promise made again is still the same promise.
    """
    return _purge(
        OutboxJob.objects.filter(
            state=OutboxState.DONE, finished_at__lt=Now() - timedelta(days=kept_days)
        )
    )


def purge_idempotency_keys(*, kept_days: int = IDEMPOTENCY_KEYS_KEPT_DAYS) -> int:
    """Delete first answers older than `kept_days`; their keys are free again."""
    return _purge(IdempotencyKey.objects.filter(created_at__lt=Now() - timedelta(days=kept_days)))


def _purge(old: QuerySet[Any]) -> int:
    deleted = 0
    while True:
        batch, _by_model = old.filter(pk__in=old.values("pk")[:BATCH_MAX]).delete()
        deleted += batch
        if batch < BATCH_MAX:
            return deleted
