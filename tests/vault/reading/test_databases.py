"""SQLite, ARFF, dBASE and shapefiles: tables with names of their own."""

import sqlite3
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from exchange.vault.reading import errors
from exchange.vault.reading.documents import FileReading
from tests.vault.reading.brought import brought, columns, gzipped, noted, zipped


def stored(read: FileReading, number: int = 0) -> dict[str, list[Any]]:
    values: dict[str, list[Any]] = pq.read_table(read.tables[number].parquet).to_pydict()
    return values


def database(folder: Path, script: str) -> bytes:
    path = folder / "made.sqlite"
    with sqlite3.connect(path) as made:
        made.executescript(script)
    made.close()
    return path.read_bytes()


METERS = (
    "CREATE TABLE meters (id INTEGER PRIMARY KEY, town TEXT, kwh REAL, code TEXT);"
    "INSERT INTO meters VALUES (1, 'Köln', 1.5, '007'), (2, NULL, 2.5, '012'), (3, 'a,\"b\nc', 3, '100');"
)


def test_sqlite_is_read_by_table(tmp_path: Path) -> None:
    more = "CREATE TABLE towns (name TEXT, n INT); INSERT INTO towns VALUES ('Kiel', 9007199254740993);"
    read = brought(tmp_path, database(tmp_path, METERS + more))
    assert read.format == "sqlite"
    assert [(one.name, one.rows) for one in read.tables] == [("meters", 3), ("towns", 1)]
    assert stored(read) == {
        "id": [1, 2, 3],
        "town": ["Köln", None, 'a,"b\nc'],
        "kwh": [1.5, 2.5, 3.0],
        "code": ["007", "012", "100"],
    }
    assert stored(read, 1) == {"name": ["Kiel"], "n": [9007199254740993]}


@pytest.mark.parametrize(
    ("script", "notes"),
    [
        ("CREATE VIEW v AS SELECT randomblob(900000000) FROM meters;", {"views_left_out": 1}),
        ("CREATE VIEW v AS SELECT load_extension('x');", {"views_left_out": 1}),
        ("CREATE TRIGGER t AFTER INSERT ON meters BEGIN DELETE FROM meters; END;", {}),
        ("CREATE INDEX i ON meters (town);", {}),
        ("CREATE TABLE empty (a, b);", {}),
        ("ALTER TABLE meters ADD COLUMN twice AS (hex(zeroblob(100000000)));", {"computed_columns_left_out": 1}),
        ("PRAGMA journal_mode = WAL;", {}),
    ],
)  # fmt: skip
def test_nothing_of_a_database_is_run(tmp_path: Path, script: str, notes: dict[str, int]) -> None:
    read = brought(tmp_path, database(tmp_path, METERS + script))
    assert [(one.name, one.rows) for one in read.tables] == [("meters", 3)]
    assert noted(read.tables[0]) == notes


@pytest.mark.parametrize("name", ['a "b"', "select", "年表", "x;DROP TABLE y", "a/b"])
def test_tables_of_any_name(tmp_path: Path, name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    script = f"CREATE TABLE {quoted} ({quoted} INT, b); INSERT INTO {quoted} VALUES (1, x'00ff');"
    read = brought(tmp_path, database(tmp_path, script))
    assert read.tables[0].name == name.replace("/", "_")
    assert stored(read) == {name: [1], "b": ["\\x00\\xFF"]}


def test_a_damaged_database_is_refused(tmp_path: Path) -> None:
    content = database(
        tmp_path, METERS + "INSERT INTO meters SELECT id + 9, code, 1, code FROM meters;"
    )
    with pytest.raises(errors.UnreadableDatabase):
        brought(tmp_path, content[:4096] + b"\xff" * (len(content) - 4096))


def test_a_database_without_rows_is_empty(tmp_path: Path) -> None:
    with pytest.raises(errors.EmptyFile):
        brought(tmp_path, database(tmp_path, "CREATE TABLE a (b);"))


def test_databases_in_an_archive_say_their_file(tmp_path: Path) -> None:
    content = database(tmp_path, METERS)
    read = brought(tmp_path, zipped({"bonn.db": content, "kiel.db": content, "README": "Meters."}))
    (table,) = read.tables
    assert (table.name, table.rows) == ("meters", 6)
    assert {name for name, _ in columns(table)["source_file"].top} == {
        "bonn.db/meters",
        "kiel.db/meters",
    }


ARFF = """% Meters of a town
@RELATION meters

@attribute 'meter id' numeric
@attribute town {Bonn, 'Bad Ems', "X,Y"}
@attribute note string
@attribute day date 'yyyy-MM-dd'
@data
1, Bonn, 'it\\'s on', "2026-01-01"
% between
2,'Bad Ems',?,'2026-01-02'
3,"X,Y",'?',2026-01-03
"""


@pytest.mark.parametrize(
    "content", [ARFF, ARFF.replace("\n", "\r\n"), "\n\n" + ARFF, ARFF.encode("utf-8-sig")]
)
def test_arff_is_read_with_its_names(tmp_path: Path, content: str | bytes) -> None:
    read = brought(tmp_path, content)
    kept = stored(read)
    assert read.format == "arff"
    assert list(kept) == ["meter id", "town", "note", "day"]
    assert kept["town"] == ["Bonn", "Bad Ems", "X,Y"]
    assert kept["note"][:2] == ["it's on", None]
    assert [str(day) for day in kept["day"]] == ["2026-01-01", "2026-01-02", "2026-01-03"]


def test_sparse_arff_rows_are_whole(tmp_path: Path) -> None:
    content = "@relation s\n@attribute a numeric\n@attribute b real\n@attribute c {no,yes}\n@data\n{0 5, 2 yes}\n{1 2.5}\n{}\n{0 ?}\n"
    assert stored(brought(tmp_path, content)) == {
        "a": [5, 0, 0, None],
        "b": [0.0, 2.5, 0.0, 0.0],
        "c": ["yes", "no", "no", "no"],
    }


@pytest.mark.parametrize(
    "content",
    [
        "@relation s\n@attribute a numeric\n@data\n1,2\n",
        "@relation s\n@data\n1\n",
        "@relation s\n@attribute a numeric\n",
        "@relation s\n@attribute a numeric\n@data\n{7 1}\n",
    ],
)
def test_arff_that_does_not_fit_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(errors.Unreadable):
        brought(tmp_path, content)


Field = tuple[str, str, int]


def dbf(fields: Sequence[Field], rows: Sequence[Sequence[bytes]], *, language: int = 0) -> bytes:
    """A dBASE table; a first cell of `*` marks a deleted row."""
    width = 1 + sum(size for _name, _kind, size in fields)
    head = struct.pack("<BBBBIHH", 3, 126, 11, 30, len(rows), 33 + 32 * len(fields), width)
    head += b"\0" * 17 + bytes([language]) + b"\0\0"
    for name, kind, size in fields:
        head += (
            name.encode("gb18030")[:11].ljust(11, b"\0")
            + kind.encode()
            + b"\0" * 4
            + bytes([size])
            + b"\0" * 15
        )
    body = b""
    for row in rows:
        is_deleted = row[0] == b"*"
        cells = row[1:] if is_deleted else row
        body += (b"*" if is_deleted else b" ") + b"".join(
            cell.rjust(size) if kind == "N" else cell.ljust(size)
            for cell, (_name, kind, size) in zip(cells, fields, strict=True)
        )
    return head + b"\r" + body + b"\x1a"


FIELDS: tuple[Field, ...] = (
    ("TOWN", "C", 12),
    ("KWH", "N", 8),
    ("DAY", "D", 8),
    ("ON", "L", 1),
    ("N", "I", 4),
)
ROWS = [
    ["Köln".encode(), b"1.5", b"20260101", b"T", struct.pack("<i", 7)],
    [b"*", b"gone", b"9", b"20260101", b"T", struct.pack("<i", 8)],
    [b"Kiel", b"********", b"", b"?", struct.pack("<i", -9)],
]  # fmt: skip


def test_a_dbase_table_is_read(tmp_path: Path) -> None:
    read = brought(tmp_path, dbf(FIELDS, ROWS))
    kept = stored(read)
    assert read.format == "dbf"
    assert (kept["TOWN"], kept["KWH"], kept["N"]) == (["Köln", "Kiel"], [1.5, None], [7, -9])
    assert [str(day) for day in kept["DAY"]] == ["2026-01-01", "None"]


@pytest.mark.parametrize(
    ("text", "encoding", "language"),
    [("广州", "gb18030", 0), ("广州", "gb18030", 0x4D), ("Málaga", "cp1252", 0x57), ("Омск", "cp1251", 0xC9), ("Zürich", "utf-8", 0)],
)  # fmt: skip
def test_dbase_tables_of_any_encoding(
    tmp_path: Path, text: str, encoding: str, language: int
) -> None:
    rows = [[text.encode(encoding)], [b"Bonn"]]
    assert stored(brought(tmp_path, dbf([("T", "C", 12)], rows, language=language)))["T"] == [
        text,
        "Bonn",
    ]


def shp(kind: int, shapes: Sequence[bytes]) -> bytes:
    body = b"".join(
        struct.pack(">ii", number, len(shape) // 2) + shape
        for number, shape in enumerate(shapes, start=1)
    )
    head = b"\x00\x00\x27\x0a" + b"\0" * 20 + struct.pack(">i", 50 + len(body) // 2)
    return head + struct.pack("<ii", 1000, kind) + b"\0" * 64 + body


def at(x: float, y: float) -> bytes:
    return struct.pack("<idd", 1, x, y)


def rings(kind: int, *lines: Sequence[tuple[float, float]]) -> bytes:
    starts = [sum(len(one) for one in lines[:number]) for number in range(len(lines))]
    points = [point for line in lines for point in line]
    flat = [number for point in points for number in point]
    return (
        struct.pack("<i4dii", kind, 0, 0, 1, 1, len(lines), len(points))
        + struct.pack(f"<{len(starts)}i", *starts)
        + struct.pack(f"<{len(flat)}d", *flat)
    )


OUTER = [(0.0, 0.0), (0.0, 4.0), (4.0, 4.0), (0.0, 0.0)]
HOLE = [(1.0, 1.0), (2.0, 2.0), (1.0, 2.0), (1.0, 1.0)]


def layer(shapes: bytes, rows: bytes, name: str = "meters", **parts: str) -> bytes:
    beside = {f"{name}.{ending}": text for ending, text in parts.items()}
    return zipped(
        {f"{name}.shp": shapes, f"{name}.dbf": rows, f"{name}.shx": shapes[:100], **beside}
    )


def test_a_shapefile_is_rows_with_a_geometry(tmp_path: Path) -> None:
    shapes = shp(1, [at(121.5, 31), at(0, 0), at(8.25, -50)])
    read = brought(tmp_path, layer(shapes, dbf(FIELDS, ROWS), prj='GEOGCS["WGS 84"]', cpg="UTF-8"))
    kept = stored(read)
    assert read.format == "shapefile"
    assert (read.tables[0].name, read.notes) == ("meters", ())
    assert kept["TOWN"] == ["Köln", "Kiel"]
    assert kept["geometry"] == ["POINT (121.5 31)", "POINT (8.25 -50)"]


@pytest.mark.parametrize(
    ("kind", "shape", "text"),
    [
        (3, rings(3, OUTER[:2]), "LINESTRING (0 0, 0 4)"),
        (3, rings(3, OUTER[:2], HOLE[:2]), "MULTILINESTRING ((0 0, 0 4), (1 1, 2 2))"),
        (5, rings(5, OUTER), "POLYGON ((0 0, 0 4, 4 4, 0 0))"),
        (5, rings(5, OUTER, HOLE), "POLYGON ((0 0, 0 4, 4 4, 0 0), (1 1, 2 2, 1 2, 1 1))"),
        (5, rings(5, OUTER, OUTER), "MULTIPOLYGON (((0 0, 0 4, 4 4, 0 0)), ((0 0, 0 4, 4 4, 0 0)))"),
        (8, struct.pack("<i4di4d", 8, 0, 0, 1, 1, 2, 1, 2, 3, 4), "MULTIPOINT (1 2, 3 4)"),
        (11, struct.pack("<i4d", 11, 1, 2, 99, 0), "POINT (1 2)"),
    ],
)  # fmt: skip
def test_geometries_of_each_kind(tmp_path: Path, kind: int, shape: bytes, text: str) -> None:
    rows = dbf([("ID", "N", 4)], [[b"1"], [b"2"]])
    null = struct.pack("<i", 0)
    read = brought(tmp_path, layer(shp(kind, [shape, null]), rows))
    assert stored(read) == {"ID": [1, 2], "geometry": [text, None]}
    assert ("heights_left_out" in noted(read.tables[0])) is (kind > 10)


def test_layers_and_other_tables_of_one_archive(tmp_path: Path) -> None:
    rows = dbf([("ID", "N", 4)], [[b"1"]])
    one = shp(1, [at(500000, 3400000)])
    files: dict[str, bytes | str] = {
        "maps/a.shp": one, "maps/a.dbf": rows, "maps/a.prj": 'PROJCS["CGCS2000 / 3-degree GK zone 39",GEOGCS[]]',
        "b.SHP": one, "b.DBF": rows, "table.csv": "x,y\n1,2\n3,4\n", "README.txt": "Maps and a table.\n",
    }  # fmt: skip
    read = brought(tmp_path, zipped(files))
    assert sum(one.rows for one in read.tables) == 4
    assert noted(read) == {"members_passed_over": 1}
    assert any("GK zone 39" in note.text for one in read.tables for note in one.notes)


@pytest.mark.parametrize("cut", [30, 90, 104, 118])
def test_a_damaged_shapefile_is_named(tmp_path: Path, cut: int) -> None:
    files: dict[str, bytes | str] = {
        "a.shp": shp(1, [at(1, 2)])[:cut] + struct.pack(">ii", 1, 2**30),
        "a.dbf": dbf([("ID", "N", 4)], [[b"1"]])[: 70 if cut == 90 else None],
        "b.csv": "x,y\n1,2\n3,4\n",
    }
    read = brought(tmp_path, zipped(files))
    assert read.tables[-1].rows == 2


def test_a_shapefile_alone_is_named(tmp_path: Path) -> None:
    with pytest.raises(errors.NotATable, match="Shapefile"):
        brought(tmp_path, shp(1, [at(1, 2)]))


def test_a_packed_database_is_read(tmp_path: Path) -> None:
    assert brought(tmp_path, gzipped(database(tmp_path, METERS))).tables[0].rows == 3
