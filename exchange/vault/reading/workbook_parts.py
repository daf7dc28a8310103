"""What a workbook's own parts say of its sheets and the library that reads their values does not: errors,
formulas that were never computed, hidden rows and columns, and the formats of numbers.

Sheets are scanned as bytes, in pieces, by patterns that end at the next tag.
"""

import re
import zipfile
import zlib
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

from exchange.vault.reading import binary_parts, errors, xlsb_parts
from exchange.vault.reading.limits import Limits
from exchange.vault.reading.number_formats import unit_of_format
from exchange.vault.reading.open_document_parts import CONTENT, is_encrypted, sheets_in
from exchange.vault.reading.workbook_facts import Parts

SHEET = re.compile(r"xl/(?:worksheets|\w+)/[^/]+\.xml", re.IGNORECASE)
# A cell that ends in its own tag is only formatted.
FILLED_CELL = re.compile(
    rb"""<(?:\w{1,20}:)?c\s(?:r=|[^<>]{0,200}\sr=)["']([A-Za-z]{1,3})(\d{1,7})["']((?:[^<>]{0,200}[^<>/])?)>"""
)
ERROR_TEXT = re.compile(
    rb"""t=["']e["'][^<>]{0,200}>(?:<f(?:\s[^<>]{0,200})?(?:/>|>[^<]{0,8192}</f>))?<v>(#[^<]{1,20})</v>"""
)
UNSAVED = re.compile(
    rb"""<(?:\w{1,20}:)?c\s([^<>]{1,200})>\s?<(?:\w{1,20}:)?f(?:\s[^<>]{0,400})?(?:/>|>[^<]{0,8192}</(?:\w{1,20}:)?f>)"""
    rb"""\s?(?:<(?:\w{1,20}:)?v\s?/>|<(?:\w{1,20}:)?v></(?:\w{1,20}:)?v>)?\s?</(?:\w{1,20}:)?c>"""
)
TEXT_RESULT = re.compile(rb"""t=["']str["']""")
ROW = re.compile(rb"""<(?:\w{1,20}:)?row\s([^<>]{1,400})>""")
COLUMN = re.compile(rb"""<(?:\w{1,20}:)?col\s([^<>]{1,400})/?>""")
HIDDEN = re.compile(rb"""\shidden=["'](?:1|true)["']""")
STYLED = re.compile(rb"""s=["'](\d{1,6})["']""")
NOT_A_NUMBER = re.compile(rb"""t=["'](?!n["'])""")
ATTRIBUTE = re.compile(rb"""([\w:]{1,40})=["']([^"'<>]{0,400})["']""")
NAMED = re.compile(rb"""<(?:\w{1,20}:)?sheet\s([^<>]{1,2000})>""")
LINKED = re.compile(rb"""<(?:\w{1,20}:)?Relationship\s([^<>]{1,2000})>""")
NUMBER_FORMAT = re.compile(rb"""<(?:\w{1,20}:)?numFmt\s([^<>]{1,2000})>""")
CELL_FORMATS = re.compile(
    rb"""<(?:\w{1,20}:)?cellXfs\b(.{0,2000000}?)</(?:\w{1,20}:)?cellXfs>""", re.DOTALL
)
FORMAT_ID = re.compile(rb"""<(?:\w{1,20}:)?xf\s[^<>]{0,400}?numFmtId=["'](\d{1,6})["']""")
STEP_BYTES = 1024 * 1024
TAG_BYTES = 16 * 1024
PART_BYTES = 8 * 1024 * 1024
MANY = 2**31
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, KeyError)


def parts_of(path: Path, limits: Limits) -> list[Parts]:
    """Of each sheet, in the order of the workbook; nothing where they are of a form that is not known.

    A sheet is opened as a rectangle: two cells in its corners cost as much as all between them. Where
    cells lie, they say themselves; what they conceal, the process that reads pays for.
    """
    if not zipfile.is_zipfile(path):
        return binary_parts.sheets_in(path, limits.columns)
    try:
        with zipfile.ZipFile(path) as archive:
            if is_encrypted(archive):
                raise protected()
            if CONTENT in archive.namelist():
                return sheets_in(archive, limits.columns)
            if xlsb_parts.WORKBOOK in archive.namelist():
                return xlsb_parts.sheets_in(archive, limits.columns)
            units = _units_of_styles(archive)
            scanned = {}
            for entry in archive.infolist():
                if SHEET.fullmatch(entry.filename):
                    with archive.open(entry) as sheet:
                        scanned[entry.filename.casefold()] = _scanned(sheet, units, limits)
            return [scanned.get(name, Parts()) for name in _sheet_parts(archive)]
    except BROKEN:
        raise damaged() from None


def damaged() -> errors.UnreadableSpreadsheet:
    return errors.UnreadableSpreadsheet(_("The workbook is damaged."))


def protected() -> errors.UnreadableSpreadsheet:
    return errors.UnreadableSpreadsheet(
        _("The workbook is protected by a password; save it without one.")
    )


def _sheet_parts(archive: zipfile.ZipFile) -> list[str]:
    """The part of each sheet, in the workbook's order."""
    names = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return []
    targets = {}
    for tag in LINKED.findall(_part(archive, "xl/_rels/workbook.xml.rels")):
        own = _attributes(tag)
        target = own.get("Target", "")
        targets[own.get("Id", "")] = target.lstrip("/") if target[:1] == "/" else f"xl/{target}"
    found = []
    for tag in NAMED.findall(_part(archive, "xl/workbook.xml")):
        own = _attributes(tag)
        link = next((value for key, value in own.items() if key.endswith(":id")), "")
        found.append(targets.get(link, "").casefold())
    return found


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as part:
        return part.read(PART_BYTES)


def _attributes(tag: bytes) -> dict[str, str]:
    return {
        key.decode("ascii", "replace"): value.decode("utf-8", "replace")
        for key, value in ATTRIBUTE.findall(tag)
    }


def _units_of_styles(archive: zipfile.ZipFile) -> dict[bytes, str]:
    """The unit of each style of cells that shows one."""
    if "xl/styles.xml" not in archive.namelist():
        return {}
    styles = _part(archive, "xl/styles.xml")
    codes = {}
    for tag in NUMBER_FORMAT.findall(styles):
        own = _attributes(tag)
        codes[own.get("numFmtId", "")] = own.get("formatCode", "")
    formats = CELL_FORMATS.search(styles)
    ids = FORMAT_ID.findall(formats.group(1)) if formats else []
    units = {
        str(number).encode(): unit_of_format(int(one), codes.get(one.decode()))
        for number, one in enumerate(ids)
    }
    return {style: unit for style, unit in units.items() if unit}


class _Scan:
    """One sheet, piece by piece."""

    def __init__(self, limits: Limits) -> None:
        self.limits, self.parts = limits, Parts()
        self.top, self.left, self.bottom, self.right = MANY, MANY, 0, 0
        self.formats: set[tuple[bytes, bytes]] = set()

    def piece(self, text: bytes) -> None:
        found = FILLED_CELL.findall(text)
        if found:
            columns = {column_number(letters) for letters in {one[0] for one in found}}
            rows = {int(digits) for digits in {one[1] for one in found}}
            self.top, self.bottom = min(self.top, *rows), max(self.bottom, *rows)
            self.left, self.right = min(self.left, *columns), max(self.right, *columns)
        self._check()
        self.formats |= {(letters, rest) for letters, _digits, rest in found}
        if b"hidden=" in text:
            self._hidden(text)
        if b't="e"' in text or b"t='e'" in text:
            self.parts.errors.update(one.decode() for one in ERROR_TEXT.findall(text))
        if b"<f" in text or b":f" in text:
            self.parts.unsaved += sum(
                not TEXT_RESULT.search(attributes) for attributes in UNSAVED.findall(text)
            )

    def _hidden(self, text: bytes) -> None:
        for tag in ROW.findall(text):
            if HIDDEN.search(b" " + tag) and not tag.endswith(b"/"):
                self.parts.hidden_rows.add(int(_attributes(tag).get("r", "0") or 0) - 1)
        for tag in COLUMN.findall(text):
            if HIDDEN.search(b" " + tag):
                own = _attributes(tag)
                first, last = int(own.get("min", "1")), int(own.get("max", "0"))
                self.parts.hidden_columns |= set(range(first - 1, min(last, self.limits.columns)))

    def _check(self) -> None:
        rows, columns = max(0, self.bottom - self.top + 1), max(0, self.right - self.left + 1)
        if rows * columns > self.limits.spreadsheet_cells:
            raise errors.UnreadableSpreadsheet(
                _(
                    "A sheet spans %(rows)d rows and %(columns)d columns, more cells than can be opened; "
                    "delete the stray cells at its far end, or save the sheet as CSV."
                )
                % {"rows": rows, "columns": columns},
                rows=rows,
                columns=columns,
                cells_max=self.limits.spreadsheet_cells,
            )

    def units(self, units: dict[bytes, str]) -> dict[int, str]:
        """Of columns whose numbers are all shown with one."""
        shown: dict[int, set[str]] = {}
        for letters, rest in self.formats:
            if not NOT_A_NUMBER.search(rest):
                style = STYLED.search(rest)
                unit = units.get(style.group(1), "") if style else ""
                shown.setdefault(column_number(letters) - 1, set()).add(unit)
        return {column: one.pop() for column, one in shown.items() if len(one) == 1 and one != {""}}


def _scanned(sheet: IO[bytes], units: dict[bytes, str], limits: Limits) -> Parts:
    scan = _Scan(limits)
    rest = b""
    while step := sheet.read(STEP_BYTES):
        text = rest + step
        cut = _last_start(text)
        scan.piece(text[:cut])
        rest = text[cut:]
    scan.piece(rest)
    scan.parts.units = scan.units(units)
    return scan.parts


def _last_start(text: bytes) -> int:
    """Where the last cell or row begins: it may go on in the next piece."""
    starts = [text.rfind(mark) for mark in (b"<c ", b"<row ", b":c ", b":row ")]
    cut = text.rfind(b"<", 0, max(starts) + 1) if max(starts) > 0 else -1
    return cut if cut >= 0 and len(text) - cut < TAG_BYTES else max(0, len(text) - TAG_BYTES)


def column_number(letters: bytes) -> int:
    """A is 1."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number
