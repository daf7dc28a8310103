"""Leases: one worker at a time, by the clock of the database."""

import time
from datetime import timedelta

import pytest
import structlog
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from exchange.core import outbox
from exchange.core.models import OutboxJob
from exchange.core.outbox_lifecycle import OutboxState
from tests.factories.outbox import (
    TOPIC,
    emit_job,
    lease_one,
    let_leases_run_out,
    make_ready_jobs_due,
)

pytestmark = pytest.mark.django_db


def test_a_lease_says_what_to_do_and_the_key_for_calls_outside() -> None:
    job_id = emit_job(payload={"order": 7})
    lease = lease_one()
    assert lease == outbox.Lease(
        job_id=job_id, topic=TOPIC, key="1", payload={"order": 7}, fence=1, attempts=1
    )
    assert lease.idempotency_key == "probe.mark.wanted:1"
    job = OutboxJob.objects.get()
    assert (job.state, job.leased_by, job.fence) == (OutboxState.LEASED, "first", 1)


def test_a_leased_job_is_nobody_elses_until_its_lease_runs_out() -> None:
    emit_job()
    lease_one(worker="first")
    assert outbox.lease(worker="second") == []
    let_leases_run_out()
    taken_over = lease_one(worker="second")
    assert (taken_over.fence, taken_over.attempts) == (2, 2)


def test_a_lease_takes_no_more_than_it_was_asked_for_and_the_oldest_first() -> None:
    for number in range(3):
        emit_job(key=str(number))
    OutboxJob.objects.filter(dedupe_key="2").update(run_after=Now() - timedelta(minutes=1))
    assert [lease.key for lease in outbox.lease(worker="first")] == ["2"]
    assert {lease.key for lease in outbox.lease(worker="first", limit=9)} == {"0", "1"}


def test_a_completed_job_is_done_for_good() -> None:
    emit_job()
    lease = lease_one()
    outbox.complete(job_id=lease.job_id, fence=lease.fence)
    job = OutboxJob.objects.get()
    assert (job.state, job.lease_until) == (OutboxState.DONE, None)
    assert job.finished_at is not None
    assert outbox.lease(worker="second") == []
    with pytest.raises(outbox.StaleLease):
        outbox.complete(job_id=lease.job_id, fence=lease.fence)


def test_a_worker_whose_lease_ran_out_cannot_complete_even_unrivalled() -> None:
    emit_job()
    lease = lease_one()
    let_leases_run_out()
    with pytest.raises(outbox.StaleLease):
        outbox.complete(job_id=lease.job_id, fence=lease.fence)
    assert OutboxJob.objects.get().state == OutboxState.LEASED


def test_a_worker_whose_job_was_taken_over_can_neither_complete_nor_fail_it() -> None:
    emit_job()
    stale = lease_one(worker="first")
    let_leases_run_out()
    current = lease_one(worker="second")
    with pytest.raises(outbox.StaleLease):
        outbox.complete(job_id=stale.job_id, fence=stale.fence)
    with pytest.raises(outbox.StaleLease):
        outbox.fail(job_id=stale.job_id, fence=stale.fence, error="late")
    job = OutboxJob.objects.get()
    assert (job.state, job.leased_by, job.last_error) == (OutboxState.LEASED, "second", "")
    outbox.complete(job_id=current.job_id, fence=current.fence)


@pytest.mark.parametrize(
    ("attempts", "least_seconds", "most_seconds"), [(1, 0.5, 1.5), (4, 4, 12), (11, 512, 1536)]
)
def test_the_delay_after_a_failure_doubles_and_is_spread(
    attempts: int, least_seconds: float, most_seconds: float
) -> None:
    emit_job()
    OutboxJob.objects.update(attempts=attempts - 1)
    lease = lease_one()
    state = outbox.fail(job_id=lease.job_id, fence=lease.fence, error="no answer")
    job = OutboxJob.objects.annotate(at=Now()).get()
    assert (state, job.state, job.last_error) == ("ready", OutboxState.READY, "no answer")
    # One transaction has one statement clock after another: the answer comes a moment later.
    waits = (job.run_after - job.at).total_seconds()
    assert least_seconds - 1 < waits <= most_seconds


def test_the_delay_has_a_ceiling() -> None:
    assert (
        outbox.RETRY_DELAY_SECONDS * 2 ** (outbox.ATTEMPTS_MAX - 1)
        <= 1.5 * outbox.RETRY_DELAY_MAX_SECONDS
    )


def test_after_its_last_attempt_a_job_is_dead_and_says_why() -> None:
    emit_job()
    for attempt in range(1, outbox.ATTEMPTS_MAX + 1):
        make_ready_jobs_due()
        lease = lease_one()
        assert lease.attempts == attempt
        with structlog.testing.capture_logs() as lines:
            state = outbox.fail(job_id=lease.job_id, fence=lease.fence, error=f"failure {attempt}")
    assert state == OutboxState.DEAD
    assert [line["event"] for line in lines] == ["outbox.job.buried"]
    job = OutboxJob.objects.get()
    assert (job.state, job.attempts, job.last_error) == (OutboxState.DEAD, 12, "failure 12")
    assert job.finished_at is not None
    assert outbox.lease(worker="first") == []


def test_a_job_that_kills_its_workers_is_dead_after_its_last_attempt() -> None:
    emit_job()
    for _attempt in range(outbox.ATTEMPTS_MAX):
        lease_one()
        let_leases_run_out()
    assert outbox.lease(worker="first") == []
    job = OutboxJob.objects.get()
    assert (job.state, job.attempts) == (OutboxState.DEAD, 12)
    assert job.last_error == "The worker vanished in the last attempt."


def test_an_error_text_is_cut_to_its_column_and_freed_of_what_the_database_refuses() -> None:
    emit_job()
    lease = lease_one()
    outbox.fail(job_id=lease.job_id, fence=lease.fence, error="\x00" + "x" * 5000)
    assert OutboxJob.objects.get().last_error == "x" * 4000


@pytest.mark.parametrize("skew", [timedelta(days=1), timedelta(days=-1)])
def test_a_host_clock_that_is_a_day_off_changes_nothing(
    skew: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    due_at = timezone.now() + timedelta(hours=1)
    host_time, host_now = time.time, timezone.now
    monkeypatch.setattr(time, "time", lambda: host_time() + skew.total_seconds())
    monkeypatch.setattr(timezone, "now", lambda: host_now() + skew)

    outbox.emit(topic=TOPIC, key="later", payload={}, run_after=due_at)
    emit_job(key="now")
    lease = lease_one(worker="first")
    assert lease.key == "now"
    assert outbox.lease(worker="second") == []
    outbox.fail(job_id=lease.job_id, fence=lease.fence, error="once")
    assert outbox.lease(worker="second") == []  # its delay has begun and not ended
    make_ready_jobs_due()
    assert {again.key for again in outbox.lease(worker="second", limit=9)} == {"now", "later"}


def test_taking_work_uses_the_partial_indexes() -> None:
    emit_job()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT id FROM core_outboxjob WHERE state = 'ready'"
            " AND run_after <= statement_timestamp() ORDER BY run_after LIMIT 1"
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "outbox_job_ready" in plan
