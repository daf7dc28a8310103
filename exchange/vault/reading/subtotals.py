"""Rows among the others that sum up those above them. They are no rows of data, and are left out."""

import csv
import re
from collections.abc import Sequence
from pathlib import Path

from exchange.vault.reading.dialect import Dialect
from exchange.vault.reading.endings import number_in
from exchange.vault.reading.layouts import Row

BYTES_MAX = 8 * 1024 * 1024
LABEL_CHARS_MAX = 60
SUM_ERROR = 0.006  # what is left of cents after adding
LABEL = re.compile(
    r"(?<!\w)(grand |general |sub[- ]?|sous[- ]?|zwischen|gesamt|teil|deel)?"
    r"(totals?|totale|totaux|totalt|totaal|summe|summa|suma|somme|soma|sum|ergebnis|razem|celkem|"
    r"итого?|всего|zusammen|insgesamt)(?!\w)|小计|合计|总计|小計|合計|總計|総計|共计",
    re.IGNORECASE,
)


def subtotals_of(path: Path, dialect: Dialect) -> tuple[Row, ...]:
    """The rows that say that they are a sum, when each of them is: in one column, of the rows above it
    up to the sum before, or of all. Nothing where one does not add up: then they may be data.
    """
    if dialect.width < 2 or path.stat().st_size > BYTES_MAX:  # noqa: PLR2004 - a word and its number
        return ()
    if not any(_is_named(row) for row in dialect.sample):
        return ()
    with path.open(encoding="utf-8-sig", newline="") as file:
        for _line in range(dialect.skipped):
            file.readline()
        try:
            rows = [row for _end, row in dialect.layout.rows(file)]
        except csv.Error:
            return ()
    found = [sums for column in range(dialect.width) if (sums := _sums(rows, column))]
    if not found or not _are_no_data(found[0], columns=found.count(found[0])):
        return ()
    return tuple(found[0])


def _is_named(row: Row) -> bool:
    return any(len(cell) <= LABEL_CHARS_MAX and LABEL.search(cell) for cell in row)


def _is_row(row: Row) -> bool:
    return not _is_named(row) and sum(bool(cell.strip()) for cell in row) > 1


def _are_no_data(sums: Sequence[Row], *, columns: int) -> bool:
    """A total may be a category like others (`2024, all, 17`): then nothing is empty beside it, and the
    year is none of its sums."""
    return all(
        any(not cell.strip() for cell in row)
        or columns == sum(number_in(cell) is not None for cell in row)
        for row in sums
    )


def _sums(rows: Sequence[Row], column: int) -> list[Row]:
    """The named rows whose cell of the column is the sum; nothing when one of them is none. What stands
    below the last row is judged as an ending."""
    last = max((at for at, row in enumerate(rows) if _is_row(row)), default=0)
    found: list[Row] = []
    group = whole = 0.0
    for number, row in enumerate(rows):
        cell = row[column] if len(row) > column else ""
        value = number_in(cell)
        if not _is_named(row):
            group += value or 0.0
            whole += value or 0.0
            continue
        if value and any(abs(value - one) <= SUM_ERROR for one in (group, whole)):
            found.append(row)
            group = 0.0
        elif number < last:
            return []
    return found if any(row in found for row in rows[:last]) else []
