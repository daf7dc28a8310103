"""Workbooks in binary parts (.xlsb), written here record by record."""

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from exchange.vault.reading import xlsb_parts
from tests.vault.reading.brought import brought, noted, zipped

LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
ERROR_CODES = {text: code for code, text in xlsb_parts.ERRORS.items()}


def record(kind: int, data: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    length, sizes = len(data), b""
    while length > 0x7F:
        sizes += bytes([length & 0x7F | 0x80])
        length >>= 7
    return head + sizes + bytes([length]) + data


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def cell(column: int, value: Any, style: int) -> bytes:
    if value is None:
        return b""
    head = struct.pack("<II", column, style)
    if isinstance(value, str) and value in ERROR_CODES:
        return record(xlsb_parts.CELL_ERROR, head + bytes([ERROR_CODES[value]]))
    if isinstance(value, str):
        return record(6, head + wide(value))
    return record(xlsb_parts.CELL_REAL, head + struct.pack("<d", value))


def sheet(
    rows: Sequence[Sequence[Any]],
    *,
    hidden_rows: Sequence[int] = (),
    hidden_columns: Sequence[int] = (),
    merged: Sequence[tuple[int, int, int, int]] = (),
    styles: Sequence[int] = (),
) -> bytes:
    width = max(len(row) for row in rows)
    stream = record(129) + record(148, struct.pack("<4I", 0, len(rows) - 1, 0, width - 1))
    for column in hidden_columns:
        stream += record(xlsb_parts.COLUMNS, struct.pack("<4IH", column, column, 0, 0, 1))
    stream += record(145)
    for number, row in enumerate(rows):
        flags = xlsb_parts.HIDDEN_ROW if number in hidden_rows else 0
        stream += record(0, struct.pack("<IIHBBBI", number, 0, 300, 0, flags, 0, 0))
        stream += b"".join(
            cell(at, value, styles[at] if at < len(styles) else 0) for at, value in enumerate(row)
        )
    stream += record(146)
    stream += b"".join(record(xlsb_parts.SPAN, struct.pack("<4I", *one)) for one in merged)
    return stream + record(130)


def book(*sheets: bytes, states: Sequence[int] = (), codes: Sequence[str] = ()) -> bytes:
    """Sheets S1, S2 …; style n is the n-th of `codes`."""
    numbers = range(1, len(sheets) + 1)
    states = (*states, *[0] * len(sheets))
    listed = b"".join(
        record(156, struct.pack("<II", states[n - 1], n) + wide(f"rId{n}") + wide(f"S{n}"))
        for n in numbers
    )
    formats = b"".join(
        record(44, struct.pack("<H", 200 + n) + wide(code)) for n, code in enumerate(codes)
    )
    styles = b"".join(
        record(47, struct.pack("<HH", 0, number) + bytes(12))
        for number in (0, *range(200, 200 + len(codes)))
    )
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{LINKS}/worksheet" Target="worksheets/sheet{n}.bin"/>'
        for n in numbers
    )
    return zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="bin" ContentType="application/octet-stream"/></Types>',
            "xl/workbook.bin": record(131) + record(143) + listed + record(144) + record(132),
            "xl/_rels/workbook.bin.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{links}</Relationships>',
            "xl/styles.bin": record(278) + record(615, struct.pack("<I", len(codes))) + formats + record(616)
            + record(617, struct.pack("<I", 1 + len(codes))) + styles + record(618) + record(279),
            **{f"xl/worksheets/sheet{n}.bin": one for n, one in zip(numbers, sheets, strict=True)},
        }
    )  # fmt: skip


def rows(count: int = 12) -> list[list[Any]]:
    return [["site", "load", "share"], *[[f"S{n}", n + 0.5, 0.25] for n in range(count)]]


def test_values_of_a_binary_workbook_are_read(tmp_path: Path) -> None:
    (table,) = brought(tmp_path, book(sheet(rows()))).tables
    assert pq.read_table(table.parquet).to_pydict() == {
        "site": [f"S{n}" for n in range(12)],
        "load": [n + 0.5 for n in range(12)],
        "share": [0.25] * 12,
    }
    assert noted(table) == {}


def test_errors_of_a_binary_workbook_are_missing_and_counted_by_kind(tmp_path: Path) -> None:
    own = rows()
    own[2][1], own[3][1], own[4][2] = "#DIV/0!", "#DIV/0!", "#N/A"
    (table,) = brought(tmp_path, book(sheet(own))).tables
    assert noted(table) == {"excel_errors": 3}
    assert table.notes[0].text.endswith("#DIV/0! (2), #N/A (1).")
    assert [one.nulls for one in table.columns] == [0, 2, 1]


def test_hidden_parts_of_a_binary_workbook_are_asked_about(tmp_path: Path) -> None:
    read = brought(tmp_path, book(sheet(rows(), hidden_rows=[2, 5], hidden_columns=[1])))
    assert noted(read.tables[0]) == {"hidden_parts": 3}
    (question,) = read.questions
    assert question.options[1].names == ("site", "share")
    assert [row[0] for row in question.options[1].rows] == ["S0", "S2", "S3", "S5", "S6"]


def test_hidden_sheets_of_a_binary_workbook_are_named(tmp_path: Path) -> None:
    (table,) = brought(tmp_path, book(sheet(rows()), sheet(rows(2)), states=(0, 1))).tables
    assert [(one.code, one.rows, one.cells) for one in table.notes] == [("hidden_sheets", 1, 9)]


def test_merged_names_and_percentages_of_a_binary_workbook(tmp_path: Path) -> None:
    own = [["site", "2025", None], [None, "peak", "share"], *rows()[1:]]
    content = book(
        sheet(own, merged=[(0, 0, 1, 2), (0, 1, 0, 0)], styles=[0, 0, 1]), codes=["0.0%"]
    )
    (table,) = brought(tmp_path, content).tables
    assert [(one.name, one.unit) for one in table.columns] == [
        ("site", None),
        ("2025 peak", None),
        ("2025 share", "%"),
    ]
    assert pq.read_table(table.parquet).to_pydict()["2025 share"] == [25] * 12


def test_a_stream_that_ends_early_is_no_fault_of_the_reader() -> None:
    stream = sheet(rows(), hidden_rows=[2], hidden_columns=[1])
    for cut in range(0, len(stream), 7):
        xlsb_parts._sheet(stream[:cut], [], 100)
