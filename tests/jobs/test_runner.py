"""One job, its handler and its end."""

import pytest

from exchange.core import clock, outbox
from exchange.core.models import OutboxJob
from exchange.core.outbox import Lease
from exchange.core.outbox_lifecycle import OutboxState
from exchange.jobs import runner
from exchange.jobs.handlers import HANDLERS, Call, Effect
from tests.factories.outbox import (
    TOPIC,
    emit_job,
    lease_one,
    let_leases_run_out,
    make_ready_jobs_due,
)

pytestmark = pytest.mark.django_db


def leave_trace(lease: Lease) -> None:
    """An effect in the database that a test can see."""
    outbox.emit(topic="probe.trace.left", key=lease.key, payload={})


def traces() -> int:
    return OutboxJob.objects.filter(topic="probe.trace.left").count()


def job() -> OutboxJob:
    return OutboxJob.objects.get(topic=TOPIC)


def test_an_effect_and_the_end_of_its_job_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(HANDLERS, TOPIC, Effect(leave_trace))
    emit_job()
    assert runner.run(lease_one()) is True
    assert (job().state, traces()) == (OutboxState.DONE, 1)


def test_a_failed_effect_leaves_nothing_but_its_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def half(lease: Lease) -> None:
        leave_trace(lease)
        raise RuntimeError("half way")

    monkeypatch.setitem(HANDLERS, TOPIC, Effect(half))
    emit_job()
    assert runner.run(lease_one()) is False
    assert (job().state, job().last_error) == (OutboxState.READY, "RuntimeError: half way")
    assert traces() == 0


def test_a_job_that_always_fails_is_dead_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_lease: Lease) -> None:
        raise RuntimeError("never")

    monkeypatch.setitem(HANDLERS, TOPIC, Effect(never))
    emit_job()
    for _attempt in range(outbox.ATTEMPTS_MAX):
        make_ready_jobs_due()
        assert runner.drain(worker="w", limit=5) == 1
    make_ready_jobs_due()
    assert runner.drain(worker="w", limit=5) == 0
    assert (job().state, job().attempts) == (OutboxState.DEAD, 12)


def test_a_topic_without_a_handler_fails_visibly_and_may_still_succeed_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(HANDLERS, TOPIC, raising=False)
    emit_job()
    assert runner.run(lease_one()) is False
    assert job().last_error == "NoHandler: No handler for the topic probe.mark.wanted."
    monkeypatch.setitem(HANDLERS, TOPIC, Effect(leave_trace))
    make_ready_jobs_due()
    assert runner.run(lease_one()) is True


def test_a_call_whose_outcome_is_unknown_is_made_again_with_the_same_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def ask(lease: Lease) -> str:
        asked.append(lease.idempotency_key)
        if len(asked) == 1:
            raise TimeoutError("no answer")
        return "accepted"

    def record(lease: Lease, outcome: str) -> None:
        assert outcome == "accepted"
        leave_trace(lease)

    monkeypatch.setitem(HANDLERS, TOPIC, Call(ask, record))
    emit_job()
    assert runner.run(lease_one()) is False
    assert (job().last_error, traces()) == ("TimeoutError: no answer", 0)
    make_ready_jobs_due()
    assert runner.run(lease_one()) is True
    assert asked == ["probe.mark.wanted:1"] * 2
    assert (job().state, traces()) == (OutboxState.DONE, 1)


def test_a_call_that_outlives_its_lease_is_not_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(_lease: Lease) -> str:
        let_leases_run_out()
        return "accepted"

    monkeypatch.setitem(HANDLERS, TOPIC, Call(slow, lambda lease, _outcome: leave_trace(lease)))
    emit_job()
    assert runner.run(lease_one()) is False
    assert (job().state, job().last_error, traces()) == (OutboxState.LEASED, "", 0)


def test_a_drain_stops_at_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(HANDLERS, TOPIC, Effect(lambda _lease: None))
    for number in range(3):
        emit_job(key=str(number))
    assert runner.drain(worker="w", limit=2) == 2
    assert runner.drain(worker="w", limit=2) == 1


def test_no_two_workers_share_a_name() -> None:
    names = {clock.process_name() for _worker in range(50)}
    assert len(names) == 50
    assert max(map(len, names)) <= 100
