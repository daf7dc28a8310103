"""What a workbook in binary parts (.xlsb) says of its sheets beside their values: streams of records, each
with its kind and its length. What does not fit is left unsaid.
"""

import re
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

from exchange.vault.reading.number_formats import unit_of_format
from exchange.vault.reading.workbook_facts import MERGED_MAX, Parts

WORKBOOK, LINKS, STYLES = "xl/workbook.bin", "xl/_rels/workbook.bin.rels", "xl/styles.bin"
ROW, CELL_RK, CELL_ERROR, CELL_REAL, FORMULA_NUMBER, FORMULA_ERROR = 0, 2, 3, 5, 9, 11
FORMAT, STYLE, COLUMNS, SHEET, SPAN, STYLES_BEGIN, STYLES_END = 44, 47, 60, 156, 176, 617, 618
HIDDEN_ROW, HIDDEN_COLUMN = 0x10, 0x01
ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?",
          0x24: "#NUM!", 0x2A: "#N/A", 0x2B: "#GETTING_DATA"}  # fmt: skip
LINK = re.compile(r"<(?:\w{1,20}:)?Relationship\s([^<>]{1,2000})>")
LINKED = re.compile(r"""\b(Id|Target)=["']([^"'<>]{1,400})["']""")
PART_BYTES = 8 * 1024 * 1024


def sheets_in(archive: zipfile.ZipFile, columns_max: int) -> list[Parts]:
    """Of each sheet, in the order of the workbook."""
    units = _units_of_styles(archive)
    names = set(archive.namelist())
    return [
        _sheet(archive.read(part), units, columns_max) if part in names else Parts()
        for part in _sheet_parts(archive)
    ]


def _sheet_parts(archive: zipfile.ZipFile) -> list[str]:
    names = set(archive.namelist())
    if not {WORKBOOK, LINKS} <= names:
        return []
    targets = {}
    for tag in LINK.findall(_part(archive, LINKS).decode("utf-8", "replace")):
        own = dict(LINKED.findall(tag))
        target = own.get("Target", "")
        targets[own.get("Id", "")] = target.lstrip("/") if target[:1] == "/" else f"xl/{target}"
    links = (_wide(data, 8) for kind, data in _records(_part(archive, WORKBOOK)) if kind == SHEET)
    return [targets.get(link, "") for link in links]


def _units_of_styles(archive: zipfile.ZipFile) -> list[str]:
    """The unit of each style of cells; empty where it shows none."""
    if STYLES not in archive.namelist():
        return []
    codes: dict[int, str] = {}
    units: list[str] = []
    is_of_cells = False
    for kind, data in _records(_part(archive, STYLES)):
        if kind == FORMAT and len(data) > 2:  # noqa: PLR2004 - its number
            codes[int.from_bytes(data[:2], "little")] = _wide(data, 2)
        elif kind in (STYLES_BEGIN, STYLES_END):
            is_of_cells = kind == STYLES_BEGIN
        elif kind == STYLE and is_of_cells:
            number = int.from_bytes(data[2:4], "little")
            units.append(unit_of_format(number, codes.get(number)))
    return units


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as part:
        return part.read(PART_BYTES)


def _wide(data: bytes, at: int) -> str:
    """A text: how many letters, then those, of two bytes each."""
    length = int.from_bytes(data[at : at + 4], "little")
    return data[at + 4 : at + 4 + 2 * length].decode("utf-16-le", "replace")


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(stream):
        kind, at = _number(stream, at, 2)
        length, at = _number(stream, at, 4)
        yield kind, stream[at : at + length]
        at += length


def _number(stream: bytes, at: int, bytes_max: int) -> tuple[int, int]:
    """Seven bits to a byte, the last one without its highest bit; a kind keeps that bit."""
    number = 0
    for place in range(bytes_max):
        byte = stream[at + place] if at + place < len(stream) else 0
        number |= (byte & 0x7F) << (7 * place)
        if not byte & 0x80:
            return number, at + place + 1
    return number, at + bytes_max


@dataclass
class _Scan:
    units: list[str]
    columns_max: int
    parts: Parts = field(default_factory=Parts)
    shown: dict[int, set[str]] = field(default_factory=dict)

    def record(self, kind: int, data: bytes) -> None:
        if kind == ROW and data[11] & HIDDEN_ROW:
            self.parts.hidden_rows.add(struct.unpack_from("<I", data)[0])
        elif kind == COLUMNS and struct.unpack_from("<H", data, 16)[0] & HIDDEN_COLUMN:
            first, last = struct.unpack_from("<2I", data)
            self.parts.hidden_columns |= set(range(first, min(last + 1, self.columns_max)))
        elif kind in (CELL_ERROR, FORMULA_ERROR):
            self.parts.errors[ERRORS.get(data[8], "#ERR!")] += 1
        elif kind in (CELL_RK, CELL_REAL, FORMULA_NUMBER):
            column, style = struct.unpack_from("<2I", data)
            style &= 0xFFFFFF
            unit = self.units[style] if style < len(self.units) else ""
            self.shown.setdefault(column, set()).add(unit)
        elif kind == SPAN and len(self.parts.spans) < MERGED_MAX:
            top, bottom, left, right = struct.unpack_from("<4I", data)
            self.parts.spans.append(((top, left), (bottom, right)))


def _sheet(stream: bytes, units: list[str], columns_max: int) -> Parts:
    scan = _Scan(units, columns_max)
    try:
        for kind, data in _records(stream):
            scan.record(kind, data)
    except (struct.error, IndexError):
        return Parts()
    scan.parts.units = {
        column: one.pop() for column, one in scan.shown.items() if len(one) == 1 and one != {""}
    }
    return scan.parts
