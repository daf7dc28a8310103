"""Records and their places in the log."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from exchange.audit import keys
from exchange.audit.errors import NoSuchRecord, NotYetInTheLog
from exchange.audit.models import Disclosure, Head, Leaf, Pending, Record
from exchange.audit.queries import heads, proofs

PAGE_MAX = 100


@dataclass(frozen=True)
class Entry:
    """What everybody may know of a record: that it is there, what kind it is, and its hash."""

    index: int
    record: str
    event: str
    at: str
    leaf_hash: str


def entries(*, before: int | None = None, limit: int = PAGE_MAX) -> list[Entry]:
    """Entries of the log, newest first; `before` is the index at which the last page ended."""
    leaves = Leaf.objects.select_related("record").order_by("-index")
    if before is not None:
        leaves = leaves.filter(index__lt=before)
    return [entry_of(leaf) for leaf in leaves[: min(limit, PAGE_MAX)]]


def entry_of(leaf: Leaf) -> Entry:
    return Entry(
        index=leaf.index,
        record=leaf.record.public_id,
        event=leaf.record.event,
        at=leaf.record.at.isoformat(),
        leaf_hash=bytes(leaf.hash).hex(),
    )


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


def inclusion(leaf: Leaf, *, size: int) -> dict[str, object]:
    """The proof that a leaf is in the tree of `size` leaves, and the head signed for that size, if any."""
    path = proofs.inclusion_path(index=leaf.index, size=size)
    head = Head.objects.filter(tree_size=size).first()
    return {
        "record": leaf.record.public_id,
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
    proof = inclusion(leaf, size=heads.newest_edge().size)
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
