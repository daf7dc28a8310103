"""What time rows cover, in what rhythm they come, and how many different values there are."""

from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from exchange.vault.reading.documents import TableReading, TimeCoverage
from tests.vault.reading.brought import brought, case, columns, only_table

DAY = 86_400
YEAR = 31_557_600


def timeliness(table: TableReading) -> tuple[int, int]:
    (one,) = (one for one in table.quality.dimensions if one.dimension == "timeliness")
    return one.numerator, one.denominator


def days(names: str, *rows: str, count: int = 30) -> str:
    """A table of days: each row is a pattern of {a} and of {b}, which is some days later."""
    first = date(2026, 1, 1)
    lines = [
        row.format(a=first + timedelta(days=n), b=first + timedelta(days=n + 3), n=n)
        for n in range(count)
        for row in rows
    ]
    return f"{names}\n" + "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("content", "column"),
    [
        (days("Generated Time,Applicable For,v", "{b} 12:{n:02d}:00,{a},1"), "Applicable For"),
        (days("updated_at,observed,v", "{b} 10:00,{a},1"), "observed"),
        (days("created,delivery_day,v", "{b},{a},1"), "delivery_day"),
        (days("更新时间,抄表日期,v", "{b} 10:00,{a},1"), "抄表日期"),
        (days("入库时间,时间,v", "{b} 10:00:01,{a},1"), "时间"),
        (days("end_time,start_time,v", "{b},{a},1"), "start_time"),
        (days("created_at,v", "{b},1"), "created_at"),
        (days("birth_date,visit,v", "19{n:02d}-02-01,{a},1"), "visit"),
        (days("出生年月日,就诊日期,v", "19{n:02d}-02-01,{a},1"), "就诊日期"),
        (days("published,Year,v", "{b},20{n:02d},1"), "Year"),
        (days("dob,v", "19{n:02d}-02-01,1"), None),
        (days("Year Built,v", "19{n:02d},1"), None),
        (days("n,v", "19{n:02d},1"), None),
    ],
)  # fmt: skip
def test_coverage_is_of_what_rows_say_when(
    tmp_path: Path, content: str, column: str | None
) -> None:
    time = only_table(tmp_path, content).time
    assert (time and time.column) == column


def at(moments: list[datetime | date]) -> str:
    return "at,v\n" + "".join(f"{one},{n}\n" for n, one in enumerate(moments))


WORKING = [one for n in range(60) if (one := date(2026, 1, 1) + timedelta(days=n)).isoweekday() < 6]


@pytest.mark.parametrize(
    ("moments", "seconds", "rhythm", "counted"),
    [
        (WORKING, DAY, "working_days", (len(WORKING) - 1, len(WORKING) - 1)),
        ([one for one in WORKING if one.day != 15], DAY, "working_days", None),
        ([date(2026, 1, 4) + timedelta(days=n) for n in range(60) if n % 7 < 5], DAY, "working_days", None),
        ([date(2026, 1, 5) + timedelta(days=n) for n in range(60) if n % 7 < 6], DAY, "working_days", None),
        ([date(2026, 1, 1) + timedelta(days=n) for n in range(60)], DAY, "", (59, 59)),
        ([date(2026, 1, 1) + timedelta(days=7 * n) for n in range(20)], 7 * DAY, "", (19, 19)),
        ([date(2024 + n // 12, n % 12 + 1, 1) for n in range(30)], YEAR / 12, "month", (29, 29)),
        ([date(2024, n + 1, 1) - timedelta(days=1) for n in range(1, 12)], YEAR / 12, "month", (10, 10)),
        ([date(2020 + n // 4, 3 * (n % 4) + 1, 1) for n in range(12)], YEAR / 4, "quarter", (11, 11)),
        ([date(1990 + n, 1, 1) for n in range(12)], YEAR, "year", (11, 11)),
        ([datetime(2026, 1, 1) + timedelta(minutes=15 * n) for n in range(96)], 900, "", (95, 95)),  # noqa: DTZ001
    ],
)  # fmt: skip
def test_a_rhythm_may_be_one_of_the_calendar(
    tmp_path: Path,
    moments: list[datetime | date],
    seconds: float,
    rhythm: str,
    counted: tuple[int, int] | None,
) -> None:
    table = only_table(tmp_path, at(moments))
    assert table.time is not None
    assert (table.time.rhythm_seconds, table.time.rhythm) == (seconds, rhythm)
    met, total = timeliness(table)
    assert (met, total) == counted if counted else met * 10 >= total * 9


@pytest.mark.parametrize(
    ("name", "is_when"),
    [
        ("Jahr", True),
        ("AÑO", True),
        ("Год", True),
        ("année", True),
        ("Année de fabrication", False),
    ],
)
def test_years_are_named_in_other_languages(tmp_path: Path, name: str, *, is_when: bool) -> None:
    table = only_table(tmp_path, f"{name};t\n" + "".join(f"{2001 + n};{n}\n" for n in range(20)))
    if is_when:
        assert table.time is not None
        assert (table.time.column, table.time.rhythm) == (name, "year")
    else:
        assert table.time is None


@pytest.mark.parametrize("name", ["device", "meter_id", "站点", "label"])
@pytest.mark.parametrize(("devices", "phase"), [(2, 7), (7, 1), (12, 30)])
def test_the_rhythm_is_that_of_each_device(
    tmp_path: Path, name: str, devices: int, phase: int
) -> None:
    first = datetime(2026, 1, 1)  # noqa: DTZ001 - as a file writes it
    rows = [
        f"M{device},{first + timedelta(seconds=900 * n + phase * device)},{n}"
        for n in range(40)
        for device in range(devices)
    ]
    table = only_table(tmp_path, f"{name},t,v\n" + "\n".join(rows) + "\n")
    assert table.time is not None
    assert table.time.rhythm_seconds == 900
    assert timeliness(table) == (39 * devices, 39 * devices)


@pytest.mark.parametrize(
    ("name", "time", "counted"),
    [
        ("54_", TimeCoverage("visit", "2026-01-01", "2026-01-28", DAY), (27, 27)),
        ("55_", TimeCoverage("Applicable For", "2026-01-01", "2026-04-10", DAY), (99, 99)),
        ("56_", TimeCoverage("t", "2026-01-01 00:00:00", "2026-01-01 23:45:06", 900), (665, 665)),
        ("57_", TimeCoverage("Year", "1990-01-01", "2019-12-31", YEAR, "year"), (29, 29)),
        ("60_", TimeCoverage("Date", "2026-01-01", "2026-07-17", DAY, "working_days"), (141, 141)),
    ],
)
def test_coverage_of_files_that_failed(
    tmp_path: Path, name: str, time: TimeCoverage, counted: tuple[int, int]
) -> None:
    (table,) = case(tmp_path, name).tables
    assert table.time == time
    assert timeliness(table) == counted
    assert table.series is not None


def test_estimates_never_leave_their_range(tmp_path: Path) -> None:
    """Few are counted, and so are those that all differ; others have no more values than room."""
    path = tmp_path / "many.parquet"
    with duckdb.connect() as own:
        own.execute(
            "COPY (SELECT CAST(hash(i * 11) % 100 AS INTEGER) AS pct, i AS id, 'r' || i AS name, "
            "CAST(hash(i) % 60000 AS INTEGER) AS port, DATE '1990-01-01' + CAST(hash(i * 7) % 12000 AS INTEGER) AS day, "
            f"(hash(i * 3) % 1000003) / 1000.0 AS v FROM range(300000) t(i)) TO '{path}'"
        )
    (table,) = brought(tmp_path, path.read_bytes()).tables
    found = columns(table)
    exact = {name: one.distinct for name, one in found.items() if not one.distinct_is_estimate}
    assert exact == {"pct": 100, "id": 300_000, "name": 300_000}
    assert found["port"].distinct <= 60_000
    assert found["day"].distinct <= 12_000
    quantiles = [float(one) for one in (found["v"].quantiles or {}).values()]
    assert quantiles == sorted(quantiles)
    assert float(found["v"].min or 0) <= quantiles[0] <= quantiles[-1] <= float(found["v"].max or 0)
