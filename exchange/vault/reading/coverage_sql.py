"""What time and what region the rows cover, and in what rhythm they come."""

# ruff: noqa: S608 - every name and text goes through `identifier` and `literal`

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from exchange.vault.reading.casts_sql import identifier
from exchange.vault.reading.convert_sql import TableColumn
from exchange.vault.reading.documents import RegionCoverage, TimeCoverage
from exchange.vault.reading.engine_sql import Engine
from exchange.vault.reading.findings import Seen, position_columns
from exchange.vault.reading.kinds import TIMES
from exchange.vault.reading.profile_sql import (
    EPOCH_1900,
    YEAR_SECONDS,
    YEARS_AHEAD,
    Figures,
    scan_of,
)
from exchange.vault.reading.quality import Measure
from exchange.vault.reading.words import tokens

RHYTHM_ROWS = 1_000_000
RHYTHM_SHARE_MIN = 0.5
LATE_FACTOR = 1.5
REGIONS_MAX = 20
TIME_WORDS = frozenset({"time", "timestamp", "datetime", "date", "at", "时间", "日期"})
REGION_WORDS = frozenset({"state", "city", "province", "country", "region", "county", "district"})
REGION_CHINESE = ("省", "市", "区县", "地区", "区域", "国家")


@dataclass(frozen=True)
class Steps:
    """How the times of a table follow each other."""

    rhythm_seconds: float | None
    measure: Measure


def time_column(
    columns: Sequence[TableColumn], figures: Mapping[str, Figures]
) -> TableColumn | None:
    """The column that says when: by its name, then by how many moments it tells apart."""
    times = [one for one in columns if one.type in TIMES and figures[one.name].filled]
    if not times:
        return None
    return max(times, key=lambda one: (_is_named_time(one.name), figures[one.name].distinct))


def _is_named_time(name: str) -> bool:
    return bool(TIME_WORDS & set(tokens(name))) or any(w in name for w in ("时间", "日期"))


def steps_of(engine: Engine, path: Path, column: TableColumn | None) -> Steps:
    """The usual step, when at least half of the steps are it."""
    if column is None:
        return Steps(None, Measure(0, 0))
    moment = f"epoch(CAST({identifier(column.name)} AS TIMESTAMP))"
    steps = (
        f"SELECT round(moment - lag(moment) OVER (ORDER BY moment), 3) AS step FROM "
        f"(SELECT DISTINCT {moment} AS moment FROM {_some(path)} WHERE {is_plausible(moment)})"
    )
    counted = engine.rows(
        f"SELECT step, count(*) FROM ({steps}) WHERE step > 0 GROUP BY 1 ORDER BY 2 DESC, 1"
    )
    total = sum(count for _step, count in counted)
    if not total or counted[0][1] < total * RHYTHM_SHARE_MIN:
        return Steps(None, Measure(0, 0))
    rhythm = float(counted[0][0])
    in_time = sum(count for step, count in counted if step <= rhythm * LATE_FACTOR)
    return Steps(rhythm, Measure(in_time, total))


def time_coverage(
    engine: Engine, path: Path, column: TableColumn | None, steps: Steps
) -> TimeCoverage | None:
    """From the first to the last plausible moment."""
    if column is None:
        return None
    cell = identifier(column.name)
    start, until = engine.row(
        f"SELECT CAST(min({cell}) AS VARCHAR), CAST(max({cell}) AS VARCHAR) "
        f"FROM {scan_of(path)} WHERE {is_plausible(f'epoch(CAST({cell} AS TIMESTAMP))')}"
    )
    return TimeCoverage(column.name, start, until, steps.rhythm_seconds) if start else None


def region_coverage(
    columns: Sequence[TableColumn], figures: Mapping[str, Figures], seen: Sequence[Seen]
) -> RegionCoverage | None:
    """The box of the positions, or the names of regions that rows have most."""
    position = position_columns(seen)
    if position is not None:
        latitude, longitude = (figures[one.name] for one in position)
        south, north = _within(latitude, 90)
        west, east = _within(longitude, 180)
        return RegionCoverage(tuple(one.name for one in position), (west, south, east, north), ())
    named = [
        one
        for one in columns
        if one.type == "text"
        and figures[one.name].top
        and (REGION_WORDS & set(tokens(one.name)) or one.name.endswith(REGION_CHINESE))
    ]
    if not named:
        return None
    values = [value for one in named for value, _count in figures[one.name].top]
    return RegionCoverage(tuple(one.name for one in named), None, tuple(values[:REGIONS_MAX]))


def _within(figures: Figures, most: float) -> tuple[float, float]:
    return max(-most, figures.low or 0.0), min(most, figures.high or 0.0)


def _some(path: Path) -> str:
    return f"(SELECT * FROM {scan_of(path)} LIMIT {RHYTHM_ROWS})"


def is_plausible(moment: str) -> str:
    """Whether seconds since 1970 lie between 1900 and ten years ahead."""
    return f"{moment} >= {EPOCH_1900} AND {moment} <= epoch(now()) + {YEARS_AHEAD * YEAR_SECONDS}"
