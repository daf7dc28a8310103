"""What an old workbook (.xls) says of its sheets beside their values: a container of sectors, in it a stream
of records. What does not fit is left unsaid; whether the workbook is damaged, the library that reads it says.
"""

import struct
from collections.abc import Iterator
from pathlib import Path

from exchange.vault.reading.number_formats import unit_of_format
from exchange.vault.reading.workbook_facts import Parts

BYTES_MAX = 64 * 1024 * 1024
END_OF_CHAIN = 0xFFFFFFFA  # and all above it
ENTRY_BYTES = 128
MINI_CUTOFF = 4096
SECTOR_BYTES = {9: 512, 12: 4096}
BOF, EOF, SHEET, FORMAT, STYLE = 0x0809, 0x000A, 0x0085, 0x041E, 0x00E0
ROW, COLUMNS, FORMULA, ERROR, NUMBER, SHORT, SHORTS = (
    0x0208,
    0x007D,
    0x0006,
    0x0205,
    0x0203,
    0x027E,
    0x00BD,
)
HIDDEN_ROW, HIDDEN_COLUMN = 0x20, 0x01
COMPUTED_ON_LOAD = 0x02
ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?",
          0x24: "#NUM!", 0x2A: "#N/A"}  # fmt: skip


def sheets_in(path: Path, columns_max: int) -> list[Parts]:
    """Of each sheet, in the order of the workbook; nothing where the records cannot be followed."""
    if path.stat().st_size > BYTES_MAX:
        return []
    try:
        stream = _stream(path.read_bytes())
        return _Records(stream, columns_max).sheets()
    except (struct.error, IndexError, KeyError, ValueError):
        return []


def _stream(content: bytes) -> bytes:
    """The stream of the workbook out of its container."""
    size = SECTOR_BYTES[struct.unpack_from("<H", content, 30)[0]]
    directory_at, _sign, _cutoff, mini_at = struct.unpack_from("<4I", content, 48)
    table = _table(content, size)
    directory = _chained(content, table, directory_at, size, size)
    entries: dict[str, tuple[int, int]] = {}
    for at in range(0, len(directory) - ENTRY_BYTES + 1, ENTRY_BYTES):
        (length,) = struct.unpack_from("<H", directory, at + 64)
        name = directory[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
        entries.setdefault(name, struct.unpack_from("<IQ", directory, at + 116))
    start, length = entries["Workbook" if "Workbook" in entries else "Book"]
    length &= 0xFFFFFFFF
    if length >= MINI_CUTOFF:
        return _chained(content, table, start, size, size)[:length]
    minis = _chained(content, table, entries["Root Entry"][0], size, size)
    small = _chained(content, table, mini_at, size, size)
    links = struct.unpack(f"<{len(small) // 4}I", small[: len(small) // 4 * 4])
    return _chained(minis, links, start, 64, 0)[:length]


def _table(content: bytes, size: int) -> tuple[int, ...]:
    """Which sector follows which."""
    listed = list(struct.unpack_from("<109I", content, 76))
    at, count = struct.unpack_from("<2I", content, 68)
    for _sector in range(min(count, len(content) // size)):
        part = struct.unpack_from(f"<{size // 4}I", content, size * (at + 1))
        listed += part[:-1]
        at = part[-1]
    most = len(content) // size + 1
    known = [one for one in listed if one < END_OF_CHAIN][:most]
    sectors = [content[size * (one + 1) : size * (one + 2)] for one in known]
    joined = b"".join(sectors)
    return struct.unpack(f"<{len(joined) // 4}I", joined[: len(joined) // 4 * 4])


def _chained(content: bytes, links: tuple[int, ...], start: int, size: int, offset: int) -> bytes:
    """The sectors of one chain; a chain that bites its tail ends after as many as there are."""
    parts = []
    for _sector in range(len(content) // size + 1):
        if start >= len(links):
            break
        parts.append(content[offset + size * start : offset + size * (start + 1)])
        start = links[start]
    return b"".join(parts)


class _Records:
    """The records of a workbook: its sheets and formats first, then those of each sheet."""

    def __init__(self, stream: bytes, columns_max: int) -> None:
        self.stream, self.columns_max = stream, columns_max
        self.starts: list[int] = []
        self.codes: dict[int, str] = {}
        self.styles: list[int] = []
        self.records_left = len(stream) // 2  # sheets may claim to begin at the same place

    def sheets(self) -> list[Parts]:
        for kind, data in self._records(0):
            if kind == SHEET:
                self.starts.append(struct.unpack_from("<I", data)[0])
            elif kind == FORMAT:
                number, length, wide = struct.unpack_from("<HHB", data)
                code = data[5 : 5 + length * (2 if wide & 1 else 1)]
                self.codes[number] = code.decode("utf-16-le" if wide & 1 else "latin-1", "replace")
            elif kind == STYLE:
                self.styles.append(struct.unpack_from("<H", data, 2)[0])
        units = [unit_of_format(one, self.codes.get(one)) for one in self.styles]
        return [self._sheet(start, units) for start in self.starts]

    def _records(self, at: int) -> Iterator[tuple[int, bytes]]:
        while at + 4 <= len(self.stream):
            self.records_left -= 1
            if self.records_left < 0:
                raise ValueError("more records than there is room for")
            kind, length = struct.unpack_from("<HH", self.stream, at)
            yield kind, self.stream[at + 4 : at + 4 + length]
            at += 4 + length
            if kind == EOF:
                return

    def _sheet(self, start: int, units: list[str]) -> Parts:
        parts = Parts()
        shown: dict[int, set[str]] = {}
        for kind, data in self._records(start):
            if kind in (ROW, COLUMNS):
                self._hidden(kind, data, parts)
            elif kind == SHORTS:
                column = struct.unpack_from("<H", data, 2)[0]
                for number, at in enumerate(range(4, len(data) - 2, 6)):
                    style = struct.unpack_from("<H", data, at)[0]
                    shown.setdefault(column + number, set()).add(units[style])
            elif kind in (FORMULA, ERROR, NUMBER, SHORT):
                _cell(kind, data, parts, units, shown)
        parts.unsaved = len(parts.unsaved_at)
        parts.units = {
            column: one.pop() for column, one in shown.items() if len(one) == 1 and one != {""}
        }
        return parts

    def _hidden(self, kind: int, data: bytes, parts: Parts) -> None:
        if kind == ROW:
            if struct.unpack_from("<H", data, 12)[0] & HIDDEN_ROW:
                parts.hidden_rows.add(struct.unpack_from("<H", data)[0])
            return
        first, last, _width, _style, flags = struct.unpack_from("<5H", data)
        if flags & HIDDEN_COLUMN:
            parts.hidden_columns |= set(range(first, min(last + 1, self.columns_max)))


def _cell(
    kind: int, data: bytes, parts: Parts, units: list[str], shown: dict[int, set[str]]
) -> None:
    """One cell: an error, a formula without its value, or a number as it is shown."""
    error = _error(kind, data)
    row, column, style = struct.unpack_from("<3H", data)
    if error:
        parts.errors[error] += 1
    elif _is_unsaved(kind, data):
        parts.unsaved_at.add((row, column))
    elif kind != ERROR and not _is_text(kind, data):
        shown.setdefault(column, set()).add(units[style])


def _is_text(kind: int, data: bytes) -> bool:
    """Whether a formula's value is no number."""
    return kind == FORMULA and data[12:14] == b"\xff\xff"


def _is_unsaved(kind: int, data: bytes) -> bool:
    """Whether a formula waits for its value: 0 stands for it, with the mark to compute it when opened."""
    return kind == FORMULA and not any(data[6:14]) and bool(data[14] & COMPUTED_ON_LOAD)


def _error(kind: int, data: bytes) -> str:
    if kind == ERROR and data[7]:
        return ERRORS.get(data[6], "#ERR!")
    if _is_text(kind, data) and data[6] == 2:  # noqa: PLR2004 - the mark of errors
        return ERRORS.get(data[8], "#ERR!")
    return ""
