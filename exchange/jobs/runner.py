"""One job at a time: lease it, run its handler, finish it."""

import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager

import structlog
from django.conf import settings
from django.db import Error, connection, transaction

from exchange.core import outbox
from exchange.core.outbox import Lease, StaleLease
from exchange.jobs.handlers import HANDLERS, Effect

log = structlog.get_logger(__name__)

# Two renewals may fail before the lease does.
RENEWALS_PER_LEASE = 3
# How long a call to the world outside may take that names no time of its own.
ASK_MINUTES_MAX = 1


class NoHandler(LookupError):
    """Nobody handles the topic: a mistake, or a newer release's job met by an older worker."""


def run(lease: Lease) -> bool:
    """Do one leased job; say whether its effect is now in force. No error of a handler escapes.

    After an error of the database the lease may stay as it is: it runs out by itself.
    """
    try:
        _perform(lease)
    except StaleLease:
        log.warning("outbox.lease.lost", topic=lease.topic, key=lease.key, fence=lease.fence)
        return False
    except Exception as error:
        log.exception("outbox.job.failed", topic=lease.topic, key=lease.key)
        _record_failure(lease, error)
        return False
    return True


def _perform(lease: Lease) -> None:
    handler = HANDLERS.get(lease.topic)
    if handler is None:
        raise NoHandler(f"No handler for the topic {lease.topic}.")
    if isinstance(handler, Effect):
        with transaction.atomic(durable=True):
            outbox.complete(job_id=lease.job_id, fence=lease.fence)
            handler.run(lease)
        return
    with _renewed(lease, minutes_max=handler.minutes_max):
        outcome = handler.ask(lease)
    with transaction.atomic(durable=True):
        outbox.complete(job_id=lease.job_id, fence=lease.fence)
        handler.record(lease, outcome)


@contextmanager
def _renewed(lease: Lease, *, minutes_max: int) -> Iterator[None]:
    """Renew the lease while the work goes on, but no longer than it may take: work that hangs is
    taken over in the end. Leases are short, so that the work of a killed worker waits for seconds."""
    done = threading.Event()
    thread = threading.Thread(
        target=_keep_renewing,
        args=(lease, done, 60 * max(minutes_max, ASK_MINUTES_MAX)),
        name="outbox-renewal",
    )
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _keep_renewing(lease: Lease, done: threading.Event, seconds_max: float) -> None:
    ends_at = time.monotonic() + seconds_max
    try:
        while not done.wait(settings.OUTBOX_LEASE_SECONDS / RENEWALS_PER_LEASE):
            if time.monotonic() > ends_at:
                log.error("outbox.job.too_long", topic=lease.topic, key=lease.key)
                return
            try:
                outbox.renew(job_id=lease.job_id, fence=lease.fence)
            except StaleLease:
                return  # the work will hear of it when it completes
            except Error:  # the database is away for a moment; the lease may outlive that
                connection.close()
    finally:
        connection.close()


def _record_failure(lease: Lease, error: Exception) -> None:
    try:
        outbox.fail(
            job_id=lease.job_id, fence=lease.fence, error=f"{type(error).__name__}: {error}"
        )
    except StaleLease:  # somebody else has it now
        log.warning("outbox.failure.unrecorded", topic=lease.topic, key=lease.key)
    except Error:
        log.warning("outbox.failure.unrecorded", topic=lease.topic, key=lease.key)
        connection.close()


def drain(*, worker: str, limit: int, without: Collection[str] = ()) -> int:
    """Run due jobs in this thread until none is due or `limit` were tried; return how many were.

    Those of the topics `without` are left to others.
    """
    for tried in range(limit):
        leases = outbox.lease(worker=worker, without=without)
        if not leases:
            return tried
        run(leases[0])
    return limit
