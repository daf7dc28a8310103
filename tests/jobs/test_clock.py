"""What runs by the clock: kept in the database, taken by one worker, missed by nobody in silence."""

import threading
from datetime import timedelta

import pytest
import structlog
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone
from kombu.exceptions import OperationalError
from pytest_django.fixtures import Settings

from exchange.celery import app
from exchange.core import clock, clockwork
from exchange.core.models import Heartbeat, ScheduledTask
from exchange.core.models.clockwork import ProcessKind
from exchange.jobs import clock as worker_clock

EVERY = {"jobs.expire_holds": 10, "jobs.check_ledger": 3600}


@pytest.fixture
def declared(settings: Settings) -> None:
    settings.CLOCK_TASKS = EVERY
    clockwork.declare(list(EVERY))


def _due_in(name: str, seconds: int) -> None:
    ScheduledTask.objects.filter(name=name).update(due_at=Now() + timedelta(seconds=seconds))


@pytest.mark.django_db
def test_a_new_task_is_due_at_once_and_then_after_its_rhythm(declared: None) -> None:
    assert sorted(clockwork.take_due(EVERY)) == sorted(EVERY)
    assert clockwork.take_due(EVERY) == []
    _due_in("jobs.expire_holds", -1)
    assert clockwork.take_due(EVERY) == ["jobs.expire_holds"]


@pytest.mark.django_db
def test_a_date_of_a_clock_that_stood_wrong_is_not_waited_for(declared: None) -> None:
    clockwork.take_due(EVERY)
    _due_in("jobs.expire_holds", 86_400)
    assert clockwork.take_due(EVERY) == ["jobs.expire_holds"]
    _due_in("jobs.check_ledger", 3599)
    assert clockwork.take_due(EVERY) == []


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_takes_what_is_due() -> None:
    clockwork.declare(list(EVERY))
    barrier, taken = threading.Barrier(8), []

    def look() -> None:
        try:
            barrier.wait()
            taken.extend(clockwork.take_due(EVERY))
        finally:
            connection.close()

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(EVERY)


@pytest.mark.django_db
def test_without_a_broker_the_task_runs_in_the_clocks_own_thread(
    declared: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_words: object, **_more: object) -> None:
        raise OperationalError("no broker")

    monkeypatch.setattr(app, "send_task", away)
    app.loader.import_default_modules()
    with structlog.testing.capture_logs():
        worker_clock.start(app, "jobs.expire_holds")
    assert ScheduledTask.objects.get(name="jobs.expire_holds").finished_at is not None


@pytest.mark.django_db
def test_failures_in_a_row_are_counted_until_one_run_ends_well(declared: None) -> None:
    for _ in range(2):
        clockwork.note_end("jobs.expire_holds", failed=True)
    assert ScheduledTask.objects.get(name="jobs.expire_holds").failures == 2
    clockwork.note_end("jobs.expire_holds", failed=False)
    assert ScheduledTask.objects.get(name="jobs.expire_holds").failures == 0


@pytest.mark.django_db
def test_silence_is_seen_within_a_minute_and_a_half(declared: None, client: Client) -> None:
    clockwork.beat(process="w", kind=ProcessKind.WORKER)
    assert "warnings" not in client.get("/readyz").json()
    late = Now() - timedelta(seconds=71)
    ScheduledTask.objects.filter(name="jobs.expire_holds").update(created_at=late)
    assert client.get("/readyz").json()["warnings"] == ["scheduled_tasks_late"]
    clockwork.note_end("jobs.expire_holds", failed=False)
    Heartbeat.objects.filter(process="w").update(beat_at=Now() - timedelta(seconds=61))
    assert client.get("/readyz").json()["warnings"] == ["no_worker_alive"]


@pytest.mark.django_db
def test_a_process_whose_clock_differs_says_so(declared: None, client: Client) -> None:
    clockwork.beat(process="w", kind=ProcessKind.WORKER)
    Heartbeat.objects.filter(process="w").update(ahead_ms=86_400_000)
    assert client.get("/readyz").json()["warnings"] == ["process_clocks_differ"]


@pytest.fixture
def a_day_ahead(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    settings.MEASURE_CLOCK = True
    real = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() + timedelta(days=1))
    monkeypatch.setattr(clock, "DIFFERENCE", clock.Difference())


@pytest.mark.django_db
def test_the_databases_clock_decides_where_the_process_is_a_day_ahead(a_day_ahead: None) -> None:
    with structlog.testing.capture_logs() as lines:
        told = clock.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        there = cursor.fetchone()[0]
    assert abs(told - there) < timedelta(seconds=1)
    assert [(line["event"], line["log_level"]) for line in lines] == [("clock.differs", "error")]
    assert lines[0]["ahead_seconds"] == pytest.approx(86_400, abs=1)


@pytest.mark.django_db
def test_heartbeats_of_processes_that_are_gone_are_forgotten() -> None:
    clockwork.beat(process="old", kind=ProcessKind.WEB)
    clockwork.beat(process="new", kind=ProcessKind.WEB)
    Heartbeat.objects.filter(process="old").update(beat_at=Now() - timedelta(days=2))
    assert clockwork.forget_old_heartbeats() == 1
    assert Heartbeat.objects.get().process == "new"


@pytest.mark.django_db
def test_a_worker_whose_clock_is_far_off_starts_nothing(
    a_day_ahead: None, declared: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []
    monkeypatch.setattr(worker_clock, "start", lambda _app, name: started.append(name))

    class Stop(threading.Event):
        def wait(self, _timeout: float | None = None) -> bool:
            self.set()
            return True

    monkeypatch.setattr(connection, "close", lambda: None)
    worker_clock.keep_time(Stop())
    assert started == []
    assert Heartbeat.objects.get().ahead_ms == pytest.approx(86_400_000, abs=2000)
    monkeypatch.setattr(clock, "DIFFERENCE", clock.Difference())
    monkeypatch.setattr(clock.Difference, "measure", lambda _self: timedelta(0))
    worker_clock.keep_time(Stop())
    assert started
