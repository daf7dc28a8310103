"""From a source to a Parquet file of typed columns, holding every cell to the form of its column.

A cell that has not the form keeps its text in a column beside, `<name>__text`. What forms the columns
have is guessed from a sample; where the whole file says otherwise, the conversion begins anew.
"""

# ruff: noqa: S608 - every name and text goes through `identifier` and `literal`

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
from django.utils.translation import gettext as _

from exchange.vault.reading import errors
from exchange.vault.reading.casts_sql import identifier
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
from exchange.vault.reading.kinds import NUMBERS, TYPES, Form, Guess, guess
from exchange.vault.reading.questions import NO_ANSWERS, Answers, Question
from exchange.vault.reading.sources import Source, SourceColumn
from exchange.vault.reading.typed_sql import parquet_refused

ATTEMPTS_MAX = 6
EVIDENCE_ROWS = 5_000
MISFIT_SHARE_MAX = 0.2
EXAMPLES = 5
WIDER = {Form.INTEGER: Form.DECIMAL, Form.DATE: Form.DATETIME}
NATIVE_TYPES = {"BIGINT": "integer", "DOUBLE": "decimal", "BOOLEAN": "boolean", "DATE": "date",
                "TIMESTAMP": "datetime", "TIMESTAMP_NS": "datetime", "VARCHAR": "text"}  # fmt: skip


@dataclass(frozen=True)
class TableColumn:
    """A column as it was written. `misfits` of its cells have their text in the column beside."""

    name: str
    original_name: str
    type: str
    form: Form | None = None
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
    """What the draft holds of one column: cells with its form, other cells, and of those not markers."""

    filled: int
    others: int
    misfits: int


def convert(
    engine: Engine,
    source: Source,
    *,
    target: Path,
    told: Callable[[float], None],
    answers: Answers = NO_ANSWERS,  # noqa: ARG001 - what is asked of columns is answered here
) -> Converted:
    """Write `target`. Raises Unreadable when the source turns out not to hold what it said."""
    guesses = {
        column.name: guess(row[number] for row in source.sample if len(row) > number)
        for number, column in enumerate(source.columns)
        if column.native is None
    }
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
        revised = _revised(engine, source, guesses, target, is_lenient=is_lenient)
        if revised == guesses:
            return _finished(engine, source, guesses, target, is_lenient=is_lenient)
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
    for name in asked:
        own = identifier(name)
        other = (
            own if guesses[name].form is Form.EMPTY else identifier(beside(name, source.columns))
        )
        counts += [
            f"count({own})",
            f"count({other})",
            f"count({other}) FILTER (WHERE {marker_free(other)})",
        ]
    row = engine.row(f"SELECT {', '.join(counts)} FROM {scan(path)}")
    return {name: _Found(*row[3 * n : 3 * n + 3]) for n, name in enumerate(asked)}


def _revised(
    engine: Engine, source: Source, guesses: dict[str, Guess], path: Path, *, is_lenient: bool
) -> dict[str, Guess]:
    """The guesses with what the whole table taught."""
    revised = dict(guesses)
    for name, found in _found(engine, source, guesses, path, is_lenient=is_lenient).items():
        own = guesses[name]
        if not found.misfits or (own.form is Form.EMPTY and not found.filled):
            continue
        is_empty = own.form is Form.EMPTY
        cell = identifier(name if is_empty else beside(name, source.columns))
        evidence = guess(
            row[0]
            for row in engine.rows(
                f"SELECT DISTINCT {cell} FROM {scan(path)} WHERE {cell} IS NOT NULL LIMIT {EVIDENCE_ROWS}"
            )
        )
        if is_empty:
            revised[name] = replace(evidence, has_misfits=True)
        elif evidence.form is WIDER.get(own.form):
            revised[name] = Guess(evidence.form, has_misfits=True)
        elif found.misfits > (found.filled + found.misfits) * MISFIT_SHARE_MAX:
            revised[name] = Guess(Form.TEXT, has_misfits=True)
    return revised


def _finished(
    engine: Engine, source: Source, guesses: dict[str, Guess], path: Path, *, is_lenient: bool
) -> Converted:
    """Leave out columns that proved needless, and say what was found."""
    rows = int(engine.row(f"SELECT count(*) FROM {scan(path)}")[0])
    if rows == 0:
        raise errors.HeaderOnly(_("The file has names of columns but no row below them."))
    if source.rows_said is not None and source.rows_said != rows:
        raise parquet_refused()
    found = _found(engine, source, guesses, path, is_lenient=is_lenient)
    columns: list[TableColumn] = []
    nameless = 0
    for column in source.columns:
        guessed = guesses.get(column.name)
        if guessed is not None and guessed.form is Form.EMPTY and not column.original_name.strip():
            nameless += 1
            continue
        columns += _described(engine, source, column, guessed, found.get(column.name), path)
    written = len(source.columns) + sum(
        has_beside(one, is_lenient=is_lenient) for one in guesses.values()
    )
    if len(columns) != written:
        first = path.rename(path.with_suffix(".draft"))
        kept = ", ".join(identifier(one.name) for one in columns)
        engine.rows(copy(f"SELECT {kept} FROM {scan(first)}", path, len(columns)))
        first.unlink()
    return Converted(path, rows, tuple(columns), (*source.notes, *_notes(guesses, found, nameless)))


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
    kind = TYPES[guessed.form]
    plain = TableColumn(column.name, column.original_name, kind, guessed.form)
    if not is_typed(guessed):
        mixed = _numbers_among_text(engine, column.name, path) if guessed.has_misfits else None
        return [replace(plain, mixed=mixed)]
    if found is None or not found.misfits:
        return [plain]
    other = beside(column.name, source.columns)
    cell = identifier(other)
    examples = engine.rows(
        f"SELECT {cell} FROM {scan(path)} WHERE {marker_free(cell)} "
        f"GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT {EXAMPLES}"
    )
    what = "text_among_numbers" if kind in NUMBERS else f"text_among_{kind}s"
    mixed = Mixed(what, found.misfits, tuple(str(row[0])[:200] for row in examples))
    return [
        replace(plain, mixed=mixed, misfits=found.misfits, beside=other),
        TableColumn(other, column.original_name, "text", Form.TEXT),
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


def _notes(guesses: dict[str, Guess], found: dict[str, _Found], nameless: int) -> tuple[Note, ...]:
    typed = {name: one for name, one in found.items() if is_typed(guesses[name])}
    misfits = sum(one.misfits for one in typed.values())
    markers = sum(one.others - one.misfits for one in typed.values() if not one.misfits)
    forms = [one.form for one in guesses.values()]
    said = (
        (
            "text_kept_beside",
            _(
                "Cells that have not the form of their column keep their text in a column beside it."
            ),
            misfits,
        ),
        (
            "missing_markers",
            _("Cells that say that nothing is there, such as NA, count as missing."),
            markers,
        ),
        (
            "unclear_forms",
            _(
                "Columns stay text because two readings fit: day and month, or comma and point, could be either."
            ),
            sum(one.is_unclear for one in guesses.values()),
        ),
        (
            "offsets_to_utc",
            _("Columns of times with an offset were converted to UTC."),
            forms.count(Form.INSTANT),
        ),
        (
            "nameless_empty_columns",
            _("Columns without a name and without a value were left out."),
            nameless,
        ),
    )
    return tuple(Note(code, text, rows) for code, text, rows in said if rows)
