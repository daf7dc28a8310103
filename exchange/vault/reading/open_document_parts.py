"""What a workbook of OpenDocument says of its sheets beside their values, by its tags in their order."""

import re
import zipfile
from collections.abc import Iterator
from typing import IO

from exchange.vault.reading.number_formats import CURRENCIES, PERCENT
from exchange.vault.reading.workbook_facts import MERGED_MAX, Parts

CONTENT = "content.xml"
MANIFEST = "META-INF/manifest.xml"
TAG = re.compile(
    rb"<table:(table-column|table-row|table-cell|covered-table-cell|table)((?:\s[^<>]{0,4000}?)?)/?>"
)
ATTRIBUTE = re.compile(rb"""\s(?:[\w-]{1,20}:)([\w-]{1,40})=["']([^"'<>]{0,2000})["']""")
HIDDEN = frozenset({"collapse", "filter"})
ERROR_TEXT = re.compile(rb"<text:p>(#[^<]{1,20}|Err:\d{3})</text:p>")
STEP_BYTES = 1024 * 1024
TAG_BYTES = 16 * 1024
PART_BYTES = 1024 * 1024
REPEATED_MAX = 100_000


def is_encrypted(archive: zipfile.ZipFile) -> bool:
    """Whether the manifest says how to decrypt."""
    if MANIFEST not in archive.namelist():
        return False
    with archive.open(MANIFEST) as file:
        return b"encryption-data" in file.read(PART_BYTES)


def sheets_in(archive: zipfile.ZipFile, columns_max: int) -> list[Parts]:
    """Of each sheet, in the order of the workbook."""
    scan = _Scan(columns_max)
    with archive.open(CONTENT) as file:
        for piece in _pieces(file):
            scan.piece(piece)
    scan.end_sheet()
    return scan.sheets


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    """Nothing ends in the middle of a cell that is not absurdly long."""
    rest = b""
    while step := file.read(STEP_BYTES):
        text = rest + step
        cut = text.rfind(b"<table:")
        if cut < len(text) - TAG_BYTES:
            cut = max(0, len(text) - TAG_BYTES)
        yield text[:cut]
        rest = text[cut:]
    yield rest


class _Scan:
    """Tags one after the other: where the next row and the next cell lie."""

    def __init__(self, columns_max: int) -> None:
        self.columns_max = columns_max
        self.sheets: list[Parts] = []
        self.units: dict[int, set[str]] = {}
        self.row = self.next_row = self.column = self.named_columns = 0

    def piece(self, text: bytes) -> None:
        for match in TAG.finditer(text):
            own = {key.decode(): value.decode("utf-8", "replace")
                   for key, value in ATTRIBUTE.findall(match[2])}  # fmt: skip
            kind = match[1]
            if kind == b"table":
                self._begin_sheet()
            elif self.sheets and kind == b"table-column":
                self._describe_columns(own)
            elif self.sheets and kind == b"table-row":
                self._begin_row(own)
            elif self.sheets:
                self._cell(own, text, match.end())

    def end_sheet(self) -> None:
        if self.sheets:
            self.sheets[-1].units = {
                column: next(iter(units))
                for column, units in self.units.items()
                if len(units) == 1 and units != {""}
            }

    def _begin_sheet(self) -> None:
        self.end_sheet()
        self.sheets.append(Parts())
        self.units = {}
        self.row = self.next_row = self.column = self.named_columns = 0

    def _describe_columns(self, own: dict[str, str]) -> None:
        count = _count(own, "number-columns-repeated")
        if own.get("visibility") in HIDDEN:
            last = min(self.named_columns + count, self.columns_max)
            self.sheets[-1].hidden_columns |= set(range(self.named_columns, last))
        self.named_columns += count

    def _begin_row(self, own: dict[str, str]) -> None:
        self.row, self.column = self.next_row, 0
        count = _count(own, "number-rows-repeated")
        self.next_row += count
        if own.get("visibility") in HIDDEN:
            rows = range(self.row, self.row + min(count, REPEATED_MAX))
            self.sheets[-1].hidden_rows |= set(rows)

    def _cell(self, own: dict[str, str], text: bytes, end: int) -> None:
        sheet, place = self.sheets[-1], (self.row, self.column)
        count = _count(own, "number-columns-repeated")
        across, down = _count(own, "number-columns-spanned"), _count(own, "number-rows-spanned")
        if (across > 1 or down > 1) and len(sheet.spans) < MERGED_MAX:
            sheet.spans.append((place, (place[0] + down - 1, place[1] + across - 1)))
        error = ERROR_TEXT.match(text, end)
        if error is not None and "formula" in own:
            sheet.errors[error[1].decode("utf-8", "replace")] += count * (self.next_row - self.row)
        elif "formula" in own and "value-type" not in own:
            sheet.unsaved += count * (self.next_row - self.row)
        elif "value" in own:
            unit = PERCENT if own.get("value-type") == "percentage" else own.get("currency", "")
            self.units.setdefault(self.column, set()).add(CURRENCIES.get(unit, unit))
        self.column += count


def _count(own: dict[str, str], name: str) -> int:
    said = own.get(name, "1")
    return min(int(said), 2**20) if said.isascii() and said.isdigit() and len(said) < 9 else 1  # noqa: PLR2004 - digits
