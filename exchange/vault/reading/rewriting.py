"""Writing a table again where the engine cannot take it as it is: rows of one width, cut as they are meant."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from django.utils.translation import gettext as _

from exchange.vault.reading import errors
from exchange.vault.reading.dialect import Dialect, filled_cells
from exchange.vault.reading.documents import Note
from exchange.vault.reading.layouts import Layout, Row
from exchange.vault.reading.limits import Limits


@dataclass(frozen=True)
class _Measured:
    """How quotes are to be taken, the widest row, and how many rows are short, long or names again."""

    layout: Layout
    width: int
    short: int
    long: int
    repeated: int
    repeated_cells: int
    sums: int
    sum_cells: int


def rewritten(
    path: Path, target: Path, dialect: Dialect, limits: Limits
) -> tuple[Dialect, tuple[Note, ...]]:
    """Write the table again with rows of one width: short rows end in empty cells, long rows get
    columns of their own. Names that stand again among the rows are left out; nothing else is.
    """
    found = _measured(path, dialect, limits)
    names = (*dialect.names, *[""] * found.width)[: found.width]
    with target.open("x", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for row in _even_lines_and_rows(path, dialect, found.layout, limits):
            if isinstance(row, str):
                file.write(row + "," * (found.width - dialect.width) + "\n")
            elif not _is_repeated(row, dialect) and tuple(row) not in dialect.left_out:
                writer.writerow((*row, *[""] * (found.width - len(row)))[: found.width])
    mended = replace(
        dialect, layout=Layout(), width=found.width, names=names, skipped=0, is_plain=True
    )
    is_literal = found.layout.quote == "" != dialect.layout.quote
    return mended, tuple(_notes(found, is_literal=is_literal))


def rows_of(path: Path, dialect: Dialect, layout: Layout, limits: Limits) -> Iterator[Row]:
    """The rows of data of the file. Raises csv.Error where its quotes make no sense."""
    csv.field_size_limit(limits.cell_bytes)
    with path.open(encoding="utf-8-sig", newline="") as file:
        for _line in range(dialect.skipped):
            file.readline()
        yield from (row for _end, row in layout.rows(file, is_strict=True))


def _even_lines_and_rows(
    path: Path, dialect: Dialect, layout: Layout, limits: Limits
) -> Iterator[str | Row]:
    """The rows of `rows_of`; those that a comma cuts plainly to the table's width as their lines, which
    need no cutting. Raises csv.Error as that does.
    """
    is_plain = layout.is_the_engines and layout.escape == '"' and layout.quote in ('"', "")
    if not is_plain or layout.delimiter != "," or dialect.width < 2:  # noqa: PLR2004 - nothing is cut
        yield from rows_of(path, dialect, layout, limits)
        return
    csv.field_size_limit(limits.cell_bytes)
    commas = dialect.width - 1
    again = {",".join(row) for row in (dialect.header, dialect.unit_row, *dialect.left_out)}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for _line in range(dialect.skipped):
            file.readline()
        for line in file:
            text = line.rstrip("\r\n")
            is_even = text.count(",") == commas and len(text) <= limits.cell_bytes
            if is_even and '"' not in text and text not in again:
                yield text
                continue
            rows = layout.rows(chain([line], file), is_strict=True)
            row = next(rows, None) if text else None
            if row is not None:
                yield row[1]


def _measured(path: Path, dialect: Dialect, limits: Limits) -> _Measured:
    """Quotes that do not pair up are letters like any other."""
    for layout in (dialect.layout, replace(dialect.layout, quote="")):
        widest, short, long, repeated, cells = dialect.width, 0, 0, 0, 0
        sums: list[Row] = []
        try:
            for row in _even_lines_and_rows(path, dialect, layout, limits):
                if isinstance(row, str):
                    continue
                if _is_repeated(row, dialect):
                    repeated += 1
                    cells += filled_cells([row])
                    continue
                if tuple(row) in dialect.left_out:
                    sums.append(row)
                    continue
                filled = next((n for n in range(len(row), 0, -1) if row[n - 1]), 0)
                short += len(row) < dialect.width
                long += filled > dialect.width
                widest = max(widest, filled)
        except csv.Error:
            continue
        if widest > limits.columns:
            break
        return _Measured(
            layout, widest, short, long, repeated, cells, len(sums), filled_cells(sums)
        )
    raise errors.UnreadableCsv(
        _("The rows of this file cannot be told apart; save it again as CSV with quoted cells."),
        columns_max=limits.columns,
        cell_bytes_max=limits.cell_bytes,
    )


def _is_repeated(row: Row, dialect: Dialect) -> bool:
    """Whether a row is the row of names, or of units, once more. One cell alone may well be what the name is."""
    written = tuple(row)
    return len(written) > 1 and written in (dialect.header, dialect.unit_row)


def _notes(found: _Measured, *, is_literal: bool) -> Iterator[Note]:
    if found.repeated:
        text = _("Rows that repeat the names of the columns were left out.")
        yield Note("repeated_headers", text, found.repeated, found.repeated_cells)
    if found.sums:
        text = _("Rows that sum up the rows above them were left out.")
        yield Note("subtotal_rows", text, found.sums, found.sum_cells)
    if found.short:
        yield Note("short_rows", _("Rows with too few cells end in empty cells."), found.short)
    if found.long:
        text = _("Rows with more cells than names got columns of their own.")
        yield Note("long_rows", text, found.long)
    if is_literal:
        yield Note("literal_quotes", _("Quotes do not pair up; they were kept as letters."), 0)
