"""How a delimited text is written: its layout, its names, where its rows begin; and a sample of it.

Every way to cut the first lines is scored: by how well it cuts names and rows to one width, and by how
many columns then hold numbers or times. A decimal comma or free text cuts the rows, never the names.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from django.utils.translation import gettext as _

from exchange.vault.reading import errors
from exchange.vault.reading.candidates import (
    JUDGED_ROWS,
    Candidate,
    best_of,
    candidates,
    is_sep_line,
)
from exchange.vault.reading.documents import Note
from exchange.vault.reading.doubts import settled
from exchange.vault.reading.layouts import Layout, Row
from exchange.vault.reading.limits import Limits
from exchange.vault.reading.questions import NO_ANSWERS, ROWS_SHOWN, Answers, Question
from exchange.vault.reading.shapes import Shape, shapes_of
from exchange.vault.reading.unit_rows import units_in

HEAD_BYTES = 1024 * 1024
SPREAD_PIECES = 16
PIECE_BYTES = 128 * 1024
SNIFFED_LINES = 400
SAMPLE_ROWS = 2_000


@dataclass(frozen=True)
class Dialect:
    """`skipped` lines come before the first row of data: titles, names, units. `header` is the row of
    names as it is written, empty where there is none; `above` the lines over it.
    """

    layout: Layout
    width: int
    names: tuple[str, ...]
    header: tuple[str, ...]
    skipped: int
    sample: tuple[Row, ...]
    header_line: str = ""
    above: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    unit_row: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    questions: tuple[Question, ...] = ()
    left_out: frozenset[tuple[str, ...]] = frozenset()  # rows among the others that are no data
    is_plain: bool = True  # no line above the rows holds quotes that the engine could stumble over


def dialect_of(
    path: Path,
    *,
    limits: Limits,
    place: str = "",
    answers: Answers = NO_ANSWERS,
) -> Dialect:
    """Raises EmptyFile, HeaderOnly, TooManyColumns and LineTooLong."""
    _check_lines(path, limits)
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    whole = len(head) < HEAD_BYTES
    lines = lines_of(_cut(head, whole=whole))
    if not any(line.strip() for line in lines):
        raise errors.EmptyFile(_("The file is empty."))
    found = candidates(lines[:SNIFFED_LINES])
    chosen, questions = settled(found, lines[:SNIFFED_LINES], place=place, answers=answers)
    if chosen.has_header and whole and not _rows(lines[chosen.skipped :], chosen.layout):
        raise errors.HeaderOnly(_("The file has names of columns but no row below them."))
    if chosen.width > limits.columns:
        raise errors.TooManyColumns(
            _("The table has %(found)d columns; a table may have %(most)d.")
            % {"found": chosen.width, "most": limits.columns},
            columns=chosen.width,
            columns_max=limits.columns,
        )
    dialect = replace(_dialect(chosen, lines), questions=questions)
    rows = _rows(lines[dialect.skipped :], chosen.layout)
    sample = [row for row in rows if len(row) == dialect.width]
    sample += [] if whole else _spread(path, chosen.layout, dialect.width)
    sample = [row for row in sample if tuple(row) not in (dialect.header, dialect.unit_row)]
    return replace(dialect, sample=tuple(sample[:: max(1, len(sample) // SAMPLE_ROWS)]))


def _dialect(chosen: Candidate, lines: Sequence[str]) -> Dialect:
    """What was chosen, with the row of units below the names, when there is one."""
    units: tuple[str, ...] = ()
    unit_row: tuple[str, ...] = ()
    skipped = chosen.skipped
    first = next(chosen.layout.rows(lines[skipped : skipped + SNIFFED_LINES]), None)
    if chosen.has_header and first is not None:
        units = units_in(first[1], chosen.body[1:] if len(chosen.body) > 1 else ())
        if units:
            skipped += first[0]
            unit_row = tuple(first[1])
    above = [line for line in lines[: chosen.names_at] if line.strip()]
    over = lines[:skipped]
    return Dialect(
        layout=chosen.layout,
        width=chosen.width,
        names=tuple((*chosen.names, *[""] * chosen.width)[: chosen.width]),
        header=tuple(chosen.header),
        skipped=skipped,
        sample=(),
        header_line=_header_line(chosen, lines),
        above=tuple(above),
        units=units,
        unit_row=unit_row,
        notes=tuple(_notes(chosen, above, unit_row)),
        is_plain=all(line.count('"') % 2 == 0 for line in over),
    )


def _header_line(chosen: Candidate, lines: Sequence[str]) -> str:
    """The line of names as it stands in the file; nothing where names take several lines."""
    named = [line for line in lines[chosen.names_at : chosen.skipped] if line.strip()]
    return named[0].strip("\r\n") if chosen.has_header and named else ""


def filled_cells(rows: Iterable[Sequence[str]]) -> int:
    """How many of their cells hold something."""
    return sum(bool(cell.strip()) for row in rows for cell in row)


def _notes_above(above: Sequence[str], layout: Layout) -> Iterator[Note]:
    """What the lines over the table are."""
    comments = [line for line in above if line.lstrip().startswith("#")]
    said = [line for line in above if is_sep_line(line)]
    titles = [line for line in above if line not in comments and line not in said]

    def note(code: str, text: str, lines: Sequence[str]) -> Note:
        return Note(code, text, len(lines), filled_cells(_rows(lines, layout)))

    if comments:
        yield note("comment_lines", _("Comment lines above the table were left out."), comments)
    if said:
        yield note("sep_line", _("The first line names the delimiter and is no row."), said)
    if titles:
        shown = " / ".join(line.strip(' \t\r\n,;|"') for line in above if not is_sep_line(line))
        text = _("Lines above the table were left out: %(lines)s.") % {"lines": shown[:200]}
        yield note("title_lines", text, titles)


def _notes(chosen: Candidate, above: Sequence[str], unit_row: Sequence[str]) -> Iterator[Note]:
    yield from _notes_above(above, chosen.layout)
    if chosen.ruler:
        text = _("The row of dashes below the names was left out.")
        yield Note("ruler_row", text, 1, filled_cells([chosen.ruler]))
    if not chosen.has_header:
        yield Note("no_header", _("The file names no columns; they were numbered."), 0)
    is_said = any(map(is_sep_line, above))
    if chosen.width == 1 and not is_said and Shape.TEXT in shapes_of(chosen.body[:JUDGED_ROWS], 1):
        yield Note("one_column", _("No delimiter cuts the lines; they are one column."), 0)
    if chosen.has_row_names:
        yield Note(
            "row_names", _("The first column has no name: it holds the names of the rows."), 0
        )
    if unit_row:
        text = _("The row of units below the names was taken for units.")
        yield Note("unit_row", text, 1, filled_cells([unit_row]))


def previewed(text: str) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Names and first rows of a text as it would be read, for the preview of an option."""
    lines = lines_of(text)
    if not any(line.strip() for line in lines):
        return (), ()
    chosen = best_of(candidates(lines))
    return tuple(chosen.names), tuple(tuple(row) for row in chosen.body[:ROWS_SHOWN])


def lines_of(text: str) -> list[str]:
    """Lines with their ends, as the file means them: other signs of Unicode end no line."""
    return list(io.StringIO(text, newline=""))


def _rows(lines: Sequence[str], layout: Layout) -> list[Row]:
    """The rows, cut off where the quotes stop making sense."""
    rows: list[Row] = []
    try:
        rows.extend(row for _end, row in layout.rows(lines))
    except csv.Error:
        return rows
    return rows


def _check_lines(path: Path, limits: Limits) -> None:
    """A line is held in memory whole, and what has no end of line is no table."""
    length = 0
    with path.open("rb") as file:
        while step := file.read(HEAD_BYTES):
            first = min(
                (at for at in (step.find(b"\n"), step.find(b"\r")) if at >= 0), default=None
            )
            length += len(step) if first is None else first
            if length > limits.cell_bytes:
                raise errors.LineTooLong(
                    _(
                        "A line of this file is longer than %(most)d MB; a row of a table ends in a line break."
                    )
                    % {"most": limits.cell_bytes // 2**20},
                    line_bytes_max=limits.cell_bytes,
                )
            if first is not None:
                length = len(step) - 1 - max(step.rfind(b"\n"), step.rfind(b"\r"))


def _cut(head: bytes, *, whole: bool) -> str:
    """Whole lines only. A letter cut in the middle goes with the last line."""
    if not whole and b"\n" in head:
        head = head[: head.rindex(b"\n") + 1]
    return head.decode("utf-8", "ignore").removeprefix("\ufeff")


def _spread(path: Path, layout: Layout, width: int) -> list[Row]:
    """Rows from all over the file. A piece may begin inside a quoted cell: odd widths are left out."""
    rows: list[Row] = []
    size = path.stat().st_size
    with path.open("rb") as file:
        for piece in range(1, SPREAD_PIECES + 1):
            file.seek(max(0, size * piece // SPREAD_PIECES - PIECE_BYTES))
            file.readline()
            lines = lines_of(_cut(file.read(PIECE_BYTES), whole=False))
            rows.extend(row for row in _rows(lines, layout) if len(row) == width)
    return rows
