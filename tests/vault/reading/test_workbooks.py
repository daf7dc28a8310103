"""Workbooks as people lay them out for the eye, and what of them a reader cannot see."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from exchange.vault import reading
from exchange.vault.reading import errors
from exchange.vault.reading.documents import FileReading, TableReading
from exchange.vault.reading.number_formats import unit_of_format
from exchange.vault.reading.questions import Answers, Asked
from tests.vault.reading.brought import brought, case, columns, noted, zipped

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def cell(place: str, value: Any, style: int = 0) -> str:
    """A cell of a sheet; one that begins with `=` is a formula without a value, one with `#` an error."""
    if value is None:
        return ""
    if isinstance(value, float | int):
        return f'<c r="{place}" s="{style}"><v>{value}</v></c>'
    if value[:1] == "=":
        return f'<c r="{place}"><f>{value[1:]}</f><v/></c>'
    if value[:1] == "#":
        return f'<c r="{place}" t="e"><f>1/0</f><v>{value}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'


def sheet(
    rows: Sequence[Sequence[Any]],
    *,
    merged: Sequence[str] = (),
    hidden_rows: Sequence[int] = (),
    columns_xml: str = "",
    styles: Sequence[int] = (),
    first: tuple[int, int] = (1, 0),
) -> str:
    top, left = first
    body = ""
    for number, row in enumerate(rows, start=top):
        inner = "".join(
            cell(f"{chr(65 + left + at)}{number}", value, styles[at] if at < len(styles) else 0)
            for at, value in enumerate(row)
        )
        shown = ' hidden="1"' if number in hidden_rows else ""
        body += f'<row r="{number}"{shown}>{inner}</row>'
    spans = "".join(f'<mergeCell ref="{one}"/>' for one in merged)
    return (
        f'<worksheet xmlns="{MAIN}">{columns_xml}<sheetData>{body}</sheetData>'
        + (f"<mergeCells>{spans}</mergeCells>" if merged else "")
        + "</worksheet>"
    )


def book(*sheets: str, formats: Sequence[str] = (), states: Sequence[str] = ()) -> bytes:
    """A workbook of sheets S1, S2 …; style n is the n-th of `formats`."""
    numbers = range(1, len(sheets) + 1)
    states = (*states, *["visible"] * len(sheets))
    listed = "".join(
        f'<sheet name="S{n}" sheetId="{n}" state="{states[n - 1]}" r:id="rId{n}"/>' for n in numbers
    )
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{LINKS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    codes = "".join(
        f'<numFmt numFmtId="{200 + n}" formatCode="{code}"/>' for n, code in enumerate(formats)
    )
    styles = "".join(f'<xf numFmtId="{200 + n}"/>' for n in range(len(formats)))
    return zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}"><sheets>{listed}</sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{links}<Relationship Id="rId99" Type="{LINKS}/styles" Target="styles.xml"/></Relationships>',
            "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts>{codes}</numFmts><cellXfs><xf numFmtId="0"/>{styles}</cellXfs></styleSheet>',
            **{f"xl/worksheets/sheet{n}.xml": one for n, one in zip(numbers, sheets, strict=True)},
        }
    )  # fmt: skip


def names(table: TableReading) -> list[str]:
    return [one.name for one in table.columns]


def stored(table: TableReading) -> dict[str, list[Any]]:
    values: dict[str, list[Any]] = pq.read_table(table.parquet).to_pydict()
    return values


ROWS = [[f"S{n}", n, n + 0.5] for n in range(12)]


def test_errors_are_missing_and_counted(tmp_path: Path) -> None:
    (table,) = case(tmp_path, "66").tables
    assert noted(table) == {"excel_errors": 8}
    assert "#DIV/0! (4)" in table.notes[0].text
    assert columns(table)["ratio"].nulls == 8


@pytest.mark.parametrize("error", ["#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#N/A"])
def test_each_kind_of_error_is_counted(tmp_path: Path, error: str) -> None:
    rows: list[list[Any]] = [["id", "v"], *[[n, error if n % 3 == 0 else n] for n in range(30)]]
    (table,) = brought(tmp_path, book(sheet(rows))).tables
    assert noted(table) == {"excel_errors": 10}
    assert error in table.notes[0].text


def test_errors_are_counted_once_across_the_pieces_of_a_long_sheet(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["id", "v", "w"],
        *[[n, "#DIV/0!" if n % 10 == 0 else n, "x" * 50] for n in range(20_000)],
    ]
    (table,) = brought(tmp_path, book(sheet(rows))).tables
    assert noted(table) == {"excel_errors": 2_000}


def test_formulas_without_values_are_told(tmp_path: Path) -> None:
    (table,) = case(tmp_path, "67").tables
    assert noted(table) == {"formulas_without_values": 20}


@pytest.mark.parametrize(
    ("written", "count"),
    [
        ('<c r="B{n}"><f>A{n}*2</f><v></v></c>', 10),
        ('<c r="B{n}"><f>A{n}*2</f></c>', 10),
        ('<c r="B{n}"><f t="shared" si="0"/><v /></c>', 10),
        ('<c r="B{n}" t="n"><f>A{n}*2</f><v/></c>', 10),
        ('<c r="B{n}" t="str"><f>IF(A{n},"","x")</f><v></v></c>', 0),
        ('<c r="B{n}"><f>A{n}*2</f><v>4</v></c>', 0),
    ],
)
def test_only_formulas_that_were_never_computed_count(
    tmp_path: Path, written: str, count: int
) -> None:
    body = "".join(
        f'<row r="{n}"><c r="A{n}"><v>{n}</v></c>{written.replace("{n}", str(n))}</row>'
        for n in range(2, 12)
    )
    head = '<row r="1">' + cell("A1", "a") + cell("B1", "b") + "</row>"
    content = book(f'<worksheet xmlns="{MAIN}"><sheetData>{head}{body}</sheetData></worksheet>')
    (table,) = brought(tmp_path, content).tables
    assert noted(table).get("formulas_without_values", 0) == count


def answered(folder: Path, content: bytes, said: str) -> FileReading:
    path, into = folder / "book", folder / "answered"
    path.write_bytes(content)
    into.mkdir()
    answers = Answers({(Asked.HIDDEN, "S1"): said})
    return reading.read(path, name="book", into=into, answers=answers)


def test_hidden_parts_are_told_and_asked(tmp_path: Path) -> None:
    read = case(tmp_path, "68")
    (table,) = read.tables
    assert noted(table) == {"hidden_parts": 2, "hidden_sheets": 1}
    assert "Salaries" in " ".join(note.text for note in table.notes)
    (question,) = read.questions
    assert (question.asked, question.place, question.taken) == (Asked.HIDDEN, "Open", "keep")
    assert "secret" in question.text
    kept, left = question.options
    assert (kept.names, left.names) == (("id", "v", "secret"), ("id", "v"))
    assert [row[0] for row in left.rows] == ["0", "1", "2", "3", "5"]


def test_hidden_parts_are_left_out_when_the_seller_says_so(tmp_path: Path) -> None:
    content = book(
        sheet(
            [["id", "v", "w"], *ROWS],
            hidden_rows=[3, 4],
            columns_xml='<cols><col min="2" max="2" hidden="1"/></cols>',
        )
    )
    (table,) = answered(tmp_path, content, "leave_out").tables
    assert (names(table), table.rows) == (["id", "w"], 10)
    assert noted(table) == {"hidden_left_out": 3 * 2 + 11}
    (tmp_path / "again").mkdir()
    (whole,) = answered(tmp_path / "again", content, "keep").tables
    assert (names(whole), whole.rows) == (["id", "v", "w"], 12)


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_hidden_sheets_are_named(tmp_path: Path, state: str) -> None:
    read = brought(
        tmp_path, book(sheet([["a", "b"], [1, 2]]), sheet([["c"], [1]]), states=("visible", state))
    )
    assert len(read.tables) == 1
    assert noted(read.tables[0]) == {"hidden_sheets": 1}
    assert "S2" in read.tables[0].notes[0].text


def test_two_rows_of_names_are_joined(tmp_path: Path) -> None:
    (table,) = case(tmp_path, "73").tables
    assert names(table) == ["station", "2025 peak", "2025 valley", "2026 peak", "2026 valley"]
    assert (table.rows, noted(table)) == (20, {"header_rows_joined": 2})


@pytest.mark.parametrize(
    ("head", "merged", "joined"),
    [
        ([["站点", "峰", None, "谷", None], [None, "电量", "电费", "电量", "电费"]],
         ["A1:A2", "B1:C1", "D1:E1"], ["站点", "峰 电量", "峰 电费", "谷 电量", "谷 电费"]),
        ([["id", "day", None, "night", None], [None, "kWh", "EUR", "kWh", "EUR"]],
         [], ["id", "day kWh", "day EUR", "night kWh", "night EUR"]),
        ([["id", "a", None, None, None], [None, "x", None, "y", None], [None, "1st", "2nd", "1st", "2nd"]],
         ["A1:A3", "B1:E1", "B2:C2", "D2:E2"], ["id", "a x 1st", "a x 2nd", "a y 1st", "a y 2nd"]),
        ([["id", "load", None, None, None], [None, 2023, 2024, 2025, 2026]],
         ["A1:A2", "B1:E1"], ["id", "load 2023", "load 2024", "load 2025", "load 2026"]),
        ([["Station report", None, None, None, None], ["id", "day", None, "night", None], [None, "p", "q", "r", "s"]],
         ["A1:E1", "A2:A3", "B2:C2", "D2:E2"], ["id", "day p", "day q", "night r", "night s"]),
    ],
)  # fmt: skip
def test_names_over_several_rows(
    tmp_path: Path, head: list[list[Any]], merged: list[str], joined: list[str]
) -> None:
    rows: list[list[Any]] = [[f"S{n}", n, n + 1, n + 2, n + 3] for n in range(15)]
    (table,) = brought(tmp_path, book(sheet([*head, *rows], merged=merged))).tables
    assert (names(table), table.rows) == (joined, 15)
    assert columns(table)[joined[1]].type == "integer"


def test_merged_titles_are_left_out_and_offered_as_the_title(tmp_path: Path) -> None:
    (table,) = case(tmp_path, "01d").tables
    assert names(table) == ["户号", "日期", "电量", "电费(元)"]
    assert (table.rows, noted(table)) == (30, {"sheet_titles": 2})
    assert "2026年3月用电量统计表" in table.notes[0].text


@pytest.mark.parametrize(
    ("titles", "merged"),
    [
        ([["Loads of three stations", None, None]], ["A1:C1"]),
        ([["Loads of three stations", None, None]], []),
        ([["Loads", None, None], [None, None, None], ["Unit: kWh", None, None]], ["A1:C1"]),
        ([["负荷统计", None, None], ["单位：千瓦", None, None]], ["A1:C1", "A2:C2"]),
        ([[None, "Loads", None]], ["B1:C1"]),
    ],
)
def test_titles_above_the_table(tmp_path: Path, titles: list[list[Any]], merged: list[str]) -> None:
    (table,) = brought(
        tmp_path, book(sheet([*titles, ["id", "load", "share"], *ROWS], merged=merged))
    ).tables
    assert (names(table), table.rows) == (["id", "load", "share"], 12)
    assert noted(table) == {"sheet_titles": sum(any(row) for row in titles)}


def test_a_table_that_begins_in_the_middle_of_a_sheet(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["Loads", None, None], ["id", "load", "share"], *ROWS]
    content = book(sheet(rows, merged=["C5:E5"], first=(5, 2)))
    (table,) = brought(tmp_path, content).tables
    assert (names(table), table.rows) == (["id", "load", "share"], 12)


def test_merged_cells_of_the_body_all_get_their_value(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["town", "v"],
        ["Bonn", 1],
        [None, 2],
        [None, 3],
        ["Kiel", 4],
        [None, 5],
    ]
    (table,) = brought(tmp_path, book(sheet(rows, merged=["A2:A4", "A5:A6"]))).tables
    assert stored(table)["town"] == ["Bonn"] * 3 + ["Kiel"] * 2
    assert noted(table) == {"merged_cells_filled": 3}


@pytest.mark.parametrize("name", ["35", "03a"])
def test_midnights_are_times_like_the_others(tmp_path: Path, name: str) -> None:
    (table,) = case(tmp_path, name).tables
    time = next(one for one in table.columns if one.type == "datetime")
    assert (time.nulls, time.distinct) == (0, table.rows)
    assert table.time is not None
    assert table.time.rhythm_seconds == 3600
    assert table.time.start.endswith("00:00:00")


def test_times_that_are_no_full_seconds_as_doubles_are_the_times_shown(tmp_path: Path) -> None:
    (table,) = case(tmp_path, "03b").tables
    assert [one.strftime("%H:%M:%S.%f") for one in stored(table)["time"]] == [
        "10:00:00.000000", "23:59:59.000000", "12:18:00.000000", "12:00:00.000000", "01:00:00.000000",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "unit"),
    [
        ("0%", "%"), ("0.00%", "%"), ("#,##0.0 %", "%"), ("General", ""), ("0.00", ""), ("#,##0", ""),
        ('"$"#,##0.00', "USD"), ("$#,##0.00", "USD"), ("[$€-407]#,##0.00", "EUR"), ("#,##0.00 [$€-1]", "EUR"),
        ('_-* #,##0.00 "€"_-;-* #,##0.00 "€"_-', "EUR"), ("[$¥-804]#,##0.00", "CNY"), ("[$¥-411]#,##0", "JPY"),
        ('"¥"#,##0.00;[Red]"¥"-#,##0.00', "CNY"), ("[$£-809]#,##0.00", "GBP"), ("[$USD] #,##0.00", "USD"),
        ('0.0" kWh"', "kWh"), ('#,##0.00"元"', "CNY"), ('0.0"°C"', "°C"), ('0.0" m³/h"', "m³/h"),
        ("yyyy-mm-dd", ""), ("yyyy&quot;年&quot;m&quot;月&quot;", ""), ('0.0,," M"', ""), ("hh:mm", ""), ("@", ""),
    ],
)  # fmt: skip
def test_formats_of_numbers_say_their_unit(code: str, unit: str) -> None:
    assert unit_of_format(200, code) == unit


def test_percentages_and_currencies_have_their_unit(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["id", "share", "price", "load"],
        *[[n, n / 100, n + 0.5, n] for n in range(12)],
    ]
    content = book(
        sheet(rows, styles=(0, 1, 2, 3)),
        formats=("0.0%", "[$€-407]#,##0.00", "0.0&quot; MW&quot;"),
    )
    (table,) = brought(tmp_path, content).tables
    assert [one.unit for one in table.columns] == [None, "%", "EUR", "MW"]
    assert stored(table)["share"] == list(range(12))
    assert noted(table) == {"percent_format": 1}


def test_a_format_of_some_cells_says_nothing_of_the_column(tmp_path: Path) -> None:
    plain = sheet([["id", "share"], [1, 0.5], [2, 0.25]])
    content = book(plain.replace('r="B2" s="0"', 'r="B2" s="1"'), formats=("0%",))
    (table,) = brought(tmp_path, content).tables
    assert stored(table)["share"] == [0.5, 0.25]
    assert columns(table)["share"].unit is None


NAMESPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "table", "text", "style")
)


def open_cell(value: Any) -> str:
    """A cell of OpenDocument: a number, a text, an error, or its own XML."""
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, float | int):
        return f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value}</text:p></table:table-cell>'
    if value[:1] == "#":
        return f'<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value=""><text:p>{value}</text:p></table:table-cell>'
    if value[:1] == "<":
        return str(value)
    return (
        f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
    )


def open_document(
    rows: Sequence[Sequence[Any]], *, shapes: str = "", hidden: Sequence[int] = ()
) -> bytes:
    body = ""
    for number, row in enumerate(rows):
        shown = ' table:visibility="collapse"' if number in hidden else ""
        body += (
            f"<table:table-row{shown}>{''.join(open_cell(one) for one in row)}</table:table-row>"
        )
    sheet_of = f'<table:table table:name="S1">{shapes}{body}</table:table>'
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": f'<?xml version="1.0"?><office:document-content {NAMESPACES}><office:body><office:spreadsheet>{sheet_of}</office:spreadsheet></office:body></office:document-content>',
            "META-INF/manifest.xml": '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        }
    )  # fmt: skip


def spanned(text: str, across: int, down: int = 1) -> str:
    covered = "<table:covered-table-cell/>" * (across - 1)
    return (
        f'<table:table-cell table:number-columns-spanned="{across}" table:number-rows-spanned="{down}" '
        f'office:value-type="string"><text:p>{text}</text:p></table:table-cell>{covered}'
    )


def test_a_sheet_of_opendocument_is_laid_out_like_one_of_excel(tmp_path: Path) -> None:
    head: list[list[Any]] = [
        [spanned("Loads", 3)],
        ["station", spanned("2025", 2)],
        [None, "peak", "valley"],
    ]
    rows = [[f"S{n}", n, n + 1] for n in range(12)]
    (table,) = brought(tmp_path, open_document([*head, *rows])).tables
    assert (names(table), table.rows) == (["station", "2025 peak", "2025 valley"], 12)
    assert noted(table) == {"sheet_titles": 1, "header_rows_joined": 2}


def test_errors_hidden_parts_and_units_of_opendocument(tmp_path: Path) -> None:
    share = '<table:table-cell office:value-type="percentage" office:value="0.25"><text:p>25%</text:p></table:table-cell>'
    price = '<table:table-cell office:value-type="currency" office:currency="EUR" office:value="5"><text:p>5</text:p></table:table-cell>'
    rows: list[list[Any]] = [
        ["id", "v", "share", "price"],
        *[[n, "#DIV/0!" if n % 4 == 0 else n, share, price] for n in range(12)],
    ]
    shapes = '<table:table-column/><table:table-column table:visibility="collapse"/><table:table-column table:number-columns-repeated="1022"/>'
    read = brought(tmp_path, open_document(rows, shapes=shapes, hidden=[3, 5]))
    (table,) = read.tables
    assert noted(table) == {"excel_errors": 3, "hidden_parts": 3, "percent_format": 1}
    assert [one.unit for one in table.columns][2:] == ["%", "EUR"]
    assert stored(table)["share"] == [25] * 12
    (question,) = read.questions
    assert question.options[1].names == ("id", "share", "price")


def test_a_protected_opendocument_workbook_is_named(tmp_path: Path) -> None:
    content = zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": b"\x9f\x12" * 200,
            "META-INF/manifest.xml": "<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>",
        }
    )
    with pytest.raises(errors.UnreadableSpreadsheet, match="password"):
        brought(tmp_path, content)


def test_hidden_rows_without_anything_are_not_asked_about(tmp_path: Path) -> None:
    content = book(sheet([["id", "v"], [1, 2], [None, None], [3, 4]], hidden_rows=[3]))
    assert brought(tmp_path, content).questions == ()


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        ([["id|x"], *[[f"{n}|a"] for n in range(20)]], ["id|x"]),
        ([["a;b"], *[[f"x;{n}"] for n in range(20)]], ["a;b"]),
        ([["v"], *[[n] for n in range(20)]], ["v"]),
        ([["id;no", "x"], *[[f"{n};{n}", n] for n in range(20)]], ["id;no", "x"]),
        ([["note"], *[[f"first\nsecond; {n}"] for n in range(20)]], ["note"]),
        ([[None, None, "Report 2026", None], ["id", "a", "b", "c"], *[[n, n, n, n] for n in range(12)]], ["id", "a", "b", "c"]),
        ([["id", "a", "b"], *[[n, None, n if n % 5 == 0 else None] for n in range(30)]], ["id", "a", "b"]),
    ],
)  # fmt: skip
def test_what_stands_in_a_cell_never_cuts_it(
    tmp_path: Path, rows: list[list[Any]], named: list[str]
) -> None:
    (table,) = brought(tmp_path, book(sheet(rows))).tables
    assert names(table) == named
    assert set(noted(table)) <= {"sheet_titles"}


def test_formulas_without_values_of_opendocument_are_told(tmp_path: Path) -> None:
    bare = '<table:table-cell table:formula="of:=[.A2]*2"/>'
    empty = '<table:table-cell table:formula="of:=&quot;&quot;" office:value-type="string" office:string-value=""/>'
    rows: list[list[Any]] = [["id", "v", "w"], *[[n, bare, empty] for n in range(5)], [5, 1, "x"]]
    (table,) = brought(tmp_path, open_document(rows)).tables
    assert noted(table)["formulas_without_values"] == 5


SECOND: list[list[Any]] = [["town", "pump", "bar"], *[[f"T{n}", f"P{n}", n * 2] for n in range(6)]]


@pytest.mark.parametrize("between", [[[]], [[], []], [[], ["Pumps of the town"]]])
def test_two_tables_in_one_sheet_are_two(tmp_path: Path, between: list[list[Any]]) -> None:
    content = book(
        sheet([["site", "load", "kw", "v"], *[[*row, 1] for row in ROWS], *between, *SECOND])
    )
    first, second = brought(tmp_path, content).tables
    assert (names(first), first.rows) == (["site", "load", "kw", "v"], 12)
    assert (names(second), second.rows) == (["town", "pump", "bar"], 6)
    assert stored(second)["bar"] == [0, 2, 4, 6, 8, 10]
    assert "stacked_tables" in noted(first)


def test_an_empty_row_among_the_rows_of_a_sheet_parts_nothing(tmp_path: Path) -> None:
    head = ["site", "load", "kw"]
    (table,) = brought(tmp_path, book(sheet([head, *ROWS[:5], [], *ROWS[5:]]))).tables
    assert (names(table), table.rows) == (head, 12)
