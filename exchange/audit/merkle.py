"""The Merkle tree of RFC 6962 / RFC 9162: growing it and proving from it. Pure functions.

A tree is kept as its complete subtrees: `Place(level, offset)` is the one over the 2**level leaves from
`offset << level` on, level 0 being the leaves. A proof is planned as the places it needs, so that
whoever stores them reads just these. Hashing and checking stand in `verify`, which outsiders run.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple

from exchange.audit.verify import node_hash

EMPTY_ROOT = hashlib.sha256(b"").digest()


class Place(NamedTuple):
    """A complete subtree."""

    level: int
    offset: int


class NewNode(NamedTuple):
    """A complete subtree above the leaves that has just become complete."""

    level: int
    offset: int
    hash: bytes


@dataclass(frozen=True)
class Edge:
    """All that is needed to grow a tree: its size and the roots of its peaks, largest first."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    @property
    def root(self) -> bytes:
        return fold(self.peaks)


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root over adjoining subtrees, given left to right and none smaller than its successor."""
    if not hashes:
        return EMPTY_ROOT
    return reduce(lambda right, left: node_hash(left, right), reversed(hashes))


def grow(edge: Edge, leaves: Iterable[bytes]) -> tuple[Edge, list[NewNode]]:
    """The tree with these leaf hashes appended, and the nodes that became complete."""
    size, peaks, added = edge.size, list(edge.peaks), list[NewNode]()
    for leaf in leaves:
        level, index, top = 0, size, leaf
        while index & 1:
            top = node_hash(peaks.pop(), top)
            level, index = level + 1, index >> 1
            added.append(NewNode(level, index, top))
        peaks.append(top)
        size += 1
    return Edge(size, tuple(peaks)), added


def places(start: int, end: int) -> list[Place]:
    """The complete subtrees that make up leaves `start` … `end - 1`, left to right.

    `start` must be a multiple of a power of two that is no smaller than the number of leaves, as it
    is for every subtree that the RFC speaks of.
    """
    found = list[Place]()
    while start < end:
        level = (end - start).bit_length() - 1
        found.append(Place(level, start >> level))
        start += 1 << level
    return found


def peak_places(size: int) -> list[Place]:
    return places(0, size)


def plan_inclusion(index: int, size: int) -> list[list[Place]]:
    """The subtrees on the path from leaf `index` up to the root, each as the places it is made of.

    Raises ValueError when the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    path = list[list[Place]]()
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(places(middle, end))
            end = middle
        else:
            path.append(places(start, middle))
            start = middle
    return path[::-1]


def plan_consistency(old_size: int, new_size: int) -> list[list[Place]]:
    """The subtrees that prove that a tree continues an older one, each as its places.

    Raises ValueError unless 0 < old_size <= new_size.
    """
    if not 0 < old_size <= new_size:
        raise ValueError(f"a tree of {new_size} does not continue one of {old_size}")
    path = list[list[Place]]()
    start, end = 0, new_size
    while old_size != end:
        middle = start + _split(end - start)
        if old_size <= middle:
            path.append(places(middle, end))
            end = middle
        else:
            path.append(places(start, middle))
            start = middle
    if start > 0:  # from the left edge on it is the old root itself, which the verifier has
        path.append(places(start, end))
    return path[::-1]


def hashes_of(plan: Sequence[Sequence[Place]], known: Mapping[Place, bytes]) -> list[bytes]:
    """The proof that was planned, from the hashes of its places."""
    return [fold([known[place] for place in subtree]) for subtree in plan]


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << (size - 1).bit_length() - 1
