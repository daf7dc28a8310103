"""A converted table with all that is known of it."""

# ruff: noqa: S608 - every name and text goes through `identifier` and `literal`

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from exchange.vault.reading.casts_sql import identifier
from exchange.vault.reading.convert_sql import Converted, TableColumn
from exchange.vault.reading.coverage_sql import (
    region_coverage,
    time_column,
    time_coverage,
)
from exchange.vault.reading.documents import ColumnReading, RegionCoverage, TableReading
from exchange.vault.reading.engine_sql import Engine
from exchange.vault.reading.findings import Seen, findings_of
from exchange.vault.reading.kinds import NUMBERS, TIMES
from exchange.vault.reading.limits import Limits
from exchange.vault.reading.preview_sql import preview_of, seen_columns, write_sample
from exchange.vault.reading.profile_sql import (
    QUANTILES,
    Figures,
    figures_of,
    number_text,
    scan_of,
)
from exchange.vault.reading.quality import Measure, quality_of
from exchange.vault.reading.questions import NO_ANSWERS, Answers, Question, in_doubt
from exchange.vault.reading.rhythm_sql import steps_of
from exchange.vault.reading.series_sql import grid_of, series_of
from exchange.vault.reading.unit_doubts import units_found
from exchange.vault.reading.words import description_of, unit_of

HASHED_ROWS_MAX = 1_000_000
IDENTIFYING_SHARE = 0.5
NO_UNITS: Mapping[str, str] = {}


def table_reading(
    engine: Engine,
    table: Converted,
    *,
    name: str,
    sample: Path,
    limits: Limits,
    units: Mapping[str, str] = NO_UNITS,
    questions: Sequence[Question] = (),
    place: str = "",
    answers: Answers = NO_ANSWERS,
) -> tuple[TableReading, tuple[Question, ...]]:
    """Profile, coverage, quality, findings, preview, and what its values leave to ask; writes the sample.
    `units` are those that the table itself says of its columns, `questions` what is asked about it.
    """
    figures = figures_of(engine, table)
    said = {
        one.name: one.unit or units.get(one.name) or unit_of(one.original_name, is_number=True)
        for one in table.columns
        if one.type in NUMBERS
    }
    found = units_found(engine, table.path, figures, said, place=place, answers=answers)
    questions = (*questions, *found.questions)
    seen = seen_columns(engine, table)
    findings = findings_of(seen)
    personal = {finding.column for finding in findings}
    time = time_column([one for one in table.columns if one.name not in personal], figures)
    steps = steps_of(engine, table.path, time, table.columns, figures)
    covered = time_coverage(engine, table.path, time, steps)
    write_sample(engine, table, target=sample, limits=limits)
    reading = TableReading(
        name=name,
        rows=table.rows,
        parquet=table.path,
        sample=sample,
        columns=tuple(
            _column(
                one,
                figures[one.name],
                cells,
                table.rows,
                said.get(one.name) or found.units.get(one.name),
            )
            for one, cells in zip(table.columns, seen, strict=True)
        ),
        quality=quality_of(
            _measures(engine, table, figures, timeliness=steps.measure, questions=questions)
        ),
        preview=preview_of(engine, table, limits=limits),
        time=covered,
        region=_region(engine, table, figures, seen),
        series=series_of(engine, table, time=covered, figures=figures, personal=personal),
        findings=findings,
        notes=(*table.notes, *found.notes),
    )
    return reading, found.questions


def _region(
    engine: Engine, table: Converted, figures: Mapping[str, Figures], seen: Sequence[Seen]
) -> RegionCoverage | None:
    region = region_coverage(table.columns, figures, seen)
    return region and replace(region, grid=grid_of(engine, table.path, region))


def _column(
    column: TableColumn, figures: Figures, seen: Seen, rows: int, unit: str | None
) -> ColumnReading:
    return ColumnReading(
        name=column.name,
        original_name=column.original_name,
        type=column.type if figures.filled else "empty",
        unit=column.unit or unit,
        description=description_of(column.original_name),
        example=seen.cells[0] if seen.cells else figures.low_text,
        nulls=rows - figures.filled - column.misfits,
        distinct=figures.distinct,
        distinct_is_estimate=figures.is_estimate,
        min=figures.low_text,
        max=figures.high_text,
        mean=None if figures.mean is None else number_text(figures.mean),
        quantiles=_quantiles(figures),
        top=figures.top,
        histogram=figures.histogram,
        mixed=column.mixed,
    )


def _quantiles(figures: Figures) -> dict[str, str] | None:
    if len(figures.quantiles) != len(QUANTILES):
        return None
    return {
        share: number_text(float(value))
        for share, value in zip(QUANTILES, figures.quantiles, strict=True)
    }


def _measures(
    engine: Engine,
    table: Converted,
    figures: Mapping[str, Figures],
    *,
    timeliness: Measure,
    questions: Sequence[Question],
) -> dict[str, Measure]:
    own = [one for one in table.columns if not _is_beside(one, table.columns)]
    misfits = sum(one.misfits for one in own)
    filled = sum(figures[one.name].filled for one in own) + misfits
    judged = [figures[one.name] for one in own if figures[one.name].low is not None]
    total = sum(one.filled for one in judged)
    doubted = in_doubt(questions, [one.name for one in own])
    usable = [
        one
        for one in own
        if one.original_name.strip() and figures[one.name].filled and one.name not in doubted
    ]
    names = {one.original_name.strip().casefold() for one in usable}
    return {
        "normativity": Measure(filled - misfits, filled),
        "completeness": Measure(filled, table.rows * len(own)),
        "accuracy": Measure(total - sum(one.implausible for one in judged), total),
        "consistency": _unrepeated(engine, table, figures),
        "timeliness": timeliness,
        "accessibility": Measure(len(names), len(own)),
    }


def _is_beside(column: TableColumn, columns: Sequence[TableColumn]) -> bool:
    return any(one.beside == column.name for one in columns)


def _unrepeated(engine: Engine, table: Converted, figures: Mapping[str, Figures]) -> Measure:
    """Equal rows have equal hashes, so that a part of the hashes holds all repetitions of its rows.

    Where neither a time nor anything like an identifier tells rows apart, equal rows are no fault.
    """
    if not any(_tells_apart(one, figures[one.name]) for one in table.columns):
        return Measure(0, 0)
    part = -(-table.rows // HASHED_ROWS_MAX)
    cells = ", ".join(identifier(one.name) for one in table.columns)
    rows, different = engine.row(
        f"SELECT count(*), count(DISTINCT hashed) FROM "
        f"(SELECT hash({cells}) AS hashed FROM {scan_of(table.path)}) WHERE hashed % {part} = 0"
    )
    return Measure(different, rows)


def _tells_apart(column: TableColumn, figures: Figures) -> bool:
    is_many = figures.distinct >= figures.filled * IDENTIFYING_SHARE > 0
    return column.type in TIMES or (column.type in {"text", "integer"} and is_many)
