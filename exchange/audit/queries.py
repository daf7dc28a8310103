"""What readers of the log ask: heads, records, proofs, and whether the sequencer keeps up."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from exchange.audit import keys, merkle, signed_heads
from exchange.audit.merkle import Edge, Place
from exchange.audit.models import Disclosure, Head, Leaf, Pending, Record
from exchange.audit.verify import HASH_BYTES
from exchange.core.refusals import Invalid, NotFound, Refusal


class NoSuchRecord(NotFound):
    """No record has this id or index."""

    code = "no_such_record"


class NotYetInTheLog(Refusal):
    """The record is committed and waits for its index; ask again in a second."""

    code = "record_not_yet_in_the_log"


class NoSuchTree(Invalid):
    """The log never had this many leaves, or the sizes are in the wrong order."""

    code = "no_such_tree"


def edge_of(head: Head) -> Edge:
    peaks = bytes(head.peaks)
    return Edge(
        size=head.tree_size,
        peaks=tuple(peaks[at : at + HASH_BYTES] for at in range(0, len(peaks), HASH_BYTES)),
    )


def newest() -> Head | None:
    """The newest signed head; None while the log is empty."""
    return Head.objects.order_by("-tree_size").first()


def newest_edge() -> Edge:
    """The edge that the next leaf is appended to."""
    head = newest()
    return Edge() if head is None else edge_of(head)


def signed_root(size: int) -> bytes | None:
    """The root of the stored head of this size; None when no head of it is stored."""
    root = Head.objects.filter(tree_size=size).values_list("root", flat=True).first()
    return None if root is None else bytes(root)


def is_cut_short() -> bool:
    """Whether the log does not continue the last head that was signed, so that nothing more is signed."""
    try:
        last = signed_heads.last_signed()  # before the log is read, which goes on meanwhile
        signed_heads.require_continuation(size=newest_edge().size, last=last, root_at=signed_root)
    except signed_heads.LogCutShort:
        return True
    return False


def inclusion_path(*, index: int, size: int) -> list[bytes]:
    """The hashes that lead from leaf `index` to the root of the tree of `size` leaves.

    At a signed size it reads the head and at most log2(size) nodes. Refuses NoSuchTree and NoSuchRecord.
    """
    check_size(size)
    if not 0 <= index < size:
        raise NoSuchRecord(
            _("A log of %(size)d records has no record number %(index)d.")
            % {"size": size, "index": index},
            index=index,
            size=size,
        )
    return _hashes(merkle.plan_inclusion(index, size), size)


def consistency_path(*, old_size: int, new_size: int) -> list[bytes]:
    """The hashes that prove that the tree of `new_size` leaves begins with that of `old_size`.

    Refuses NoSuchTree unless 0 < old_size <= new_size <= the log's size.
    """
    check_size(old_size)
    check_size(new_size)
    if old_size > new_size:
        raise NoSuchTree(
            _("A log of %(new)d records cannot continue one of %(old)d.")
            % {"old": old_size, "new": new_size},
            old_size=old_size,
            new_size=new_size,
        )
    return _hashes(merkle.plan_consistency(old_size, new_size), new_size)


def root_at(size: int) -> bytes:
    """The root of the tree of the first `size` leaves, from its stored nodes. Refuses NoSuchTree."""
    check_size(size)
    return merkle.hashes_of([merkle.peak_places(size)], read_nodes(merkle.peak_places(size)))[0]


def check_size(size: int) -> None:
    """Raise NoSuchTree unless the log has or had this many leaves under a signed head."""
    largest = newest_edge().size
    if not 0 < size <= largest:
        raise NoSuchTree(
            _("The log has %(largest)d records, so there is no tree of %(size)d.")
            % {"largest": largest, "size": size},
            size=size,
            largest=largest,
        )


def _hashes(plan: Sequence[Sequence[Place]], size: int) -> list[bytes]:
    head = Head.objects.filter(tree_size=size).first()
    known = dict[Place, bytes]()
    if head is not None:
        known = dict(zip(merkle.peak_places(size), edge_of(head).peaks, strict=True))
    wanted = {place for subtree in plan for place in subtree} - known.keys()
    return merkle.hashes_of(plan, known | read_nodes(wanted))


def read_nodes(places: Collection[Place]) -> dict[Place, bytes]:
    """The hashes of these complete subtrees; a place that is not stored is missing in the answer."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT 0, index, hash FROM audit_leaf WHERE index = ANY (%s::bigint[])
            UNION ALL
            SELECT level, index, hash
            FROM unnest(%s::smallint[], %s::bigint[]) AS wanted (level, index)
            JOIN audit_node USING (level, index)
            """,
            [
                [place.offset for place in places if place.level == 0],
                [place.level for place in places if place.level > 0],
                [place.offset for place in places if place.level > 0],
            ],
        )
        return {Place(level, offset): bytes(content) for level, offset, content in cursor}


def leaf_at(index: int) -> Leaf:
    """The leaf at an index. Refuses NoSuchRecord."""
    leaf = Leaf.objects.select_related("record").filter(index=index).first()
    if leaf is None:
        raise NoSuchRecord(
            _("The log has no record number %(index)d.") % {"index": index}, index=index
        )
    return leaf


def leaf_of(public_id: str) -> Leaf:
    """A record's leaf. Refuses NoSuchRecord, and NotYetInTheLog while the record waits."""
    leaf = Leaf.objects.select_related("record").filter(record__public_id=public_id).first()
    if leaf is not None:
        return leaf
    if Record.objects.filter(public_id=public_id).exists():
        raise NotYetInTheLog(
            _("This record is waiting for its place in the log; ask again in a second."),
            record=public_id,
        )
    raise _unknown(public_id)


def readable(public_id: str, *, subjects: Collection[str] | None) -> Record:
    """The record, for a reader who may read those that speak of `subjects` (None: all).

    Refuses NoSuchRecord also when the reader may not know what the record says.
    """
    record = about(subjects).filter(public_id=public_id).first()
    if record is None:
        raise _unknown(public_id)
    return record


def about(subjects: Collection[str] | None) -> QuerySet[Record]:
    """The records that speak of any of these subjects (None: of anything), newest first."""
    found = Record.objects.order_by("-id")
    return found if subjects is None else found.filter(subject__in=list(subjects))


def inclusion(leaf: Leaf, *, size: int, is_named: bool = True) -> dict[str, object]:
    """The proof that a leaf is in the tree of `size` leaves, and the head signed for that size, if any.

    `is_named` False leaves the record's id out, for those who do not know it: it tells when it was made.
    """
    path = inclusion_path(index=leaf.index, size=size)
    head = Head.objects.filter(tree_size=size).first()
    return {
        "record": leaf.record.public_id if is_named else None,
        "leaf_hash": bytes(leaf.hash).hex(),
        "index": leaf.index,
        "size": size,
        "path": [one.hex() for one in path],
        "checkpoint": head.checkpoint if head else None,
        "vkey": str(keys.verifier_key()),
    }


def bundle(leaf: Leaf, *, with_canonical: bool) -> dict[str, object]:
    """Everything that `verify.py` needs to check one record offline, at the newest signed head.

    Without the canonical bytes it proves the place of a hash whose record the reader may not see.
    """
    proof = inclusion(leaf, size=newest_edge().size, is_named=with_canonical)
    if with_canonical:
        proof["canonical"] = bytes(leaf.record.canonical).decode()
    return proof


def _unknown(public_id: str) -> NoSuchRecord:
    return NoSuchRecord(_("The log has no such record."), record=public_id)


def values_of(public_id: str) -> dict[str, str]:
    """The values behind a record's commitments, by field; what was erased is absent."""
    return dict(
        Disclosure.objects.filter(record__public_id=public_id).values_list("field", "value")
    )


@dataclass(frozen=True)
class Unsequenced:
    """The committed record that has waited longest for its index. `is_late` is the alarm."""

    record: str
    queued_at: datetime
    age_seconds: float
    is_late: bool


def oldest_unsequenced(now: datetime) -> Unsequenced | None:
    """The record at the front of the queue, None when every committed record has its index.

    It queued when its transaction began, so a long transaction looks late for the moment between
    its commit and the next batch.
    """
    waiting = Pending.objects.select_related("record").order_by("record_id").first()
    if waiting is None:
        return None
    age = now - waiting.queued_at
    return Unsequenced(
        record=waiting.record.public_id,
        queued_at=waiting.queued_at,
        age_seconds=age.total_seconds(),
        is_late=age > timedelta(seconds=settings.AUDIT_ALARM_SECONDS),
    )
