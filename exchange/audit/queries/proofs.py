"""Proofs from stored nodes: they read what they need and rebuild nothing."""

from collections.abc import Collection, Sequence

from django.db import connection
from django.utils.translation import gettext as _

from exchange.audit import merkle
from exchange.audit.errors import NoSuchRecord, NoSuchTree
from exchange.audit.merkle import Place
from exchange.audit.models import Head
from exchange.audit.queries import heads


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
