"""Formats that carry structure of their own: JSON and Parquet, read by the engine."""

# ruff: noqa: S608 - every name and text goes through `identifier` and `literal`

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from django.utils.translation import gettext as _

from exchange.vault.reading import errors
from exchange.vault.reading.casts_sql import identifier, literal
from exchange.vault.reading.documents import Note
from exchange.vault.reading.encodings import Text, as_utf8
from exchange.vault.reading.engine_sql import Engine, Row
from exchange.vault.reading.json_shapes import (
    found_in_document,
    found_in_lines,
    layout_of,
    write_rows,
)
from exchange.vault.reading.limits import Limits
from exchange.vault.reading.parquet_columns_sql import (
    columns_as_kept,
    original_names,
    projections,
    rewritten,
    selected,
    typed,
    verify_checksums,
)
from exchange.vault.reading.questions import NO_ANSWERS, Answers
from exchange.vault.reading.sources import Source, columns_of
from exchange.vault.reading.unpack import Member

SAMPLE_ROWS = 2_000


def json_sources(
    member: Member,
    engine: Engine,
    *,
    into: Path,
    limits: Limits,
    answers: Answers = NO_ANSWERS,
) -> list[Source]:
    """One table for lines or an array of objects; of other JSON the tables that lie in it. What is nested
    inside a cell stays JSON text."""
    text = as_utf8(member.path, into=into, place=member.name, answers=answers)
    layout = layout_of(text.path)
    if layout in {"array", "newline_delimited"}:
        format_ = "json" if layout == "array" else "jsonl"
        whole = replace(member, notes=text.notes, questions=text.questions)
        return [_json_table(whole, text, layout, format_, engine, limits)]
    found = found_in_lines(text.path) if layout == "lines" else found_in_document(text.path)
    if not found:
        raise errors.EmptyFile(_("The file holds no rows."))
    if len(found) > limits.tables:
        raise errors.TooManyTables(
            _("The file holds %(found)d tables; a file may hold %(most)d.")
            % {"found": len(found), "most": limits.tables},
            tables_max=limits.tables,
        )
    sources = []
    for number, one in enumerate(found):
        target = into / f"{text.path.name}-table-{number:03d}.jsonl"
        write_rows(one.rows, target)
        place = ".".join(one.path).replace("/", "_")
        part = Member(
            f"{member.name}/{place}" if len(found) > 1 else member.name,
            target,
            (*text.notes, *one.all_notes),
            text.questions,
        )
        written = replace(text, path=target)
        table = _json_table(part, written, "newline_delimited", one.format, engine, limits)
        if any(note.code == "no_header" for note in one.notes):
            nameless = tuple(replace(column, original_name="") for column in table.columns)
            table = replace(table, columns=nameless)
        sources.append(replace(table, part=place if len(found) > 1 else ""))
    return sources


def _json_table(
    member: Member, text: Text, layout: str, format_: str, engine: Engine, limits: Limits
) -> Source:
    scan = (
        f"read_json({literal(str(text.path))}, format = '{layout}', records = true, "
        "maximum_depth = 1, sample_size = -1, compression = 'none', "
        f"maximum_object_size = {limits.cell_bytes})"
    )
    try:
        names = [str(row[0]) for row in engine.rows(f"DESCRIBE SELECT * FROM {scan}")]
        _check_width(len(names), limits)
        columns, notes = columns_of(names, chars_max=limits.name_chars)
        cells = ", ".join(
            f"{identifier(name)} ->> '$' AS {identifier(one.name)}"
            for name, one in zip(names, columns, strict=True)
        )
        relation = f"(SELECT {cells} FROM {scan})"
        sample = engine.rows(_sampling(relation))
    except (duckdb.InvalidInputException, duckdb.BinderException) as error:
        raise _json_refused(error) from error
    if not sample:
        raise errors.EmptyFile(_("The file holds no rows."))
    return Source(
        name=member.name,
        format=format_,
        encoding=text.encoding,
        columns=columns,
        relation=relation,
        sample=tuple(sample),
        bytes=text.path.stat().st_size,
        paths=(text.path,),
        members=(member,),
        notes=(*member.notes, *notes, *_nested_in(sample)),
        questions=member.questions,
    )


def _nested_in(sample: Sequence[Row]) -> tuple[Note, ...]:
    width = len(sample[0])
    nested = sum(
        any(row[number] and row[number][0] + row[number][-1] in {"[]", "{}"} for row in sample)
        for number in range(width)
    )
    return (_nested_note(nested),) if nested else ()


def _nested_note(columns: int) -> Note:
    return Note("nested_as_json", _("Nested columns were kept as JSON text."), columns)


def parquet_source(member: Member, engine: Engine, *, into: Path, limits: Limits) -> Source:
    """A Parquet file whose footer agrees with what is in it; rows are counted when they are read."""
    rows_said = _checked_footer(member.path, limits)
    if not verify_checksums(member.path):
        raise parquet_refused()
    try:
        path, exact = rewritten(member.path, into)
        scan = f"read_parquet({literal(str(path))})"
        described = engine.rows(f"DESCRIBE SELECT * FROM {scan}")
        names = original_names(member.path, described)
        columns, naming = columns_of(names, chars_max=limits.name_chars)
        kept, said = columns_as_kept(engine, scan, described)
        relation = f"(SELECT {selected(kept, columns)} FROM {scan})"
        sample = engine.rows(f"SELECT * FROM {relation} LIMIT {SAMPLE_ROWS}")
    except (duckdb.Error, pa.ArrowException, OSError, ValueError) as error:
        raise parquet_refused() from error
    return Source(
        name=member.name,
        format="parquet",
        encoding="binary",
        columns=typed(kept, columns),
        relation=relation,
        sample=tuple(tuple(_text(cell) for cell in row) for row in sample),
        bytes=member.path.stat().st_size,
        paths=(path,),
        members=(member,),
        notes=(*naming, *exact, *said, *projections(member.path)),
        rows_said=rows_said,
    )


def parquet_refused() -> errors.UnreadableParquet:
    return errors.UnreadableParquet(
        _("The Parquet file is damaged: it does not hold what its footer says.")
    )


def _checked_footer(path: Path, limits: Limits) -> int:
    """Rows that the footer promises. The footer is read by a second library: two must agree."""
    try:
        footer = pq.read_metadata(path)
    except (pa.ArrowException, OSError, ValueError):
        raise parquet_refused() from None
    _check_width(int(footer.num_columns), limits)
    groups = [footer.row_group(number) for number in range(footer.num_row_groups)]
    if footer.num_rows < 0 or sum(group.num_rows for group in groups) != footer.num_rows:
        raise parquet_refused()
    if sum(group.total_byte_size for group in groups) > limits.unpacked_bytes:
        raise errors.ArchiveBomb(
            _("The Parquet file says that it unpacks to more than may be read."),
            unpacked_bytes_max=limits.unpacked_bytes,
        )
    if footer.num_rows == 0:
        raise errors.HeaderOnly(_("The file has names of columns but no row below them."))
    return int(footer.num_rows)


def _check_width(width: int, limits: Limits) -> None:
    if width > limits.columns:
        raise errors.TooManyColumns(
            _("The table has %(found)d columns; a table may have %(most)d.")
            % {"found": width, "most": limits.columns},
            columns=width,
            columns_max=limits.columns,
        )


def _sampling(relation: str) -> str:
    return f"SELECT * FROM {relation} USING SAMPLE reservoir({SAMPLE_ROWS} ROWS) REPEATABLE (1)"


def _json_refused(error: duckdb.Error) -> errors.UnreadableJson:
    where = next((w for w in str(error).split(", ") if w.startswith("at byte")), "")
    return errors.UnreadableJson(
        _("The JSON can be neither read as one object to a line nor as one array of objects."),
        where=where.split(":")[0],
        accepted=["jsonl", "json"],
    )


def _text(cell: object) -> str | None:
    return None if cell is None else str(cell)
