"""Workbooks: each visible sheet with rows becomes a delimited text, and goes on as one."""

import csv
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from datetime import time as clock
from pathlib import Path
from typing import IO

import python_calamine as calamine
from django.utils.translation import gettext as _

from exchange.vault.reading import errors
from exchange.vault.reading.limits import Limits
from exchange.vault.reading.questions import NO_ANSWERS, Answers
from exchange.vault.reading.unpack import Member

SHEET = re.compile(r"xl/(?:worksheets|\w+)/[^/]+\.xml", re.IGNORECASE)
# A cell that ends in its own tag is only formatted.
FILLED_CELL = re.compile(
    rb"""<(?:\w{1,20}:)?c\s(?:[^<>]{0,200}\s)?r=["']([A-Za-z]{1,3})(\d{1,7})["'](?:[^<>]{0,200}[^<>/])?>"""
)
OLE_MAGIC = b"\xd0\xcf\x11\xe0"
OLE_BYTES_MAX = 64 * 1024 * 1024
ENCRYPTED = "EncryptedPackage"
STEP_BYTES = 1024 * 1024
TAG_BYTES = 512
MANY = 2**31
Cell = int | float | str | bool | clock | date | datetime | timedelta


def sheets_of(
    member: Member,
    *,
    into: Path,
    limits: Limits,
    answers: Answers = NO_ANSWERS,  # noqa: ARG001 - what is asked of sheets is answered here
) -> list[Member]:
    """A text file for each sheet, in the order of the workbook. Formulas are their last values."""
    _check_password(member.path)
    _check_size(member.path, limits)
    _check_spans(member.path, limits)
    try:
        with calamine.load_workbook(str(member.path)) as workbook:
            return list(_written(workbook, member, into))
    except calamine.PasswordError:
        raise _protected() from None
    except (calamine.CalamineError, ValueError, OSError):
        raise errors.UnreadableSpreadsheet(_("The workbook is damaged.")) from None


def named_by_file(sheets: Sequence[Member], workbook: Member) -> list[Member]:
    """The sheets of a workbook that lies in an archive: rows say from which file they came."""
    if len(sheets) == 1:
        return [replace(sheets[0], name=workbook.name)]
    return [replace(one, name=f"{workbook.name}/{one.name}") for one in sheets]


def _written(workbook: calamine.CalamineWorkbook, member: Member, into: Path) -> Iterator[Member]:
    for number, sheet in enumerate(workbook.sheets_metadata):
        if sheet.typ is not calamine.SheetTypeEnum.WorkSheet:
            continue
        if sheet.visible is not calamine.SheetVisibleEnum.Visible:
            continue
        rows = workbook.get_sheet_by_name(sheet.name)
        if not rows.height:
            continue
        target = into / f"{member.path.name}-sheet-{number:03d}.csv"
        with target.open("x", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerows([_text(cell) for cell in row] for row in _table_rows(rows))
        yield Member(sheet.name, target)


def _table_rows(sheet: calamine.CalamineSheet) -> Iterator[list[Cell]]:
    """Rows with something in them. The sheet's own rectangle gives all of them one width."""
    for row in sheet.iter_rows():
        if any(cell != "" for cell in row):
            yield list(row)


def _text(cell: Cell) -> str:
    """A workbook knows no whole numbers: 3.0 is how it keeps 3."""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)  # noqa: PLR2004 - doubles count exactly up to there
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    return str(cell)


def _check_password(path: Path) -> None:
    """A protected workbook is a container of two streams, named in UTF-16, or an archive that says so."""
    with path.open("rb") as file:
        is_container = file.read(4) == OLE_MAGIC
        file.seek(0)
        if is_container and ENCRYPTED.encode("utf-16-le") in file.read(OLE_BYTES_MAX):
            raise _protected()


def _protected() -> errors.UnreadableSpreadsheet:
    return errors.UnreadableSpreadsheet(
        _("The workbook is protected by a password; save it without one.")
    )


def _check_size(path: Path, limits: Limits) -> None:
    """A workbook is opened whole, so that what it unpacks to must fit into memory."""
    size = path.stat().st_size
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    if size > limits.spreadsheet_bytes:
        raise errors.UnreadableSpreadsheet(
            _("The workbook is too large to be opened; save its sheets as CSV."),
            unpacked_bytes=size,
            unpacked_bytes_max=limits.spreadsheet_bytes,
        )


def _check_spans(path: Path, limits: Limits) -> None:
    """A sheet is opened as a rectangle: two cells in its corners cost as much as all between them. Where
    cells lie, they say themselves; what they conceal, the process that reads pays for."""
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                if SHEET.fullmatch(entry.filename):
                    with archive.open(entry) as sheet:
                        _check_span(sheet, limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError):
        raise errors.UnreadableSpreadsheet(_("The workbook is damaged.")) from None


def _check_span(sheet: IO[bytes], limits: Limits) -> None:
    top, left, bottom, right = MANY, MANY, 0, 0
    rest = b""
    while step := sheet.read(STEP_BYTES):
        text = rest + step
        for letters, digits in FILLED_CELL.findall(text):
            row, column = int(digits), _column_number(letters)
            top, bottom = min(top, row), max(bottom, row)
            left, right = min(left, column), max(right, column)
        rest = text[-TAG_BYTES:]
        rows, columns = max(0, bottom - top + 1), max(0, right - left + 1)
        if rows * columns > limits.spreadsheet_cells:
            raise errors.UnreadableSpreadsheet(
                _(
                    "A sheet spans %(rows)d rows and %(columns)d columns, more cells than can be opened; "
                    "delete the stray cells at its far end, or save the sheet as CSV."
                )
                % {"rows": rows, "columns": columns},
                rows=rows,
                columns=columns,
                cells_max=limits.spreadsheet_cells,
            )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number
