"""Archives are read by member: what is no table is named, and one broken member does not end the rest."""

import io
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from exchange.vault.reading import errors
from tests.vault.reading.brought import (
    brought,
    case,
    columns,
    gzipped,
    noted,
    tarred,
    workbook,
    zipped,
)

ROWS = "id,v\n" + "".join(f"{n},{2 * n}\n" for n in range(50))
PROSE = "This folder holds readings of three meters.\nThey were taken by the hour, in the winter.\n"


def parquet_of(rows: int) -> bytes:
    content = io.BytesIO()
    pq.write_table(pa.table({"other": list(range(rows))}), content)
    return content.getvalue()


def test_a_manual_a_licence_and_pictures_are_no_tables(tmp_path: Path) -> None:
    read = case(tmp_path, "26")
    assert [(one.name, one.rows) for one in read.tables] == [
        ("26_readme_licence_in_zip", 100),
        ("c", 2),
    ]
    assert noted(read) == {"members_passed_over": 4}
    for name in ("README.md", "LICENSE", "meta.json", "logo.png"):
        assert name in read.notes[0].text


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("README", PROSE),
        ("readme_zh.txt", "本数据集包含三块电表的读数。\n采样周期为一小时。\n"),
        ("说明.txt", "数据来自三块电表，单位千瓦时。\n"),
        ("LICENCE.txt", "Permission is hereby granted, free of charge, to any person\n"),
        ("COPYING", "GNU GENERAL PUBLIC LICENSE\nVersion 3\n"),
        ("docs/notes.txt", PROSE * 3),
        ("CITATION.cff", "cff-version: 1.2.0\ntitle: Meters\n"),
        ("load.py", "import pandas as pd\nframe = pd.read_csv('a.csv')\n"),
        ("datapackage.json", '{"name": "meters", "resources": [{"path": "a.csv"}]}'),
        ("a.csv.json", '{"delimiter": ",", "fields": [{"name": "id"}, {"name": "v"}]}'),
        ("photo.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF"),
        ("manual.pdf", b"%PDF-1.7\n"),
        ("paper.docx", zipped({"word/document.xml": "<w/>"})),
        ("index.html", "<!DOCTYPE html><html><body>Meters</body></html>"),
        ("layout.xml", '<?xml version="1.0"?><layout><field/></layout>'),
        ("empty.csv", b""),
        ("sums.sha256", "0f" * 32 + "  a.csv\n"),
    ],
)
@pytest.mark.parametrize("pack", [zipped, lambda files: gzipped(tarred(files))])
def test_what_lies_beside_the_table_is_named(
    tmp_path: Path, name: str, content: bytes | str, pack: object
) -> None:
    assert callable(pack)
    beside = content.encode() if isinstance(content, str) else content
    read = brought(tmp_path, pack({"a.csv": ROWS.encode(), name: beside}))
    assert [(one.name, one.rows) for one in read.tables] == [("a", 50)]
    assert noted(read) == {"members_passed_over": 1}
    assert name in read.notes[0].text


@pytest.mark.parametrize(
    "files",
    [
        {"readings.txt": ROWS, "x.png": b"\x89PNG\r\n"},
        {"LICENSE.csv": ROWS, "README.md": PROSE},
        {"a.txt": "name;town\nAnna Berg;Bonn am Rhein\nPaul Kahn;Kiel an der See\n", "README": PROSE},
        {"one.json": '{"rows": [{"a": 1}, {"a": 2}]}', "README": PROSE},
    ],
)  # fmt: skip
def test_a_table_beside_papers_stays_one(tmp_path: Path, files: dict[str, bytes | str]) -> None:
    read = brought(tmp_path, zipped(files))
    assert len(read.tables) == 1
    assert noted(read) == {"members_passed_over": 1}


def test_one_broken_member_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    read = case(tmp_path, "27")
    assert [(one.name, one.rows) for one in read.tables] == [("a", 50)]
    assert noted(read) == {"members_broken": 2}
    assert "b.parquet" in read.notes[0].text
    assert "c.xlsx" in read.notes[0].text


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("b.parquet", b"PAR1" + b"\0" * 60 + b"PAR1"),
        ("b.parquet", parquet_of(500)[:-9]),
        ("b.xlsx", zipped({"xl/workbook.xml": "<nothing", "[Content_Types].xml": "<Types/>"})),
        ("b.xlsx", workbook([["a"], [1]])[:-30]),
        ("b.xls", b"\xd0\xcf\x11\xe0" + b"\0" * 600),
        ("b.json", '[{"a": 1}, {"a": 2'),
        ("b.csv", "only,a,header\n"),
    ],
)
def test_each_kind_of_broken_member_is_named(
    tmp_path: Path, name: str, content: bytes | str
) -> None:
    read = brought(tmp_path, zipped({"a.csv": ROWS, name: content}))
    assert [(one.name, one.rows) for one in read.tables] == [("a", 50)]
    assert noted(read) == {"members_broken": 1}
    assert name in read.notes[0].text


def test_a_member_whose_bytes_do_not_unpack_is_named(tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("a.csv", ROWS)
        archive.writestr("b.csv", ROWS.replace("id", "no"))
    read = brought(tmp_path, content.getvalue().replace(b"no,v\n0,0", b"no,v\n0,9", 1))
    assert [(one.name, one.rows) for one in read.tables] == [("a", 50)]
    assert noted(read) == {"members_broken": 1}


def test_the_only_member_tells_why_it_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(errors.UnreadableParquet):
        brought(tmp_path, zipped({"b.parquet": parquet_of(500)[:-9], "README": PROSE}))


def test_rows_of_workbooks_in_an_archive_say_their_file(tmp_path: Path) -> None:
    read = case(tmp_path, "71")
    (table,) = read.tables
    assert (table.name, table.rows) == ("machine", 90)
    assert dict(columns(table)["source_file"].top) == {f"machine_{n}.xlsx": 30 for n in (1, 2, 3)}


def test_a_workbook_beside_another_table_is_named_by_its_file(tmp_path: Path) -> None:
    books = {f"{town}.xlsx": workbook([["t", "kwh"], [1, 2], [3, 4]]) for town in ("bonn", "kiel")}
    read = brought(tmp_path, zipped({**books, "a.csv": ROWS}))
    assert [one.rows for one in read.tables] == [50, 4]
    assert {name for name, _ in columns(read.tables[1])["source_file"].top} == set(books)


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_members_that_are_packed_by_themselves_are_read(tmp_path: Path, pack: object) -> None:
    assert callable(pack)
    files = {"a.csv.gz": gzipped(ROWS.encode()), "b.csv.gz": gzipped(ROWS.encode())[:-9]}
    read = brought(tmp_path, pack(files))
    assert [(one.name, one.rows) for one in read.tables] == [("a", 50)]
    assert noted(read) == {"members_broken": 1}
    assert "b.csv.gz" in read.notes[0].text
