"""Giving committed records their indexes, extending the tree and signing the new head."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import structlog
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.utils import timezone

from exchange.audit import canonical, keys, merkle
from exchange.audit.actions import sequencer_sql
from exchange.audit.models import Head
from exchange.audit.queries import heads
from exchange.audit.verify import Checkpoint, leaf_hash

BATCH_MAX = 2000
IDLE_SECONDS = 0.1
BACKOFF_SECONDS_MAX = 5.0


class Stop(Protocol):
    """An event of threads or of processes."""

    def is_set(self) -> bool: ...
    def wait(self, timeout: float | None = None) -> bool: ...


logger = structlog.get_logger(__name__)


def sequence_batch(now: datetime) -> int:
    """Put up to BATCH_MAX committed records into the tree under a new signed head; how many.

    0 when nothing waits or another sequencer is at work. One transaction: either all of it is
    there, or the records still wait. Safe to call from anywhere, any number of times at once.
    """
    if not sequencer_sql.anything_pending():
        return 0
    with transaction.atomic():
        if not sequencer_sql.try_lock():
            return 0
        claimed = sequencer_sql.claim(BATCH_MAX)
        if not claimed:
            return 0
        before = heads.newest_edge()
        hashes = [leaf_hash(one.canonical) for one in claimed]
        edge, nodes = merkle.grow(before, hashes)
        sequencer_sql.append_leaves(before.size, [one.record_id for one in claimed], hashes)
        sequencer_sql.append_nodes(nodes)
        _sign(edge, now)
    return len(claimed)


def _sign(edge: merkle.Edge, now: datetime) -> None:
    checkpoint = Checkpoint(
        origin=keys.verifier_key().name,
        size=edge.size,
        root=edge.root,
        time=canonical.timestamp(now),
    )
    Head.objects.create(
        tree_size=edge.size,
        root=edge.root,
        peaks=b"".join(edge.peaks),
        at=now,
        checkpoint=keys.sign(checkpoint),
    )


def run_sequencer(stop: Stop, *, clock: Callable[[], datetime] = timezone.now) -> None:
    """Sequence until `stop` is set: at once after a full batch, else ten times a second.

    Outlives restarts of the database and any other failure: the records wait meanwhile, and the
    alarm on the oldest of them tells people.
    """
    wait_seconds = IDLE_SECONDS
    try:
        while not stop.is_set():
            try:
                count = sequence_batch(clock())
            except (DatabaseError, InterfaceError, OSError) as failure:
                wait_seconds = min(wait_seconds * 2, BACKOFF_SECONDS_MAX)
                logger.warning("audit.sequencer_failed", error=str(failure), retry_in=wait_seconds)
                connection.close()
                stop.wait(wait_seconds)
                continue
            wait_seconds = IDLE_SECONDS
            if count < BATCH_MAX:
                stop.wait(IDLE_SECONDS)
    finally:
        connection.close()
