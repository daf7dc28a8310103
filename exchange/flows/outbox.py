"""What an operator does to promised work, with its record in the log."""

from datetime import datetime

from django.db import transaction

from exchange.audit.actions import log
from exchange.core.actions import outbox
from exchange.core.models import OutboxJob
from exchange.members import policy
from exchange.members.policy import Act, Actor


def retry_dead_job(*, actor: Actor, job_id: int, reason: str, now: datetime) -> OutboxJob:
    """Give a dead job all its attempts again. Raises NotAllowed, NotFound and IllegalMove."""
    policy.permit(actor, Act.CONSOLE_CHANGE)
    with transaction.atomic():
        job = outbox.retry_dead(job_id=job_id, actor=actor.name, now=now)
        log.record(
            event="core.outbox_job.retried",
            actor=actor.name,
            subject=f"outbox_job:{job.pk}",
            facts={
                "topic": job.topic,
                "key": job.dedupe_key,
                "last_error": job.last_error[:500],
                "reason": reason,
            },
            at=now,
        )
        return job
