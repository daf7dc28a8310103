"""Workbooks: each visible sheet with rows becomes a delimited text, and goes on as one."""

import csv
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from datetime import time as clock
from pathlib import Path

import python_calamine as calamine
from django.utils.translation import gettext as _

from exchange.vault.reading import errors
from exchange.vault.reading.limits import Limits
from exchange.vault.reading.unpack import Member

Cell = int | float | str | bool | clock | date | datetime | timedelta


def sheets_of(member: Member, *, into: Path, limits: Limits) -> list[Member]:
    """A text file for each sheet, in the order of the workbook. Formulas are their last values."""
    _check_size(member.path, limits)
    try:
        with calamine.load_workbook(str(member.path)) as workbook:
            return list(_written(workbook, member, into))
    except calamine.PasswordError:
        raise errors.UnreadableSpreadsheet(_("The workbook is protected by a password.")) from None
    except (calamine.CalamineError, ValueError, OSError):
        raise errors.UnreadableSpreadsheet(_("The workbook is damaged.")) from None


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
    for row in sheet.to_python(skip_empty_area=True):
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
