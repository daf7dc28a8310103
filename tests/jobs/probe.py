"""A real worker whose handlers leave marks and may kill it at a labelled point.

`celery -A tests.jobs.probe worker` is the worker of production with these handlers added;
`python -m tests.jobs.probe` is its dispatcher alone. A job whose payload says `crash_at` kills its
worker at that point of its first attempt. PROBE_LOOPS names the background loops that run; without
any only Celery's messages wake the worker.
"""

import os
import signal
import threading
from functools import partial
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection, transaction  # noqa: E402 - models come after the setup

from exchange.celery import app as app  # noqa: E402, PLC0414 - Celery looks for it here
from exchange.core.outbox import Lease  # noqa: E402
from exchange.jobs import background, dispatcher  # noqa: E402
from exchange.jobs.handlers import HANDLERS, Call, Effect  # noqa: E402

MARK = "probe.mark.wanted"
CALL = "probe.call.wanted"
CRASHES_OF_EFFECTS = ("begun", "written", "committed")
CRASHES_OF_CALLS = ("before_call", "after_call", "unrecorded", "committed")

TABLES = """
    CREATE TABLE probe_mark (job text NOT NULL);
    CREATE TABLE probe_outside (idempotency_key text PRIMARY KEY, calls integer NOT NULL);
"""


def crash(lease: Lease, point: str) -> None:
    """Die as by `kill -9` when this job's first attempt has come to its point."""
    if lease.payload.get("crash_at") == point and lease.attempts == 1:
        os.kill(os.getpid(), signal.SIGKILL)


def mark(lease: Lease) -> None:
    """An effect in the database: one row, and word of it to whoever listens."""
    crash(lease, "begun")
    _write(lease)
    crash(lease, "written")


def ask(lease: Lease) -> dict[str, Any]:
    """A call to somebody outside who honours idempotency keys and counts his calls."""
    crash(lease, "before_call")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO probe_outside VALUES (%s, 1) ON CONFLICT (idempotency_key)"
            " DO UPDATE SET calls = probe_outside.calls + 1",
            [lease.idempotency_key],
        )
    crash(lease, "after_call")
    return {"accepted": lease.idempotency_key}


def record(lease: Lease, outcome: dict[str, Any]) -> None:
    """The outcome of the call, written down with the job's completion."""
    if outcome != {"accepted": lease.idempotency_key}:
        raise AssertionError(outcome)
    _write(lease)
    crash(lease, "unrecorded")


def _write(lease: Lease) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO probe_mark VALUES (%s)", [lease.key])
        cursor.execute("NOTIFY probe_mark")
    transaction.on_commit(partial(crash, lease, "committed"))


HANDLERS[MARK] = Effect(mark)
HANDLERS[CALL] = Call(ask, record)

if "PROBE_LOOPS" in os.environ:  # a worker's process, not that of a test which reads the names here
    for _loop in set(background.LOOPS) - set(os.environ["PROBE_LOOPS"].split(",")):
        del background.LOOPS[_loop]
    settings.CLOCK_TASKS["jobs.run_outbox_due"] = 1


def main() -> None:
    """Dispatch until told to stop."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_signal: stop.set())
    dispatcher.Dispatcher(threads=1).run(stop)


if __name__ == "__main__":
    main()
