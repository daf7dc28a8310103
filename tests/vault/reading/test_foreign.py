"""What is no table is refused by its name, and the refusal says what is accepted."""

import pickle
from pathlib import Path

import pytest

from exchange.vault.reading import errors
from tests.vault.reading.brought import brought, case, gzipped, only_table, zipped

NAMED = [
    ('<?xml version="1.0"?>\n<rows><row/></rows>', "XML"),
    ("\ufeff<?xml version='1.0'?><a/>", "XML"),
    ("<rows>\n <row><id>1</id></row>\n</rows>", "XML"),
    ("<ns:rows xmlns:ns='x'><ns:row/></ns:rows>", "XML"),
    ('<?xml version="1.0"?><a/>'.encode("utf-16"), "XML"),
    ('<?xml version="1.0"?><kml xmlns="k"><Document/></kml>', "KML"),
    ('<svg xmlns="http://www.w3.org/2000/svg"><g/></svg>', "SVG"),
    ('<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>', "XML Spreadsheet 2003"),
    ("<html><body><table><tr><td>1</td></tr></table></body></html>", "HTML"),
    ("\n<!DOCTYPE html>\n<html></html>", "HTML"),
    ("<table border=1><tr><td>id</td></tr><tr><td>0</td></tr></table>", "HTML"),
    ("<meta charset='gbk'><table><tr><td>1</td></tr></table>", "HTML"),
    (b"%PDF-1.7\n", "PDF"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff\xe0", "JPEG"),
    (b"II*\x00\x08\x00", "TIFF"),
    (zipped({"word/document.xml": "<w/>", "[Content_Types].xml": "<T/>"}), "Word"),
    (zipped({"ppt/presentation.xml": "<p/>"}), "PowerPoint"),
    (zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<o/>"}), "OpenDocument text"),
    (b"\xd0\xcf\x11\xe0" + b"\0" * 508 + "WordDocument".encode("utf-16-le"), "Word"),
    (b"MATLAB 5.0 MAT-file, Platform: GLNXA64" + b" " * 80 + b"\0\0\0\1IM", "MATLAB"),
    (b"\x89HDF\r\n\x1a\n", "HDF5"),
    (b"CDF\x01\0\0\0\0", "NetCDF"),
    (b"CDF\x02\0\0\0\0", "NetCDF"),
    (pickle.dumps({"a": [1, 2]}), "pickle"),
    (pickle.dumps([1, 2], protocol=2), "pickle"),
    (pickle.dumps({"a": [1, 2]}, protocol=0), "pickle"),
    (b"\xff\xff\xff\xff\x90\x00\x00\x00\x10\x00\x00\x00", "Arrow"),
    ("MIME-Version: 1.0\nX-Document-Type: Workbook\nContent-Type: multipart/related\n", "MHTML"),
    ("ID;PWXL;N;E\nP;PGeneral\nC;Y1;X1;K1\nE\n", "SYLK"),
    ("---\nname: meters\ncolumns:\n  - id\n", "YAML"),
    ("%YAML 1.2\n---\n- id: 1\n- id: 2\n", "YAML"),
    (zipped({"a.npy": b"\x93NUMPY", "b.npy": b"\x93NUMPY"}), "NumPy"),
    (b"\0" * 8 + b"DUCK" + b"\x40\0\0\0", "DuckDB"),
    (b"\x93NUMPY\x01\x00v\x00{}", "NumPy"),
    (b"ARROW1\0\0", "Arrow"),
    (b"ORC\x0a\x0b\x00\x08", "ORC"),
    (b"Obj\x01\x04\x14avro.codec", "Avro"),
    (b"GRIB\x00\x00\x00\x02", "GRIB"),
    (b"Rar!\x1a\x07\x00", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x28\xb5\x2f\xfd\x04", "Zstandard"),
    (b"BZh91AY&SY\x00", "bzip2"),
    (gzipped(b"RDX3\nX\n\x00\x00"), "R"),
    (gzipped(b"X\n\x00\x00\x00\x03"), "R"),
    (b"$FL2@(#) SPSS DATA FILE", "SPSS"),
    (b"<stata_dta><header><release>118</release>", "Stata"),
    (b"\x00\x01\x00\x00Standard Jet DB\x00", "Access"),
    (r"{\rtf1\ansi meters}", "RTF"),
    ("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n", "Git LFS pointer"),
    ("-- MySQL dump 10.13\n\nCREATE TABLE `a` (id int);\nINSERT INTO `a` VALUES (1);\n", "SQL"),
    ("PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE a(b);\n", "SQL"),
    ('{"cells": [{"cell_type": "code"}], "nbformat": 4}', "Jupyter notebook"),
    ("BEGIN:VCARD\nVERSION:3.0\nEND:VCARD\n", "vCard or iCalendar"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "kind"), NAMED)
def test_what_is_no_table_is_named(tmp_path: Path, content: bytes | str, kind: str) -> None:
    with pytest.raises(errors.NotATable) as caught:
        brought(tmp_path, content)
    assert caught.value.facts["found"] == kind
    assert kind in caught.value.message
    assert "csv" in str(caught.value.facts["accepted"])


@pytest.mark.parametrize(("name", "kind"), [("22", "XML"), ("23", "HTML")])
def test_markup_is_no_table(tmp_path: Path, name: str, kind: str) -> None:
    with pytest.raises(errors.NotATable, match=kind):
        case(tmp_path, name)


def test_a_protected_workbook_is_told_from_a_damaged_one(tmp_path: Path) -> None:
    with pytest.raises(errors.UnreadableSpreadsheet, match="password"):
        case(tmp_path, "70")


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("<TICKER>;<DATE>;<CLOSE>\nA;2026-01-01;1.5\nB;2026-01-02;2.5\n", ["<TICKER>", "<DATE>", "<CLOSE>"]),
        ("ID3,v\n1,2\n3,4\n", ["ID3", "v"]),
        ("ORC,v\n1,2\n3,4\n", ["ORC", "v"]),
        ("ID;PRICE\n1;2\n3;4\n", ["ID", "PRICE"]),
        ("BM,v\n1,2\n3,4\n", ["BM", "v"]),
        ("MATLAB version,v\n1,2\n3,4\n", ["MATLAB version", "v"]),
        ("name,note\na,<b>x</b>\nb,<i>y</i>\n", ["name", "note"]),
    ],
)  # fmt: skip
def test_a_table_that_begins_like_something_else_is_a_table(
    tmp_path: Path, content: str, names: list[str]
) -> None:
    assert [one.name for one in only_table(tmp_path, content).columns] == names
