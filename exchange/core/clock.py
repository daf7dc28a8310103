"""What time it is: the database's time, whatever the clock of this process says.

A process asks the database at its first use and every few seconds after, in a thread of its own, by how
much its clock differs. A small difference is the way of a network and is left alone; a larger one is
taken off every answer and said in the log. Pages, the API, the console, promised work and what runs by the
clock all go by it: nothing else in the exchange asks what time it is.
"""

import os
import secrets
import socket
import threading
import time
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import Error, connection
from django.utils import timezone

from exchange.core.models.clockwork import PROCESS_CHARS_MAX

log = structlog.get_logger(__name__)

MEASURE_EVERY_SECONDS = 10.0
TOLERATED = timedelta(seconds=1)
# Beyond it a process starts nothing that runs by the clock: brokers and providers go by its own time.
TRUSTED = timedelta(minutes=1)


def process_name() -> str:
    """A name for this process that no other process has, or had before it."""
    return f"{os.getpid()}:{secrets.token_hex(4)}@{socket.gethostname()}"[:PROCESS_CHARS_MAX]


class Difference:
    """How far the clock of this process is ahead of the database's, measured now and then."""

    def __init__(self) -> None:
        self._ahead = timedelta(0)
        self._measured: float | None = None
        self._measuring = threading.Lock()

    def now(self) -> datetime:
        """As the module's `now`."""
        if settings.MEASURE_CLOCK and self._is_old():
            if self._measured is None:
                self.measure()
            else:
                threading.Thread(target=self._measure_apart, daemon=True).start()
        here = timezone.now()
        return here - self._ahead if abs(self._ahead) > TOLERATED else here

    @property
    def is_trusted(self) -> bool:
        """As the module's `is_trusted`."""
        return abs(self._ahead) <= TRUSTED

    def measure(self) -> timedelta:
        """Ask the database once. Where it does not answer, what was measured before stands."""
        if not self._measuring.acquire(blocking=False):
            return self._ahead
        try:
            before = timezone.now()
            with connection.cursor() as cursor:
                cursor.execute("SELECT clock_timestamp()")
                there = cursor.fetchone()[0]
            between = before + (timezone.now() - before) / 2
            self._set(between - there)
        except Error:
            log.warning("clock.database.away")
        finally:
            self._measured = time.monotonic()
            self._measuring.release()
        return self._ahead

    def _is_old(self) -> bool:
        return self._measured is None or time.monotonic() - self._measured > MEASURE_EVERY_SECONDS

    def _measure_apart(self) -> None:
        try:
            self.measure()
        finally:
            connection.close()

    def _set(self, ahead: timedelta) -> None:
        if abs(ahead) > TOLERATED and abs(ahead - self._ahead) > TOLERATED:
            log.error("clock.differs", ahead_seconds=round(ahead.total_seconds(), 3))
        self._ahead = ahead


DIFFERENCE = Difference()


def now() -> datetime:
    """The database's time, to within TOLERATED."""
    return DIFFERENCE.now()


def is_trusted() -> bool:
    """Whether this process's clock, when it was last measured, was within TRUSTED of the database's."""
    return DIFFERENCE.is_trusted
