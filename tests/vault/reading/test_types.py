"""What cells mean: numbers as they are written, days and times, and what stands for nothing."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchange.vault import reading
from exchange.vault.reading.documents import FileReading, TableReading
from exchange.vault.reading.guesses import guess
from exchange.vault.reading.kinds import Said
from exchange.vault.reading.questions import Answers, Asked
from tests.vault.reading.brought import case, columns, noted, only_table


def stored(table: TableReading) -> dict[str, list[object]]:
    values: dict[str, list[object]] = pyarrow.parquet.read_table(table.parquet).to_pydict()
    return values


def table_of(folder: Path, name: str) -> TableReading:
    (table,) = case(folder, name).tables
    return table


def one_column(
    folder: Path, cells: Sequence[str], *, name: str = "x", **others: str
) -> TableReading:
    """A table of one column beside a number of the row; `others` are further columns of one cell."""
    more = "".join(f"\t{one}" for one in others)
    rows = (
        f"{cell}\t{n}" + "".join(f"\t{one}" for one in others.values())
        for n, cell in enumerate(cells)
    )
    return only_table(folder, f"{name}\tn{more}\n" + "\n".join(rows) + "\n")


@pytest.mark.parametrize(
    ("cells", "values", "kind", "unit"),
    [
        (["0.5%", "12%", "100%"], [0.5, 12.0, 100.0], "decimal", "%"),
        (["12 %", "7 %"], [12, 7], "integer", "%"),
        (["$1,200.50", "$3", "-$4.25"], [1200.5, 3.0, -4.25], "decimal", "USD"),
        (["€ 1.200,50", "€ 3,10"], [1200.5, 3.1], "decimal", "EUR"),
        (["¥1,300", "¥2,400"], [1300, 2400], "integer", "CNY"),
        (["12元", "30.5元"], [12.0, 30.5], "decimal", "CNY"),
        (["3万元", "4万元"], [3, 4], "integer", "10,000 CNY"),
        (["1200.50 EUR", "3 EUR"], [1200.5, 3.0], "decimal", "EUR"),
        (["CHF 1'200.50", "CHF 3.20"], [1200.5, 3.2], "decimal", "CHF"),
        (["12 kWh", "3.5 kWh"], [12.0, 3.5], "decimal", "kWh"),
        (["20.5°C", "-3°C"], [20.5, -3.0], "decimal", "°C"),
        (["1 200,50", "12,25"], [1200.5, 12.25], "decimal", None),
        (["1\u00a0200", "12\u00a0345", "7"], [1200, 12345, 7], "integer", None),
        (["1\u202f200,5", "7,5"], [1200.5, 7.5], "decimal", None),
        (["1'200", "1'200'300"], [1200, 1200300], "integer", None),
        (["1\u2019200.5", "7.5"], [1200.5, 7.5], "decimal", None),
        (["(1,200.00)", "300.50"], [-1200.0, 300.5], "decimal", None),
        (["5-", "7"], [-5, 7], "integer", None),
        (["+5", "-7", "0"], [5, -7, 0], "integer", None),
        (["\u22125.5", "7.25"], [-5.5, 7.25], "decimal", None),
        (["1,300", "950"], [1300, 950], "integer", None),
        (["1.5E+03", "2e-3", "7"], [1500.0, 0.002, 7.0], "decimal", None),
        (["0.30000000000000004", "0.1"], [0.30000000000000004, 0.1], "decimal", None),
        (["3919.5776300000002", "21.4"], [3919.5776300000002, 21.4], "decimal", None),
        (["0.00001234567890123456", "0.5"], [0.00001234567890123456, 0.5], "decimal", None),
        (["1e+05", "250", "7"], [100000.0, 250.0, 7.0], "decimal", None),
        (["1,234,567", "1,234"], [1234567, 1234], "integer", None),
        (["12.345,5", "7,25"], [12345.5, 7.25], "decimal", None),
    ],
)  # fmt: skip
def test_numbers_are_read_as_they_are_written(
    tmp_path: Path, cells: list[str], values: list[object], kind: str, unit: str | None
) -> None:
    table = one_column(tmp_path, cells * 2)
    found = columns(table)["x"]
    assert (found.type, found.unit, found.mixed) == (kind, unit, None)
    assert stored(table)["x"] == values * 2


@pytest.mark.parametrize(
    "cells",
    [
        ["10E4", "100E3", "1000E2", "10E3"],
        ["1E1", "2E2", "12E12"],
        ["0047583311587E590003", "0047583311587E590004"],
        ["01", "02", "13", "14", "15", "16", "17", "18", "19", "20"],
        ["007.5", "12.5", "13.5", "14.5", "15.5"],
        ["+8613812345678", "+8613812345679"],
        ["123 456 789", "987 654 321", "111 222 333"],
        ["3.1", "3.10", "3.2", "4.1"],
        ["2.1", "2.10", "2.100", "10.1"],
        ["12345678901234567890", "22345678901234567890"],
        ["$5", "€6", "£7"],
        ["5%", "6 kWh", "7 kg"],
        ["1A", "2A", "3A"],
        ["1.2.3", "1.2.4"],
        ["5--", "(5", "--5"],
        ["1,23,456", "2,34,567"],
        ["0x1F", "0x2A"],
        ["inf", "nan1", "Infinity"],
    ],
)
def test_what_would_lose_something_as_a_number_stays_text(tmp_path: Path, cells: list[str]) -> None:
    table = one_column(tmp_path, cells)
    assert columns(table)["x"].type == "text"
    assert stored(table)["x"] == cells


@pytest.mark.parametrize(
    ("cells", "exact"),
    [
        (["123456789012347.074", "1.5"], ["123456789012347.074", "1.500"]),
        (["1234567890123456.78", "0.01"], ["1234567890123456.78", "0.01"]),
        (["0.123456789012345678", "12.5"], ["0.123456789012345678", "12.500000000000000000"]),
        (["-99999999999999.99", "99999999999999.98"], ["-99999999999999.99", "99999999999999.98"]),
        (["$1,234,567,890,123,456.78", "$5.00"], ["1234567890123456.78", "5.00"]),
    ],
)
def test_numbers_longer_than_a_double_keeps_are_exact(
    tmp_path: Path, cells: list[str], exact: list[str]
) -> None:
    table = one_column(tmp_path, cells)
    assert columns(table)["x"].type == "decimal"
    assert stored(table)["x"] == [Decimal(one) for one in exact]


def test_a_long_number_beyond_the_sample_makes_the_column_exact(tmp_path: Path) -> None:
    rows = [f"{n}.25,x" for n in range(200_000)]
    rows[100_001] = "123456789012345678.125,x"
    table = only_table(tmp_path, "v,m\n" + "\n".join(rows) + "\n")
    found = columns(table)["v"]
    assert (found.type, found.nulls, found.mixed) == ("decimal", 0, None)
    assert found.max == "123456789012345678.125"


def test_leading_zeros_beyond_the_sample_make_text(tmp_path: Path) -> None:
    rows = [f"{n},x" for n in range(10_000, 210_000)]
    for at in range(100_000, 101_000):
        rows[at] = f"0{at % 9000:04d},x"
    table = only_table(tmp_path, "zip,m\n" + "\n".join(rows) + "\n")
    assert columns(table)["zip"].type == "text"


@pytest.mark.parametrize(
    ("sister", "value"),
    [
        (["0,5", "12,75"], 1.3),
        (["1.200,5", "2.300,5"], 1.3),
        (["0.5", "12.75"], 1300),
        (["1,100,200", "2,200,300"], 1300),
        (["1,100.25", "2,200.5"], 1300),
    ],
)
def test_what_a_column_cannot_tell_another_one_proves(
    tmp_path: Path, sister: list[str], value: float
) -> None:
    rows = "".join(f"1,300\t{sister[n % 2]}\n2,301\t{sister[n % 2]}\n" for n in range(4))
    table = only_table(tmp_path, "x\ty\n" + rows)
    assert stored(table)["x"][0] == value
    assert columns(table)["y"].type in {"integer", "decimal"}


def test_a_decimal_comma_makes_points_thousands(tmp_path: Path) -> None:
    table = only_table(tmp_path, "x;y\n1.300;0,5\n2.301;12,75\n")
    assert stored(table) == {"x": [1300, 2301], "y": [0.5, 12.75]}


@pytest.mark.parametrize(
    ("cells", "name", "kind", "first", "last"),
    [
        (["Jan 1, 2026", "Feb 13, 2026"], "x", "date", "2026-01-01", "2026-02-13"),
        (["January 1, 2026", "May 13, 2026"], "x", "date", "2026-01-01", "2026-05-13"),
        (["1-Jan-26", "13-FEB-26"], "x", "date", "2026-01-01", "2026-02-13"),
        (["1 January 2026", "13 May 2026"], "x", "date", "2026-01-01", "2026-05-13"),
        (["01JAN2026 10:00", "13FEB2026 11:30"], "x", "datetime", "2026-01-01 10:00:00", "2026-02-13 11:30:00"),
        (["2026-01", "2026-02"], "x", "date", "2026-01-01", "2026-02-01"),
        (["01/2026", "12/2026"], "x", "date", "2026-01-01", "2026-12-01"),
        (["Jan 2026", "Feb 2026"], "x", "date", "2026-01-01", "2026-02-01"),
        (["2026年1月", "2026年12月"], "x", "date", "2026-01-01", "2026-12-01"),
        (["202601", "202612"], "month", "date", "2026-01-01", "2026-12-01"),
        (["20260101", "20260215", "20261231"], "x", "date", "2026-01-01", "2026-12-31"),
        (["20260101T0930Z", "20261231T2359Z"], "x", "datetime", "2026-01-01 09:30:00", "2026-12-31 23:59:00"),
        (["20260101_093000", "20261231_235959"], "x", "datetime", "2026-01-01 09:30:00", "2026-12-31 23:59:59"),
        (["20260101093000", "20261231235959"], "日期", "datetime", "2026-01-01 09:30:00", "2026-12-31 23:59:59"),
        (["01/13/2026 01:30:00 AM", "01/14/2026 01:30:00 PM"], "x", "datetime", "2026-01-13 01:30:00", "2026-01-14 13:30:00"),
        (["1/13/26 1:30 pm", "1/14/26 12:00 am"], "x", "datetime", "2026-01-13 13:30:00", "2026-01-14 00:00:00"),
        (["2026-01-13 1:30 PM", "2026-01-14 1:30 AM"], "x", "datetime", "2026-01-13 13:30:00", "2026-01-14 01:30:00"),
        (["2026.01.13", "2026.02.01"], "x", "date", "2026-01-13", "2026-02-01"),
        (["2026.01.13 10:00", "2026.02.01"], "x", "datetime", "2026-01-13 10:00:00", "2026-02-01 00:00:00"),
        (["13.01.26", "01.02.26"], "x", "date", "2026-01-13", "2026-02-01"),
        (["01.02.2026", "02.02.2026"], "x", "date", "2026-02-01", "2026-02-02"),
        (["13/01/2026, 10:00:00", "01/02/2026, 11:00:00"], "x", "datetime", "2026-01-13 10:00:00", "2026-02-01 11:00:00"),
        (["2026年1月2日 8时30分", "2026年1月3日 9时05分"], "x", "datetime", "2026-01-02 08:30:00", "2026-01-03 09:05:00"),
        (["2026年1月2日 08:30", "2026年1月3日"], "x", "datetime", "2026-01-02 08:30:00", "2026-01-03 00:00:00"),
        (["2026-01-01 10:00:00 UTC", "2026-01-02 10:00:00 UTC"], "x", "datetime", "2026-01-01 10:00:00", "2026-01-02 10:00:00"),
        (["2026-01-01 10:00:00 GMT", "2026-01-02 10:00:00+0800"], "x", "datetime", "2026-01-01 10:00:00", "2026-01-02 02:00:00"),
        (["2026-01-01 10:00:00 +0800", "2026-01-02 10:00:00 -05"], "x", "datetime", "2026-01-01 02:00:00", "2026-01-02 15:00:00"),
        (["2026-01-01 10:00:00.1230000", "2026-01-02 10:00:00"], "x", "datetime", "2026-01-01 10:00:00.123000", "2026-01-02 10:00:00"),
        (["1767225600", "1767312000"], "timestamp", "datetime", "2026-01-01 00:00:00", "2026-01-02 00:00:00"),
        (["1767225600000", "1767312000500"], "event_time", "datetime", "2026-01-01 00:00:00", "2026-01-02 00:00:00.500000"),
        (["1767225600000000", "1767312000000001"], "ts", "datetime", "2026-01-01 00:00:00", "2026-01-02 00:00:00.000001"),
        (["2025-12-31", "2026-01-01 06:00"], "x", "datetime", "2025-12-31 00:00:00", "2026-01-01 06:00:00"),
        (["31.12.2025", "01.01.2026 06:00"], "x", "datetime", "2025-12-31 00:00:00", "2026-01-01 06:00:00"),
        (["31.12.2025 24:00", "01.01.2026 06:00"], "x", "datetime", "2026-01-01 00:00:00", "2026-01-01 06:00:00"),
        (["2025-12-31 24:00", "2026-01-01 06:00"], "x", "datetime", "2026-01-01 00:00:00", "2026-01-01 06:00:00"),
    ],
)  # fmt: skip
def test_days_and_times_are_read_as_they_are_written(
    tmp_path: Path, cells: list[str], name: str, kind: str, first: str, last: str
) -> None:
    table = one_column(tmp_path, cells * 2, name=name)
    found = columns(table)[name]
    assert (found.type, found.mixed) == (kind, None)
    values = stored(table)[name]
    assert (str(values[0]), str(values[len(cells) - 1])) == (first, last)


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["01/02/2026", "01/03/2026", "01/04/2026", "01/05/2026"], "month"),  # a day apart, each
        (["01/02/2026", "01/03/2026", "01/04/2026", "01/05/2026", "01/06/2026"], None),
        (["01/05/2026", "02/05/2026", "03/05/2026", "01/06/2026", "02/06/2026"], "day"),
        (["05/01/2026", "05/02/2026", "05/03/2026", "06/01/2026", "06/02/2026"], "month"),
        (["05-01-26", "05-08-26", "05-13-26"], "month"),
        (["26-01-05", "26-02-07", "27-02-08", "26-03-09", "31-01-01"], "year"),
    ],
)
def test_the_course_of_cells_tells_the_order_of_their_parts(
    cells: list[str], order: str | None
) -> None:
    found = guess(cells)
    if order is None or cells[0] == "01/02/2026":
        assert found.said is Said.UNCLEAR
        assert {value for value, _one in found.rivals} == {"day_first", "month_first"}
    else:
        assert found.form.value == f"{order}_first"


def test_another_column_tells_the_order_of_day_and_month(tmp_path: Path) -> None:
    table = only_table(
        tmp_path,
        "a,b\n" + "".join(f"0{n % 4 + 1}/05/2026,{13 + n}/02/2026\n" for n in (2, 0, 3, 1)),
    )
    assert stored(table)["a"] == [date(2026, 5, day) for day in (3, 1, 4, 2)]


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (["2026Q1", "2026Q2"], "periods_kept"),
        (["Q1 2026", "Q2 2026"], "periods_kept"),
        (["2026年第1季度", "2026年第2季度"], "periods_kept"),
        (["2026-W01", "2026-W02"], "periods_kept"),
        (["3. Mai 2026", "14. März 2026"], "periods_kept"),
        (["3 de maio de 2026", "14 mars 2026"], "periods_kept"),
        (["00:30", "23:15"], "periods_kept"),
        (["1:30 PM", "2:30 PM"], "periods_kept"),
        (["2026-01-01 10:00:00.123456789"] * 2, "periods_kept"),
        (["2026-01-01 10:00:00", "2026-01-01 10:00:00+08:00"], "some_offsets"),
    ],
)
def test_what_speaks_of_time_and_is_none_is_noted(
    tmp_path: Path, cells: list[str], code: str
) -> None:
    table = one_column(tmp_path, cells)
    assert columns(table)["x"].type == "text"
    assert noted(table) == {code: 1}


@pytest.mark.parametrize(
    "other",
    [
        "2026-01-01 05:00:00-0500", "2026-01-01 05:00-05", "2026-01-01 05:00:00 UTC", "2026-01-01 05:00Z",
        "epoch", "infinity", "-infinity", "2026-02-30 05:00:00", "2026-01-01 05:00:00.1234567",
    ],
)  # fmt: skip
def test_a_time_of_another_zone_is_never_taken_in_silence(tmp_path: Path, other: str) -> None:
    cells = [f"2026-01-01 {hour:02d}:00:00" for hour in range(20)] + [other]
    table = one_column(tmp_path, cells, name="at")
    assert stored(table)["at__text"][-1] == other
    assert stored(table)["at"][-1] is None
    assert noted(table) == {"text_kept_beside": 1}


@pytest.mark.parametrize(
    "other", ["2026-01-01 05:00:00", "2026-01-02", "2026-01-01T05:00:00+99:99"]
)
def test_a_time_without_its_zone_is_never_taken_in_silence(tmp_path: Path, other: str) -> None:
    cells = [f"2026-01-01T{hour:02d}:00:00+08:00" for hour in range(20)] + [other]
    table = one_column(tmp_path, cells, name="at")
    assert stored(table)["at__text"][-1] == other


@pytest.mark.parametrize(
    "marker",
    [
        "Comm Fail", "Scan Off", "通讯中断", "#NV", "..", "\\N", ":", "(null)", "暂无", "#DIV/0!", "*", "n.a.", "未知", "#VALUE!", "—", "<NA>", "No data",
        "k. A.", "brak danych", "н/д", "sin dato", "n/d", "該当なし", "-9999", "-999", "-99", "-9999.0", "99999",
    ],
)  # fmt: skip
def test_what_says_that_nothing_is_there_is_missing_and_named(tmp_path: Path, marker: str) -> None:
    cells = [str(n % 40) for n in range(60)]
    cells[7::13] = [marker] * len(cells[7::13])
    table = one_column(tmp_path, cells)
    found = columns(table)["x"]
    assert (found.nulls, found.mixed) == (5, None)
    assert found.max in {"39", "39.0"}
    (note,) = table.notes
    assert (note.code, note.rows) == ("missing_markers", 5)
    assert f"“{marker}” × 5" in note.text


@pytest.mark.parametrize(
    "cells",
    [
        [str(-n) for n in range(0, 20_000, 101)] + ["-9999"] * 5,  # among its like
        [str(n) for n in range(60)] + ["-9999"],  # once
        [str(n * 100) for n in range(60)] + ["9999"] * 5,
    ],
)
def test_a_number_like_others_is_none_of_them(tmp_path: Path, cells: list[str]) -> None:
    assert columns(one_column(tmp_path, cells))["x"].nulls == 0


def asked(folder: Path, content: str, answers: Answers) -> FileReading:
    path = folder / "a.csv"
    path.write_text(content)
    (folder / "into").mkdir()
    return reading.read(path, name="a.csv", into=folder / "into", answers=answers)


@pytest.mark.parametrize(
    ("cells", "of", "place", "answer", "value"),
    [
        (("01/02/2026", "03/04/2026"), Asked.DATE_ORDER, "a.csv", "day_first", "2026-02-01"),
        (("01/02/2026", "03/04/2026"), Asked.DATE_ORDER, "a.csv", "month_first", "2026-01-02"),
        (("1,234", "5,678"), Asked.DECIMAL_SIGN, "a.csv", "point", "1234"),
        (("1,234", "5,678"), Asked.DECIMAL_SIGN, "a.csv", "comma", "1.234"),
        (("3.1", "3.10"), Asked.TYPE, "a.csv / x", "numbers", "3.1"),
        (("46023", "46024"), Asked.TYPE, "a.csv / day", "times", "2026-01-01 00:00:00"),
    ],
)
def test_where_two_readings_fit_the_seller_is_asked(
    tmp_path: Path, cells: tuple[str, str], of: Asked, place: str, answer: str, value: str
) -> None:
    name = place.partition(" / ")[2] or "x"
    content = f"{name}\tn\n{cells[0]}\t1\n{cells[1]}\t2\n"
    (tmp_path / "open").mkdir()
    (question,) = asked(tmp_path / "open", content, Answers()).questions
    assert (question.asked, question.place, question.is_answered) == (of, place, False)
    assert question.taken in {"text", "integer"}
    assert {len(option.rows) for option in question.options} == {2}
    (tmp_path / "said").mkdir()
    read = asked(tmp_path / "said", content, Answers({(of, place): answer}))
    (question,) = read.questions
    assert (question.taken, question.is_answered) == (answer, True)
    assert str(stored(read.tables[0])[name][0]) == value


# The files of people who tried: what is right is said in their list.


def test_midnights_without_a_clock(tmp_path: Path) -> None:
    table = table_of(tmp_path, "33_midnight_without_clock.csv")
    assert columns(table)["time"].type == "datetime"
    assert table.time is not None
    assert (table.time.rhythm_seconds, table.time.start) == (21600, "2026-01-01 00:00:00")


@pytest.mark.parametrize(
    ("name", "column", "rows"),
    [("35_excel_hourly.xls", "t", 48), ("03a_hours_added.xlsx", "time", 72)],
)
def test_hours_of_workbooks(tmp_path: Path, name: str, column: str, rows: int) -> None:
    table = table_of(tmp_path, name)
    values = stored(table)[column]
    assert len(set(values)) == rows
    assert all(isinstance(one, datetime) and one.minute == one.second == 0 for one in values)
    assert table.time is not None
    assert table.time.rhythm_seconds == 3600


def test_single_times_of_a_workbook(tmp_path: Path) -> None:
    times = [str(one)[11:] for one in stored(table_of(tmp_path, "03b_single_times.xlsx"))["time"]]
    assert times == ["10:00:00", "23:59:59", "12:18:00", "12:00:00", "01:00:00"]


@pytest.mark.parametrize(
    ("name", "types"),
    [
        ("36_leading_zero_codes.csv", {"fips": ("text", None, 56)}),
        ("38_thousands_below_a_million.csv", {"labor": ("integer", None, 40), "unemployed": ("integer", None, 40)}),
        ("04a_codes_with_E.csv", {"unit_code": ("text", None, 38)}),
        ("04b_long_decimals.csv", {"balance": ("decimal", None, 20)}),
        ("04c_versions.csv", {"firmware": ("text", None, 6)}),
        ("40_money_percent.csv", {
            "a_pct": ("decimal", "%", 40), "b_usd": ("decimal", "USD", 40), "c_cny": ("integer", "CNY", 40),
            "d_fr": ("decimal", None, 40), "e_ch": ("decimal", None, 40), "f_acc": ("decimal", None, 40),
            "g_trail": ("integer", None, 40), "h_space": ("integer", None, 40), "i_plus": ("integer", None, 40),
        }),
        ("42_dates.csv", {
            **dict.fromkeys(("two_us", "mon", "dmon", "ymd", "dot", "dot2", "slash_ymd"), ("date", None, 40)),
            **dict.fromkeys(("epoch", "epoch_ms", "ampm", "utc", "off4"), ("datetime", None, 40)),
            **dict.fromkeys(("ym", "cn_ym"), ("date", None, 4)),
            "q": ("text", None, 2), "iso_week": ("text", None, 18), "tod": ("text", None, 24),
            "nano": ("text", None, 40), "year": ("integer", None, 40), "excel": ("integer", None, 40),
        }),
    ],
)  # fmt: skip
def test_files_that_failed(
    tmp_path: Path, name: str, types: dict[str, tuple[str, str | None, int]]
) -> None:
    found = columns(table_of(tmp_path, name))
    assert {one: (found[one].type, found[one].unit, found[one].distinct) for one in types} == types


def test_long_decimals_keep_their_sum(tmp_path: Path) -> None:
    balances = stored(table_of(tmp_path, "04b_long_decimals.csv"))["balance"]
    assert sum(Decimal(str(one)) for one in balances) == Decimal("2469135780247117.770")


def test_markers_of_a_file_are_named(tmp_path: Path) -> None:
    table = table_of(tmp_path, "43_markers.csv")
    assert {one.type for one in table.columns} == {"integer"}
    assert {one.nulls for one in table.columns} == {6}
    assert noted(table) == {"missing_markers": 48}


CELLS = st.one_of(
    st.sampled_from(
        [
            "1",
            "2.5",
            "1,5",
            "1,234",
            "1.234",
            "1,234.5",
            "-9999",
            "N/A",
            "..",
            "01",
            "1E5",
            "3.10",
            "3.1",
            "$5",
            "5%",
            "(5)",
            "5-",
            "2026-01-01",
            "01/02/2026",
            "13/02/2026",
            "2026-01-01T10:00Z",
            "20260101",
            "1767225600",
            "true",
            "a=b",
            "epoch",
            "inf",
            "123456789012345678.9",
        ]
    ),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12),
    st.decimals(allow_nan=False, allow_infinity=False, places=3).map(str),
    st.integers().map(str),
    st.dates().map(str),
    st.datetimes().map(str),
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(CELLS, min_size=1, max_size=40), st.sampled_from(["x", "time", "month", "日期"]))
def test_every_cell_comes_out_or_is_named(
    tmp_path_factory: pytest.TempPathFactory, cells: list[str], name: str
) -> None:
    """Cells in = cells out and cells that a note names as missing."""
    quoted = [cell.replace('"', '""') for cell in cells]
    content = f"{name},row_number\n" + "".join(f'"{one}",{n}\n' for n, one in enumerate(quoted))
    table = only_table(tmp_path_factory.mktemp("cells"), content)
    filled = sum(1 for cell in cells if cell.strip(" "))
    own = [one for one in table.columns if one.original_name.startswith(name)]
    values = stored(table)
    out = sum(1 for one in own for value in values[one.name] if value not in (None, ""))
    assert table.rows == len(cells)
    blank = sum(
        1 for value in values[name] if isinstance(value, str) and value and not value.strip(" ")
    )
    assert out - blank + noted(table).get("missing_markers", 0) == filled
