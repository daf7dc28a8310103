"""An inclusion proof as a picture: a ladder from the record's hash up to the signed root."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from exchange.audit.merkle import Place, plan_inclusion
from exchange.audit.verify import node_hash

WIDTH = 760
BOX_WIDTH = 218
BOX_HEIGHT = 46
RUNG_HEIGHT = 92
MARGIN = 12
MIDDLE_X = WIDTH // 2
LEFT_X = MARGIN + BOX_WIDTH // 2
RIGHT_X = WIDTH - MARGIN - BOX_WIDTH // 2


@dataclass(frozen=True)
class Box:
    """One hash. `kind` is computed (by whoever checks) or given (by the proof)."""

    kind: str
    x: int
    left: int
    top: int
    width: int
    height: int
    label: str
    short_hash: str
    label_y: int
    hash_y: int


@dataclass(frozen=True)
class Edge:
    x1: int
    y1: int
    x2: int
    y2: int


@dataclass(frozen=True)
class Picture:
    width: int
    height: int
    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    root: str


def draw(*, index: int, size: int, leaf: bytes, path: Sequence[bytes]) -> Picture:
    """The picture of a proof. The root is computed here, as a checker would."""
    plan = plan_inclusion(index, size)
    base_y = MARGIN + BOX_HEIGHT // 2 + len(path) * RUNG_HEIGHT
    boxes = [_box("computed", MIDDLE_X, base_y, _("record %(index)d") % {"index": index}, leaf)]
    edges: list[Edge] = []
    known = leaf
    for rung, (subtree, sibling) in enumerate(zip(plan, path, strict=True)):
        y = base_y - rung * RUNG_HEIGHT
        first, last = _covered(subtree)
        on_left = first < index
        sibling_x = LEFT_X if on_left else RIGHT_X
        boxes.append(_box("given", sibling_x, y, _span(first, last), sibling))
        known = node_hash(sibling, known) if on_left else node_hash(known, sibling)
        parent_y = y - RUNG_HEIGHT
        top, bottom = parent_y + BOX_HEIGHT // 2, y - BOX_HEIGHT // 2
        edges += [Edge(MIDDLE_X, bottom, MIDDLE_X, top), Edge(sibling_x, bottom, MIDDLE_X, top)]
        label = _("root, signed") if rung == len(path) - 1 else _("computed")
        boxes.append(_box("computed", MIDDLE_X, parent_y, label, known))
    return Picture(
        width=WIDTH,
        height=base_y + BOX_HEIGHT // 2 + MARGIN,
        boxes=tuple(boxes),
        edges=tuple(edges),
        root=known.hex(),
    )


def _box(kind: str, x: int, y: int, label: str, content: bytes) -> Box:
    text = content.hex()
    return Box(
        kind=kind,
        x=x,
        left=x - BOX_WIDTH // 2,
        top=y - BOX_HEIGHT // 2,
        width=BOX_WIDTH,
        height=BOX_HEIGHT,
        label=label,
        short_hash=f"{text[:10]}…{text[-8:]}",
        label_y=y - 6,
        hash_y=y + 13,
    )


def _covered(subtree: Sequence[Place]) -> tuple[int, int]:
    """The first and the last record under a subtree."""
    first, last = subtree[0], subtree[-1]
    return first.offset << first.level, ((last.offset + 1) << last.level) - 1


def _span(first: int, last: int) -> str:
    if first == last:
        return _("record %(index)d") % {"index": first}
    return _("records %(first)d to %(last)d") % {"first": first, "last": last}
