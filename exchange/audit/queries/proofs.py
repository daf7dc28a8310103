"""Proofs from stored nodes: they read what they need and rebuild nothing."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from exchange.audit import merkle
from exchange.audit.errors import NoSuchRecord, NoSuchTree
from exchange.audit.merkle import Place
from exchange.audit.models import Head
from exchange.audit.queries import heads, nodes_sql


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
    return merkle.hashes_of([merkle.peak_places(size)], nodes_sql.read(merkle.peak_places(size)))[0]


def check_size(size: int) -> None:
    """Raise NoSuchTree unless the log has or had this many leaves under a signed head."""
    largest = heads.newest_edge().size
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
        known = dict(zip(merkle.peak_places(size), heads.edge_of(head).peaks, strict=True))
    wanted = {place for subtree in plan for place in subtree} - known.keys()
    return merkle.hashes_of(plan, known | nodes_sql.read(wanted))
