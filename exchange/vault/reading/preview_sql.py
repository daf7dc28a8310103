"""The first rows of a table, as they are: `vault.masks` masks what is personal when they leave."""

# ruff: noqa: S608 - every name and text goes through `identifier` and `literal`

import csv
from pathlib import Path

from exchange.core.csv_cells import inert
from exchange.vault.reading.casts_sql import identifier, literal
from exchange.vault.reading.convert_sql import Converted
from exchange.vault.reading.documents import Preview
from exchange.vault.reading.engine_sql import Engine
from exchange.vault.reading.findings import Seen
from exchange.vault.reading.limits import Limits
from exchange.vault.reading.personal_values import CHARS_SEARCHED
from exchange.vault.reading.profile_sql import scan_of

SEEN_ROWS = 1_500
SEEN_CHARS = 200
SEARCHED_ROWS = 100_000
COUNTED_AT_ONCE = 50
SUSPECTS_MIN, SUSPECTS_MAX = 200, 20_000
# A sign of mail, or five digits with little between them; full-width ones too.
SUSPICIOUS = r"＠|[0-9０-９](?:[ ().·/-]{0,2}[0-9０-９]){4}"
CELL_CHARS_MAX = 200
SAMPLE_PART = 10


def seen_columns(engine: Engine, table: Converted) -> tuple[Seen, ...]:
    """Cells from all over the table, evenly; of columns of text also those that could be personal."""
    step = max(1, table.rows // SEEN_ROWS)
    cells = ", ".join(
        f"left(CAST({identifier(one.name)} AS VARCHAR), {SEEN_CHARS})" for one in table.columns
    )
    rows = engine.rows(
        f"SELECT {cells} FROM {_numbered(table)} "
        f"WHERE file_row_number % {step} = 0 LIMIT {SEEN_ROWS * 2}"
    )
    suspects = _suspects(engine, table)
    return tuple(
        Seen(
            one.name,
            one.type,
            tuple(row[n] for row in rows if row[n] is not None),
            *suspects.get(one.name, ()),
        )
        for n, one in enumerate(table.columns)
    )


def _suspects(
    engine: Engine, table: Converted
) -> dict[str, tuple[tuple[tuple[str, int], ...], int]]:
    """Of each column of text the cells that hold a sign of mail or digits of a number, and how many
    cells were searched for them: all of a table up to SEARCHED_ROWS, else an even part."""
    texts = [one.name for one in table.columns if one.type == "text"]
    if not texts:
        return {}
    step = -(-table.rows // SEARCHED_ROWS)
    searched = f"(SELECT * FROM {_numbered(table)} WHERE file_row_number % {step} = 0)"
    counted: dict[str, tuple[int, int]] = {}
    for start in range(0, len(texts), COUNTED_AT_ONCE):
        asked = texts[start : start + COUNTED_AT_ONCE]
        row = engine.row(
            "SELECT "
            + ", ".join(f"count({identifier(one)}), count_if({_suspicious(one)})" for one in asked)
            + f" FROM {searched}"
        )
        counted.update({one: (row[2 * n], row[2 * n + 1]) for n, one in enumerate(asked)})
    most = max(SUSPECTS_MIN, SUSPECTS_MAX // len(texts))
    return {
        one: (_different(engine, searched, one, most) if held else (), filled)
        for one, (filled, held) in counted.items()
    }


def _different(
    engine: Engine, searched: str, column: str, most: int
) -> tuple[tuple[str, int], ...]:
    """Different suspicious cells; those with a sign of mail first, since one is enough."""
    cell = f"left({identifier(column)}, {CHARS_SEARCHED})"
    rows = engine.rows(
        f"SELECT {cell} AS cell, count(*) FROM {searched} WHERE {_suspicious(column)} "
        f"GROUP BY 1 ORDER BY contains(cell, '@') DESC, hash(cell) LIMIT {most}"
    )
    return tuple((str(cell), int(count)) for cell, count in rows)


def _suspicious(column: str) -> str:
    cell = f"left({identifier(column)}, {CHARS_SEARCHED})"
    return f"(contains({cell}, '@') OR regexp_matches({cell}, {literal(SUSPICIOUS)}))"


def _numbered(table: Converted) -> str:
    return f"{scan_of(table.path)[:-1]}, file_row_number = true)"


def preview_of(engine: Engine, table: Converted, *, limits: Limits) -> Preview:
    """The first rows as text."""
    names = tuple(one.name for one in table.columns)
    rows = _first_rows(engine, table, limits.preview_rows)
    cut = tuple(tuple(c and c[:CELL_CHARS_MAX] for c in row) for row in rows)
    return Preview(names, cut)


def write_sample(engine: Engine, table: Converted, *, target: Path, limits: Limits) -> None:
    """A CSV of at most a tenth of the rows as read, without a cell that a spreadsheet runs;
    `vault.masks` masks what leaves."""
    most = max(limits.preview_rows, min(limits.sample_rows, table.rows // SAMPLE_PART))
    texts = [one.type == "text" for one in table.columns]
    with target.open("x", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(inert(one.name) for one in table.columns)
        for row in _first_rows(engine, table, most):
            writer.writerow(
                inert(cell) if cell and is_text else cell
                for cell, is_text in zip(row, texts, strict=True)
            )


def _first_rows(engine: Engine, table: Converted, count: int) -> list[tuple[str | None, ...]]:
    cells = ", ".join(f"CAST({identifier(one.name)} AS VARCHAR)" for one in table.columns)
    return engine.rows(f"SELECT {cells} FROM {scan_of(table.path)} LIMIT {count}")
