"""What cannot be read is refused with one sentence and a code, and leaves nothing behind."""

import struct
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from exchange.vault import reading
from exchange.vault.reading import Limits, errors
from tests.vault.reading.brought import brought, gzipped, tarred, workbook, zipped

ROWS = "a,b\n1,x\n2,y\n"


def parquet(folder: Path) -> bytes:
    path = folder / "made.parquet"
    pq.write_table(pa.table({"a": list(range(500))}), path)
    return path.read_bytes()


def refused(folder: Path, content: bytes | str, *, limits: Limits = reading.DEFAULT_LIMITS) -> str:
    """The code of the refusal, once it is sure that nothing of the reading is left."""
    with pytest.raises(errors.Unreadable) as caught:
        brought(folder, content, limits=limits)
    assert caught.value.message.endswith(".")
    assert list((folder / "into").iterdir()) == []
    return caught.value.code


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b" \r\n\n"])
def test_an_empty_file_is_refused(tmp_path: Path, content: bytes) -> None:
    assert refused(tmp_path, content) == "empty_file"


def test_an_empty_archive_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, zipped({})) == "empty_file"


@pytest.mark.parametrize("content", ["meter,kwh\n", "meter,kwh", "电表;电量\r\n"])
def test_a_header_without_rows_is_refused(tmp_path: Path, content: str) -> None:
    assert refused(tmp_path, content) == "header_only"


def test_a_parquet_file_without_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "made.parquet"
    pq.write_table(pa.table({"a": pa.array([], pa.int64())}), path)
    assert refused(tmp_path, path.read_bytes()) == "header_only"


@pytest.mark.parametrize("content", [b"%PDF-1.7\n", b"\x89PNG\r\n", b"a,b\n1,\x00\x01\x02\n"])
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    assert refused(tmp_path, content) == "not_a_table"


@pytest.mark.parametrize("name", ["../out.csv", "/etc/out.csv", "..\\out.csv", "C:\\out.csv"])
def test_a_zip_with_a_path_outside_itself_is_refused(tmp_path: Path, name: str) -> None:
    assert refused(tmp_path, zipped({"in.csv": ROWS, name: ROWS})) == "archive_unsafe"
    assert not (tmp_path / "out.csv").exists()


def test_a_tar_with_a_path_outside_itself_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, gzipped(tarred({"../out.csv": ROWS.encode()}))) == "archive_unsafe"


@pytest.mark.parametrize("pack", [gzipped, lambda content: zipped({"a.csv": content})])
def test_an_archive_that_unpacks_to_far_too_much_is_refused(tmp_path: Path, pack: object) -> None:
    limits = Limits(ratio_free_bytes=1024 * 1024, unpacked_ratio=50)
    assert callable(pack)
    assert refused(tmp_path, pack(b"0" * 9_000_000), limits=limits) == "archive_bomb"


def test_an_archive_larger_than_the_room_there_is_is_refused(tmp_path: Path) -> None:
    limits = Limits(unpacked_bytes=1000)
    assert refused(tmp_path, zipped({"a.csv": ROWS * 200}), limits=limits) == "archive_bomb"


def test_an_archive_of_too_many_files_is_refused(tmp_path: Path) -> None:
    files = {f"{number}.csv": ROWS for number in range(11)}
    assert refused(tmp_path, zipped(files), limits=Limits(members=10)) == "archive_bomb"


@pytest.mark.parametrize(
    "content",
    [
        zipped({"a.csv": ROWS, "inner.zip": zipped({"b.csv": ROWS})}),
        gzipped(gzipped(ROWS.encode())),
        gzipped(zipped({"b.csv": ROWS})),
        zipped({"a.csv": ROWS, "b.gz": gzipped(gzipped(ROWS.encode()))}),
    ],
)
def test_an_archive_in_an_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    assert refused(tmp_path, content) == "archive_nested"


@pytest.mark.parametrize("pack", [gzipped, lambda content: zipped({"a.csv": content})])
def test_an_archive_that_was_cut_off_is_refused(tmp_path: Path, pack: object) -> None:
    assert callable(pack)
    packed = pack(bytes(range(256)) * 100)
    assert refused(tmp_path, packed[:-40]) == "archive_broken"


def test_a_parquet_file_with_a_wrong_footer_length_is_refused(tmp_path: Path) -> None:
    content = parquet(tmp_path)
    lying = content[:-8] + struct.pack("<I", 2**31 - 1) + b"PAR1"
    assert refused(tmp_path, lying) == "unreadable_parquet"


def test_a_parquet_file_that_promises_other_rows_is_refused(tmp_path: Path) -> None:
    """500 is a varint of two bytes (e8 07, zigzag) wherever the footer says it; 501 is ea 07."""
    content = parquet(tmp_path)
    said = content.rindex(b"\x16\xe8\x07")
    assert (
        refused(tmp_path, content[:said] + b"\x16\xea\x07" + content[said + 3 :])
        == "unreadable_parquet"
    )


def test_a_parquet_file_whose_pages_were_overwritten_is_refused(tmp_path: Path) -> None:
    content = parquet(tmp_path)
    assert refused(tmp_path, content[:4] + b"\xff" * 600 + content[604:]) == "unreadable_parquet"


@pytest.mark.parametrize("content", ['{"a": 1}\n{"a": 2\n{"a": 3}\n', '[{"a": 1}, {"a": 2}'])
def test_damaged_json_is_refused(tmp_path: Path, content: str) -> None:
    assert refused(tmp_path, content) == "unreadable_json"


def test_a_table_wider_than_tables_may_be_is_refused(tmp_path: Path) -> None:
    wide = ",".join(f"c{n}" for n in range(5000)) + "\n" + ",".join("1" * 5000) + "\n"
    assert refused(tmp_path, wide) == "too_many_columns"


def test_a_file_of_too_many_tables_is_refused(tmp_path: Path) -> None:
    files = {f"{letter}.csv": f"{letter},x\n1,2\n" for letter in "abc"}
    assert refused(tmp_path, zipped(files), limits=Limits(tables=2)) == "too_many_tables"


def test_a_damaged_workbook_is_refused(tmp_path: Path) -> None:
    broken = zipped({"xl/workbook.xml": "<nothing", "[Content_Types].xml": "<Types/>"})
    assert refused(tmp_path, broken) == "unreadable_spreadsheet"


def test_a_workbook_too_large_to_open_is_refused(tmp_path: Path) -> None:
    content = workbook([["name"], ["x" * 5000]])
    assert (
        refused(tmp_path, content, limits=Limits(spreadsheet_bytes=1000))
        == "unreadable_spreadsheet"
    )
