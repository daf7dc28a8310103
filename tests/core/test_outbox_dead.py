"""Dead jobs can be revived; a silent worker is noticed."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from exchange.core import outbox
from exchange.core.lifecycle import IllegalTransition
from exchange.core.models import OutboxJob
from exchange.core.outbox_lifecycle import OutboxState
from exchange.core.refusals import NotFound
from exchange.members.actors import system_actor
from tests.factories.outbox import (
    TOPIC,
    emit_job,
    lease_one,
)

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def _dead_job(key: str = "1") -> int:
    job_id = emit_job(key=key)
    OutboxJob.objects.filter(pk=job_id).update(
        state=OutboxState.DEAD, finished_at=Now(), attempts=12, last_error="refused"
    )
    return job_id


def test_an_operator_gives_a_dead_job_all_its_attempts_again() -> None:
    job_id = _dead_job()
    outbox.retry_dead(job_id=job_id, actor=system_actor("test"), reason="again", now=NOON)
    job = OutboxJob.objects.get()
    assert (job.state, job.attempts, job.finished_at) == (OutboxState.READY, 0, None)
    assert (job.retried_by, job.retried_at, job.last_error) == ("system:test", NOON, "refused")
    assert lease_one().job_id == job_id


def test_only_a_dead_job_is_retried() -> None:
    job_id = emit_job()
    with pytest.raises(IllegalTransition):
        outbox.retry_dead(job_id=job_id, actor=system_actor("test"), reason="again", now=NOON)
    assert OutboxJob.objects.get().retried_by == ""
    with pytest.raises(NotFound):
        outbox.retry_dead(job_id=job_id + 1, actor=system_actor("test"), reason="again", now=NOON)


def test_the_age_of_the_oldest_due_job_tells_a_silent_worker() -> None:
    assert outbox.oldest_ready_age_seconds() == 0.0
    emit_job()
    outbox.emit(topic=TOPIC, key="later", payload={}, run_after=timezone.now() + timedelta(days=1))
    OutboxJob.objects.filter(dedupe_key="1").update(run_after=Now() - timedelta(seconds=90))
    assert 90 <= outbox.oldest_ready_age_seconds() < 100
    lease_one()
    assert outbox.oldest_ready_age_seconds() == 0.0
