"""Many workers, one outbox: each effect exactly once."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from exchange.core import idempotency, outbox
from exchange.core.idempotency import Answer, fingerprint_of
from exchange.core.models import IdempotencyKey, OutboxJob
from exchange.core.outbox_lifecycle import OutboxState
from exchange.core.refusals import KeyReused, Refusal
from exchange.jobs import runner
from exchange.jobs.dispatcher import Dispatcher
from exchange.jobs.handlers import HANDLERS, Effect
from tests.factories.outbox import TOPIC, emit_job, lease_one, let_leases_run_out

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
WAIT_SECONDS = 30


def in_threads(*tasks: Callable[[], object]) -> list[object]:
    """Run all at once, each in a thread and on a connection of its own; a refusal is an outcome."""
    start = threading.Barrier(len(tasks))

    def run(task: Callable[[], object]) -> object:
        try:
            start.wait(timeout=WAIT_SECONDS)
            return task()
        except Refusal as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(tasks)) as threads:
        return list(threads.map(run, tasks))


def emit_result(key: str) -> Callable[[outbox.Lease], None]:
    """An effect that can be counted: the promise of another job."""

    def effect(lease: outbox.Lease) -> None:
        outbox.emit(
            topic="probe.effect.happened", key=f"{key}{lease.key}:{lease.fence}", payload={}
        )

    return effect


def test_two_workers_on_200_jobs_do_each_exactly_once(monkeypatch: pytest.MonkeyPatch) -> None:
    left = threading.Semaphore(0)
    done_by: Counter[str] = Counter()

    def effect(lease: outbox.Lease) -> None:
        emit_result("")(lease)
        done_by[threading.current_thread().name] += 1
        transaction.on_commit(left.release)

    monkeypatch.setitem(HANDLERS, TOPIC, Effect(effect))
    monkeypatch.setitem(HANDLERS, "probe.effect.happened", Effect(lambda _lease: None))
    with transaction.atomic():
        for number in range(200):
            outbox.emit(topic=TOPIC, key=str(number), payload={})
    stop = threading.Event()
    dispatchers = [
        threading.Thread(target=Dispatcher(threads=4).run, args=(stop,)) for _worker in range(2)
    ]
    for dispatcher in dispatchers:
        dispatcher.start()
    for _job in range(200):
        assert left.acquire(timeout=WAIT_SECONDS)
    stop.set()
    for dispatcher in dispatchers:
        dispatcher.join(timeout=WAIT_SECONDS)

    jobs = OutboxJob.objects.filter(topic=TOPIC)
    assert jobs.filter(state=OutboxState.DONE, attempts=1, fence=1).count() == 200
    effects = OutboxJob.objects.filter(topic="probe.effect.happened")
    assert sorted(effects.values_list("dedupe_key", flat=True)) == sorted(
        f"{number}:1" for number in range(200)
    )
    assert sum(done_by.values()) == 200
    assert len(jobs.values("leased_by").distinct()) == 2


def test_of_eight_workers_on_one_job_one_gets_it() -> None:
    emit_job()
    granted = in_threads(*[lambda: len(outbox.lease(worker="racer")) for _racer in range(8)])
    assert sorted(str(count) for count in granted) == ["0"] * 7 + ["1"]


def test_of_a_stale_worker_and_its_successor_only_the_successor_has_an_effect(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(HANDLERS, TOPIC, Effect(emit_result("")))
    emit_job()
    stale = lease_one(worker="first")
    let_leases_run_out()
    current = lease_one(worker="second")
    outcomes = in_threads(lambda: runner.run(stale), lambda: runner.run(current))
    assert outcomes == [False, True]
    effects = OutboxJob.objects.filter(topic="probe.effect.happened")
    assert [effect.dedupe_key for effect in effects] == ["1:2"]


def test_a_job_whose_effect_is_being_committed_is_not_taken_over_though_its_lease_ran_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def effect(lease: outbox.Lease) -> None:
        emit_result("")(lease)
        begun.set()
        assert go_on.wait(timeout=WAIT_SECONDS)

    def rival() -> list[outbox.Lease]:
        assert begun.wait(timeout=WAIT_SECONDS)
        try:
            return outbox.lease(worker="second")
        finally:
            go_on.set()

    monkeypatch.setitem(HANDLERS, TOPIC, Effect(effect))
    monkeypatch.setattr("django.conf.settings.OUTBOX_LEASE_SECONDS", 0.3)
    emit_job()
    lease = lease_one()
    assert in_threads(lambda: runner.run(lease), rival) == [True, []]
    assert OutboxJob.objects.get(topic=TOPIC).state == OutboxState.DONE


def test_eight_promises_of_the_same_work_are_one_job() -> None:
    in_threads(*[emit_job for _racer in range(8)])
    assert OutboxJob.objects.count() == 1


def test_of_two_different_promises_under_one_key_one_stands() -> None:
    outcomes = in_threads(lambda: emit_job(payload={"n": 1}), lambda: emit_job(payload={"n": 2}))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["KeyReused", "int"]
    assert OutboxJob.objects.count() == 1


def test_eight_requests_with_one_key_have_one_effect_and_one_answer() -> None:
    ids = iter(range(100, 200))

    def perform() -> Answer:
        return Answer(status=201, body={"id": emit_job(key=f"effect-{next(ids)}")})

    answers = in_threads(
        *[
            lambda: idempotency.once(
                scope="org:7", key="k", fingerprint=fingerprint_of("same"), perform=perform
            )
            for _request in range(8)
        ]
    )
    job = OutboxJob.objects.get()
    given = [answer for answer in answers if isinstance(answer, Answer)]
    assert [answer.body for answer in given] == [{"id": job.pk}] * 8
    assert sum(not answer.is_replay for answer in given) == 1


def test_a_request_that_waited_for_one_that_was_refused_is_performed_itself() -> None:
    second_waits = threading.Event()

    class TooPoor(Refusal):
        code = "too_poor"

    def refuse() -> Answer:
        second_waits.wait(timeout=1)  # gives the other time to queue; passes either way
        raise TooPoor("There is not enough money.")

    claimed = threading.Event()

    def first() -> object:
        def perform() -> Answer:
            claimed.set()
            return refuse()

        return idempotency.once(scope="o", key="k", fingerprint=fingerprint_of(1), perform=perform)

    def second() -> object:
        assert claimed.wait(timeout=WAIT_SECONDS)
        return idempotency.once(
            scope="o", key="k", fingerprint=fingerprint_of(1), perform=lambda: Answer(200, "done")
        )

    outcomes = in_threads(first, second)
    assert isinstance(outcomes[0], TooPoor)
    assert outcomes[1] == Answer(status=200, body="done", is_replay=False)
    assert IdempotencyKey.objects.get().answer == "done"


def test_of_two_bodies_under_one_key_one_is_refused() -> None:
    outcomes = in_threads(
        *[
            lambda body=body: idempotency.once(
                scope="o", key="k", fingerprint=fingerprint_of(body), perform=lambda: Answer(200, 1)
            )
            for body in (1, 2)
        ]
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Answer", "KeyReused"]
    assert KeyReused.http_status == 409
