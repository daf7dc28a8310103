"""What runs all the time in a worker process, beside the tasks that Celery brings."""

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Any

import structlog
from celery import Celery, bootsteps, signals
from kombu.exceptions import OperationalError

from exchange.audit import sequencer
from exchange.core.checks import require_safe_database
from exchange.jobs import clock, dispatcher, payments

log = structlog.get_logger(__name__)

Loop = Callable[[threading.Event], None]

RESTART_SECONDS = 1.0
STOP_SECONDS = 2.5

LOOPS: dict[str, Loop] = {
    "clock": clock.keep_time,
    "dispatcher": dispatcher.dispatch,
    "sequencer": sequencer.run_sequencer,
    "payment_messages": payments.carry_messages,
}


def keep_running(name: str, loop: Loop, stop: threading.Event) -> None:
    """Run `loop` until `stop`; one that fails is logged and begins anew after a second."""
    while not stop.is_set():
        try:
            loop(stop)
        except Exception:
            log.exception("jobs.loop.failed", loop=name)
        stop.wait(RESTART_SECONDS)


def rouse(app: Celery, stop: threading.Event) -> None:
    """At `stop` end Celery's wait for its broker, which would last 2 seconds, twice.

    Its loop looks whether it shall stop after each message and then takes one more.
    """
    stop.wait()
    with contextlib.suppress(OperationalError):
        for _wait in range(2):
            app.send_task("jobs.run_outbox_due", retry=False)


class BackgroundLoops(bootsteps.StartStopStep):
    """A step of Celery's worker that starts and stops the loops with it.

    After the pool, so that a pool that forks has done so before there are threads.
    """

    requires = ("celery.worker.components:Pool",)

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self, parent: Any) -> None:
        """Start one thread per loop, and one that ends Celery's own wait when all shall stop.

        Raises ImproperlyConfigured where the database's role may do too much, or its books are of
        another zone.
        """
        require_safe_database()
        signals.worker_shutting_down.connect(self._tell, weak=False)
        threading.Thread(target=rouse, args=(parent.app, self._stop), daemon=True).start()
        for name, loop in LOOPS.items():
            thread = threading.Thread(
                target=keep_running, args=(name, loop, self._stop), name=name, daemon=True
            )
            thread.start()
            self._threads.append(thread)

    def stop(self, parent: Any) -> None:  # noqa: ARG002 - Celery's signature
        """Tell all loops to end and wait for them, but not longer than a person would."""
        self._tell()
        deadline = time.monotonic() + STOP_SECONDS
        for thread in self._threads:
            thread.join(timeout=max(0.0, deadline - time.monotonic()))

    terminate = stop

    def _tell(self, **_facts: Any) -> None:
        """Say stop: on a signal at once, long before Celery comes to this step."""
        self._stop.set()
