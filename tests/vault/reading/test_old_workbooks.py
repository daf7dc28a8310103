"""Old workbooks (.xls): their records are changed in place, as Excel would have written them."""

import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from exchange.vault.reading import binary_parts
from exchange.vault.reading.workbook_facts import Parts
from tests.vault.reading.brought import CASES, brought, noted

STREAM_AT = 512  # in this file the stream lies in one piece


def changed(change: Callable[[int, bytes], bytes]) -> bytes:
    """The case file with each record of its first sheet as `change` gives it back, in its length."""
    (path,) = CASES.glob("35*")
    content = bytearray(path.read_bytes())
    at = STREAM_AT
    while at + 4 <= len(content):
        kind, length = struct.unpack_from("<HH", content, at)
        whole = change(kind, bytes(content[at : at + 4 + length]))
        assert len(whole) == 4 + length
        content[at : at + 4 + length] = whole
        at += 4 + length
        if not kind:
            break
    return bytes(content)


def with_errors(count: int, code: int) -> bytes:
    left = [count]

    def change(kind: int, record: bytes) -> bytes:
        if (
            kind != binary_parts.NUMBER
            or struct.unpack_from("<H", record, 6)[0] != 2
            or not left[0]
        ):
            return record
        left[0] -= 1
        error = struct.pack("<HH", binary_parts.ERROR, 8) + record[4:10] + bytes([code, 1])
        return error + struct.pack("<HHH", 0x0867, 2, 0)

    return changed(change)


@pytest.mark.parametrize(
    ("code", "name"), [(0x07, "#DIV/0!"), (0x2A, "#N/A"), (0x17, "#REF!"), (0x0F, "#VALUE!")]
)
def test_errors_of_an_old_workbook_are_counted(tmp_path: Path, code: int, name: str) -> None:
    (table,) = brought(tmp_path, with_errors(5, code)).tables
    assert noted(table) == {"excel_errors": 5}
    assert f"{name} (5)" in table.notes[0].text


def test_hidden_rows_of_an_old_workbook_are_asked_about(tmp_path: Path) -> None:
    def change(kind: int, record: bytes) -> bytes:
        if kind != binary_parts.ROW or struct.unpack_from("<H", record, 4)[0] not in (3, 7):
            return record
        return record[:16] + bytes([record[16] | binary_parts.HIDDEN_ROW]) + record[17:]

    read = brought(tmp_path, changed(change))
    assert noted(read.tables[0]) == {"hidden_parts": 2}
    assert len(read.questions) == 1


def test_percentages_of_an_old_workbook_have_their_unit(tmp_path: Path) -> None:
    def change(kind: int, record: bytes) -> bytes:
        return record.replace(b"General", b"0.0000%") if kind == binary_parts.FORMAT else record

    (table,) = brought(tmp_path, changed(change)).tables
    assert [one.unit for one in table.columns] == ["%", None, "%"]
    assert noted(table) == {"percent_format": 2}


@pytest.mark.parametrize("cut", [20, 80, 512, 700, 2000, 5000])
def test_a_container_that_ends_early_is_no_fault_of_the_reader(tmp_path: Path, cut: int) -> None:
    (path,) = CASES.glob("35*")
    target = tmp_path / "cut"
    target.write_bytes(path.read_bytes()[:cut])
    assert isinstance(binary_parts.sheets_in(target, 100), list)


def test_formulas_without_values_of_an_old_workbook_are_no_zeros() -> None:
    parts, shown = Parts(), dict[int, set[str]]()
    for row, (value, flags) in enumerate([(0.0, 3), (0.0, 0), (2.5, 2)]):
        data = struct.pack("<3HdHIH", row, 1, 0, value, flags, 0, 0)
        binary_parts._cell(binary_parts.FORMULA, data, parts, ["%"], shown)
    assert (parts.unsaved_at, shown) == ({(0, 1)}, {1: {"%"}})
