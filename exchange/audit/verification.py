"""The whole log, checked from nothing: records against their canonical bytes, the tree against its heads, rows
against their coverage rules. Each stored hash is compared with what it is the hash of, one step at a time, so that
where one fails the place is named."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from exchange.audit import agreement, coverage, keys, log, merkle
from exchange.audit.coverage import CoverageRule
from exchange.audit.findings import Counts, Finding
from exchange.audit.heads_outside import HeadsOutside
from exchange.audit.merkle import Place
from exchange.audit.queries import oldest_unsequenced
from exchange.audit.verify import Unproven, leaf_hash, node_hash, open_checkpoint

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
    for public_id, content, field, salt, value in _stream(query):
        yield public_id, bytes(content), field, bytes(salt), value


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


def unrecorded(rule: CoverageRule) -> Iterator[str]:
    """The subjects of a duty that have no record."""
    if isinstance(rule.rows, str):
        rows, values = rule.rows, ()
    else:
        rows, values = rule.rows.query.sql_with_params()
    query = f"""
        SELECT due.subject::text FROM ({rows}) AS due (subject)
        WHERE NOT EXISTS (
            SELECT FROM audit_record record
            WHERE record.subject = due.subject::text AND record.event = ANY (%s)
        )
    """  # noqa: S608 - the rooms' own queries
    return (subject for (subject,) in _stream(query, [*values, list(rule.events)]))


def columns_that_differ(record: StoredRecord) -> list[str]:
    """The columns that do not repeat the canonical bytes; all of them when those cannot be read."""
    said = read(record.canonical)
    columns = {
        "id": record.public_id,
        "event": record.event,
        "actor": record.actor,
        "subject": record.subject,
        "at": log.timestamp(record.at),
    }
    return [name for name, value in columns.items() if said.get(name) != value]


def read(content: bytes) -> dict[str, Any]:
    """The record's bytes as a document; empty when they are none."""
    try:
        document = json.loads(content)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def check_disclosures(counts: Counts) -> Iterator[Finding]:
    """Every value that is still disclosed must fit the commitment in its record."""
    for public_id, content, field, salt, value in disclosures():
        counts.disclosures += 1
        personal = read(content).get("personal", {})
        if personal.get(field) != log.commitment(salt=salt, field=field, value=value):
            yield Finding(
                "disclosure",
                f"The value of {field!r} does not fit the record's commitment.",
                () if public_id is None else (public_id,),
            )


class TreePass:
    """One walk. `peaks` are the stored hashes of the tree so far; None for one that is unknown."""

    def __init__(self, counts: Counts) -> None:
        self.counts = counts
        self.size = 0
        self.signed_size = 0
        self.peaks = list[bytes | None]()
        self.heads = heads()
        self.head = next(self.heads, None)
        self.keys = keys.verifier_keys()

    def findings(self) -> Iterator[Finding]:
        for chunk in leaves():
            stored = nodes_completed(chunk[0].index, chunk[-1].index + 1)
            for leaf in chunk:
                yield from self._skip_to(leaf.index)
                yield from _check_leaf(leaf)
                yield from self._append(leaf, stored)
                yield from self._check_heads()
            for place in stored:
                yield _about_node(place, "no two subtrees below it are there")
        yield from self._check_the_end()

    def _skip_to(self, index: int) -> Iterator[Finding]:
        if index > self.size:
            yield Finding(
                "leaf", f"Leaves {self.size} to {index - 1} are missing.", index=self.size
            )
            self.size = index
            self.peaks = [None] * index.bit_count()

    def _append(self, leaf: StoredLeaf, stored: dict[Place, bytes]) -> Iterator[Finding]:
        """Grow the tree by a leaf as `merkle.grow` does, comparing each node that it completes."""
        self.counts.leaves += 1
        self.size += 1
        level, offset = 0, leaf.index
        top: bytes | None = leaf.hash
        while offset & 1:
            left = self.peaks.pop()
            level, offset = level + 1, offset >> 1
            due = None if left is None or top is None else node_hash(left, top)
            found = stored.pop(Place(level, offset), None)
            self.counts.nodes += 1
            if found is None:
                yield _about_node(Place(level, offset), "it is missing")
            elif due is not None and found != due:
                yield _about_node(Place(level, offset), "it is not the hash of the two below it")
            top = due if found is None else found
        self.peaks.append(top)

    def _check_heads(self) -> Iterator[Finding]:
        while self.head is not None and self.head.tree_size <= self.size:
            head = self.head
            problems = self._problems(head)
            if head.tree_size < self.size:
                problems = ["leaves that it covers are missing"]
            for problem in problems:
                yield _about_head(head, problem)
            self._next_head()

    def _next_head(self) -> None:
        if self.head is not None:
            self.signed_size = self.head.tree_size
            self.counts.heads += 1
        self.head = next(self.heads, None)

    def _problems(self, head: StoredHead) -> list[str]:
        found = list[str]()
        known = [peak for peak in self.peaks if peak is not None]
        if len(known) == len(self.peaks):
            if b"".join(known) != head.peaks:
                found.append("its peaks are not those of the tree")
            if merkle.fold(known) != head.root:
                found.append("its root is not that of the records before it")
        try:
            signed = open_checkpoint(head.checkpoint, self.keys)
        except Unproven as reason:
            found.append(str(reason))
        else:
            if (signed.size, signed.root, signed.time) != (
                head.tree_size,
                head.root,
                log.timestamp(head.at),
            ):
                found.append("it is not what was signed")
        return found

    def _check_the_end(self) -> Iterator[Finding]:
        while self.head is not None:
            yield _about_head(self.head, "leaves that it covers are missing")
            self._next_head()
        if self.signed_size < self.size:
            yield Finding(
                "head",
                f"No head covers leaves {self.signed_size} to {self.size - 1}.",
                _records_at(self.signed_size, self.size - 1),
                self.signed_size,
            )
        for place in nodes_beyond(self.size):
            yield _about_node(place, "it covers leaves that the log does not have")


def _check_leaf(leaf: StoredLeaf) -> Iterator[Finding]:
    record = leaf.record
    if record is None:
        yield Finding("leaf", f"The record of leaf {leaf.index} is missing.", index=leaf.index)
        return
    named = (record.public_id,)
    if leaf_hash(record.canonical) != leaf.hash:
        yield Finding(
            "leaf", f"Leaf {leaf.index} is not the hash of its record.", named, leaf.index
        )
    if differing := columns_that_differ(record):
        yield Finding(
            "record", f"Columns differ from the record: {', '.join(differing)}.", named, leaf.index
        )


def _about_node(place: Place, problem: str) -> Finding:
    first = place.offset << place.level
    last = first + (1 << place.level) - 1
    return Finding(
        "node",
        f"Node {place.level}/{place.offset} over leaves {first} to {last}: {problem}.",
        _records_at(first, last),
        first,
    )


def _about_head(head: StoredHead, problem: str) -> Finding:
    last = head.tree_size - 1
    detail = f"Head of {head.tree_size} records: {problem.rstrip('.')}."
    return Finding("head", detail, _records_at(last), last)


def _records_at(*indexes: int) -> tuple[str, ...]:
    """The ids of the records at these indexes, as far as they are there."""
    found = (record_at(index) for index in dict.fromkeys(indexes))
    return tuple(public_id for public_id in found if public_id is not None)


def findings(now: datetime, counts: Counts, *, is_deep: bool = False) -> Iterator[Finding]:
    """All that is wrong with the log, as one moment of the database shows it; fills in `counts`.

    `is_deep` also reads what lies in files.
    """
    outside = HeadsOutside()
    alone = not connection.in_atomic_block
    with transaction.atomic():
        if alone:
            freeze()
        yield from _check_guards()
        yield from TreePass(counts).findings()
        for public_id in records_outside():
            yield Finding("queue", "The record has no index and waits for none.", (public_id,))
        yield from _check_queue(now, counts)
        yield from check_disclosures(counts)
        yield from outside.findings(counts)
        yield from agreement.findings(counts, is_deep=is_deep)
        yield from _check_coverage(counts)


def _check_guards() -> Iterator[Finding]:
    for guard in missing_guards():
        yield Finding("guard", f"The database does not enforce {guard}.")


def _check_queue(now: datetime, counts: Counts) -> Iterator[Finding]:
    for number, record, has_index in waiting():
        counts.waiting += 1
        if record is None:
            yield Finding("queue", f"Record number {number} waits and is missing.")
            continue
        named = (record.public_id,)
        if has_index:
            yield Finding("queue", "The record waits although it has an index.", named)
        if differing := columns_that_differ(record):
            yield Finding(
                "record", f"Columns differ from the record: {', '.join(differing)}.", named
            )
    oldest = oldest_unsequenced(now)
    if oldest is not None and oldest.is_late:
        yield Finding(
            "queue", f"The record has waited {oldest.age_seconds:.0f} s.", (oldest.record,)
        )


def _check_coverage(counts: Counts) -> Iterator[Finding]:
    for rule in coverage.coverage_rules():
        counts.coverage_rules += 1
        for subject in unrecorded(rule):
            yield Finding(
                "coverage", f"{rule.name}: {subject} has no record {' or '.join(rule.events)}."
            )
