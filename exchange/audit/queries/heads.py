"""Signed heads as edges of the tree."""

from exchange.audit.merkle import Edge
from exchange.audit.models import Head
from exchange.audit.verify import HASH_BYTES


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
