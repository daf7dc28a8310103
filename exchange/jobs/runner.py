"""One job at a time: lease it, run its handler, finish it."""

import os
import secrets
import socket

import structlog
from django.db import Error, connection, transaction

from exchange.core.actions import outbox
from exchange.core.actions.outbox import Lease, StaleLease
from exchange.core.models.outbox import WORKER_CHARS_MAX
from exchange.jobs.handlers import HANDLERS, Effect

log = structlog.get_logger(__name__)


class NoHandler(LookupError):
    """Nobody handles the topic: a mistake, or a newer release's job met by an older worker."""


def worker_name() -> str:
    """A name for this process that no other process has, or had before it."""
    name = f"{os.getpid()}:{secrets.token_hex(4)}@{socket.gethostname()}"
    return name[:WORKER_CHARS_MAX]


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
    outcome = handler.ask(lease)
    with transaction.atomic(durable=True):
        outbox.complete(job_id=lease.job_id, fence=lease.fence)
        handler.record(lease, outcome)


def _record_failure(lease: Lease, error: Exception) -> None:
    try:
        outbox.fail(
            job_id=lease.job_id, fence=lease.fence, error=f"{type(error).__name__}: {error}"
        )
    except (StaleLease, Error):
        log.warning("outbox.failure.unrecorded", topic=lease.topic, key=lease.key)
        connection.close()


def drain(*, worker: str, limit: int) -> int:
    """Run due jobs in this thread until none is due or `limit` were tried; return how many were."""
    for tried in range(limit):
        leases = outbox.lease(worker=worker)
        if not leases:
            return tried
        run(leases[0])
    return limit
