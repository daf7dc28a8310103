"""Cells: nothing is lost, whatever they hold."""

import csv
from datetime import date, datetime
from pathlib import Path

import pyarrow.parquet
import pytest

from exchange.vault.reading.documents import Mixed
from exchange.vault.reading.guesses import guess
from exchange.vault.reading.kinds import Form
from tests.vault.reading.brought import columns, noted, only_table


def stored(path: Path) -> dict[str, list[object]]:
    values: dict[str, list[object]] = pyarrow.parquet.read_table(path).to_pydict()
    return values


@pytest.mark.parametrize(
    ("cells", "form"),
    [
        (["1", "-2", "30"], Form.INTEGER),
        (["1", "2.5", ""], Form.DECIMAL),
        (["007", "012"], Form.TEXT),
        (["12345678901234567890", "1"], Form.TEXT),
        (["1,5", "2,25"], Form.DECIMAL),
        (["1.234,5", "2"], Form.DECIMAL),
        (["1,234.5", "12"], Form.DECIMAL),
        (["1,234", "5,678"], Form.TEXT),
        (["2020-01-31", "2020-2-1"], Form.DATE),
        (["2020-01-31 10:00", "2020-02-01"], Form.DATETIME),
        (["2020-01-31T10:00:00Z", "2020-01-31T10:00:00+08:00"], Form.INSTANT),
        (["2020年1月2日"], Form.WRITTEN),
        (["31/01/2020", "01/02/2020"], Form.DAY_FIRST),
        (["01/31/2020", "01/02/2020"], Form.MONTH_FIRST),
        (["01/02/2020", "03/04/2020"], Form.TEXT),
        (["true", "False"], Form.BOOLEAN),
        (["Y", "N"], Form.TEXT),
        (["0x1F", "1_000"], Form.TEXT),
        (["", " "], Form.EMPTY),
    ],
)
def test_a_form_is_claimed_only_where_nothing_is_lost(cells: list[str], form: Form) -> None:
    assert guess(cells).form is form


def test_text_among_numbers_is_kept_beside_and_counted(tmp_path: Path) -> None:
    lines = [f"{n / 2}" for n in range(40)] + ["Inp OutRange"] * 3 + ["by hand"]
    table = only_table(tmp_path, "\n".join(["tag", *[f"{cell}" for cell in lines]]) + "\n")
    found = columns(table)["tag"]
    assert found.type == "decimal"
    assert found.mixed == Mixed("text_among_numbers", 4, ("Inp OutRange", "by hand"))
    assert found.nulls == 0
    kept = stored(table.parquet)
    assert kept["tag"] == [n / 2 for n in range(40)] + [None] * 4
    assert kept["tag__text"] == [None] * 40 + ["Inp OutRange"] * 3 + ["by hand"]
    assert noted(table) == {"text_kept_beside": 4}
    normativity = table.quality.dimensions[0]
    assert (normativity.numerator, normativity.denominator) == (40, 44)


def test_text_beyond_the_sample_is_kept_too(tmp_path: Path) -> None:
    """The sample is of 2,000 rows or so: one cell of 300,000 is not in it."""
    rows = ["n,m", *[f"{n},x" for n in range(300_000)]]
    rows[150_001] = "oops,x"
    table = only_table(tmp_path, "\n".join(rows) + "\n")
    assert columns(table)["n"].mixed == Mixed("text_among_numbers", 1, ("oops",))
    assert table.rows == 300_000


def test_a_column_that_turns_decimal_late_is_decimal(tmp_path: Path) -> None:
    rows = ["n,m", *[f"{n},x" for n in range(300_000)]]
    rows[150_001] = "0.5,x"
    table = only_table(tmp_path, "\n".join(rows) + "\n")
    found = columns(table)["n"]
    assert (found.type, found.mixed, found.nulls) == ("decimal", None, 0)


def test_numbers_among_text_are_reported(tmp_path: Path) -> None:
    table = only_table(tmp_path, "state,n\n" + "on,1\n" * 6 + "7,1\n" * 4)
    assert columns(table)["state"].type == "text"
    assert columns(table)["state"].mixed == Mixed("numbers_among_text", 4, ("7",))


def test_markers_of_absence_count_as_missing(tmp_path: Path) -> None:
    table = only_table(tmp_path, "kwh,n\n" + "1.5,1\n" * 8 + "NA,1\n,1\n")
    found = columns(table)["kwh"]
    assert (found.type, found.nulls, found.mixed) == ("decimal", 2, None)
    assert noted(table) == {"missing_markers": 1}


def test_two_columns_of_one_name_stay_two(tmp_path: Path) -> None:
    table = only_table(tmp_path, "time,kwh,KWH,\n1,2,3,4\n5,6,7,8\n")
    assert [(one.name, one.original_name) for one in table.columns] == [
        ("time", "time"),
        ("kwh", "kwh"),
        ("KWH_2", "KWH"),
        ("column_4", ""),
    ]
    assert noted(table)["unnamed_columns"] == 1


def test_nameless_columns_without_a_value_are_left_out_and_counted(tmp_path: Path) -> None:
    table = only_table(tmp_path, "a,b,,\n1,2,,\n3,4,,\n")
    assert list(columns(table)) == ["a", "b"]
    assert noted(table) == {"unnamed_columns": 2, "nameless_empty_columns": 2}


def test_ragged_rows_lose_nothing(tmp_path: Path) -> None:
    table = only_table(tmp_path, "a,b\n1,x\n2\n3,y,extra\n4,z,,\n")
    assert stored(table.parquet) == {
        "a": [1, 2, 3, 4],
        "b": ["x", None, "y", "z"],
        "column_3": [None, None, "extra", None],
    }
    assert noted(table) == {"short_rows": 1, "long_rows": 1, "unnamed_columns": 1}


def test_quotes_that_do_not_pair_up_stay_letters(tmp_path: Path) -> None:
    table = only_table(tmp_path, 'a,b\n1,"open\n2,6" pipe\n3,x\n')
    assert stored(table.parquet)["b"] == ['"open', '6" pipe', "x"]
    assert noted(table) == {"literal_quotes": 0}


def test_quoted_line_breaks_and_delimiters_are_content(tmp_path: Path) -> None:
    table = only_table(tmp_path, 'a,b\n1,"x, y\nz"\n2,"say ""hi"""\n')
    assert stored(table.parquet)["b"] == ["x, y\nz", 'say "hi"']


def test_dates_of_the_year_14_are_kept_and_called_implausible(tmp_path: Path) -> None:
    table = only_table(tmp_path, "day,n\n0014-03-02,1\n2014-03-03,2\n2014-03-04,3\n2014-03-05,4\n")
    assert stored(table.parquet)["day"][:2] == [date(14, 3, 2), date(2014, 3, 3)]
    assert columns(table)["day"].min == "0014-03-02"
    accuracy = table.quality.dimensions[2]
    assert (accuracy.numerator, accuracy.denominator) == (7, 8)
    assert table.time is not None
    assert (table.time.start, table.time.until) == ("2014-03-03", "2014-03-05")


def test_offsets_become_utc(tmp_path: Path) -> None:
    table = only_table(tmp_path, "at,n\n2020-01-01T08:00:00+08:00,1\n2020-01-01T01:00:00Z,2\n")
    assert stored(table.parquet)["at"] == [datetime(2020, 1, 1, 0), datetime(2020, 1, 1, 1)]  # noqa: DTZ001
    assert noted(table) == {"offsets_to_utc": 1}


def test_formulas_stay_text_and_the_sample_disarms_them(tmp_path: Path) -> None:
    cells = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "plain"]
    table = only_table(tmp_path, "note,n\n" + "".join(f"{cell},-1\n" for cell in cells))
    assert stored(table.parquet)["note"] == cells
    assert [row[0] for row in table.preview.rows] == cells
    assert table.sample is not None
    with table.sample.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert [row[0] for row in rows[1:]] == [*[f"'{cell}" for cell in cells[:4]], "plain"]
    assert {row[1] for row in rows[1:]} == {"-1"}


def test_comments_above_the_table_are_counted(tmp_path: Path) -> None:
    table = only_table(tmp_path, "# made by a logger\n# v2\na,b\n1,2\n")
    assert list(columns(table)) == ["a", "b"]
    assert noted(table) == {"comment_lines": 2}


def test_a_table_without_names_keeps_its_first_row(tmp_path: Path) -> None:
    table = only_table(tmp_path, "1,2.5\n3,4.5\n")
    assert stored(table.parquet) == {"column_1": [1, 3], "column_2": [2.5, 4.5]}
    assert noted(table)["no_header"] == 0
