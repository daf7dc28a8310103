"""Rows and means by month, day or hour, and rows in the fields of a map."""

from pathlib import Path

from exchange.vault.masks import masked
from exchange.vault.reading.documents import READER, Grid, Means, Series
from exchange.vault.reading.series_sql import GRID_HEIGHT, GRID_WIDTH
from tests.vault.reading.brought import only_table


def test_rows_and_means_are_told_by_month(tmp_path: Path) -> None:
    rows = "".join(
        f"2024-{month:02d}-{day:02d},{month}{day}.5,{day}\n"
        for month, days in ((1, 10), (3, 20), (6, 5))
        for day in range(1, days + 1)
    )
    series = only_table(tmp_path, "date,load_kwh,station_id\n" + rows).series
    assert series == Series(
        column="date",
        unit="month",
        starts=("2024-01-01 00:00:00", "2024-03-01 00:00:00", "2024-06-01 00:00:00"),
        rows=(10, 20, 5),
        means=(
            Means(
                "load_kwh",
                # 1d.5 and 110.5; 3d.5 and 3dd.5; 6d.5
                (
                    f"{(sum(10 + d + 0.5 for d in range(1, 10)) + 110.5) / 10:.10g}",
                    f"{(sum(30 + d + 0.5 for d in range(1, 10)) + sum(300 + d + 0.5 for d in range(10, 21))) / 20:.10g}",
                    "63.5",
                ),
                (10, 20, 5),
            ),
        ),
    )


def test_a_short_time_is_told_by_day_and_by_hour(tmp_path: Path) -> None:
    days = "".join(f"2024-05-{day:02d},{day % 4}.5\n" for day in range(1, 21))
    series = only_table(tmp_path, "date,value\n" + days).series
    assert series is not None
    assert (series.unit, len(series.rows), set(series.rows)) == ("day", 20, {1})


def test_hours_are_told_of_a_day_or_two(tmp_path: Path) -> None:
    hours = "".join(
        f"2024-05-01 {hour:02d}:{minute:02d}:00,{minute}.5\n"
        for hour in range(24)
        for minute in (0, 20, 40)
    )
    series = only_table(tmp_path, "at,value\n" + hours).series
    assert series is not None
    assert (series.unit, len(series.rows), set(series.rows)) == ("hour", 24, {3})
    assert series.means[0].values[0] == "20.5"


def test_without_a_time_there_is_no_series(tmp_path: Path) -> None:
    table = only_table(tmp_path, "city,value\nA,1.5\nB,2.5\nC,3.5\n")
    assert (table.series, table.document()["series"]) == (None, None)


def test_identifiers_and_positions_have_no_mean(tmp_path: Path) -> None:
    rows = "".join(
        f"2024-01-{day:02d},{1000 + day},{30 + day / 100},{110 + day / 100},{day % 5}\n"
        for day in range(1, 29)
    )
    series = only_table(tmp_path, "date,meter_id,latitude,longitude,valves\n" + rows).series
    assert series is not None
    assert [one.column for one in series.means] == ["valves"]


def test_rows_are_counted_in_the_fields_of_the_box(tmp_path: Path) -> None:
    rows = "".join(
        f"{latitude},{longitude}\n"
        for latitude, longitude, times in (("31.0", "110.0", 7), ("30.0", "112.0", 9))
        for _time in range(times)
    )
    region = only_table(tmp_path, "latitude,longitude\n" + rows).region
    assert region is not None
    assert region.box == (110.0, 30.0, 112.0, 31.0)
    counts = [0] * (GRID_WIDTH * GRID_HEIGHT)
    counts[0], counts[-1] = 7, 9  # the north-west field and the south-east one
    assert region.grid == Grid(GRID_WIDTH, tuple(counts))


def test_one_place_is_one_field(tmp_path: Path) -> None:
    region = only_table(tmp_path, "latitude,longitude\n" + "31.5,121.5\n" * 6).region
    assert region is not None
    assert region.grid is not None
    assert (region.grid.counts[0], sum(region.grid.counts)) == (6, 6)


def test_the_reader_says_that_its_figures_are_new() -> None:
    assert READER.startswith("assay-reader/4 ")


def test_masks_take_a_series_and_its_means_away(tmp_path: Path) -> None:
    rows = "".join(f"2024-01-{day:02d},{day % 5}.5,{day % 7}.5\n" for day in range(1, 29))
    document = only_table(tmp_path, "date,pressure,flow\n" + rows).document()
    assert [one["column"] for one in document["series"]["means"]] == ["pressure", "flow"]
    without_flow = masked(document, ["flow"])["series"]
    assert [one["column"] for one in without_flow["means"]] == ["pressure"]
    assert masked(document, ["date"])["series"] is None
