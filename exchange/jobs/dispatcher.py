"""The dispatcher: hears a poke, wakes a thread, and looks by itself every few seconds."""

import queue
import random
import threading
import time

import psycopg
import structlog
from django.conf import settings
from django.db import Error, connection

from exchange.core import clock, outbox
from exchange.jobs import handlers, runner
from exchange.jobs.listen_sql import listen

log = structlog.get_logger(__name__)

TICK_SECONDS = 0.5
STOP_SECONDS = 2.0
RECONNECT_SECONDS = 0.1
RECONNECT_MAX_SECONDS = 5.0


class Dispatcher:
    """Runs due jobs in a few threads until told to stop.

    A wake-up is a token in a queue as long as there are threads. When the queue is full every thread
    has yet to begin a look that starts after now, so a wake-up that finds no room is not lost.
    """

    def __init__(self, *, threads: int | None = None) -> None:
        self.worker = clock.process_name()
        count = threads or settings.OUTBOX_THREADS
        # Long work may take half of the threads; the others stay for what is short.
        self._long = threading.BoundedSemaphore(max(1, count // 2))
        self._wakes: queue.Queue[None] = queue.Queue(maxsize=count)
        self._stopping = threading.Event()
        # Daemons: work that does not end in time must not keep the process; its lease runs out.
        self._threads = [
            threading.Thread(target=self._serve, name=f"outbox-{number}", daemon=True)
            for number in range(count)
        ]

    def run(self, stop: threading.Event) -> None:
        """Dispatch until `stop` is set. Outlives restarts of the database."""
        for thread in self._threads:
            thread.start()
        delay = RECONNECT_SECONDS
        while not stop.is_set():
            try:
                with listen() as ears:
                    delay = RECONNECT_SECONDS
                    self._hear(ears, stop)
            except psycopg.Error as error:
                log.warning("outbox.database.away", error=str(error))
                stop.wait(delay * random.uniform(0.5, 1.5))  # noqa: S311 - spreads reconnections
                delay = min(2 * delay, RECONNECT_MAX_SECONDS)
        self._finish()

    def wake(self) -> None:
        """Have one more thread look for work, unless all are about to."""
        try:
            self._wakes.put_nowait(None)
        except queue.Full:
            return

    def _hear(self, ears: "psycopg.Connection[tuple[object, ...]]", stop: threading.Event) -> None:
        sweep_at = time.monotonic()
        while not stop.is_set():
            if time.monotonic() >= sweep_at:
                self.wake()
                sweep_at = time.monotonic() + settings.OUTBOX_SWEEP_SECONDS
            for _poke in ears.notifies(timeout=TICK_SECONDS, stop_after=1):
                self.wake()

    def _serve(self) -> None:
        while True:
            self._wakes.get()
            if self._stopping.is_set():
                connection.close()
                return
            try:
                self._drain()
            except Error as error:  # the database is away; the next sweep looks again
                log.warning("outbox.database.away", error=str(error))
                connection.close()
            except Exception:  # a thread that ended would never be missed
                log.exception("outbox.thread.failed")

    def _drain(self) -> None:
        """Run jobs until none is due. A second one in a row means that another hand is welcome."""
        may_be_long = self._long.acquire(blocking=False)
        without = frozenset[str]() if may_be_long else handlers.long_topics()
        try:
            leases = outbox.lease(worker=self.worker, without=without)
            while leases:
                runner.run(leases[0])
                if self._stopping.is_set():
                    return
                leases = outbox.lease(worker=self.worker, without=without)
                if leases:
                    self.wake()
        finally:
            if may_be_long:
                self._long.release()

    def _finish(self) -> None:
        self._stopping.set()
        for _thread in self._threads:
            self.wake()
        deadline = time.monotonic() + STOP_SECONDS
        for thread in self._threads:
            thread.join(timeout=max(0.0, deadline - time.monotonic()))


def dispatch(stop: threading.Event) -> None:
    """A worker's background loop: one dispatcher from now until `stop`."""
    Dispatcher().run(stop)
