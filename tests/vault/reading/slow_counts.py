"""Cells of a file, counted by hand and slowly, with nothing of the reader: what a reading is held to.

A cell is what holds anything but blanks. A name of a column is one, too, where it stands in a cell; of
JSON a cell is a single value, however deep it lies, and its keys are none.
"""

# ruff: noqa: S314 - the workbooks are those of the tests

import csv
import io
import json
import sqlite3
import struct
import zipfile
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pyarrow.parquet as pq

from exchange.vault.reading import binary_parts

DELIMITERS = ",;\t|^"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


def filled(rows: Iterable[Sequence[str]]) -> int:
    return sum(bool(cell.strip()) for row in rows for cell in row)


def in_text(text: str, delimiter: str | None = None) -> int:
    """Of a text that one sign cuts: the one that stands most often in its first line, unless told."""
    head = text.split("\n", 1)[0]
    cut = delimiter or max(DELIMITERS, key=head.count)
    if cut not in head:
        return sum(bool(line.strip()) for line in text.splitlines())
    csv.field_size_limit(2**24)
    return filled(csv.reader(io.StringIO(text, newline=""), delimiter=cut))


def leaves(value: Any) -> int:
    """Single values in a value of JSON; a text is one, whatever it holds."""
    if isinstance(value, dict):
        return sum(leaves(one) for one in value.values())
    if isinstance(value, list):
        return sum(leaves(one) for one in value)
    return int(value is not None and bool(str(value).strip()))


def leaves_of_cell(cell: Any) -> int:
    """Single values in a cell, which may be JSON text of what was nested."""
    if isinstance(cell, str) and cell.strip()[:1] in ("{", "["):
        try:
            return leaves(json.loads(cell))
        except ValueError:
            return 1
    return leaves(cell)


def in_workbook(content: bytes) -> int:
    """Cells of all sheets of an .xlsx, hidden ones, errors and formulas without a value included."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        if "content.xml" in names:
            return _in_open_document(ET.fromstring(archive.read("content.xml")))
        if any(name.endswith(".bin") for name in names):
            return sum(_in_binary(archive.read(one)) for one in names if "worksheets/" in one)
        shared: list[str] = []
        if "xl/sharedStrings.xml" in names:
            shared += (
                "".join(one.text or "" for one in item.iter() if _bare(one) == "t")
                for item in ET.fromstring(archive.read("xl/sharedStrings.xml"))
            )
        sheets = [one for one in names if one.startswith("xl/worksheets/") and one.endswith(".xml")]
        return sum(_in_sheet(ET.fromstring(archive.read(one)), shared) for one in sheets)


def _bare(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _in_sheet(sheet: ET.Element, shared: list[str]) -> int:
    count = 0
    for cell in (one for one in sheet.iter() if _bare(one) == "c"):
        kind = cell.get("t", "n")
        value = next((one.text or "" for one in cell if _bare(one) == "v"), "")
        if kind == "inlineStr":
            value = "".join(one.text or "" for one in cell.iter() if _bare(one) == "t")
        elif kind == "s" and value:
            value = shared[int(value)]
        elif not value and kind != "str" and any(_bare(one) == "f" for one in cell):
            value = "a formula without a value"
        count += bool(value.strip())
    return count


def _in_open_document(document: ET.Element) -> int:
    count = 0
    for row in document.iter(f"{TABLE}table-row"):
        own = 0
        for cell in row:
            said = "".join(text for one in cell.iter(f"{TEXT}p") for text in one.itertext())
            has_value = any(name.endswith("}value") for name in cell.attrib)
            is_unsaved = cell.get(f"{TABLE}formula") and not any(
                name.endswith("}value-type") for name in cell.attrib
            )
            repeated = int(cell.get(f"{TABLE}number-columns-repeated", "1"))
            own += repeated * bool(said.strip() or has_value or is_unsaved)
        count += own * int(row.get(f"{TABLE}number-rows-repeated", "1"))
    return count


def _in_binary(stream: bytes) -> int:
    """Of a sheet of records: kinds 2 to 11 are cells, an empty text is none."""
    count = at = 0
    while at < len(stream):
        kind = length = place = 0
        for number, byte in enumerate(stream[at : at + 2]):
            kind |= (byte & 0x7F) << (7 * number)
            at += 1
            if not byte & 0x80:
                break
        while True:
            byte = stream[at]
            length |= (byte & 0x7F) << place
            at, place = at + 1, place + 7
            if not byte & 0x80:
                break
        count += 2 <= kind <= 11
        at += length
    return count


def in_old_workbook(content: bytes) -> int:
    """Cells of all sheets of an .xls."""
    stream = binary_parts._stream(content)
    count = at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        data = stream[at + 4 : at + 4 + length]
        at += 4 + length
        if kind == 0x00BD:
            count += (length - 6) // 6
        elif kind == 0x0006:
            is_empty_text = data[12:14] == b"\xff\xff" and data[6] == 3
            count += not is_empty_text
        elif kind in (0x0203, 0x027E, 0x0205, 0x00FD, 0x0204):
            count += 1
    return count


def in_parquet(path: Path) -> int:
    """Cells of a Parquet file with the names of its columns; what is nested is one cell."""
    table = pq.read_table(path)
    cells = sum(
        one is not None and (not isinstance(one, str) or bool(one.strip()))
        for column in table.columns
        for one in column.to_pylist()
    )
    return cells + len(table.column_names)


def in_database(path: Path) -> int:
    """Cells of the tables of an SQLite database, with the names of the columns of those that have rows."""
    count = 0
    with closing(sqlite3.connect(path)) as database:
        listed = database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' "
            "AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
        for (name,) in listed:
            quoted = '"' + name.replace('"', '""') + '"'
            cursor = database.execute(f"SELECT * FROM {quoted}")
            rows = cursor.fetchall()
            if rows:
                count += len(cursor.description)
            count += sum(
                cell is not None and bool(str(cell).strip()) for row in rows for cell in row
            )
    return count
