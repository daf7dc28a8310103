"""The clock of a worker: starts what is due, and says every few seconds that the worker lives."""

import threading
import time

import structlog
from celery import Task, current_app, signals
from celery.app.base import Celery
from django.conf import settings
from django.db import Error, connection
from kombu.exceptions import KombuError, OperationalError

from exchange.core import clock, clockwork
from exchange.core.models.clockwork import ProcessKind

log = structlog.get_logger(__name__)

LOOK_EVERY_SECONDS = 1.0


def keep_time(stop: threading.Event) -> None:
    """Look for due tasks until `stop`. Outlives restarts of the database.

    A process whose clock is not trusted starts nothing; its heartbeat says so.
    """
    process = clock.process_name()
    declared = False
    beat_at = time.monotonic()
    while not stop.is_set():
        try:
            if not declared:
                clockwork.declare(list(settings.CLOCK_TASKS))
                declared = True
            if time.monotonic() >= beat_at:
                clockwork.beat(process=process, kind=ProcessKind.WORKER)
                beat_at = time.monotonic() + clockwork.BEAT_EVERY_SECONDS
            if not clock.is_trusted():
                stop.wait(LOOK_EVERY_SECONDS)
                continue  # what is due is left to workers whose clocks go right
            for name in clockwork.take_due(settings.CLOCK_TASKS):
                start(current_app, name)
        except Error as error:
            log.warning("clock.database.away", error=str(error))
            connection.close()
        stop.wait(LOOK_EVERY_SECONDS)
    connection.close()


def start(app: Celery, name: str) -> None:
    """Wake a worker for the task through the broker; without one, do it here and now."""
    try:
        app.send_task(name, expires=settings.CLOCK_TASKS[name], retry=False)
    except (OperationalError, KombuError, OSError) as error:
        log.warning("clock.broker.away", task=name, error=str(error))
        run_here(app.tasks[name])


def run_here(task: "Task[[], None]") -> None:
    """Run the task in this thread; its failure is noted as a worker's would be."""
    try:
        task.run()
    except Exception:
        log.exception("clock.task.failed", task=task.name)
        clockwork.note_end(task.name, failed=True)
    else:
        clockwork.note_end(task.name, failed=False)


@signals.task_success.connect
def note_success(sender: "Task[[], None]", **_facts: object) -> None:
    """A worker ended a task well."""
    clockwork.note_end(sender.name, failed=False)


@signals.task_failure.connect
def note_failure(sender: "Task[[], None]", **_facts: object) -> None:
    """A worker's task failed."""
    clockwork.note_end(sender.name, failed=True)
