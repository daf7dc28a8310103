"""From a source to a Parquet file of typed columns, holding every cell to the form of its column.

A cell that has not the form keeps its text in a column beside, `<name>__text`. What forms the columns
have is guessed from a sample; where the whole file says otherwise, the conversion begins anew.
"""

# ruff: noqa: S608 - every name and text goes through `identifier` and `literal`

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
from django.utils.translation import gettext as _

from exchange.vault.reading import errors
from exchange.vault.reading.asking import asked_of
from exchange.vault.reading.casts_sql import identifier, literal
from exchange.vault.reading.documents import Mixed, Note
from exchange.vault.reading.drafts_sql import (
    MISFIT,
    beside,
    copy,
    draft,
    has_beside,
    is_typed,
    marker_free,
    scan,
)
from exchange.vault.reading.engine_sql import Engine
from exchange.vault.reading.guesses import guess, settled, widened
from exchange.vault.reading.kinds import NUMBERS, Form, Guess
from exchange.vault.reading.number_forms import PADDED_SHARE
from exchange.vault.reading.numbers import PADDED_DECIMAL
from exchange.vault.reading.questions import NO_ANSWERS, Answers, Question
from exchange.vault.reading.remarks import Markers, remarks
from exchange.vault.reading.sources import Source, SourceColumn
from exchange.vault.reading.typed_sql import parquet_refused

ATTEMPTS_MAX = 6
EVIDENCE_ROWS = 5_000
MISFIT_SHARE_MAX = 0.2
EXAMPLES = 5
MARKED_COLUMNS_MAX = 50
NATIVE_TYPES = {"BIGINT": "integer", "DOUBLE": "decimal", "BOOLEAN": "boolean", "DATE": "date",
                "TIMESTAMP": "datetime", "TIMESTAMP_NS": "datetime", "VARCHAR": "text"}  # fmt: skip


@dataclass(frozen=True)
class TableColumn:
    """A column as it was written. `misfits` of its cells have their text in the column beside; `unit` is
    what stood at each of its numbers."""

    name: str
    original_name: str
    type: str
    unit: str | None = None
    mixed: Mixed | None = None
    misfits: int = 0
    beside: str | None = None


@dataclass(frozen=True)
class Converted:
    """A table on disk."""

    path: Path
    rows: int
    columns: tuple[TableColumn, ...]
    notes: tuple[Note, ...]
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True)
class _Found:
    """What the draft holds of one column: cells with its form, other cells, of those the ones that are no
    markers, and numbers that begin with a zero."""

    filled: int
    others: int
    misfits: int
    padded: int


def convert(
    engine: Engine,
    source: Source,
    *,
    target: Path,
    told: Callable[[float], None],
    answers: Answers = NO_ANSWERS,
) -> Converted:
    """Write `target`. Raises Unreadable when the source turns out not to hold what it said."""
    guesses = settled(
        {
            column.name: guess(
                (row[number] for row in source.sample if len(row) > number), column.original_name
            )
            for number, column in enumerate(source.columns)
            if column.native is None
        }
    )
    guesses, questions = asked_of(guesses, source, answers)
    is_lenient = False
    for _attempt in range(ATTEMPTS_MAX):
        target.unlink(missing_ok=True)
        try:
            engine.run(draft(source, guesses, target, is_lenient=is_lenient), told=told)
        except duckdb.Error as error:
            if MISFIT in str(error):
                is_lenient = True
            elif source.mended is not None:
                source = source.mended()
                guesses = _of_columns(guesses, source.columns)
            else:
                raise _refused(source) from error
            continue
        found = _found(engine, source, guesses, target, is_lenient=is_lenient)
        revised = _revised(engine, source, guesses, target, found)
        if revised == guesses:
            converted = _finished(engine, source, guesses, target, found, is_lenient=is_lenient)
            return replace(converted, questions=questions)
        guesses = revised
    raise _refused(source)


def _of_columns(guesses: dict[str, Guess], columns: Sequence[SourceColumn]) -> dict[str, Guess]:
    return {one.name: guesses.get(one.name, Guess(Form.EMPTY)) for one in columns}


def _refused(source: Source) -> errors.Unreadable:
    if source.format == "parquet":
        return parquet_refused()
    if source.format in ("json", "jsonl", "geojson"):
        return errors.UnreadableJson(_("The JSON is damaged or cut off."))
    return errors.UnreadableCsv(_("The rows of this file cannot be told apart."))


def _found(
    engine: Engine, source: Source, guesses: dict[str, Guess], path: Path, *, is_lenient: bool
) -> dict[str, _Found]:
    asked = [
        name
        for name, one in guesses.items()
        if one.form is Form.EMPTY or has_beside(one, is_lenient=is_lenient)
    ]
    if not asked:
        return {}
    counts: list[str] = []
    padded = literal(PADDED_DECIMAL.pattern)
    for name in asked:
        own = identifier(name)
        other = (
            own if guesses[name].form is Form.EMPTY else identifier(beside(name, source.columns))
        )
        counts += [
            f"count({own})",
            f"count({other})",
            f"count_if({_of_filled(other, marker_free(other, guesses[name].markers))})",
            f"count_if({_of_filled(other, f'regexp_full_match(trim({other}), {padded})')})",
        ]
    row = engine.row(f"SELECT {', '.join(counts)} FROM {scan(path)}")
    return {name: _Found(*row[4 * n : 4 * n + 4]) for n, name in enumerate(asked)}


def _of_filled(cell: str, condition: str) -> str:
    """A condition that is worked out for filled cells alone: few cells beside a column are."""
    return f"CASE WHEN {cell} IS NOT NULL THEN {condition} ELSE false END"


def _revised(
    engine: Engine,
    source: Source,
    guesses: dict[str, Guess],
    path: Path,
    found_in: dict[str, _Found],
) -> dict[str, Guess]:
    """The guesses with what the whole table taught."""
    revised = dict(guesses)
    for name, found in found_in.items():
        own = guesses[name]
        if not found.misfits or (own.form is Form.EMPTY and not found.filled):
            continue
        is_empty = own.form is Form.EMPTY
        cell = identifier(name if is_empty else beside(name, source.columns))
        evidence = guess(
            (
                row[0]
                for row in engine.rows(
                    f"SELECT DISTINCT {cell} FROM {scan(path)} WHERE {cell} IS NOT NULL LIMIT {EVIDENCE_ROWS}"
                )
            ),
            name,
        )
        evidence = settled({**guesses, name: evidence})[name]
        revised[name] = _taught(own, evidence, found)
    return revised


def _taught(own: Guess, evidence: Guess, found: _Found) -> Guess:
    """A guess after what the cells that had not its form say."""
    if own.form is Form.EMPTY:
        return replace(evidence, has_misfits=True)
    all_cells = found.filled + found.misfits
    if own.type in NUMBERS and found.padded > all_cells * PADDED_SHARE:
        return Guess(Form.TEXT)
    wider = widened(own, evidence)
    if wider is not None:
        return wider
    is_text = found.misfits > all_cells * MISFIT_SHARE_MAX
    return Guess(Form.TEXT, has_misfits=True) if is_text else own


def _finished(
    engine: Engine,
    source: Source,
    guesses: dict[str, Guess],
    path: Path,
    found: dict[str, _Found],
    *,
    is_lenient: bool,
) -> Converted:
    """Leave out columns that proved needless, and say what was found."""
    rows = int(engine.row(f"SELECT count(*) FROM {scan(path)}")[0])
    if rows == 0:
        raise errors.HeaderOnly(_("The file has names of columns but no row below them."))
    if source.rows_said is not None and source.rows_said != rows:
        raise parquet_refused()
    columns: list[TableColumn] = []
    nameless = 0
    for column in source.columns:
        guessed = guesses.get(column.name)
        if guessed is not None and guessed.form is Form.EMPTY and not column.original_name.strip():
            nameless += 1
            continue
        columns += _described(engine, source, column, guessed, found.get(column.name), path)
    markers = _markers(engine, source, guesses, found, path)
    written = len(source.columns) + sum(
        has_beside(one, is_lenient=is_lenient) for one in guesses.values()
    )
    if len(columns) != written:
        first = path.rename(path.with_suffix(".draft"))
        kept = ", ".join(identifier(one.name) for one in columns)
        engine.rows(copy(f"SELECT {kept} FROM {scan(first)}", path, len(columns)))
        first.unlink()
    notes = remarks(
        guesses, markers, misfits=sum(one.misfits for one in columns), nameless=nameless
    )
    return Converted(path, rows, tuple(columns), (*source.notes, *notes))


def _described(
    engine: Engine,
    source: Source,
    column: SourceColumn,
    guessed: Guess | None,
    found: _Found | None,
    path: Path,
) -> list[TableColumn]:
    if guessed is None:
        native = column.native or "VARCHAR"
        kind = NATIVE_TYPES.get(native, "decimal")
        return [TableColumn(column.name, column.original_name, kind)]
    kind = guessed.type
    plain = TableColumn(column.name, column.original_name, kind, guessed.style.unit)
    if not is_typed(guessed):
        mixed = _numbers_among_text(engine, column.name, path) if guessed.has_misfits else None
        return [replace(plain, mixed=mixed)]
    if found is None or not found.misfits:
        return [plain]
    other = beside(column.name, source.columns)
    cell = identifier(other)
    examples = engine.rows(
        f"SELECT {cell} FROM {scan(path)} WHERE {marker_free(cell, guessed.markers)} "
        f"GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT {EXAMPLES}"
    )
    what = "text_among_numbers" if kind in NUMBERS else f"text_among_{kind}s"
    mixed = Mixed(what, found.misfits, tuple(str(row[0])[:200] for row in examples))
    return [
        replace(plain, mixed=mixed, misfits=found.misfits, beside=other),
        TableColumn(other, column.original_name, "text"),
    ]


def _numbers_among_text(engine: Engine, name: str, path: Path) -> Mixed | None:
    cell = identifier(name)
    is_number = f"isfinite(try_cast({cell} AS DOUBLE))"
    count = int(engine.row(f"SELECT count_if({is_number}) FROM {scan(path)}")[0] or 0)
    examples = engine.rows(
        f"SELECT DISTINCT {cell} FROM {scan(path)} WHERE {is_number} ORDER BY 1 LIMIT {EXAMPLES}"
    )
    if not count:
        return None
    return Mixed("numbers_among_text", count, tuple(str(row[0])[:200] for row in examples))


def _markers(
    engine: Engine,
    source: Source,
    guesses: dict[str, Guess],
    found: dict[str, _Found],
    path: Path,
) -> Markers:
    """What stood for nothing in columns where nothing else is amiss, each with how often."""
    counted: Markers = Counter()
    named = [
        name
        for name, one in found.items()
        if is_typed(guesses[name]) and one.others and not one.misfits
    ]
    for name in named[:MARKED_COLUMNS_MAX]:
        cell = f"trim({identifier(beside(name, source.columns))})"
        rows = engine.rows(
            f"SELECT {cell}, count(*) FROM {scan(path)} WHERE {cell} IS NOT NULL GROUP BY 1"
        )
        counted.update({str(text): int(count) for text, count in rows})
    rest = sum(found[name].others for name in named[MARKED_COLUMNS_MAX:])
    return counted + Counter({"": rest})
