"""The statement that writes a table: every cell read in the form of its column, or kept beside."""

# ruff: noqa: S608 - every name and text goes through `identifier` and `literal`

from collections.abc import Sequence
from pathlib import Path

from exchange.vault.reading.casts_sql import identifier, literal, reading
from exchange.vault.reading.kinds import ABSENT, Form, Guess
from exchange.vault.reading.sources import Source, SourceColumn

MISFIT = "a cell has not the form of its column"
ROW_GROUP_CELLS = 4_000_000
ROW_GROUP_ROWS = (2_048, 122_880)


def beside(name: str, columns: Sequence[SourceColumn]) -> str:
    """The column that keeps the text of what has not the form of `name`."""
    taken = {column.name.casefold() for column in columns}
    text = f"{name}__text"
    while text.casefold() in taken:
        text += "_"
    return text


def is_typed(guessed: Guess) -> bool:
    """Whether cells are read as something other than text."""
    return guessed.form not in (Form.TEXT, Form.EMPTY)


def has_beside(guessed: Guess, *, is_lenient: bool) -> bool:
    """Whether a column of text is written beside: always when the reading is lenient."""
    return is_typed(guessed) and (is_lenient or guessed.has_misfits)


def draft(source: Source, guesses: dict[str, Guess], target: Path, *, is_lenient: bool) -> str:
    """The statement that writes `target` once. It fails with MISFIT where a sample was too kind.

    In three steps, so that each cell is read once: its text and its value, the value that may be taken,
    and the text of what may not.
    """
    texts: list[str] = []
    taken: list[str] = []
    cells: list[str] = []
    for number, column in enumerate(source.columns):
        own = identifier(column.name)
        text, value, kept = f"text_{number}", f"value_{number}", f"kept_{number}"
        texts.append(f"{own} AS {text}")
        guessed = guesses.get(column.name)
        if guessed is None or not is_typed(guessed):
            taken.append(text)
            cells.append(f"{text} AS {own}")
            continue
        texts.append(f"{reading(guessed, own)[0]} AS {value}")
        if has_beside(guessed, is_lenient=is_lenient):
            other = identifier(beside(column.name, source.columns))
            taken += [text, f"{_taken(guessed, text, value)} AS {kept}"]
            is_misfit = f"{kept} IS NULL AND {text} IS NOT NULL AND trim({text}) <> ''"
            cells += [f"{kept} AS {own}", f"CASE WHEN {is_misfit} THEN {text} END AS {other}"]
        else:
            _value, guard = reading(guessed, text, value)
            taken.append(
                f"CASE WHEN {guard} THEN {value} WHEN {text} IS NULL THEN NULL "
                f"ELSE error({literal(MISFIT)}) END AS {kept}"
            )
            cells.append(f"{kept} AS {own}")
    return copy(
        f"SELECT {', '.join(cells)} FROM (SELECT {', '.join(taken)} "
        f"FROM (SELECT {', '.join(texts)} FROM {source.relation}))",
        target,
        len(cells),
    )


def _taken(guessed: Guess, text: str, value: str) -> str:
    """The value of a cell where it may be taken. Only what has not the form as it stands, or begins or
    ends in a blank, is trimmed and read again."""
    _value, guard = reading(guessed, text, value)
    trimmed, trimmed_guard = reading(guessed, f"trim({text})")
    return (
        f"CASE WHEN {text} >= '!' AND NOT suffix({text}, ' ') AND {guard} THEN {value} "
        f"WHEN {text} IS NULL THEN NULL WHEN {trimmed_guard} THEN {trimmed} END"
    )


def copy(query: str, target: Path, width: int) -> str:
    """Write the rows of a query. Wide tables get shorter row groups, so that one fits into memory."""
    least, most = ROW_GROUP_ROWS
    group = min(most, max(least, ROW_GROUP_CELLS // width))
    return (
        f"COPY ({query}) TO {literal(str(target))} "
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {group})"
    )


def scan(path: Path) -> str:
    """The table on disk as a relation."""
    return f"read_parquet({literal(str(path))})"


def marker_free(cell: str, own: Sequence[str] = ()) -> str:
    """Whether a cell holds more than a marker of absence; `own` are those of its column."""
    markers = sorted({*ABSENT, *own})
    return f"lower(trim({cell})) NOT IN ({', '.join(map(literal, markers))})"
