"""The ways in which the first lines of a text can be cut, and how good each one is."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median_low

from exchange.vault.reading.layouts import Layout, Row, fixed_places, places_under_names
from exchange.vault.reading.shapes import VALUES, Judgement, Shape, judge_first, shapes_of

STRONG = (",", ";", "\t", "|")
OTHER = ("^", "~", "¦", "§", "¬", "!", "@", "$", "&", "*", "\x01", "\x1e", "\x1f", "，", "；", "、")
DOUBLED = ("||", "|~|", "~|~", "^|^", "::", ";;", "~~", "^^", "@@", "&&", "##", "$$", "<>", "|#|")
PRIORS = {**dict.fromkeys(STRONG, 0.3), **dict.fromkeys(OTHER, 0.15), **dict.fromkeys(DOUBLED, 0.4)}
NO_DELIMITER = "\x1f"
COMMENT = re.compile(r"\s*(#|//|--|%%)")
SEP_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
RULER = re.compile(r"[-=:+]{3,}")
TITLES_MAX = 40
FIXED_TITLES_MAX = 3
JUDGED_ROWS = 100
CUT_SHARE = 0.5
EVEN_SHARE = 0.25
NEARLY_EVEN_SHARE = 0.95
ALONE_COST = 0.35
LOOSE_COST = 0.6


@dataclass(frozen=True)
class Candidate:
    """A way to cut: where its names are and where its rows begin, both counted in lines."""

    layout: Layout
    width: int
    names: Row
    header: Row
    has_header: bool
    is_sure: bool
    names_at: int
    skipped: int
    body: tuple[Row, ...]
    score: float
    ruler: tuple[str, ...] = ()
    has_row_names: bool = False
    are_names_first: bool = True


def is_sep_line(line: str) -> bool:
    """Whether a line is the one by which a spreadsheet names the delimiter."""
    return bool(SEP_LINE.fullmatch(line))


def best_of(found: Sequence[Candidate]) -> Candidate:
    return max(found, key=lambda one: one.score)


def candidates(lines: Sequence[str]) -> list[Candidate]:
    """Every way worth looking at; the last one does not cut the lines at all."""
    top = _top(lines)
    rest = lines[top:] or lines
    top = top if lines[top:] else 0
    said = next((SEP_LINE.fullmatch(line) for line in lines[:top] if is_sep_line(line)), None)
    comments = [line for line in lines[:top] if COMMENT.match(line)]
    found = []
    for layout in _layouts(rest, said.group(1) if said else None):
        one = _judged(layout, rest, top, comments)
        if one is not None:
            found.append(one)
    if said is None:
        found += _fixed(rest, top)
    if said is None or not found:
        found.append(_alone(rest, top))
    return found


def _top(lines: Sequence[str]) -> int:
    """Lines of comments, blank lines and the line that names the delimiter, before anything else."""
    for number, line in enumerate(lines):
        if line.strip() and not line.startswith(("#", "//", "--", "%%")) and not is_sep_line(line):
            return number
    return len(lines)


def _layouts(lines: Sequence[str], said: str | None) -> Iterator[Layout]:
    text = "".join(lines)
    written = [line for line in lines if line.strip()]
    for delimiter in (said,) if said else (*STRONG, *OTHER, *DOUBLED, ":", " "):
        if sum(delimiter in line for line in written) < len(written) * CUT_SHARE:
            continue
        yield Layout(delimiter)
        if '\\"' in text:
            yield Layout(delimiter, escape="\\")
        if text.count("'" + delimiter) > len(written) / 2:
            yield Layout(delimiter, quote="'", escape="'")
    if said:
        return
    if "  " in text or " \t" in text:
        yield Layout(" ", by_runs=True)
        yield Layout(" ", by_gaps=True)


def _judged(
    layout: Layout, lines: Sequence[str], top: int, comments: Sequence[str]
) -> Candidate | None:
    """None where the layout does not cut the lines into a table."""
    rows = _rows(layout, lines)
    if not rows:
        return None
    width = _common_width(rows)
    if width < 2:  # noqa: PLR2004 - one cell is not cut
        return None
    start, judged = _start([row for _end, row in rows], width)
    ends = [end for end, _row in rows]
    body = [row for _end, row in rows[start + judged.is_header :]]
    header = rows[start][1] if judged.is_header else []
    names_at = top + (ends[start - 1] if start else 0)
    skipped = top + ends[start] if judged.is_header else names_at
    if not start and comments and not (judged.is_header and judged.is_sure):
        named = _in_comment(layout, comments[-1], [row for _end, row in rows], width)
        if named:
            header, judged = named, Judgement(is_header=True, is_sure=True)
            body, names_at, skipped = [row for _end, row in rows], top - 1, top
    ruler = body[0] if judged.is_header and body else []
    is_ruled = any(ruler) and all(RULER.fullmatch(cell.strip()) for cell in ruler if cell)
    if is_ruled:
        skipped, body = top + ends[len(rows) - len(body)], body[1:]
    while header and len(header) > width and not header[-1].strip():
        header = header[:-1]
    body = [row for row in body if row != header]
    named, has_row_names, is_first = _named(header, body, width)
    one = Candidate(
        layout=layout,
        width=max(width, len(header)),
        names=named,
        header=header,
        has_header=judged.is_header,
        is_sure=judged.is_sure,
        names_at=names_at,
        skipped=skipped,
        body=tuple(body),
        score=0.0,
        ruler=tuple(ruler) if is_ruled else (),
        has_row_names=has_row_names,
        are_names_first=is_first,
    )
    return _scored(one, width, titles=start, ruled=lines)


def _rows(layout: Layout, lines: Sequence[str]) -> list[tuple[int, Row]]:
    rows: list[tuple[int, Row]] = []
    try:
        rows.extend(layout.rows(lines))
    except csv.Error:
        return rows
    return rows


def _common_width(rows: Sequence[tuple[int, Row]]) -> int:
    widths = Counter(len(row) for _end, row in rows)
    return max(widths, key=lambda width: (widths[width], width))


def _start(rows: Sequence[Row], width: int) -> tuple[int, Judgement]:
    """The first row of the table, and whether it names the columns. What stands above are titles."""
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
    typical = median_low(
        count for count, row in zip(filled, rows, strict=True) if len(row) == width
    )
    start = 0
    while start < min(TITLES_MAX, len(rows) - 1) and _is_title(
        rows[start], filled[start], width, typical, rows[start + 1]
    ):
        start += 1
    if start == min(TITLES_MAX, len(rows) - 1) and start:
        start = 0
    judged = judge_first(rows[start], _of_width(rows[start + 1 :], width))
    if start and not judged.is_header and any(count > 1 for count in filled[:start]):
        start = 0
        judged = judge_first(rows[0], _of_width(rows[1:], width))
    return start, judged


def _is_title(row: Row, filled: int, width: int, typical: int, following: Row) -> bool:
    """A line above the table has few cells, where the rows have many."""
    if not filled:
        return True
    if width == 2:  # noqa: PLR2004 - `id,` over `1,2` names a column; `Report,` over `id,kWh` is a title
        named = not any(shape in VALUES for shape in shapes_of([following], len(following)))
        is_whole = sum(bool(cell.strip()) for cell in following) > 1
        return filled == 1 and bool(row[0].strip()) and (len(row) == 1 or (named and is_whole))
    if filled == 1:
        return typical > 2 and bool(row[0].strip() or len(row) == width)  # noqa: PLR2004 - of two, one is half
    return filled * 2 <= typical or len(row) < width - 1


def _of_width(rows: Sequence[Row], width: int) -> list[Row]:
    found = [row for row in rows if len(row) == width and any(cell.strip() for cell in row)]
    return found[: JUDGED_ROWS + 1]


def _in_comment(layout: Layout, line: str, rows: Sequence[Row], width: int) -> Row:
    """The names in the last comment above the rows, when it is cut as they are."""
    text = COMMENT.sub("", line, count=1).lstrip() if not line.startswith("#,") else line
    found = next(iter(_rows(layout, [text])), None)
    if found is None or len(found[1]) != width:
        return []
    judged = judge_first(found[1], _of_width(rows, width))
    return [cell.strip() for cell in found[1]] if judged.is_header else []


def _named(header: Row, body: Sequence[Row], width: int) -> tuple[Row, bool, bool]:
    """Names for all columns: where one is lacking, it is that of the rows' names or of the last column."""
    if not header or len(header) != width - 1 or not body:
        return header, False, True
    whole = [row for row in body if len(row) == width]
    if len(whole) < len(body) * 0.9 or all(not row[-1].strip() for row in whole):
        return header, False, False
    firsts = [row[0] for row in whole]
    if len(set(firsts)) == len(firsts):
        return ["", *header], True, True
    return header, False, False


def _scored(one: Candidate, width: int, *, titles: int, ruled: Sequence[str]) -> Candidate | None:
    judged = one.body[:JUDGED_ROWS] or (one.header,)
    of_width = [row for row in judged if len(row) == width]
    even = _even(len(of_width) / len(judged))
    shapes = shapes_of(of_width, width)
    filled = sum(shape != "empty" for shape in shapes)
    typed = sum(shape in VALUES for shape in shapes) / max(1, filled)
    layout = one.layout
    score = even + typed / 2 + 0.02 * min(width, 10) + PRIORS.get(layout.delimiter, 0.0)
    score += 0.5 if one.has_header else 0.2
    score -= 0.02 * min(titles, 10)
    if titles and not one.has_header:
        score -= LOOSE_COST
    if _has_stray(layout, one) or _cuts_at_escapes(layout, judged, width):
        score -= LOOSE_COST
    if layout.quote == "'" or layout.escape == "\\":
        score -= 0.01
    if layout.delimiter in (" ", ":"):
        is_whole = even == 1 and len(one.header) in (0, width, width - 1)
        if not typed or not is_whole or not _is_table(one, shapes, judged, titles=titles):
            return None
        if layout.slices and not _is_ruled(one, ruled):
            return None
        score -= 0.1 * bool(layout.slices) + 0.05 * layout.by_gaps
    elif even < EVEN_SHARE:
        return None
    return replace(one, score=score)


def _even(share: float) -> float:
    """Rows of other widths are mended: a few of them say little against a way to cut."""
    return (share + 1) / 2 if EVEN_SHARE <= share < NEARLY_EVEN_SHARE else share


def _cuts_at_escapes(layout: Layout, rows: Sequence[Row], width: int) -> bool:
    """Whether backslashes before quotes were read as letters: such a row comes apart, or keeps a quote."""
    return layout.escape == layout.quote == '"' and any(
        "\\" in cell and (len(row) != width or '"' in cell) for row in rows for cell in row
    )


def _has_stray(layout: Layout, one: Candidate) -> bool:
    """Whether names and rows both hold another delimiter inside one cell: then that one cuts them."""
    for delimiter in STRONG:
        if delimiter == layout.delimiter or delimiter in layout.delimiter:
            continue
        if any(
            delimiter in cell
            and all(
                len(row) > number and delimiter in row[number] for row in one.body[:JUDGED_ROWS]
            )
            for number, cell in enumerate(one.header or (one.body[0] if one.body else ()))
        ):
            return True
    return False


def _is_table(one: Candidate, shapes: Sequence[Shape], rows: Sequence[Row], *, titles: int) -> bool:
    """Blanks and colons stand in words, too: `Block 1`, `12:30`, `Name: Kiel` are cells and no rows."""
    if one.layout.delimiter == ":" and any(cell.startswith(" ") for row in rows for cell in row):
        return False
    if Shape.EMPTY in shapes and not one.layout.slices:
        return False
    if len(shapes) > 2:  # noqa: PLR2004 - two words are cut by chance, three are not
        return True
    is_word = shapes[0] is Shape.TEXT and not any(c.isdigit() for row in rows for c in row[0])
    return not titles and not (is_word and not one.layout.slices and not one.layout.by_gaps)


def _is_ruled(one: Candidate, lines: Sequence[str]) -> bool:
    """Fixed places say something where there are rows enough, and every place has a name or values."""
    if len(lines) < 4 or (one.has_header and not all(cell.strip() for cell in one.header)):  # noqa: PLR2004 - rows
        return False
    return all(
        sum(bool(row[number].strip()) for row in one.body) * 3 >= len(one.body)
        for number in range(one.width)
    )


def _fixed(lines: Sequence[str], top: int) -> Iterator[Candidate]:
    """Fields of fixed width, from the first line on that lies in their places: titles above do not."""
    for start in range(min(FIXED_TITLES_MAX + 1, len(lines))):
        places = fixed_places(lines[start:])
        if len(places) < 2:  # noqa: PLR2004 - one field is no table
            continue
        for tried in (places, places_under_names(lines[start:])):
            one = _judged(Layout(" ", slices=tried), lines[start:], top + start, ())
            if len(tried) > 1 and one is not None:
                yield replace(one, score=one.score - 0.02 * start)
                break
        return


def _alone(lines: Sequence[str], top: int) -> Candidate:
    """The lines as one column."""
    layout = Layout(NO_DELIMITER)
    rows = _rows(layout, lines) or [
        (number, [line.strip()]) for number, line in enumerate(lines, 1)
    ]
    cells = [row for _end, row in rows]
    judged = judge_first(cells[0], cells[1 : JUDGED_ROWS + 1])
    body = cells[judged.is_header :]
    typed = shapes_of(body[:JUDGED_ROWS], 1)[0] in VALUES
    return Candidate(
        layout=layout,
        width=1,
        names=cells[0] if judged.is_header else [],
        header=cells[0] if judged.is_header else [],
        has_header=judged.is_header,
        is_sure=judged.is_sure,
        names_at=top,
        skipped=top + rows[0][0] * judged.is_header,
        body=tuple(body),
        score=1 - ALONE_COST + typed / 2 + (0.5 if judged.is_header else 0.2),
    )
