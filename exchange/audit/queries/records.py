"""Records and their places in the log."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from exchange.audit import keys
from exchange.audit.errors import NoSuchRecord, NotYetInTheLog
from exchange.audit.models import Head, Leaf, Record
from exchange.audit.queries import proofs

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
    record = Record.objects.filter(_about(subjects), public_id=public_id).first()
    if record is None:
        raise _unknown(public_id)
    return record


def page(
    *, subjects: Collection[str] | None, before: str | None = None, limit: int = PAGE_MAX
) -> list[Record]:
    """Records that speak of `subjects` (None: of anything), newest first, below the id `before`."""
    found = Record.objects.filter(_about(subjects)).order_by("-id")
    if before is not None:
        found = found.filter(id__lt=readable(before, subjects=subjects).pk)
    return list(found[: min(limit, PAGE_MAX)])


def is_readable(record: Record, *, subjects: Collection[str] | None) -> bool:
    return subjects is None or record.subject in subjects


def bundle(leaf: Leaf, *, with_canonical: bool) -> Mapping[str, object]:
    """Everything that `verify.py` needs to check one record offline, at the newest signed head.

    Without the canonical bytes it proves the place of a hash whose record the reader may not see.
    """
    head = Head.objects.latest("tree_size")
    path = proofs.inclusion_path(index=leaf.index, size=head.tree_size)
    proof: dict[str, object] = {
        "record": leaf.record.public_id,
        "leaf_hash": bytes(leaf.hash).hex(),
        "index": leaf.index,
        "size": head.tree_size,
        "path": [one.hex() for one in path],
        "checkpoint": head.checkpoint,
        "vkey": str(keys.verifier_key()),
    }
    if with_canonical:
        proof["canonical"] = bytes(leaf.record.canonical).decode()
    return proof


def _about(subjects: Collection[str] | None) -> Q:
    return Q() if subjects is None else Q(subject__in=list(subjects))


def _unknown(public_id: str) -> NoSuchRecord:
    return NoSuchRecord(_("The log has no such record."), record=public_id)
