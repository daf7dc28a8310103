"""Lifecycles as pictures: a small layered layout, drawn as SVG and told as Markdown.

The layout is the usual one: ranks by longest path with backward moves set aside, a hidden stop on
every rank that a move passes, and a few sweeps that bring neighbours to the same height.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from html import escape
from itertools import pairwise
from textwrap import wrap
from typing import Protocol

from django.utils import translation
from django.utils.functional import Promise

BOX_WIDTH, BOX_HEIGHT, LINE_HEIGHT = 140, 44, 17
LINE_CHARS_MAX = 18
RANK_GAP, ROW_GAP, MARGIN = 74, 26, 24
TITLE_HEIGHT, LANE = 34, 18
SWEEPS = 8

STYLE = """
text{font:14px system-ui,"Segoe UI","Noto Sans","Noto Sans CJK SC",sans-serif;fill:#16233a}
.title{font-weight:600;font-size:15px}
.state{fill:#f2f6fc;stroke:#3b5b8c;stroke-width:1.2}
.start{fill:#dbe8fb;stroke-width:2.2}
.end{fill:#eceef1;stroke:#667085}
.move{fill:none;stroke:#3b5b8c;stroke-width:1.4;marker-end:url(#tip)}
.back{stroke:#a15c1e;stroke-dasharray:5 4;marker-end:url(#back-tip)}
@media (prefers-color-scheme:dark){svg{background:#0f1724}text{fill:#e6ecf5}.state{fill:#1b2a42}
.start{fill:#274474}.end{fill:#2a2f38}.move{stroke:#8fb2e8}.back{stroke:#e0a467}}
""".strip()

Move = tuple[str, str]
Point = tuple[float, float]


class Drawn(Protocol):
    """What a picture shows of a lifecycle."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str | Promise: ...
    @property
    def start(self) -> Enum: ...
    @property
    def moves(self) -> Mapping[Enum, frozenset[Enum]]: ...


@dataclass
class Layout:
    """Where everything stands. `stops` are the hidden points of a forward move that passes ranks."""

    ranks: list[list[str]] = field(default_factory=list)
    place: dict[str, Point] = field(default_factory=dict)
    stops: dict[Move, list[str]] = field(default_factory=dict)
    backward: list[Move] = field(default_factory=list)


def svg(lifecycle: Drawn) -> str:
    """The picture in English; the same table always gives the same text."""
    with translation.override("en"):
        labels = {_name(state): _label(state) for state in lifecycle.moves}
        title = str(lifecycle.title)
    moves = _moves(lifecycle)
    layout = _lay_out(list(labels), _name(lifecycle.start), moves)
    ends = {_name(state) for state, legal in lifecycle.moves.items() if not legal}
    width = MARGIN * 2 + len(layout.ranks) * BOX_WIDTH + (len(layout.ranks) - 1) * RANK_GAP
    floor = max(y for _x, y in layout.place.values()) + BOX_HEIGHT / 2
    height = floor + MARGIN + LANE * len(layout.backward)
    parts = [_arrow(layout, move) for move in moves if move in layout.stops]
    parts += [
        _way_back(layout, move, floor + LANE * (number + 1), number)
        for number, move in enumerate(layout.backward)
    ]
    for name, label in labels.items():
        kind = " start" if name == _name(lifecycle.start) else " end" if name in ends else ""
        parts.append(_box(layout.place[name], label, kind))
    told = "; ".join(f"{labels[a]} → {labels[b]}" for a, b in moves)
    return _page(title, told, width, height, parts)


def markdown(lifecycles: Sequence[Drawn]) -> str:
    """The page that shows every picture with its table."""
    lines = [
        "# Lifecycles",
        "",
        (
            "Drawn from the tables that the code asks before every move: "
            "`python manage.py draw_lifecycles`. Thick border: where it begins. "
            "Grey: where it ends. Dashed: a way back."
        ),
    ]
    with translation.override("en"):
        for one in lifecycles:
            lines += ["", f"## {one.title}", "", f"`{one.name}`", ""]
            lines += [f"![{one.title}](pictures/{file_name(one)})", ""]
            lines += ["| from | to |", "|---|---|"]
            for state, legal in one.moves.items():
                after = ", ".join(_label(s) for s in _in_order(one, legal)) or "–"
                lines.append(f"| {_label(state)} | {after} |")
    return "\n".join(lines) + "\n"


def file_name(lifecycle: Drawn) -> str:
    return f"lifecycle-{lifecycle.name}.svg"


def _moves(lifecycle: Drawn) -> list[Move]:
    """All moves to another state, in the order of the enum, so that no run differs from the next."""
    return [
        (_name(state), _name(target))
        for state, legal in lifecycle.moves.items()
        for target in _in_order(lifecycle, legal)
        if target is not state
    ]


def _in_order(lifecycle: Drawn, states: Iterable[Enum]) -> list[Enum]:
    wanted = set(states)
    return [state for state in type(lifecycle.start) if state in wanted]


def _name(state: Enum) -> str:
    return str(state.value)


def _label(state: Enum) -> str:
    label = str(getattr(state, "label", state.value))
    return label[:1].upper() + label[1:]


def _lay_out(names: list[str], start: str, moves: list[Move]) -> Layout:
    layout = Layout(backward=_backward(names, start, moves))
    forward = [move for move in moves if move not in layout.backward]
    rank = _ranks(names, forward)
    layout.ranks = [[] for _ in range(max(rank.values()) + 1)]
    for name in names:
        layout.ranks[rank[name]].append(name)
    for move in forward:
        layout.stops[move] = []
        for between in range(rank[move[0]] + 1, rank[move[1]]):
            stop = f"{move[0]}>{move[1]}@{between}"
            layout.ranks[between].append(stop)
            layout.stops[move].append(stop)
    _untangle(layout)
    _place(layout)
    return layout


def _backward(names: list[str], start: str, moves: list[Move]) -> list[Move]:
    """The moves that close a circle when one walks on from the start."""
    after: Mapping[str, list[str]] = {
        name: [target for source, target in moves if source == name] for name in names
    }
    on_the_way: set[str] = set()
    seen: set[str] = set()
    found: list[Move] = []

    def walk(name: str) -> None:
        seen.add(name)
        on_the_way.add(name)
        for target in after[name]:
            if target in on_the_way:
                found.append((name, target))
            elif target not in seen:
                walk(target)
        on_the_way.remove(name)

    for name in [start, *names]:
        if name not in seen:
            walk(name)
    return found


def _ranks(names: list[str], forward: list[Move]) -> dict[str, int]:
    """The longest way to each state; there is no circle any more."""
    rank = dict.fromkeys(names, 0)
    for _round in names:
        for source, target in forward:
            rank[target] = max(rank[target], rank[source] + 1)
    return rank


def _untangle(layout: Layout) -> None:
    """Order each rank by the mean height of its neighbours, to and fro."""
    neighbours: dict[str, list[str]] = defaultdict(list)
    for (source, target), stops in layout.stops.items():
        chain = [source, *stops, target]
        for left, right in pairwise(chain):
            neighbours[left].append(right)
            neighbours[right].append(left)
    for sweep in range(SWEEPS):
        order = layout.ranks if sweep % 2 == 0 else layout.ranks[::-1]
        for row in order:
            height = _heights(layout)
            row.sort(key=lambda name: _mean([height[n] for n in neighbours[name]], height[name]))


def _heights(layout: Layout) -> dict[str, float]:
    tallest = max(len(row) for row in layout.ranks)
    return {
        name: index + (tallest - len(row)) / 2
        for row in layout.ranks
        for index, name in enumerate(row)
    }


def _mean(numbers: list[float], default: float) -> float:
    return sum(numbers) / len(numbers) if numbers else default


def _place(layout: Layout) -> None:
    height = _heights(layout)
    for number, row in enumerate(layout.ranks):
        for name in row:
            layout.place[name] = (
                MARGIN + number * (BOX_WIDTH + RANK_GAP) + BOX_WIDTH / 2,
                TITLE_HEIGHT + MARGIN + BOX_HEIGHT / 2 + height[name] * (BOX_HEIGHT + ROW_GAP),
            )


def _arrow(layout: Layout, move: Move) -> str:
    """A smooth line from the right side of a box, level through its stops, to the left of another."""
    (x, y), (end_x, end_y) = layout.place[move[0]], layout.place[move[1]]
    half = BOX_WIDTH / 2
    path = [f"M{x + half:g},{y:g}"]
    at = (x + half, y)
    for stop_x, stop_y in (layout.place[stop] for stop in layout.stops[move]):
        path.append(_curve(at, (stop_x - half, stop_y)))
        path.append(f"H{stop_x + half:g}")
        at = (stop_x + half, stop_y)
    path.append(_curve(at, (end_x - half, end_y)))
    return f'<path class="move" d="{" ".join(path)}"/>'


def _curve(start: Point, end: Point) -> str:
    middle = (start[0] + end[0]) / 2
    return f"C{middle:g},{start[1]:g} {middle:g},{end[1]:g} {end[0]:g},{end[1]:g}"


def _way_back(layout: Layout, move: Move, lane: float, number: int) -> str:
    """Under everything, on a lane of its own; ends are set apart so that two do not meet."""
    (x, y), (end_x, end_y) = layout.place[move[0]], layout.place[move[1]]
    down, up, half = x + 18 + number * 7, end_x - 18 - number * 7, BOX_HEIGHT / 2
    return (
        f'<path class="move back" d="M{down:g},{y + half:g} V{lane - 8:g} '
        f"Q{down:g},{lane:g} {down - 8:g},{lane:g} H{up + 8:g} "
        f'Q{up:g},{lane:g} {up:g},{lane - 8:g} V{end_y + half:g}"/>'
    )


def _box(at: Point, label: str, kind: str) -> str:
    x, y = at
    lines = wrap(label, LINE_CHARS_MAX)
    top = y + 5 - (len(lines) - 1) * LINE_HEIGHT / 2
    words = "".join(
        f'<text x="{x:g}" y="{top + number * LINE_HEIGHT:g}" text-anchor="middle">'
        f"{escape(line)}</text>"
        for number, line in enumerate(lines)
    )
    return (
        f'<rect class="state{kind}" x="{x - BOX_WIDTH / 2:g}" y="{y - BOX_HEIGHT / 2:g}" '
        f'width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="9"/>{words}'
    )


def _page(title: str, told: str, width: float, height: float, parts: list[str]) -> str:
    tip = (
        '<marker id="{id}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
        'orient="auto-start-reverse"><path d="M0,0 L10,5 L0,10 z" fill="{fill}"/></marker>'
    )
    return "\n".join(
        [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
                f'width="{width:g}" height="{height:g}" role="img" aria-labelledby="t d">'
            ),
            f'<title id="t">{escape(title)}</title>',
            f'<desc id="d">{escape(told)}</desc>',
            f"<style>{STYLE}</style>",
            (
                f"<defs>{tip.format(id='tip', fill='#3b5b8c')}"
                f"{tip.format(id='back-tip', fill='#a15c1e')}</defs>"
            ),
            f'<text class="title" x="{MARGIN}" y="{TITLE_HEIGHT - 6}">{escape(title)}</text>',
            *parts,
            "</svg>",
            "",
        ]
    )
