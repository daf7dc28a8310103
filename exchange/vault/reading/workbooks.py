"""Workbooks: each visible sheet with rows becomes a delimited text, and goes on as one."""

import csv
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from datetime import time as clock
from decimal import Decimal
from itertools import islice, pairwise
from pathlib import Path

import python_calamine as calamine
from django.utils.translation import gettext as _

from exchange.vault.reading import errors
from exchange.vault.reading.documents import Note
from exchange.vault.reading.limits import Limits
from exchange.vault.reading.number_formats import PERCENT
from exchange.vault.reading.questions import NO_ANSWERS, Answers, Asked, Option, Question, ask
from exchange.vault.reading.stacked import STACKED_BYTES_MAX
from exchange.vault.reading.unpack import Member
from exchange.vault.reading.workbook_facts import Parts, Span
from exchange.vault.reading.workbook_layout import HEAD_ROWS, is_filled, layout_of
from exchange.vault.reading.workbook_parts import damaged, parts_of, protected

OLE_MAGIC = b"\xd0\xcf\x11\xe0"
OLE_BYTES_MAX = 64 * 1024 * 1024
ENCRYPTED = "EncryptedPackage"
NAMES_SHOWN = 5
SEPARATOR = "sep=,\n"  # the line by which a text says how it is cut; no cell decides that
KEEP, LEAVE_OUT = "keep", "leave_out"
Cell = int | float | str | bool | clock | date | datetime | timedelta


@dataclass(frozen=True)
class Sheet:
    """A sheet as a text file, with the units in which it shows its columns. `gapped` is the same with a
    line for each run of empty rows, where there are any: tables may stand one under the other."""

    member: Member
    units: tuple[str, ...]
    gapped: Path | None = None


def sheets_of(
    member: Member,
    *,
    into: Path,
    limits: Limits,
    answers: Answers = NO_ANSWERS,
    is_packed: bool = False,
) -> list[Sheet]:
    """A text file for each sheet, in the order of the workbook. Formulas are their last values. Of a
    workbook in an archive (`is_packed`) rows say from which file they came."""
    _check_password(member.path)
    _check_size(member.path, limits)
    parts = parts_of(member.path, limits)
    try:
        with calamine.load_workbook(str(member.path)) as workbook:
            sheets = list(_written(workbook, member, parts, into, answers, is_packed=is_packed))
            hidden = _hidden_sheets(workbook, parts)
    except calamine.PasswordError:
        raise protected() from None
    except (calamine.CalamineError, ValueError, OSError):
        raise damaged() from None
    if sheets and hidden:
        first = sheets[0]
        named = replace(first.member, notes=(*first.member.notes, *hidden))
        sheets[0] = replace(first, member=named)
    if is_packed:
        return [_named_by_file(one, member, is_only=len(sheets) == 1) for one in sheets]
    return sheets


def _named_by_file(sheet: Sheet, workbook: Member, *, is_only: bool) -> Sheet:
    own = sheet.member
    name = workbook.name if is_only else f"{workbook.name}/{own.name}"
    return replace(sheet, member=replace(own, name=name))


def _hidden_sheets(workbook: calamine.CalamineWorkbook, parts: Sequence[Parts]) -> tuple[Note, ...]:
    """By their names, with all that stands in their cells."""
    names, cells = [], 0
    for number, sheet in enumerate(workbook.sheets_metadata):
        if (
            sheet.typ is calamine.SheetTypeEnum.WorkSheet
            and sheet.visible is not calamine.SheetVisibleEnum.Visible
        ):
            names.append(sheet.name)
            rows = workbook.get_sheet_by_name(sheet.name).iter_rows()
            cells += sum(is_filled(cell) for row in rows for cell in row)
            cells += parts[number].valueless if number < len(parts) else 0
    if not names:
        return ()
    text = _("Hidden sheets were left out: %(names)s.") % {"names": _some(names)}
    return (Note("hidden_sheets", text, len(names), cells),)


def _written(
    workbook: calamine.CalamineWorkbook,
    member: Member,
    parts: Sequence[Parts],
    into: Path,
    answers: Answers,
    *,
    is_packed: bool,
) -> Iterator[Sheet]:
    for number, sheet in enumerate(workbook.sheets_metadata):
        if sheet.typ is not calamine.SheetTypeEnum.WorkSheet:
            continue
        if sheet.visible is not calamine.SheetVisibleEnum.Visible:
            continue
        rows = workbook.get_sheet_by_name(sheet.name)
        if not rows.height:
            continue
        own = _Table(
            rows,
            parts[number] if number < len(parts) else Parts(),
            f"{member.name} / {sheet.name}" if is_packed else sheet.name,
            answers,
        )
        target = into / f"{member.path.name}-sheet-{number:03d}.csv"
        own.write(target)
        written = Member(sheet.name, target, own.notes(), own.questions())
        yield Sheet(written, own.units, with_gaps(target, own.gaps) if own.gaps else None)


class _Table:
    """One sheet on its way to a text. Columns count from the first one that holds anything."""

    def __init__(
        self, sheet: calamine.CalamineSheet, parts: Parts, place: str, answers: Answers
    ) -> None:
        self.sheet, self.parts = sheet, parts
        start = sheet.start or (0, 0)
        self.first_column = start[1]
        self.head = list(islice(self._rows(), HEAD_ROWS))
        self.layout = layout_of(self.head, self._spans())
        width = max(len(cells) for _number, cells in self.head) if self.head else 0
        self.columns = list(range(width))
        self.percents = {column for column in self.columns if self._unit(column) == PERCENT}
        self.timed, self.hidden_rows = self._looked_through()
        self.filled, self.left_out = self.layout.spread_names, 0
        self.gaps: list[int] = []
        self.question = self._hidden_question(place, answers)
        if self._leaves_out():
            self.columns = [one for one in self.columns if one not in self._hidden_columns()]
        self.units = tuple(self._unit(column) for column in self.columns)

    def write(self, target: Path) -> None:
        with target.open("x", encoding="utf-8", newline="") as file:
            file.write(SEPARATOR)
            writer = csv.writer(file, lineterminator="\n")
            if self.layout.names:
                writer.writerow([self.layout.names[column] for column in self.columns])
            writer.writerows(self._body())

    def notes(self) -> tuple[Note, ...]:
        """What was changed and what is not there, with counts."""
        layout, parts = self.layout, self.parts
        lost = sum(parts.errors.values())
        kinds = ", ".join(f"{kind} ({count})" for kind, count in parts.errors.most_common())
        said = (
            (
                "sheet_titles",
                _("Above the table stands, and may serve as its title: %(lines)s.")
                % {"lines": " / ".join(layout.titles)[:300]},
                len(layout.titles),
                layout.title_cells,
            ),
            (
                "header_rows_joined",
                _("Several rows of names were joined into one."),
                layout.name_rows,
                layout.joined_cells,
            ),
            (
                "merged_cells_filled",
                _("Merged cells all got the value of the first one."),
                self.filled,
                0,
            ),
            (
                "excel_errors",
                _("Cells hold Excel errors and count as missing: %(kinds)s.") % {"kinds": kinds},
                lost,
                lost,
            ),
            (
                "formulas_without_values",
                _(
                    "Formulas were saved without their values and are empty here; open the workbook in Excel, "
                    "save it there, and hand it in again."
                ),
                parts.unsaved,
                parts.unsaved,
            ),
            (
                "percent_format",
                _(
                    "Columns are shown as percentages in the workbook, and were read as such: 0.12 is 12 %."
                ),
                len(self.percents),
                0,
            ),
            (
                "hidden_parts",
                _("Hidden rows and columns are in the table: %(names)s.")
                % {"names": _some(self._hidden_names()) or _("rows only")},
                0 if self._leaves_out() else len(self.hidden_rows) + len(self._hidden_columns()),
                0,
            ),
            (
                "hidden_left_out",
                _("Hidden rows and columns were left out, as you said."),
                self.left_out,
                self.left_out,
            ),
        )
        return tuple(Note(code, text, rows, cells) for code, text, rows, cells in said if rows)

    def questions(self) -> tuple[Question, ...]:
        return (self.question,) if self.question is not None else ()

    def _rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """Rows with something in them, by their number in the sheet."""
        unsaved = self.parts.unsaved_at
        for number, cells in enumerate(self.sheet.iter_rows()):
            row = list(cells)
            if unsaved:
                row = [
                    "" if (number, column) in unsaved else cell
                    for column, cell in enumerate(row, start=self.first_column)
                ]
            if any(cell != "" for cell in row):
                yield number, row

    def _spans(self) -> list[Span]:
        return [
            ((top, left - self.first_column), (bottom, right - self.first_column))
            for (top, left), (bottom, right) in self.sheet.merged_cell_ranges or self.parts.spans
        ]

    def _unit(self, column: int) -> str:
        return self.parts.units.get(column + self.first_column, "")

    def _looked_through(self) -> tuple[set[int], set[int]]:
        """Columns with times, in which a midnight is a time, too, and no day; hidden rows that hold
        something."""
        timed, hidden = set(), set()
        for number, row in self._rows():
            timed |= {column for column, cell in enumerate(row) if type(cell) is datetime}
            if number in self.parts.hidden_rows:
                hidden.add(number)
        return timed, hidden

    def _body(self) -> Iterator[list[str]]:
        layout, fills = self.layout, self.layout.fills
        wanted = set(fills.values())
        kept: dict[tuple[int, int], Cell] = {}
        names_left = layout.name_rows
        leaves_out = self._leaves_out()
        hidden = self._hidden_columns() if leaves_out else set()
        self.left_out += sum(bool(layout.names[column]) for column in hidden if layout.names)
        lines, above = int(bool(layout.names)), -1
        for number, row in self._rows():
            if number < layout.skipped:
                continue
            if 0 <= above < number - 1:
                self.gaps.append(lines)
            above = number
            if names_left:
                names_left -= 1
                continue
            if fills:
                self._fill(number, row, wanted, kept)
            if leaves_out and number in self.hidden_rows:
                self.left_out += sum(is_filled(cell) for cell in row)
                continue
            self.left_out += sum(is_filled(row[column]) for column in hidden)
            lines += 1
            yield [self._text(column, row[column]) for column in self.columns]

    def _fill(
        self,
        number: int,
        row: list[Cell],
        wanted: set[tuple[int, int]],
        kept: dict[tuple[int, int], Cell],
    ) -> None:
        for column, cell in enumerate(row):
            place = (number, column)
            if place in wanted:
                kept[place] = cell
            source = self.layout.fills.get(place)
            if source is not None and cell == "" and kept.get(source, "") != "":
                row[column] = kept[source]
                self.filled += 1

    def _text(self, column: int, cell: Cell) -> str:
        if column in self.percents and isinstance(cell, float | int) and not isinstance(cell, bool):
            return format((Decimal(repr(cell)) * 100).normalize(), "f")
        if column in self.timed and type(cell) is date:
            return f"{cell} 00:00:00"
        return _text(cell)

    def _hidden_columns(self) -> set[int]:
        width = max((len(cells) for _number, cells in self.head), default=0)
        return {
            column - self.first_column
            for column in self.parts.hidden_columns
            if 0 <= column - self.first_column < width
        }

    def _hidden_names(self) -> list[str]:
        return [self._column_name(column) for column in sorted(self._hidden_columns())]

    def _leaves_out(self) -> bool:
        return self.question is not None and self.question.taken == LEAVE_OUT

    def _hidden_question(self, place: str, answers: Answers) -> Question | None:
        """Somebody hid it: whether buyers are to have it, only the seller knows."""
        columns = self._hidden_columns()
        rows = self.hidden_rows
        if not columns and not rows:
            return None
        text = _(
            "The sheet has hidden parts: %(rows)d rows and %(columns)d columns (%(names)s). "
            "Are they part of the data?"
        ) % {
            "rows": len(rows),
            "columns": len(columns),
            "names": _some(self._hidden_names()) or "–",
        }
        options = (
            Option(KEEP, _("Keep the hidden rows and columns"), *self._preview(set(), set())),
            Option(LEAVE_OUT, _("Leave them out"), *self._preview(columns, rows)),
        )
        return ask(Asked.HIDDEN, place, text, options, likelier=KEEP, answers=answers)

    def _column_name(self, column: int) -> str:
        names = self.layout.names or self._below_titles()[0][1]
        return _text(names[column]) if column < len(names) else ""

    def _below_titles(self) -> list[tuple[int, list[Cell]]]:
        return [one for one in self.head if one[0] >= self.layout.skipped] or self.head

    def _preview(
        self, columns: set[int], rows: set[int]
    ) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
        kept = [one for one in self.columns if one not in columns]
        body = self._below_titles()[max(1, self.layout.name_rows) :]
        return (
            tuple(self._column_name(column) for column in kept),
            tuple(
                tuple(self._text(column, cells[column]) for column in kept)
                for number, cells in body
                if number not in rows
            )[:5],
        )


def with_gaps(path: Path, gaps: Sequence[int]) -> Path | None:
    """The text of a sheet with an empty line above each row that `gaps` counts, and each part between
    them no wider than it is; nothing where it is too long to hold several tables."""
    if path.stat().st_size > STACKED_BYTES_MAX:
        return None
    with path.open(encoding="utf-8", newline="") as file:
        file.readline()
        rows = list(csv.reader(file))
    target = path.with_name(f"{path.name}.gapped")
    with target.open("x", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for first, last in pairwise((0, *gaps, len(rows))):
            part = rows[first:last]
            width = max((at for row in part for at, cell in enumerate(row, 1) if cell), default=0)
            if first:
                file.write("\n")
            writer.writerows(row[:width] for row in part)
    return target


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:NAMES_SHOWN]) + ("" if len(names) <= NAMES_SHOWN else " …")


def _text(cell: Cell) -> str:
    """A workbook knows no whole numbers: 3.0 is how it keeps 3."""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)  # noqa: PLR2004 - doubles count exactly up to there
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, timedelta):
        seconds = round(cell.total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return str(cell)


def _check_password(path: Path) -> None:
    """A protected workbook is a container of two streams, named in UTF-16, or an archive that says so."""
    with path.open("rb") as file:
        is_container = file.read(4) == OLE_MAGIC
        file.seek(0)
        if is_container and ENCRYPTED.encode("utf-16-le") in file.read(OLE_BYTES_MAX):
            raise protected()


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
