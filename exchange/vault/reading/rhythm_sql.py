"""How the times of a table follow each other: by the clock, by the calendar, or within each device."""

# ruff: noqa: S608 - every name and text goes through `identifier` and `literal`

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from exchange.vault.reading.casts_sql import identifier
from exchange.vault.reading.convert_sql import TableColumn
from exchange.vault.reading.engine_sql import Engine
from exchange.vault.reading.profile_sql import (
    YEAR_SECONDS,
    Figures,
    is_plausible,
    moment_of,
    scan_of,
)
from exchange.vault.reading.quality import Measure
from exchange.vault.reading.units import listed
from exchange.vault.reading.words import tokens

RHYTHM_ROWS = 1_000_000
RHYTHM_SHARE_MIN = 0.5
LATE_FACTOR = 1.5
DAY_SECONDS = 86_400
MONTHS = {1: "month", 3: "quarter", 6: "half_year", 12: "year"}
MOMENTS_MIN = 3
WEEKS_MIN = 2
WORKING_DAYS = (4, 6)  # days of a week on which work goes on
DEVICES_TRIED = 3
ROWS_OF_DEVICE_MIN = 3
DEVICE_WORDS = listed(
    """device meter sensor station site id name code unit turbine inverter vehicle machine logger node pump well asset
    serial channel tag ticker symbol feeder substation building customer household"""
)
DEVICE_CHINESE = ("设备", "表", "站", "编号", "户", "车", "机", "代码", "名称")


@dataclass(frozen=True)
class Steps:
    """The usual step, when at least half of the steps are it. `rhythm` names one of the calendar."""

    rhythm_seconds: float | None
    measure: Measure
    rhythm: str = ""

    @property
    def share(self) -> float:
        return float(self.measure.value) if self.measure.denominator else 0.0


NO_STEPS = Steps(None, Measure(0, 0))


def steps_of(
    engine: Engine,
    path: Path,
    column: TableColumn | None,
    others: Sequence[TableColumn],
    figures: Mapping[str, Figures],
) -> Steps:
    """The steps of the whole table; of each device where they are more even there."""
    if column is None:
        return NO_STEPS
    moment = moment_of(column)
    calendar = _of_calendar(engine, path, moment)
    if calendar is not None:
        return calendar
    whole = _steps(engine, path, f"epoch({moment})", "")
    if whole.rhythm_seconds is not None and whole.share == 1:
        return whole
    devices = [
        _steps(engine, path, f"epoch({moment})", identifier(one.name))
        for one in _devices(others, figures)
        if one.name != column.name
    ]
    return max((whole, *devices), key=lambda one: (one.rhythm_seconds is not None, one.share))


def _devices(columns: Sequence[TableColumn], figures: Mapping[str, Figures]) -> list[TableColumn]:
    """The columns that may say whose a row is, the likelier first."""
    found = [
        one
        for one in columns
        if one.type in {"text", "integer"}
        and 1 < figures[one.name].distinct <= figures[one.name].filled / ROWS_OF_DEVICE_MIN
        and (one.type == "text" or _is_device(one.name))
    ]
    ranked = sorted(
        found, key=lambda one: (_is_device(one.name), figures[one.name].distinct), reverse=True
    )
    return ranked[:DEVICES_TRIED]


def _is_device(name: str) -> bool:
    return bool(DEVICE_WORDS & set(tokens(name))) or any(one in name for one in DEVICE_CHINESE)


def _steps(engine: Engine, path: Path, position: str, device: str, factor: float = 1.0) -> Steps:
    """Steps from one different `position` to the next, in units of `factor` seconds."""
    of_device = "PARTITION BY device " if device else ""
    kept = f"{device} AS device, " if device else ""
    some = f"(SELECT * FROM {scan_of(path)} LIMIT {RHYTHM_ROWS})"
    row = engine.row(
        f"WITH steps AS (SELECT round(place - lag(place) OVER ({of_device}"
        f"ORDER BY place), 3) AS step FROM (SELECT DISTINCT {kept}{position} AS place FROM {some} "
        f"WHERE {_plausible(position)})), "
        "usual AS (SELECT step FROM steps WHERE step > 0 GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1) "
        "SELECT (SELECT step FROM usual), count(*), count_if(step = (SELECT step FROM usual)), "
        f"count_if(step <= (SELECT step FROM usual) * {LATE_FACTOR}) FROM steps WHERE step > 0"
    )
    step, total, usual, in_time = row
    if step is None or usual < total * RHYTHM_SHARE_MIN:
        return NO_STEPS
    return Steps(float(step) * factor, Measure(int(in_time), int(total)))


def _plausible(position: str) -> str:
    return is_plausible(position) if position.startswith("epoch(") else f"{position} IS NOT NULL"


def _of_calendar(engine: Engine, path: Path, moment: str) -> Steps | None:
    """Days that keep to the calendar: one of each month, or those on which work goes on."""
    some = f"(SELECT * FROM {scan_of(path)} LIMIT {RHYTHM_ROWS})"
    count, span, is_whole, days, is_last, weekdays = engine.row(
        "SELECT count(*), date_diff('day', min(moment), max(moment)), bool_and(moment = date_trunc('day', moment)), "
        "count(DISTINCT day(moment)), bool_and(last_day(moment) = moment), list(DISTINCT isodow(moment)) "
        f"FROM (SELECT DISTINCT {moment} AS moment FROM {some} WHERE {is_plausible(f'epoch({moment})')})"
    )
    if count < MOMENTS_MIN or not is_whole:
        return None
    if days == 1 or is_last:
        steps = _steps(engine, path, f"(year({moment}) * 12 + month({moment}))", "")
        if steps.rhythm_seconds is None:
            return None
        months = round(steps.rhythm_seconds)
        named = MONTHS.get(months, f"{months}_months")
        return Steps(months * YEAR_SECONDS / 12, steps.measure, named)
    least, most = WORKING_DAYS
    if not least <= len(weekdays) <= most or span < WEEKS_MIN * 7:
        return None
    place = " ".join(f"WHEN {day} THEN {at}" for at, day in enumerate(sorted(weekdays)))
    week = f"date_diff('day', DATE '1899-12-25', CAST({moment} AS DATE)) // 7"
    position = f"({week} * {len(weekdays)} + CASE isodow({moment}) {place} END)"
    steps = _steps(engine, path, position, "", DAY_SECONDS)
    return (
        None
        if steps.rhythm_seconds != DAY_SECONDS
        else Steps(DAY_SECONDS, steps.measure, "working_days")
    )
