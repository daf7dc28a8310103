"""What stands below the rows, and tables one under the other."""

from pathlib import Path

import pytest

from exchange.vault.reading.questions import Answers, Asked
from tests.vault.reading.brought import brought, columns, noted, only_table

CASES = Path(__file__).parent / "cases"
ROWS = "".join(f"R{n},{n * 10 + 5},{n * 3}\n" for n in range(20))
TOTAL = f"{sum(n * 10 + 5 for n in range(20))},{sum(n * 3 for n in range(20))}"
HEAD = "region,energy,customers\n"

ENDINGS = {
    "total and source": (f"{HEAD}{ROWS}Total,{TOTAL}\n,,\nSource: office,,\n", {"total_rows": 1, "footnotes": 1}),
    "total alone": (f"{HEAD}{ROWS}TOTAL:,{TOTAL}\n", {"total_rows": 1}),
    "total in Chinese": (f"地区,电量,户数\n{ROWS}合计,{TOTAL}\n", {"total_rows": 1}),
    "total in German": (f"{HEAD}{ROWS}Summe,{TOTAL}\n\nQuelle: Amt\n", {"total_rows": 1, "footnotes": 1}),
    "a note after a gap": (f"{HEAD}{ROWS}\nAll figures are provisional\n", {"footnotes": 1}),
    "notes with commas": (f"{HEAD}{ROWS}\nNote: old, but good\n* without islands\n", {"footnotes": 2}),
    "source in Chinese": (f"地区,电量,户数\n{ROWS}数据来源：国家电网\n", {"footnotes": 1}),
    "semicolons": ((HEAD + ROWS).replace(",", ";") + "Insgesamt;1;2\n;;\n1) ohne Inseln;;\n", {"total_rows": 1, "footnotes": 1}),
}  # fmt: skip


@pytest.mark.parametrize("name", ENDINGS)
def test_totals_and_remarks_are_no_rows(tmp_path: Path, name: str) -> None:
    content, notes = ENDINGS[name]
    table = only_table(tmp_path, content)
    assert table.rows == 20
    assert [one.max for one in table.columns][1:] == ["195", "57"]
    told = noted(table)
    assert {code: told.get(code) for code in notes} == notes


def test_the_given_ending_is_left_out(tmp_path: Path) -> None:
    table = only_table(tmp_path, (CASES / "21_totals_footnotes.csv").read_bytes())
    assert (table.rows, columns(table)["energy_mwh"].max) == (20, "195")
    assert {"total_rows", "footnotes"} <= set(noted(table))


def test_a_total_that_does_not_add_up_is_asked(tmp_path: Path) -> None:
    content = f"{HEAD}{ROWS}Total,7,8\n"
    read = brought(tmp_path, content)
    (question,) = (one for one in read.questions if one.asked is Asked.FOOTNOTES)
    assert (question.taken, read.tables[0].rows) == ("leave_out", 20)
    (tmp_path / "again").mkdir()
    said = Answers({(Asked.FOOTNOTES, question.place): "keep"})
    again = brought(tmp_path / "again", content, answers=said)
    assert again.tables[0].rows == 21
    assert [one.is_answered for one in again.questions if one.asked is Asked.FOOTNOTES] == [True]


@pytest.mark.parametrize(
    "content",
    [
        f"{HEAD}{ROWS}R20,,\n",
        f"{HEAD}{ROWS}Summerland,5,6\n",
        HEAD + "".join(f"{('North', 'South', 'Total')[n % 3]},{n},{n}\n" for n in range(21)),
        f"{HEAD}{ROWS}\nR20,205,60\n",
    ],
)
def test_rows_at_the_end_are_rows(tmp_path: Path, content: str) -> None:
    assert only_table(tmp_path, content).rows == 21


STACKED = {
    "other names": ("id,v\n1,2\n3,4\n\ncity,people,area\nA,10,1\nB,20,2\n", (("id", "v"), ("city", "people", "area")), (2, 2)),
    "with titles": ("id;v\n1;2\n3;4\n\nTable 2: cities\n\ncity;people\nA;10\nB;20\nC;5\n", (("id", "v"), ("city", "people")), (2, 3)),
    "filled up": ("id,v,\n1,2,\n3,4,\n,,\ncity,people,area\nA,10,1\nB,20,2\n", (("id", "v"), ("city", "people", "area")), (2, 2)),
    "three": ("a,b\n1,2\n\nc,d\n3,x\n\ne,f,g\n5,6,7\n8,9,0\n", (("a", "b"), ("c", "d"), ("e", "f", "g")), (1, 1, 2)),
}  # fmt: skip


@pytest.mark.parametrize("name", STACKED)
def test_tables_under_one_another_are_tables_of_their_own(tmp_path: Path, name: str) -> None:
    content, names, rows = STACKED[name]
    tables = brought(tmp_path, content).tables
    assert tuple(tuple(columns(one)) for one in tables) == names
    assert tuple(one.rows for one in tables) == rows
    assert len({one.name for one in tables}) == len(tables)


def test_the_given_tables_are_two(tmp_path: Path) -> None:
    tables = brought(tmp_path, (CASES / "20_stacked_tables.csv").read_bytes()).tables
    assert [(len(one.columns), one.rows) for one in tables] == [(2, 20), (3, 20)]


def test_gaps_and_names_again_begin_no_table(tmp_path: Path) -> None:
    table = only_table(tmp_path, "id,v\n1,2\n3,4\n\n5,6\n\nid,v\n7,8\n")
    assert (list(columns(table)), table.rows) == (["id", "v"], 4)
