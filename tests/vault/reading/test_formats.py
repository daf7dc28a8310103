"""Formats, encodings and archives: the same two rows, however they come."""

import json
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from exchange.vault.reading import Progress
from exchange.vault.reading.engine_sql import Engine
from exchange.vault.reading.limits import Limits
from tests.vault.reading.brought import (
    brought,
    gzipped,
    noted,
    only_table,
    tarred,
    workbook,
    zipped,
)

TEXT = "城市,kwh\n广州,1.5\n深圳,2.5\n北京,3.5\n"
CITIES, KWH = ["广州", "深圳", "北京"], [1.5, 2.5, 3.5]
CELLS = {"城市": CITIES, "kwh": KWH}
RECORDS = [{"城市": city, "kwh": kwh} for city, kwh in zip(CITIES, KWH, strict=True)]


def parquet(folder: Path) -> bytes:
    pq.write_table(pa.table(CELLS), folder / "made")
    return (folder / "made").read_bytes()


@pytest.mark.parametrize(
    ("content", "format_", "encoding", "compression"),
    [
        (TEXT.encode(), "csv", "utf-8", "none"),
        (TEXT.encode("utf-8-sig"), "csv", "utf-8-sig", "none"),
        (TEXT.encode("gb18030"), "csv", "gb18030", "none"),
        (TEXT.encode("utf-16"), "csv", "utf-16", "none"),
        (TEXT.replace(",", "\t").encode(), "tsv", "utf-8", "none"),
        (TEXT.replace(",", ";").replace(".", ",").encode(), "csv", "utf-8", "none"),
        (TEXT.replace("\n", "\r\n").encode(), "csv", "utf-8", "none"),
        ("\n".join(json.dumps(r) for r in RECORDS).encode(), "jsonl", "utf-8", "none"),
        (json.dumps(RECORDS, ensure_ascii=False).encode(), "json", "utf-8", "none"),
        (workbook([["城市", "kwh"], *[[city, kwh] for city, kwh in zip(CITIES, KWH, strict=True)]]), "xlsx", "utf-8", "none"),
        (gzipped(TEXT.encode()), "csv", "utf-8", "gzip"),
        (zipped({"读数.csv": TEXT}), "csv", "utf-8", "zip"),
        (gzipped(tarred({"a.csv": TEXT.encode()})), "csv", "utf-8", "tar.gz"),
    ],
)  # fmt: skip
def test_the_bytes_decide_and_the_table_is_the_same(
    tmp_path: Path, content: bytes, format_: str, encoding: str, compression: str
) -> None:
    read = brought(tmp_path, content)
    assert (read.format, read.encoding, read.compression) == (format_, encoding, compression)
    assert pq.read_table(read.tables[0].parquet).to_pydict() == CELLS


def test_parquet_is_read_as_it_is_typed(tmp_path: Path) -> None:
    read = brought(tmp_path, parquet(tmp_path))
    assert read.format == "parquet"
    assert pq.read_table(read.tables[0].parquet).to_pydict() == CELLS


def test_exact_decimals_and_nested_values_of_parquet_stay_exact(tmp_path: Path) -> None:
    table = pa.table(
        {
            "price": pa.array([Decimal("12345678901234567.89")], pa.decimal128(20, 2)),
            "tags": pa.array([["a", "b"]]),
        }
    )
    pq.write_table(table, tmp_path / "made")
    read = only_table(tmp_path, (tmp_path / "made").read_bytes())
    assert pq.read_table(read.parquet).to_pylist() == [
        {"price": Decimal("12345678901234567.89"), "tags": '["a","b"]'}
    ]
    assert noted(read) == {"nested_as_json": 1}


def test_lines_of_different_encodings_are_all_read_and_counted(tmp_path: Path) -> None:
    content = "name,n\n广州,1\n".encode() + "深圳,2\n".encode("gb18030") + b"Z\xfcrich,3\n"
    table = only_table(tmp_path, content)
    stored = pq.read_table(table.parquet).to_pydict()["name"]
    assert stored[:2] == ["广州", "深圳"]
    assert len(stored) == 3
    assert noted(table) == {"mixed_encodings": 2}


def test_western_text_is_not_taken_for_chinese(tmp_path: Path) -> None:
    read = brought(tmp_path, "town,n\nZürich,1\nMálaga,2\n".encode("cp1252"))
    assert read.encoding == "cp1252"
    assert [value for value, _ in read.tables[0].columns[0].top] == []
    assert pq.read_table(read.tables[0].parquet)["town"].to_pylist() == [
        "Zürich",
        "Málaga",
    ]


def test_files_of_one_schema_are_one_table_in_natural_order(tmp_path: Path) -> None:
    files = {f"Building_{n}.csv": f"h,kwh\n1,{n}\n2,{n}\n" for n in (10, 2, 1)}
    read = brought(
        tmp_path, zipped({**files, "tariff.csv": "tariff,price\nday,0.5\n", "x.pdf": "%PDF-1"})
    )
    assert [(one.name, one.rows) for one in read.tables] == [("Building", 6), ("tariff", 1)]
    stored = pq.read_table(read.tables[0].parquet)
    assert stored["source_file"].to_pylist()[::2] == [
        "Building_1.csv",
        "Building_2.csv",
        "Building_10.csv",
    ]
    assert noted(read) == {"members_passed_over": 1}
    assert "x.pdf" in read.notes[0].text


def test_chinese_names_in_a_zip_of_another_system_are_read(tmp_path: Path) -> None:
    marked = zipped({"ABCD.csv": TEXT, "other.csv": "x,y\n1,2\n"})
    read = brought(tmp_path, marked.replace(b"ABCD.csv", "电表".encode("gb18030") + b".csv"))
    assert {one.name for one in read.tables} == {"电表", "other"}


def test_a_wide_table_is_read(tmp_path: Path) -> None:
    width = 300
    lines = [
        ",".join(f"tag{n}" for n in range(width)),
        *[",".join([str(k)] * width) for k in (1, 2, 3)],
    ]
    table = only_table(tmp_path, "\n".join(lines) + "\n")
    assert (len(table.columns), table.rows) == (width, 3)
    assert {one.type for one in table.columns} == {"integer"}
    assert {one.max for one in table.columns} == {"3"}


def test_progress_is_told_and_may_stop_the_reading(tmp_path: Path) -> None:
    told: list[Progress] = []

    def stop(progress: Progress) -> None:
        told.append(progress)
        if progress.stage == "profile":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        brought(tmp_path, gzipped(TEXT.encode()), progress=stop)
    assert told[0].stage == "unpack"
    assert told[-1].rows == 3
    assert not (tmp_path / "into" / "work").exists()


def test_reading_sees_nothing_but_its_own_folders(tmp_path: Path) -> None:
    with (
        Engine([tmp_path], spill=tmp_path / "spill", limits=Limits()) as engine,
        pytest.raises(Exception, match="disabled by configuration"),
    ):
        engine.rows("SELECT * FROM read_text('/etc/hostname')")


def test_the_document_is_json_with_the_keys_that_others_read(tmp_path: Path) -> None:
    document = only_table(tmp_path, TEXT).document()
    assert json.loads(json.dumps(document)) == document
    assert set(document) == {
        "name",
        "reader",
        "rows",
        "columns",
        "coverage",
        "series",
        "quality",
        "findings",
        "preview",
        "notes",
    }
    assert document["preview"] == {
        "columns": ["城市", "kwh"],
        "rows": [["广州", "1.5"], ["深圳", "2.5"], ["北京", "3.5"]],
    }
