"""dBASE tables, as they come with shapefiles and by themselves."""

import codecs
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.utils.translation import gettext as _

from exchange.vault.reading import errors
from exchange.vault.reading.dbf_head import END_OF_FIELDS, FIELD_BYTES, HEADER
from exchange.vault.reading.limits import Limits
from exchange.vault.reading.written_sql import Table

LANGUAGE_AT = 29
SYSTEM = 0x01
# The encoding that the byte of the language names.
LANGUAGES = {
    0x01: "cp437", 0x02: "cp850", 0x03: "cp1252", 0x13: "cp932", 0x26: "cp866", 0x4D: "gb18030", 0x4E: "cp949",
    0x4F: "cp950", 0x57: "cp1252", 0x58: "cp1252", 0x59: "cp1252", 0x64: "cp852", 0x65: "cp866", 0x78: "cp950",
    0x79: "cp949", 0x7A: "gb18030", 0x7B: "cp932", 0x7D: "cp1255", 0x7E: "cp1256", 0xC8: "cp1250",
    0xC9: "cp1251", 0xCA: "cp1254", 0xCB: "cp1253",
}  # fmt: skip
JUDGED_BYTES = 1024 * 1024
DELETED = b"*"
JULIAN_1970 = 2_440_588
TRUTHS = {b"T": "true", b"Y": "true", b"F": "false", b"N": "false"}


@dataclass(frozen=True)
class _Field:
    name: bytes
    kind: str
    start: int
    width: int
    is_system: bool


@dataclass(frozen=True)
class _Layout:
    rows: int
    header_bytes: int
    row_bytes: int
    fields: tuple[_Field, ...]
    language: int


def table_in(path: Path, limits: Limits, *, encoding: str | None = None) -> Table:
    """The rows that are not deleted. `encoding` is what a file beside it says."""
    kept = [row for row in (encoding, _language(path)) if row]
    layout = _layout(path, limits)
    known = kept[0] if kept else _guessed(path, layout)
    shown = [one for one in layout.fields if not one.is_system]
    names = [one.name.decode(known, "replace").strip() for one in shown]
    rows = (row for row in rows_of(path, limits, encoding=known) if row is not None)
    return Table(names, rows, encoding=known)


def rows_of(path: Path, limits: Limits, *, encoding: str) -> Iterator[list[str | None] | None]:
    """Every row in its place; None for one that is deleted."""
    layout = _layout(path, limits)
    shown = [one for one in layout.fields if not one.is_system]
    with path.open("rb") as file:
        file.seek(layout.header_bytes)
        for _number in range(layout.rows):
            row = file.read(layout.row_bytes)
            if len(row) < layout.row_bytes:
                return
            if row[:1] == DELETED:
                yield None
                continue
            yield [_text(one, row[one.start : one.start + one.width], encoding) for one in shown]


def _layout(path: Path, limits: Limits) -> _Layout:
    with path.open("rb") as file:
        head = file.read(FIELD_BYTES * (limits.columns + 2))
    try:
        _v, _y, _m, _d, rows, header_bytes, row_bytes = HEADER.unpack_from(head)
        fields: list[_Field] = []
        start, at = 1, FIELD_BYTES
        while head[at] != END_OF_FIELDS and at + FIELD_BYTES <= header_bytes:
            name = head[at : at + 11].split(b"\0")[0]
            width = head[at + 16]
            kind = chr(head[at + 11])
            if kind == "C":
                width += head[at + 17] << 8
            fields.append(_Field(name, kind, start, width, bool(head[at + 18] & SYSTEM)))
            start += width
            at += FIELD_BYTES
    except (struct.error, IndexError):
        raise _damaged() from None
    if not fields or start > row_bytes or row_bytes > limits.cell_bytes:
        raise _damaged()
    return _Layout(rows, header_bytes, row_bytes, tuple(fields), head[LANGUAGE_AT])


def _language(path: Path) -> str | None:
    with path.open("rb") as file:
        head = file.read(FIELD_BYTES)
    return LANGUAGES.get(head[LANGUAGE_AT]) if len(head) == FIELD_BYTES else None


def _guessed(path: Path, layout: _Layout) -> str:
    """By the cells of text among the first rows, and the names."""
    texts = [one for one in layout.fields if one.kind in "CV"]
    with path.open("rb") as file:
        file.seek(layout.header_bytes)
        rows = file.read(layout.row_bytes * max(1, JUDGED_BYTES // layout.row_bytes))
    cells = [
        rows[at + one.start : at + one.start + one.width]
        for at in range(0, len(rows), layout.row_bytes)
        for one in texts
    ]
    cells += [one.name for one in layout.fields]
    return next((name for name in ("utf-8", "gb18030") if _are(cells, name)), "cp1252")


def _are(cells: Sequence[bytes], encoding: str) -> bool:
    """Whether all are in this encoding; a letter may be cut off where the field ends."""
    decode = codecs.getincrementaldecoder(encoding)
    try:
        for cell in cells:
            decode().decode(cell)
    except UnicodeDecodeError:
        return False
    return True


def _text(field: _Field, cell: bytes, encoding: str) -> str | None:
    if field.kind in "IB@TY+O" and len(cell) in {4, 8}:
        return _binary(field.kind, cell)
    bare = cell.strip(b"\0 ")
    if not bare or set(bare) == {ord("*")}:
        return None
    if field.kind == "L":
        return TRUTHS.get(bare.upper())
    text = bare.decode(encoding, "replace")
    if field.kind == "D":
        is_day = len(text) == 8 and text.isdigit() and text != "00000000"  # noqa: PLR2004 - yyyymmdd
        return f"{text[:4]}-{text[4:6]}-{text[6:]}" if is_day else None
    return text


def _binary(kind: str, cell: bytes) -> str | None:
    if len(cell) == 4:  # noqa: PLR2004 - bytes of a whole number
        return str(struct.unpack("<i", cell)[0])
    if kind in "T@":
        day, milliseconds = struct.unpack("<ii", cell)
        if not day or not 0 < day < 5_373_484:  # noqa: PLR2004 - the last day of the year 9999
            return None
        moment = datetime(1970, 1, 1) + timedelta(days=day - JULIAN_1970, milliseconds=milliseconds)  # noqa: DTZ001 - it has no zone
        return moment.isoformat(sep=" ", timespec="seconds")
    if kind == "Y":
        return f"{struct.unpack('<q', cell)[0] / 10_000:.4f}"
    return repr(struct.unpack("<d", cell)[0])


def _damaged() -> errors.UnreadableDatabase:
    return errors.UnreadableDatabase(_("The dBASE table is damaged."))
