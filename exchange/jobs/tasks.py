"""Celery's wake-ups, by name. None takes an argument or returns anything; losing one loses only time."""

import structlog
from celery import shared_task

from exchange.core.actions import retention
from exchange.core.queries import outbox as outbox_queries
from exchange.jobs import runner

log = structlog.get_logger(__name__)

SWEEP_MAX = 200
LATE_SECONDS = 60


@shared_task(name="jobs.sweep_outbox")
def sweep_outbox() -> None:
    """Do what is due, should no dispatcher have done it; raise the alarm over what is long overdue."""
    runner.drain(worker=runner.worker_name(), limit=SWEEP_MAX)
    age_seconds = outbox_queries.oldest_ready_age_seconds()
    if age_seconds > LATE_SECONDS:
        log.error("outbox.jobs.late", oldest_ready_age_seconds=age_seconds)


@shared_task(name="jobs.purge_old_rows")
def purge_old_rows() -> None:
    """Forget jobs done and answers given longer ago than anybody can ask for."""
    log.info(
        "jobs.old_rows.purged",
        jobs=retention.purge_done_jobs(),
        idempotency_keys=retention.purge_idempotency_keys(),
    )
