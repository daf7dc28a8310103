"""What may be shown or given away of a table: the first rows, with flagged columns masked."""

# ruff: noqa: S608 - every name and text goes through `identifier` and `literal`

import csv
from collections.abc import Collection
from pathlib import Path

from exchange.core.csv_cells import inert
from exchange.vault.reading.casts_sql import identifier
from exchange.vault.reading.convert_sql import Converted
from exchange.vault.reading.documents import Preview
from exchange.vault.reading.engine_sql import Engine
from exchange.vault.reading.findings import Seen, masked
from exchange.vault.reading.limits import Limits
from exchange.vault.reading.profile_sql import scan_of

SEEN_ROWS = 1_500
CELL_CHARS_MAX = 200
SAMPLE_PART = 10


def seen_columns(engine: Engine, table: Converted) -> tuple[Seen, ...]:
    """Cells from all over the table, evenly."""
    step = max(1, table.rows // SEEN_ROWS)
    cells = ", ".join(
        f"left(CAST({identifier(one.name)} AS VARCHAR), 200)" for one in table.columns
    )
    rows = engine.rows(
        f"SELECT {cells} FROM {scan_of(table.path)[:-1]}, file_row_number = true) "
        f"WHERE file_row_number % {step} = 0 LIMIT {SEEN_ROWS * 2}"
    )
    return tuple(
        Seen(one.name, one.type, tuple(row[n] for row in rows if row[n] is not None))
        for n, one in enumerate(table.columns)
    )


def preview_of(
    engine: Engine, table: Converted, *, flagged: Collection[str], limits: Limits
) -> Preview:
    """The first rows as text."""
    names = tuple(one.name for one in table.columns)
    rows = _first_rows(engine, table, limits.preview_rows, flagged)
    cut = tuple(tuple(c and c[:CELL_CHARS_MAX] for c in row) for row in rows)
    return Preview(names, cut)


def write_sample(
    engine: Engine, table: Converted, *, flagged: Collection[str], target: Path, limits: Limits
) -> None:
    """A CSV that may be given away: at most a tenth of the rows, and no cell that a spreadsheet runs."""
    most = max(limits.preview_rows, min(limits.sample_rows, table.rows // SAMPLE_PART))
    texts = [one.type == "text" for one in table.columns]
    with target.open("x", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(inert(one.name) for one in table.columns)
        for row in _first_rows(engine, table, most, flagged):
            writer.writerow(
                inert(cell) if cell and is_text else cell
                for cell, is_text in zip(row, texts, strict=True)
            )


def _first_rows(
    engine: Engine, table: Converted, count: int, flagged: Collection[str]
) -> list[tuple[str | None, ...]]:
    cells = ", ".join(f"CAST({identifier(one.name)} AS VARCHAR)" for one in table.columns)
    hidden = [one.name in flagged for one in table.columns]
    return [
        tuple(
            masked(cell) if cell and is_hidden else cell
            for cell, is_hidden in zip(row, hidden, strict=True)
        )
        for row in engine.rows(f"SELECT {cells} FROM {scan_of(table.path)} LIMIT {count}")
    ]
