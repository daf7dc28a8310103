"""How a sheet is laid out for the eye: titles above the table, names over several rows, merged cells."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median_high
from typing import Any

from exchange.vault.reading.kinds import is_value
from exchange.vault.reading.workbook_facts import MERGED_MAX, Span

HEAD_ROWS = 40
NAME_ROWS_MAX = 4
JUDGED_ROWS = 12
YEAR = re.compile(r"(?:19|20)\d\d")

Row = Sequence[Any]


@dataclass(frozen=True)
class Layout:
    """Rows by their number in the sheet. `names` is empty where one row or none names the columns;
    `spread_names` are those that a cell merged over several columns gave to more than itself."""

    titles: tuple[str, ...] = ()
    title_cells: int = 0
    skipped: int = 0
    names: tuple[str, ...] = ()
    name_rows: int = 0
    joined_cells: int = 0
    spread_names: int = 0
    fills: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)


def layout_of(head: Sequence[tuple[int, Row]], all_spans: Sequence[Span]) -> Layout:
    """By the first rows that hold something, and the merged cells. Columns count from the table's own."""
    spans = [span for span in all_spans if head and span[0][0] <= head[-1][0]]
    titles: list[str] = []
    at = 0
    while at < len(head) - 1 and _is_title(head[at], head[at + 1 :], spans):
        titles.append(" ".join(str(cell).strip() for cell in head[at][1] if cell != ""))
        at += 1
    depth = min(_name_rows(head[at:], spans), max(1, len(head) - at - 1))
    names = _joined(head[at : at + depth], spans) if depth > 1 else ()
    skipped = head[at][0] if titles else 0
    joined = sum(_filled(row) for _number, row in head[at : at + depth]) - sum(map(bool, names))
    first = head[at + depth][0] if at + depth < len(head) else 0
    cells = sum(_filled(row) for _number, row in head[:at])
    return Layout(
        tuple(titles),
        cells,
        skipped,
        names,
        depth if names else 0,
        max(0, joined) if names else 0,
        max(0, -joined) if names else 0,
        _fills(all_spans, first),
    )


def _is_title(
    row: tuple[int, Row], below: Sequence[tuple[int, Row]], spans: Sequence[Span]
) -> bool:
    number, cells = row
    filled = [(at, cell) for at, cell in enumerate(cells) if cell != ""]
    width = median_high(_filled(one) for _number, one in below[:JUDGED_ROWS])
    if width < 2 or not all(isinstance(cell, str) for _at, cell in filled):  # noqa: PLR2004 - a table
        return False
    if len(filled) == 1:
        at, cell = filled[0]
        span = _span_at(spans, number, at)
        covered = span[1][1] - span[0][1] + 1 if span else 1
        is_wide = covered * 2 > len(cells) or covered >= width
        is_above_all = at == 0 or (covered == 1 and width > 2 and _filled(below[0][1]) >= width)  # noqa: PLR2004 - one of two may name a column
        return is_wide or (not is_value(cell) and is_above_all and _filled(below[0][1]) > 1)
    is_said = all("：" in cell or ":" in cell for _at, cell in filled)
    return is_said and len(filled) * 2 <= width


def _name_rows(head: Sequence[tuple[int, Row]], spans: Sequence[Span]) -> int:
    """How many rows name the columns: as far as merged names reach, and one more below a wide one."""
    depth = 1
    at = 0
    while at < depth < NAME_ROWS_MAX and depth < len(head):
        number = head[at][0]
        for (top, left), (bottom, right) in spans:
            if top == number and bottom > top:
                depth = max(depth, at + bottom - top + 1)
            elif top == number and right > left and at + 1 < len(head) and _names(head[at + 1][1]):
                depth = max(depth, at + 2)
        at += 1
    if depth == 1 and not spans and _is_split(head):
        depth = 2
    is_named = all(_names(cells) for _number, cells in head[1:depth])
    return min(depth, NAME_ROWS_MAX) if is_named else 1


def _is_split(head: Sequence[tuple[int, Row]]) -> bool:
    """Two rows of names without merged cells: the lower one fills what the upper one leaves empty."""
    if len(head) < 3 or not _names(head[1][1]):  # noqa: PLR2004 - two of names, one of values
        return False
    upper, lower = head[0][1], head[1][1]
    gaps = [at for at, cell in enumerate(upper) if cell == ""]
    body = [cells for _number, cells in head[2 : 2 + JUDGED_ROWS]]
    if not gaps or _filled(upper) < 2 or not all(lower[at] != "" for at in gaps):  # noqa: PLR2004 - groups
        return False
    under = [at for at, cell in enumerate(lower) if cell != ""]
    valued = sum(any(_valued(cells[at]) for cells in body) for at in under)
    return valued * 2 >= len(under)


def _names(cells: Row) -> bool:
    """Whether a row holds words only, or years, as names do."""
    filled = [cell for cell in cells if cell != ""]
    return bool(filled) and all(_is_year(cell) or not _valued(cell) for cell in filled)


def _is_year(cell: Any) -> bool:
    return bool(YEAR.fullmatch(_name(cell)))


def _valued(cell: Any) -> bool:
    return cell != "" and (not isinstance(cell, str) or is_value(cell))


def _joined(rows: Sequence[tuple[int, Row]], spans: Sequence[Span]) -> tuple[str, ...]:
    """The names of each column from top to bottom; a merged name counts for all that it spans."""
    levels: list[list[str]] = []
    for level, (number, cells) in enumerate(rows):
        own = [_name(cell) for cell in cells]
        merged = {
            column: own[left]
            for (top, left), (bottom, right) in spans
            if top <= number <= bottom and top == number and right > left and left < len(own)
            for column in range(left, min(right + 1, len(own)))
        }
        if not spans and level < len(rows) - 1:
            lower = rows[level + 1][1]
            for column in range(1, len(own)):
                if own[column] == "" and lower[column] != "":
                    own[column] = own[column - 1]
        levels.append([merged.get(column, cell) for column, cell in enumerate(own)])
    joined = []
    for parts in zip(*levels, strict=True):
        kept = [part for at, part in enumerate(parts) if part and part not in parts[:at]]
        joined.append(" ".join(kept))
    return tuple(joined)


def _name(cell: Any) -> str:
    is_whole = isinstance(cell, float) and cell.is_integer()
    return " ".join(str(int(cell) if is_whole else cell).split())


def _fills(spans: Sequence[Span], first: int) -> dict[tuple[int, int], tuple[int, int]]:
    """Cells of the body that are merged with one above: where their value stands."""
    fills: dict[tuple[int, int], tuple[int, int]] = {}
    for (top, left), (bottom, right) in spans:
        if top < first or bottom == top or right > left:
            continue
        for row in range(top + 1, bottom + 1):
            fills[row, left] = (top, left)
            if len(fills) > MERGED_MAX:
                return fills
    return fills


def _span_at(spans: Sequence[Span], row: int, column: int) -> Span | None:
    return next((one for one in spans if one[0] == (row, column)), None)


def is_filled(cell: Any) -> bool:
    """Whether a cell holds anything but blanks."""
    return bool(cell.strip()) if isinstance(cell, str) else True


def _filled(cells: Row) -> int:
    return sum(map(is_filled, cells))
