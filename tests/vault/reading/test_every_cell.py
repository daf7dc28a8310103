"""Cells in = cells out + cells named: nothing of a text file is lost without a note that counts it."""

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchange.vault.reading import FileReading
from tests.vault.reading.brought import brought, real

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
REAL_BYTES_MAX = 600_000
DELIMITERS = ",;\t|"
WORDS = st.sampled_from(["Nord", "Süd", "west side", "东", "a/b", "x-1", "none of it"])
NUMBERS = st.one_of(
    st.integers(-(10**6), 10**6).map(str), st.decimals(-999, 999, places=2).map(str)
)
DAYS = st.dates().map(str)
GAPS = st.sampled_from(["", "", "NA", "-", "null", "n/a", " "])
MISFITS = st.sampled_from(["broken", "12 kW", "0012", "1e3", "?"])
KINDS = (WORDS, NUMBERS, DAYS)


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, list[list[str]]]:
    """A table with gaps and a few cells that do not fit."""
    delimiter = draw(st.sampled_from(DELIMITERS))
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=2, max_size=4))
    cells = [st.one_of(kind, kind, kind, kind, GAPS, MISFITS) for kind in kinds]
    rows = draw(st.lists(st.tuples(*cells).map(list), min_size=5, max_size=30))
    names = ["row", *(f"name {number}" for number in range(len(kinds)))]
    return delimiter, [names, *([f"R{number}", *row] for number, row in enumerate(rows, start=1))]


def written(delimiter: str, rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return text.getvalue()


def filled(rows: list[list[str]]) -> int:
    return sum(bool(cell.strip()) for row in rows for cell in row)


def out_and_named(read: FileReading) -> int:
    """Cells of the tables with the names of their columns, and those that notes name."""
    named = sum(note.cells for note in read.notes)
    for table in read.tables:
        named += sum(note.cells for note in table.notes)
        beside = {f"{one.name}__text" for one in table.columns}
        named += sum(
            bool(one.original_name.strip()) for one in table.columns if one.name not in beside
        )
        counts = ", ".join(
            f"count(nullif(trim(CAST({quoted(one.name)} AS VARCHAR)), ''))" for one in table.columns
        )
        with duckdb.connect() as engine:
            found = engine.execute(f"SELECT {counts} FROM read_parquet('{table.parquet}')")
            named += sum(found.fetchall()[0])
    return named


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@given(table=tables())
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_cell_of_a_table_is_lost_unsaid(table: tuple[str, list[list[str]]]) -> None:
    delimiter, rows = table
    with TemporaryDirectory() as folder:
        read = brought(Path(folder), written(delimiter, rows))
        assert out_and_named(read) == filled(rows)


ROWS = [["at", "town", "kwh"], *[[f"2026-01-0{n}", "Nord", f"{n}.5"] for n in range(1, 9)]]


@pytest.mark.parametrize(
    "rows",
    [
        [["Usage of 2026", "", ""], *ROWS],
        [["# made by", "a meter"], ["# 2026"], *ROWS],
        [ROWS[0], ["", "", "kWh"], *ROWS[1:]],
        [ROWS[0], ["---", "----", "---"], *ROWS[1:]],
        [*ROWS[:4], ROWS[0], *ROWS[4:]],
        [ROWS[0], ["-", "", "-"], *ROWS[1:]],
        [*ROWS, ["2026-01-09"], ["2026-01-10", "Nord", "3", "", "more"]],
    ],
    ids=["title", "comments", "units", "ruler", "again", "markers", "ragged"],
)
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_no_cell_around_a_table_is_lost_unsaid(
    tmp_path: Path, rows: list[list[str]], delimiter: str
) -> None:
    assert out_and_named(brought(tmp_path, written(delimiter, rows))) == filled(rows)


CASES = Path(__file__).parent / "cases"
CUT_BY = {
    "01_delimiter_decimal_comma.csv": ";",
    "01a_preamble.csv": ";",
    "01b_sep_line.csv": ";",
    "01c_unit_row.csv": ",",
    "03_delimiter_free_text.csv": ";",
    "07_hash_header.csv": ",",
    "15_delimiter_caret.csv": "^",
    "18_repeated_header.csv": ",",
    "38_thousands_below_a_million.csv": ",",
    "40_money_percent.csv": ",",
    "42_dates.csv": ",",
    "43_markers.csv": ",",
}


@pytest.mark.parametrize("name", CUT_BY)
def test_no_cell_of_a_case_is_lost_unsaid(tmp_path: Path, name: str) -> None:
    text = (CASES / name).read_text(encoding="utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=CUT_BY[name]))
    assert out_and_named(brought(tmp_path, text)) == filled(rows)


def real_files() -> list[Path]:
    found = sorted(DATA.rglob("*.csv")) if DATA.exists() else []
    return [path for path in found if path.stat().st_size <= REAL_BYTES_MAX]


@pytest.mark.parametrize("path", real_files(), ids=lambda path: f"{path.parent.name}-{path.name}")
def test_no_cell_of_a_real_file_is_lost_unsaid(tmp_path: Path, path: Path) -> None:
    text = path.read_text(encoding="utf-8-sig")
    head = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=head.count)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    assert out_and_named(real(tmp_path, path)) == filled(rows)
