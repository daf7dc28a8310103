"""The sequencer's statements. Hashes travel as one value and are cut apart by the server."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from exchange.audit.merkle import NewNode

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
