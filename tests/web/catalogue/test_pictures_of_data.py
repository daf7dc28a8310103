"""What a product's page draws of its data: rows over time, the map, what is covered; and prices."""

import re
from datetime import UTC, datetime

import pytest
from django.utils import translation
from django.utils.timezone import make_aware

from exchange.catalog.disclosure import disclosed
from exchange.web.charts import maps, money
from exchange.web.charts.timelines import Line, covered, mean_over, rows_over
from exchange.web.product.evidence import Table, table_of
from tests.catalog.test_disclosure import SERIES, a_document_over_time, parts_of

TODAY = datetime(2026, 11, 30, tzinfo=UTC)


def at(text: str) -> datetime:
    return make_aware(datetime.fromisoformat(text))


def texts(drawn: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", drawn)


def said(drawn: str) -> str:
    found = re.search(r"<desc[^>]*>([^<]*)</desc>", drawn)
    assert found is not None
    return found[1]


@pytest.fixture(autouse=True)
def _in_english() -> None:
    translation.activate("en")


def months(count: int) -> Line:
    return Line("month", tuple(at(f"2024-{month:02d}-01") for month in range(1, count + 1)))


def test_rows_are_bars_with_named_axes_and_round_figures() -> None:
    drawn = rows_over(months(4), [100, 240, 60, 180], column="measured_at")
    assert drawn.count('class="bar"') == 4
    assert texts(drawn) == [
        "0", "100", "200", "Jan 2024", "Feb 2024", "Mar 2024", "Apr 2024", "measured_at", "Rows",
    ]  # fmt: skip
    assert "<title" in drawn
    assert "Rows by month" in drawn
    assert said(drawn) == "From Jan 2024 to Apr 2024; the most rows, 240, in Feb 2024."


def test_a_month_without_rows_is_a_gap() -> None:
    line = Line("month", (at("2024-01-01"), at("2024-04-01")))
    assert line.places() == [0, 3]
    drawn = rows_over(line, [10, 10], column="at")
    assert len(re.findall(r'height="0"', drawn)) == 2


@pytest.mark.parametrize(
    ("unit", "starts", "words"),
    [
        ("year", ("2019-01-01", "2021-01-01"), ["2019", "2021"]),
        ("day", ("2024-05-01", "2024-05-03"), ["1 May", "3 May"]),
        ("hour", ("2024-05-01T00:00", "2024-05-01T03:00"), ["1 May 00:00", "1 May 03:00"]),
    ],
)
def test_each_unit_has_its_words(unit: str, starts: tuple[str, ...], words: list[str]) -> None:
    line = Line(unit, tuple(map(at, starts)))
    assert [line.words(start) for start in line.starts] == words
    assert line.places() == [0, {"year": 2, "day": 2, "hour": 3}[unit]]


def test_a_mean_is_a_line_that_breaks_where_it_is_not_told() -> None:
    drawn = mean_over(months(5), [1.5, 2.5, None, 4.5, 3.5], time="at", column="load", unit="kWh")
    assert drawn.count("<polyline") == 2
    assert texts(drawn)[-2:] == ["at", "load (kWh)"]
    assert said(drawn) == "Between 1.5 in Jan 2024 and 4.5 in Apr 2024."


def test_one_bucket_is_no_picture() -> None:
    assert rows_over(months(1), [7], column="at") == ""
    assert mean_over(months(2), [1.0, None], time="at", column="load", unit="") == ""


def test_names_of_columns_are_escaped() -> None:
    drawn = rows_over(months(2), [7, 8], column="<script>") + mean_over(
        months(2), [7.0, 8.0], time="<script>", column="<b>", unit="<i>"
    )
    assert "<script>" not in drawn
    assert "<b>" not in drawn


def test_less_than_two_years_are_told_by_months_with_the_first_and_the_last_day() -> None:
    drawn = covered(begins=at("2026-01-05"), ends=at("2026-03-31"), today=TODAY)
    assert texts(drawn) == [
        "5 Jan 2026 – 31 Mar 2026",
        "Jan 2026",
        "Apr 2026",
        "Jul 2026",
        "Oct 2026",
    ]
    assert said(drawn) == "From 5 Jan 2026 to 31 Mar 2026."


def test_more_are_told_by_years() -> None:
    drawn = covered(begins=at("2021-06-01"), ends=at("2023-03-31"), today=TODAY)
    assert texts(drawn) == [
        "1 Jun 2021 – 31 Mar 2023",
        "2021",
        "2022",
        "2023",
        "2024",
        "2025",
        "2026",
    ]


def test_the_map_shows_the_land_around_the_box_and_where_rows_lie() -> None:
    counts = [0, 5, 5, 91]
    drawn = maps.region(116.0, 39.0, 117.5, 40.5, counts=counts, width=2)
    assert drawn.count('class="land"') >= 1
    assert re.findall(r'class="field-(\d)"', drawn) == ["2", "2", "4"]
    assert said(drawn).startswith(
        "Longitude 116°E to 117.5°E, latitude 39°N to 40.5°N. Most rows, 91 "
    )
    alone = maps.region(116.0, 39.0, 117.5, 40.5, counts=(), width=0)
    assert 'class="field-' not in alone
    assert 'class="bar"' in alone


@pytest.mark.parametrize(
    "box",
    [
        (-180.0, -90.0, 180.0, 90.0), (179.9, 89.9, 180.0, 90.0), (-180.0, -90.0, -180.0, -90.0),
        (0.0, 0.0, 0.0, 0.0), (-10.0, -80.0, 170.0, 80.0),
    ],
)  # fmt: skip
def test_a_box_anywhere_is_inside_of_its_map(box: tuple[float, float, float, float]) -> None:
    view = maps._view_of(*box)
    west, south, east, north = box
    assert -0.5 <= view.x(west) <= view.x(east) <= maps.WIDTH + 0.5
    assert -0.5 <= view.y(north) <= view.y(south) <= maps.HEIGHT + 0.5
    assert view.west >= -180.01
    assert view.east <= 180.01
    assert maps.region(*box, counts=[9] * 288, width=24)


def test_the_outlines_are_coarse_and_closed_within_the_world() -> None:
    rings = maps.outlines()
    assert 60 <= len(rings) <= 120
    assert all(-180 <= x <= 180 and -90 <= y <= 90 for ring in rings for x, y in ring)
    assert maps.LAND.stat().st_size < 12_000


def table(**parts: object) -> Table:
    document = {**a_document_over_time(), **parts}
    return table_of(
        disclosed(document, parts_of("cvrs"), ()), public_id="t", sample_url="", today=TODAY
    )


def test_a_page_has_the_series_as_pictures_and_as_figures() -> None:
    course = table().course
    assert course is not None
    assert course.title == "Rows by month"
    assert len(course.pictures) == 1  # one month alone has a mean that is told
    assert course.heads == ("at", "Rows", "Mean of energy")
    assert course.rows == (("Jan 2025", "96", "4.100"), ("Feb 2025", "≤ 5", "–"))


def test_a_reading_without_a_series_or_with_few_rows_draws_none() -> None:
    assert table(series=None).course is None
    assert table(series={**SERIES, "rows": [5, 2]}).course is None
    odd = {**SERIES, "starts": ["12025-01-01", "nonsense"]}
    assert table(series=odd).course is None


def test_prices_lie_across_and_buyers_up() -> None:
    drawn = money.buyers(
        [(1_000_00, 9), (2_000_00, 6), (4_000_00, 1)], currency="CNY", best=(2_000_00, 6)
    )
    assert texts(drawn) == [
        "0", "5", "10", "CN¥0", "CN¥2K", "CN¥4K", "CN¥2,000.00", "Price", "Buyers",
    ]  # fmt: skip
    line = re.search(r'<polyline class="line" points="([^"]+)"', drawn)
    assert line is not None
    heights = [float(point.split(",")[1]) for point in line[1].split()]
    assert heights == sorted(heights)  # fewer buyers, the higher the price
