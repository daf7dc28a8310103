"""Leaves, nodes and heads, in one pass from the first leaf to the last."""

from collections.abc import Iterator

from exchange.audit import canonical, keys, merkle
from exchange.audit.merkle import Place
from exchange.audit.queries.verification import records, rows_sql
from exchange.audit.queries.verification.findings import Counts, Finding
from exchange.audit.queries.verification.rows_sql import StoredHead, StoredLeaf
from exchange.audit.verify import Unproven, leaf_hash, node_hash, open_checkpoint


class TreePass:
    """One walk. `peaks` are the stored hashes of the tree so far; None for one that is unknown."""

    def __init__(self, counts: Counts) -> None:
        self.counts = counts
        self.size = 0
        self.signed_size = 0
        self.peaks = list[bytes | None]()
        self.heads = rows_sql.heads()
        self.head = next(self.heads, None)
        self.keys = keys.verifier_keys()

    def findings(self) -> Iterator[Finding]:
        for chunk in rows_sql.leaves():
            stored = rows_sql.nodes_completed(chunk[0].index, chunk[-1].index + 1)
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
                canonical.timestamp(head.at),
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
        for place in rows_sql.nodes_beyond(self.size):
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
    if differing := records.columns_that_differ(record):
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
    found = (rows_sql.record_at(index) for index in dict.fromkeys(indexes))
    return tuple(public_id for public_id in found if public_id is not None)
