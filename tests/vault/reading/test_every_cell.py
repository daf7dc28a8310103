"""Cells in = cells out + cells named: nothing of a file is lost without a note that counts it, whatever
it is written in. What is in a file is counted by hand (`slow_counts`)."""

import csv
import gzip
import io
import json
import tarfile
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchange.vault.reading import FileReading
from exchange.vault.reading.documents import TableReading
from exchange.vault.reading.questions import Answers, Asked
from tests import depth
from tests.vault.reading import slow_counts
from tests.vault.reading.brought import brought, real, zipped
from tests.vault.reading.slow_counts import filled, leaves, leaves_of_cell
from tests.vault.reading.test_binary_workbooks import book as binary_book
from tests.vault.reading.test_binary_workbooks import sheet as binary_sheet
from tests.vault.reading.test_databases import METERS, database
from tests.vault.reading.test_old_workbooks import with_errors
from tests.vault.reading.test_workbooks import book, open_document, sheet

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
GAS_NETWORK = DATA / "gas_network" / "gas_net_schutterwald_1bar.json"
REAL_BYTES_MAX = 600_000
DEEP = [pytest.mark.deep, depth.ONLY_DEEP]
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


def out_and_named(read: FileReading) -> int:
    """Cells of the tables with the names of their columns, and those that notes name; without those that
    a reading adds: values of merged cells, and from which file of an archive a row came."""
    named = sum(note.cells for note in read.notes)
    for table in read.tables:
        named += sum(note.cells for note in table.notes)
        named -= sum(note.rows for note in table.notes if note.code == "merged_cells_filled")
        named -= table.rows * any(one.name == "source_file" for one in table.columns)
        named += names_out(table)
        counts = ", ".join(
            f"count(nullif(trim(CAST({quoted(one.name)} AS VARCHAR)), ''))" for one in table.columns
        )
        with duckdb.connect() as engine:
            found = engine.execute(f"SELECT {counts} FROM read_parquet('{table.parquet}')")
            named += sum(found.fetchall()[0])
    return named


def names_out(table: TableReading) -> int:
    """Names of columns that stand in the file."""
    added = {"source_file", *(f"{one.name}__text" for one in table.columns)}
    return sum(bool(one.original_name.strip()) for one in table.columns if one.name not in added)


def values_out_and_named(read: FileReading) -> int:
    """The same of JSON: single values, also in cells that are JSON text; keys are none."""
    named = sum(note.cells for note in read.notes)
    for table in read.tables:
        named += sum(note.cells for note in table.notes)
        for column in pq.read_table(table.parquet).columns:
            named += sum(leaves_of_cell(cell) for cell in column.to_pylist())
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


SHEET: list[list[Any]] = [
    ["site", "load", "day"],
    *[[f"S{n}", n + 0.5, f"2026-01-0{n}"] for n in range(1, 9)],
]
GAPPY: list[list[Any]] = [*SHEET[:4], ["S9", None, None], ["S10", "#DIV/0!", "#N/A"], *SHEET[4:]]


@pytest.mark.parametrize(
    "content",
    [
        book(sheet(SHEET)),
        book(sheet(GAPPY)),
        book(sheet([*SHEET, ["S9", "=A1*2", "=B1"], ["S10", "=A1", "x"]])),
        book(sheet(GAPPY), sheet(GAPPY), states=("visible", "hidden")),
        book(sheet(GAPPY, hidden_rows=[3, 6])),
        book(sheet([["Loads of the town", None, None], *GAPPY], merged=["A1:C1"])),
        book(sheet([["at", "2025", None], [None, "peak", "valley"], *SHEET[1:]],
                   merged=["A1:A2", "B1:C1"])),
        book(sheet([["at", "2025", None], [None, "valley", None], *SHEET[1:]],
                   merged=["A1:A2", "B1:C1", "B2:C2"])),
        book(sheet([["zone", "at", "kw"], ["north", "a", 1], [None, "b", 2], [None, "c", 3],
                    ["south", "d", 4]], merged=["A2:A4"])),
        book(sheet([*SHEET, ["Total", 40.0, None], [None, None, None], ["Source: the town"]])),
        book(sheet([*GAPPY, [], ["Pumps of the town"], ["town", "bar"], ["Bonn", 2], ["Kiel", 3], ["Köln", "NA"]])),
        open_document(GAPPY),
        open_document([*SHEET, ["S9", '<table:table-cell table:formula="of:=[.B2]*2"/>', "x"]]),
        open_document(GAPPY, hidden=[2]),
        binary_book(binary_sheet(GAPPY)),
        binary_book(binary_sheet(GAPPY), binary_sheet(GAPPY), states=(0, 1)),
        binary_book(binary_sheet(GAPPY, hidden_rows=[2], hidden_columns=[1])),
    ],
)  # fmt: skip
def test_no_cell_of_a_workbook_is_lost_unsaid(tmp_path: Path, content: bytes) -> None:
    assert out_and_named(brought(tmp_path, content)) == slow_counts.in_workbook(content)


@pytest.mark.parametrize("code", [0x07, 0x2A])
def test_no_cell_of_an_old_workbook_is_lost_unsaid(tmp_path: Path, code: int) -> None:
    content = with_errors(5, code)
    assert out_and_named(brought(tmp_path, content)) == slow_counts.in_old_workbook(content)


def test_what_a_seller_leaves_out_is_counted_with_its_names(tmp_path: Path) -> None:
    columns_xml = '<cols><col min="2" max="2" hidden="1"/></cols>'
    answers = Answers({(Asked.HIDDEN, "S1"): "leave_out"})
    two_rows: list[list[Any]] = [["at", "2025", None], [None, "peak", "valley"]]
    for number, (head, merged) in enumerate((([SHEET[0]], []), (two_rows, ["A1:A2", "B1:C1"]))):
        rows = [*head, *SHEET[1:]]
        content = book(sheet(rows, columns_xml=columns_xml, hidden_rows=[4], merged=merged))
        folder = tmp_path / str(number)
        folder.mkdir()
        read = brought(folder, content, answers=answers)
        assert len(read.tables[0].columns) == 2
        assert out_and_named(read) == slow_counts.in_workbook(content)


VALUES = st.one_of(st.none(), st.integers(-999, 999), st.sampled_from(["Nord", "#N/A", "=A1", "-"]))


@given(
    rows=st.lists(st.tuples(VALUES, VALUES, VALUES).map(list), min_size=4, max_size=20),
    has_title=st.booleans(),
    hidden=st.sets(st.integers(3, 8)),
    spans=st.sets(st.sampled_from(["A4:A6", "C5:C6", "A1:D1"])),
)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_cell_of_any_workbook_is_lost_unsaid(
    *, rows: list[list[Any]], has_title: bool, hidden: set[int], spans: set[str]
) -> None:
    body = [["row", "a", "b", "c"], *([f"R{n}", *row] for n, row in enumerate(rows, start=1))]
    titles = [["Loads of the town", None, None, None]] if has_title else []
    merged = sorted(spans) if has_title else sorted(spans - {"A1:D1"})
    content = book(sheet([*titles, *body], merged=merged, hidden_rows=sorted(hidden)))
    with TemporaryDirectory() as folder:
        read = brought(Path(folder), content)
        assert out_and_named(read) == slow_counts.in_workbook(content)


POINT = {"type": "Point", "coordinates": [7.1, 50.7]}
FEATURES = [
    {"type": "Feature", "id": n, "bbox": [1, 2, 3, 4], "geometry": POINT,
     "properties": {"kw": n, "tags": ["a", "b"], "town": None}}
    for n in range(5)
]  # fmt: skip
ROWS_OF_JSON = [{"at": f"2026-01-0{n}", "kw": n, "of": {"x": n, "y": [n, None]}} for n in range(1, 9)]  # fmt: skip


@pytest.mark.parametrize(
    ("document", "added"),
    [
        (ROWS_OF_JSON, 0),
        ({"meta": {"unit": "kWh", "by": ["a", "b"]}, "data": ROWS_OF_JSON}, 0),
        ({"answer": {"page": 1, "of": {"all": 3}, "data": ROWS_OF_JSON, "more": ROWS_OF_JSON}}, 0),
        ({"unit": "kWh", "at": [1, 2, 3, 4], "kw": [5, None, 7, 8]}, 0),
        ({"fields": [{"name": "at", "type": "int"}, {"name": "kw", "type": "int"}], "unit": "kW",
          "data": [[1, 2], [3, 4], [5, None]]}, -2),
        ({"at": {"0": 1, "1": 2}, "kw": {"0": 3, "1": None}}, 0),
        ({"a": {"kw": 1, "v": 2}, "b": {"kw": 3, "v": 4}, "c": {"kw": 5}}, 3),
        ({"note": "one row", "of": {"kw": [1, 2]}}, 0),
    ],
)  # fmt: skip
def test_no_value_of_json_is_lost_unsaid(tmp_path: Path, document: Any, added: int) -> None:
    """`added` are keys that became cells, and names in lists that became names of columns."""
    read = brought(tmp_path, json.dumps(document))
    assert values_out_and_named(read) == leaves(document) + added


def test_no_value_of_lines_of_json_is_lost_unsaid(tmp_path: Path) -> None:
    content = "\n".join(json.dumps(one) for one in [*ROWS_OF_JSON, {"only": "here"}])
    assert values_out_and_named(brought(tmp_path, content)) == leaves(ROWS_OF_JSON) + 1


@pytest.mark.parametrize("is_lines", [True, False])
def test_no_value_of_geojson_is_lost_unsaid(tmp_path: Path, *, is_lines: bool) -> None:
    document = {"type": "FeatureCollection", "name": "towns", "bbox": [1, 2, 3, 4],
                "features": FEATURES}  # fmt: skip
    lines = "\n".join(map(json.dumps, FEATURES))
    read = brought(tmp_path, lines if is_lines else json.dumps(document))
    by_hand = sum(leaves([one["id"], one["properties"], one["bbox"]]) + 1 for one in FEATURES)
    assert values_out_and_named(read) == by_hand + (0 if is_lines else 5)


def test_no_cell_of_a_database_is_lost_unsaid(tmp_path: Path) -> None:
    script = METERS + "CREATE TABLE notes (a, b); INSERT INTO notes VALUES (' ', 'NA'), (NULL, 2);"
    content = database(tmp_path, script)
    by_hand = slow_counts.in_database(tmp_path / "made.sqlite")
    assert out_and_named(brought(tmp_path, content)) == by_hand


def test_no_cell_of_an_archive_is_lost_unsaid(tmp_path: Path) -> None:
    text = written(",", ROWS)
    other = written(";", [["town", "note"], ["Kiel", "NA"], ["Bonn", "new"], ["Köln", "old"]])
    content = zipped({"a.csv": text, "b.csv": text, "c.csv": other, "d.xlsx": book(sheet(GAPPY))})
    by_hand = 2 * filled(ROWS) + 8 + slow_counts.in_workbook(book(sheet(GAPPY)))
    # The two files of one schema have their names once.
    assert out_and_named(brought(tmp_path, content)) == by_hand - len(ROWS[0])


@pytest.mark.parametrize("name", ["06a_ns_and_case.parquet", "06b_int96.parquet"])
def test_no_cell_of_parquet_is_lost_unsaid(tmp_path: Path, name: str) -> None:
    path = CASES / name
    assert out_and_named(real(tmp_path, path)) == slow_counts.in_parquet(path)


TABULAR = (".csv", ".csv.gz", ".tar.gz", ".zip")
# What the archives of these folders hold is messages and graphs, and no tables.
NO_TABLES = ("catalogue_dcat", "dataspace_messages")


def real_files() -> list[Any]:
    """Larger ones are read only where the tests go deep."""
    found = sorted(DATA.rglob("*")) if DATA.exists() else []  # fetched in CI, not on every machine
    return [
        pytest.param(
            path,
            id=f"{path.parent.name}-{path.name}",
            marks=() if path.stat().st_size <= REAL_BYTES_MAX and path.suffix == ".csv" else DEEP,
        )
        for path in found
        if path.name.endswith(TABULAR) and path.parent.name not in NO_TABLES
    ]


def texts_in(path: Path) -> list[str]:
    """Of a packed file, each of the tables in it as text."""
    if path.name.endswith(".tar.gz"):
        with tarfile.open(path) as archive:
            inner = [archive.extractfile(one) for one in archive if one.name.endswith(".csv")]
            contents = [one.read() for one in inner if one is not None]
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            contents = [archive.read(one) for one in archive.namelist() if one.endswith(".csv")]
    else:
        contents = [
            gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        ]
    return [one.decode("utf-8-sig") for one in contents]


@pytest.mark.parametrize("path", real_files())
def test_no_cell_of_a_real_file_is_lost_unsaid(tmp_path: Path, path: Path) -> None:
    """Files of one schema are one table, so that names are left out of both counts."""
    read = real(tmp_path, path)
    shown = sum(map(names_out, read.tables))
    whole = texts_in(path)
    texts = [text.split("\n", 1)[1] if text.startswith("#") else text for text in whole]
    by_hand = sum(text.startswith("#") for text in whole)
    by_hand += sum(map(slow_counts.in_text, texts))
    by_hand -= sum(slow_counts.in_text(text.split("\n", 1)[0]) for text in texts)
    assert out_and_named(read) - shown == by_hand


@pytest.mark.deep
@depth.ONLY_DEEP
@pytest.mark.skipif(not GAS_NETWORK.exists(), reason="fetched in CI, not on every machine")
def test_no_value_of_a_real_network_is_lost_unsaid(tmp_path: Path) -> None:
    document = json.loads(GAS_NETWORK.read_text())
    kept = document["_object"]
    pumps, pipes = kept["std_type"]["pump"], kept["std_type"]["pipe"]
    # Its writer put JSON into text: one value in the file, as many as it holds in a cell of the table.
    inside = [one.get("_object") for one in (*kept["component_list"], *pumps.values())]
    more = sum(leaves_of_cell(one) - 1 for one in inside if isinstance(one, str))
    by_hand = leaves(document) + len(pumps) + len(pipes) + more
    assert values_out_and_named(real(tmp_path, GAS_NETWORK)) == by_hand
