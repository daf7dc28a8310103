"""Work that takes longer than a lease: it keeps its lease, and leaves threads to what is short."""

import threading
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from exchange.core import outbox
from exchange.core.models import OutboxJob
from exchange.core.outbox import Lease, StaleLease
from exchange.core.outbox_lifecycle import OutboxState
from exchange.jobs import runner
from exchange.jobs.dispatcher import Dispatcher
from exchange.jobs.handlers import HANDLERS, Call
from tests.factories.outbox import TOPIC, emit_job, lease_one, let_leases_run_out

LONG = "test.long.done"
WAIT_SECONDS = 30


def lease_until(job_id: int) -> object:
    return OutboxJob.objects.values_list("lease_until", flat=True).get(pk=job_id)


@pytest.mark.django_db
def test_a_renewed_lease_lasts_longer_under_the_same_fence() -> None:
    emit_job()
    granted = lease_one()
    before = lease_until(granted.job_id)
    OutboxJob.objects.update(lease_until=before)
    outbox.renew(job_id=granted.job_id, fence=granted.fence)
    assert lease_until(granted.job_id) >= before  # type: ignore[operator]  # two instants
    outbox.complete(job_id=granted.job_id, fence=granted.fence)


@pytest.mark.django_db
def test_a_lease_that_ran_out_or_was_taken_over_is_not_renewed() -> None:
    emit_job()
    granted = lease_one()
    with pytest.raises(StaleLease):
        outbox.renew(job_id=granted.job_id, fence=granted.fence + 1)
    let_leases_run_out()
    with pytest.raises(StaleLease):
        outbox.renew(job_id=granted.job_id, fence=granted.fence)


@pytest.mark.django_db
def test_work_that_was_taken_over_and_fails_leaves_the_connection_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    emit_job()
    granted = lease_one()
    let_leases_run_out()
    OutboxJob.objects.update(fence=granted.fence + 1)

    def fails(_lease: Lease) -> None:
        raise ValueError("no")

    monkeypatch.setitem(HANDLERS, TOPIC, Call(fails, lambda *_told: None))
    runner.run(granted)
    assert OutboxJob.objects.get().fence == granted.fence + 1


@pytest.mark.django_db
def test_topics_may_be_left_to_others() -> None:
    emit_job()
    assert outbox.lease(worker="w", without=[TOPIC]) == []
    assert len(outbox.lease(worker="w", without=["other.topic"])) == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_the_lease_is_renewed_while_the_work_goes_on(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.OUTBOX_LEASE_SECONDS = 1.5
    renewed = threading.Event()
    renew = outbox.renew

    def renew_and_tell(*, job_id: int, fence: int) -> None:
        renew(job_id=job_id, fence=fence)
        renewed.set()

    def ask(_lease: Lease) -> bool:
        for _time in range(4):  # longer than the lease that was granted
            assert renewed.wait(timeout=WAIT_SECONDS)
            renewed.clear()
        return True

    monkeypatch.setattr(outbox, "renew", renew_and_tell)
    monkeypatch.setitem(HANDLERS, TOPIC, Call(ask=ask, record=lambda *_: None, minutes_max=1))
    emit_job()
    assert runner.run(lease_one()) is True
    assert OutboxJob.objects.get().state == OutboxState.DONE


@pytest.fixture
def dispatching() -> Iterator[None]:
    """A dispatcher of four threads."""
    stop = threading.Event()
    dispatcher = Dispatcher(threads=4)
    thread = threading.Thread(target=dispatcher.run, args=(stop,))
    thread.start()
    yield
    stop.set()
    thread.join()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("dispatching")
def test_long_work_never_takes_all_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on, short_done = threading.Event(), threading.Event()
    at_once: list[int] = []
    lock = threading.Lock()
    running = 0

    def long(_lease: Lease) -> None:
        nonlocal running
        with lock:
            running += 1
            at_once.append(running)
        assert go_on.wait(timeout=WAIT_SECONDS)
        with lock:
            running -= 1

    monkeypatch.setitem(HANDLERS, LONG, Call(ask=long, record=lambda *_: None, minutes_max=1))
    monkeypatch.setitem(
        HANDLERS, TOPIC, Call(ask=lambda _lease: short_done.set(), record=lambda *_: None)
    )
    for number in range(4):
        emit_job(topic=LONG, key=f"long-{number}")
    emit_job()
    outbox.poke()
    assert short_done.wait(timeout=WAIT_SECONDS)
    go_on.set()
    assert max(at_once) <= 2
