"""Rows of the log as streams: the server keeps the cursor and memory stays bounded."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from exchange.audit.coverage import Duty
from exchange.audit.merkle import Place

CHUNK_ROWS = 2000
LEVEL_MAX = 62
GUARDS = {
    ("audit_record", "audit_record_is_append_only"),
    ("audit_leaf", "audit_leaf_is_append_only"),
    ("audit_leaf", "audit_leaf_has_no_gap"),
    ("audit_node", "audit_node_is_append_only"),
    ("audit_head", "audit_head_is_append_only"),
    ("audit_head", "audit_head_covers_all_leaves"),
    ("audit_disclosure", "audit_disclosure_is_never_edited"),
}


@dataclass(frozen=True)
class StoredRecord:
    public_id: str
    event: str
    actor: str
    subject: str
    at: datetime
    canonical: bytes


@dataclass(frozen=True)
class StoredLeaf:
    """A leaf and its record; None when the record is gone."""

    index: int
    hash: bytes
    record: StoredRecord | None


@dataclass(frozen=True)
class StoredHead:
    tree_size: int
    root: bytes
    peaks: bytes
    at: datetime
    checkpoint: str


_RECORD = "record.public_id, event, actor, subject, at, canonical"


def freeze() -> None:
    """Let all that follows in this transaction see one moment of the database."""
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def _chunks(query: str, values: Sequence[Any] = ()) -> Iterator[list[tuple[Any, ...]]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(query, list(values))
        while rows := cursor.fetchmany(CHUNK_ROWS):
            yield rows


def _stream(query: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
    for rows in _chunks(query, values):
        yield from rows


def leaves() -> Iterator[list[StoredLeaf]]:
    """All leaves in order, a chunk at a time."""
    query = f"""
        SELECT leaf.index, leaf.hash, {_RECORD}
        FROM audit_leaf leaf LEFT JOIN audit_record record ON record.id = leaf.record_id
        ORDER BY leaf.index
    """  # noqa: S608 - our own column names
    for rows in _chunks(query):
        yield [
            StoredLeaf(index, bytes(content), None if row[0] is None else _record(row))
            for index, content, *row in rows
        ]


def _record(row: Sequence[Any]) -> StoredRecord:
    public_id, event, actor, subject, at, canonical = row
    return StoredRecord(public_id, event, actor, subject, at, bytes(canonical))


def nodes_completed(start: int, end: int) -> dict[Place, bytes]:
    """The stored nodes that leaves `start` … `end - 1` complete."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT node.level, node.index, node.hash
            FROM unnest(%s::smallint[], %s::bigint[], %s::bigint[]) AS due (level, low, high)
            JOIN audit_node node
                ON node.level = due.level AND node.index >= due.low AND node.index < due.high
            """,
            [
                list(range(1, LEVEL_MAX + 1)),
                [start >> level for level in range(1, LEVEL_MAX + 1)],
                [end >> level for level in range(1, LEVEL_MAX + 1)],
            ],
        )
        return {Place(level, offset): bytes(content) for level, offset, content in cursor}


def nodes_beyond(size: int) -> Iterator[Place]:
    """Stored nodes over leaves that a log of this size does not have."""
    query = "SELECT level, index FROM audit_node WHERE index >= (%s::bigint >> level)"
    return (Place(level, offset) for level, offset in _stream(query, [size]))


def heads() -> Iterator[StoredHead]:
    for size, root, peaks, at, checkpoint in _stream(
        "SELECT tree_size, root, peaks, at, checkpoint FROM audit_head ORDER BY tree_size"
    ):
        yield StoredHead(size, bytes(root), bytes(peaks), at, checkpoint)


def record_at(index: int) -> str | None:
    """The public id of the record at an index, when both are there."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT public_id FROM audit_leaf leaf JOIN audit_record ON audit_record.id = record_id
            WHERE leaf.index = %s
            """,
            [index],
        )
        row = cursor.fetchone()
    return None if row is None else str(row[0])


def records_outside() -> Iterator[str]:
    """Records that have no index and do not wait for one."""
    query = """
        SELECT public_id FROM audit_record record
        LEFT JOIN audit_leaf leaf ON leaf.record_id = record.id
        LEFT JOIN audit_pending pending ON pending.record_id = record.id
        WHERE leaf.record_id IS NULL AND pending.record_id IS NULL
        ORDER BY record.id
    """
    return (public_id for (public_id,) in _stream(query))


def waiting() -> Iterator[tuple[int, StoredRecord | None, bool]]:
    """The queue: record number, record (None when it is gone), and whether it has an index already."""
    query = f"""
        SELECT pending.record_id, leaf.index IS NOT NULL, {_RECORD}
        FROM audit_pending pending
        LEFT JOIN audit_record record ON record.id = pending.record_id
        LEFT JOIN audit_leaf leaf ON leaf.record_id = pending.record_id
        ORDER BY pending.record_id
    """  # noqa: S608 - our own column names
    for record_id, has_index, *row in _stream(query):
        yield record_id, None if row[0] is None else _record(row), has_index


def disclosures() -> Iterator[tuple[str | None, bytes, str, bytes, str]]:
    """Disclosed values: record's id (None when it is gone), its bytes, field, salt, value."""
    query = """
        SELECT record.public_id, coalesce(record.canonical, ''), field, salt, value
        FROM audit_disclosure LEFT JOIN audit_record record ON record.id = record_id
        ORDER BY record_id, field
    """
    for public_id, canonical, field, salt, value in _stream(query):
        yield public_id, bytes(canonical), field, bytes(salt), value


def missing_guards() -> list[str]:
    """The triggers that must guard the log and are absent or switched off."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT tgrelid::regclass::text, tgname FROM pg_trigger
            WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')
            """
        )
        there = {(table, name) for table, name in cursor}
    return sorted(name for _table, name in GUARDS - there)


def unrecorded(duty: Duty) -> Iterator[str]:
    """The subjects of a duty that have no record."""
    if isinstance(duty.rows, str):
        rows, values = duty.rows, ()
    else:
        rows, values = duty.rows.query.sql_with_params()
    query = f"""
        SELECT due.subject::text FROM ({rows}) AS due (subject)
        WHERE NOT EXISTS (
            SELECT FROM audit_record record
            WHERE record.subject = due.subject::text AND record.event = ANY (%s)
        )
    """  # noqa: S608 - the rooms' own queries
    return (subject for (subject,) in _stream(query, [*values, list(duty.events)]))
