"""How the rows of a table are spread over time and over the map: counts, and means of two columns."""

# ruff: noqa: S608 - every name and text goes through `identifier` and `literal`

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from math import isfinite
from pathlib import Path
from typing import Any

from exchange.vault.reading.casts_sql import identifier, literal
from exchange.vault.reading.convert_sql import Converted, TableColumn
from exchange.vault.reading.documents import Grid, Means, RegionCoverage, Series, TimeCoverage
from exchange.vault.reading.engine_sql import Engine
from exchange.vault.reading.kinds import NUMBERS
from exchange.vault.reading.personal_words import LATITUDE_WORDS, LONGITUDE_WORDS
from exchange.vault.reading.profile_sql import (
    Figures,
    is_plausible,
    moment_of,
    number_text,
    scan_of,
)
from exchange.vault.reading.units import measured_in
from exchange.vault.reading.words import tokens, unit_of

MEANS_MAX = 2
BUCKETS_MAX = 160
VALUES_MIN = 3  # fewer are labels, and their mean says nothing
IDENTIFYING_SHARE = 0.5
GRID_WIDTH, GRID_HEIGHT = 24, 12
# By how long the table covers, the largest first: what a bucket is.
UNITS: tuple[tuple[timedelta, str], ...] = (
    (timedelta(days=3653), "year"),
    (timedelta(days=92), "month"),
    (timedelta(days=4), "day"),
    (timedelta(0), "hour"),
)
NO_MEASURE = frozenset({"id", "no", "nr", "number", "code", "index", "year", "month", "day", "hour", "zip", "编号", "代码", "序号"}) | LATITUDE_WORDS | LONGITUDE_WORDS  # fmt: skip


def series_of(
    engine: Engine,
    table: Converted,
    *,
    time: TimeCoverage | None,
    figures: Mapping[str, Figures],
    personal: Collection[str],
) -> Series | None:
    """Rows by hour, day, month or year of the column that says when, with the means of two columns that
    measure something. None where no time is covered."""
    unit = _unit_of(time)
    if time is None or not unit:
        return None
    measured = _measured([one for one in table.columns if one.name not in personal], figures)
    cells = [identifier(one.name) for one in measured]
    asked = "".join(f", avg(CAST({cell} AS DOUBLE)), count({cell})" for cell in cells)
    moment = next(moment_of(one) for one in table.columns if one.name == time.column)
    rows = engine.rows(
        f"SELECT CAST(date_trunc({literal(unit)}, {moment}) AS VARCHAR), count(*){asked} "
        f"FROM {scan_of(table.path)} WHERE {is_plausible(f'epoch({moment})')} "
        f"GROUP BY 1 ORDER BY 1 LIMIT {BUCKETS_MAX + 1}"
    )
    if not rows or len(rows) > BUCKETS_MAX:
        return None
    return Series(
        column=time.column,
        unit=unit,
        starts=tuple(str(row[0]) for row in rows),
        rows=tuple(int(row[1]) for row in rows),
        means=tuple(
            Means(
                column=one.name,
                values=tuple(_mean(row[2 + 2 * number]) for row in rows),
                filled=tuple(int(row[3 + 2 * number]) for row in rows),
            )
            for number, one in enumerate(measured)
        ),
    )


def grid_of(engine: Engine, path: Path, region: RegionCoverage | None) -> Grid | None:
    """How many rows lie in each field of a grid over the region's box, from its north-west on."""
    if region is None or region.box is None:
        return None
    west, south, east, north = region.box
    latitude, longitude = (f"CAST({identifier(name)} AS DOUBLE)" for name in region.columns)
    across = _field(f"{longitude} - {west!r}", east - west, GRID_WIDTH)
    down = _field(f"{north!r} - {latitude}", north - south, GRID_HEIGHT)
    rows = engine.rows(
        f"SELECT {down} * {GRID_WIDTH} + {across}, count(*) FROM {scan_of(path)} "
        f"WHERE {longitude} BETWEEN {west!r} AND {east!r} "
        f"AND {latitude} BETWEEN {south!r} AND {north!r} GROUP BY 1"
    )
    counts = [0] * (GRID_WIDTH * GRID_HEIGHT)
    for field, count in rows:
        counts[int(field)] = int(count)
    return Grid(GRID_WIDTH, tuple(counts))


def _field(distance: str, whole: float, parts: int) -> str:
    """The number of the part in which a point lies; the last one includes its end."""
    if whole <= 0:
        return "0"
    return f"CAST(least({parts - 1}, greatest(0, floor(({distance}) * {parts} / {whole!r}))) AS INTEGER)"


def _unit_of(time: TimeCoverage | None) -> str:
    if time is None:
        return ""
    try:
        span = _at(time.until) - _at(time.start)
    except ValueError:  # a year that a clock cannot show
        return ""
    unit = next((unit for least, unit in UNITS if span >= least), "")
    return "day" if unit == "hour" and ":" not in time.start else unit


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=None)


def _measured(columns: Sequence[TableColumn], figures: Mapping[str, Figures]) -> list[TableColumn]:
    """The columns whose mean says something: those with a unit first, then decimals, then as they stand."""
    found = [one for one in columns if _measures(one, figures[one.name])]

    def rank(column: TableColumn) -> tuple[bool, bool]:
        has_unit = unit_of(column.name, is_number=True) or measured_in(column.name)
        return (not has_unit, column.type != "decimal")

    return sorted(found, key=rank)[:MEANS_MAX]


def _measures(column: TableColumn, figures: Figures) -> bool:
    is_many = figures.distinct >= figures.filled * IDENTIFYING_SHARE
    return (
        column.type in NUMBERS
        and figures.distinct >= VALUES_MIN
        and not NO_MEASURE & set(tokens(column.name))
        and (column.type == "decimal" or not is_many)
    )


def _mean(value: Any) -> str | None:
    return number_text(value) if isinstance(value, float) and isfinite(value) else None
