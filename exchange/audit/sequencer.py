"""Giving committed records their indexes, extending the tree and signing the new head."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol

import structlog
from django.db import DatabaseError, InterfaceError, connection, transaction

from exchange.audit import keys, log, merkle, queries, signed_heads, witness
from exchange.audit.merkle import NewNode
from exchange.audit.models import Head
from exchange.audit.signed_heads import LogCutShort
from exchange.audit.verify import Checkpoint, leaf_hash
from exchange.core import clock

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
    Raises LogCutShort where the log does not continue the last head that was signed.
    """
    if not anything_pending():
        return 0
    with transaction.atomic():
        if not try_lock():
            return 0
        claimed = claim(BATCH_MAX)
        if not claimed:
            return 0
        before = queries.newest_edge()
        signed_heads.require_continuation(
            size=before.size, last=signed_heads.last_signed(), root_at=queries.signed_root
        )
        hashes = [leaf_hash(one.canonical) for one in claimed]
        edge, nodes = merkle.grow(before, hashes)
        append_leaves(before.size, [one.record_id for one in claimed], hashes)
        append_nodes(nodes)
        _sign(edge, now)
    return len(claimed)


def _sign(edge: merkle.Edge, now: datetime) -> None:
    now = now.replace(microsecond=0)  # a finer time would tell when each record came
    checkpoint = Checkpoint(
        origin=keys.verifier_key().name,
        size=edge.size,
        root=edge.root,
        time=log.timestamp(now),
    )
    note = keys.sign(checkpoint)
    Head.objects.create(
        tree_size=edge.size,
        root=edge.root,
        peaks=b"".join(edge.peaks),
        at=now,
        checkpoint=note,
    )
    transaction.on_commit(partial(signed_heads.keep, note))


def run_sequencer(stop: Stop, *, now: Callable[[], datetime] = clock.now) -> None:
    """Sequence until `stop` is set: at once after a full batch, else ten times a second.

    Outlives restarts of the database and any other failure: the records wait meanwhile, and the
    alarm on the oldest of them tells people.
    """
    wait_seconds = IDLE_SECONDS
    outbox = witness.Outbox()
    try:
        while not stop.is_set():
            try:
                outbox.recall()
                count = sequence_batch(now())
                outbox.send_new(is_new=count > 0)
            except LogCutShort as failure:
                logger.error("audit.log_cut_short", error=str(failure))  # noqa: TRY400 - the sentence says all
                connection.close()
                stop.wait(BACKOFF_SECONDS_MAX)
                continue
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


# Two numbers, so that no other user of advisory locks meets this one by accident.
LOCK = (0x41756469, 1)


@dataclass(frozen=True)
class Claimed:
    """A record taken off the queue in this transaction."""

    record_id: int
    canonical: bytes


def anything_pending() -> bool:
    """Whether a committed record waits. Read without a lock, for a sequencer with nothing to do."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM audit_pending)")
        return bool(cursor.fetchone()[0])


def try_lock() -> bool:
    """Become the one sequencer until this transaction ends, however it ends; False when another is.

    The lock belongs to the transaction that writes the leaves, so a sequencer that was paused or
    cut off cannot come back and write: no lease could run out while it still believes in it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", LOCK)
        return bool(cursor.fetchone()[0])


def claim(limit: int) -> list[Claimed]:
    """Take up to `limit` committed records off the queue, in the order of their numbers.

    A record that commits late has a number below some that already have their index; it simply
    comes next. What orders the log is the index, not the number.

    The array is made once. As a subquery of IN the planner may run it again for every row, and
    rows that the statement itself has taken make room for others: more than `limit` come back.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH claimed AS (
                DELETE FROM audit_pending WHERE record_id = ANY (ARRAY(
                    SELECT record_id FROM audit_pending
                    ORDER BY record_id LIMIT %s FOR UPDATE SKIP LOCKED
                )) RETURNING record_id
            )
            SELECT record.id, record.canonical
            FROM claimed JOIN audit_record record ON record.id = claimed.record_id
            ORDER BY record.id
            """,
            [limit],
        )
        return [Claimed(record_id, bytes(canonical)) for record_id, canonical in cursor]


def append_leaves(first_index: int, record_ids: Sequence[int], hashes: Sequence[bytes]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO audit_leaf (index, record_id, hash)
            SELECT %s + place - 1, record_id, substring(%s FROM (place::int - 1) * 32 + 1 FOR 32)
            FROM unnest(%s::bigint[]) WITH ORDINALITY AS leaf (record_id, place)
            """,
            [first_index, b"".join(hashes), list(record_ids)],
        )


def append_nodes(nodes: Sequence[NewNode]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO audit_node (level, index, hash)
            SELECT level, number, substring(%s FROM (place::int - 1) * 32 + 1 FOR 32)
            FROM unnest(%s::smallint[], %s::bigint[]) WITH ORDINALITY AS node (level, number, place)
            """,
            [
                b"".join(node.hash for node in nodes),
                [node.level for node in nodes],
                [node.offset for node in nodes],
            ],
        )
