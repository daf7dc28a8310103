"""The wake-ups that Celery brings, and their schedule."""

from datetime import timedelta

import pytest
import structlog
from django.conf import settings
from django.db.models.functions import Now

from exchange.celery import app
from exchange.core.models import OutboxJob
from exchange.core.outbox_lifecycle import OutboxState
from exchange.jobs import tasks
from exchange.jobs.handlers import HANDLERS, Effect
from tests.factories.outbox import TOPIC, emit_job


@pytest.mark.django_db
def test_every_scheduled_wake_up_is_a_task_without_arguments() -> None:
    app.loader.import_default_modules()
    for name in settings.CLOCK_TASKS:
        assert app.tasks[name].run.__code__.co_argcount == 0


@pytest.mark.django_db
def test_every_wake_up_runs_on_an_empty_exchange() -> None:
    with structlog.testing.capture_logs() as lines:
        for name in settings.CLOCK_TASKS:
            app.tasks[name].run()
    assert [line for line in lines if line["log_level"] in {"error", "warning"}] == []


@pytest.mark.django_db
def test_a_sweep_does_what_no_dispatcher_did(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(HANDLERS, TOPIC, Effect(lambda _lease: None))
    emit_job()
    tasks.run_outbox_due()
    assert OutboxJob.objects.get().state == OutboxState.DONE


@pytest.mark.django_db
def test_a_sweep_raises_the_alarm_over_work_that_nobody_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tasks, "SWEEP_MAX", 0)
    emit_job()
    OutboxJob.objects.update(run_after=Now() - timedelta(seconds=61))
    with structlog.testing.capture_logs() as lines:
        tasks.run_outbox_due()
    assert [(line["event"], line["log_level"]) for line in lines] == [("outbox.jobs.late", "error")]
