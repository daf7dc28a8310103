"""Files as people bring them, and their reading."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from exchange.vault import reading
from exchange.vault.reading import FileReading, Limits
from exchange.vault.reading.documents import ColumnReading, OnProgress, TableReading
from exchange.vault.reading.questions import NO_ANSWERS, Answers

CASES = Path(__file__).parent / "cases"


def brought(
    folder: Path,
    content: bytes | str,
    *,
    limits: Limits = reading.DEFAULT_LIMITS,
    progress: OnProgress | None = None,
    answers: Answers = NO_ANSWERS,
) -> FileReading:
    """The reading of `content`, under a name that says nothing about it."""
    path = folder / "brought"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    into = folder / "into"
    into.mkdir()
    return reading.read(
        path, name="brought", into=into, limits=limits, progress=progress, answers=answers
    )


def only_table(folder: Path, content: bytes | str) -> TableReading:
    read = brought(folder, content)
    assert len(read.tables) == 1
    return read.tables[0]


def real(folder: Path, path: Path) -> FileReading:
    """The reading of a file as its owner published it."""
    return reading.read(path, name=path.name, into=folder)


def case(folder: Path, name: str) -> FileReading:
    """The reading of a case file under its own name."""
    (path,) = CASES.glob(f"{name}*")
    into = folder / "case"
    into.mkdir()
    return reading.read(path, name=path.name, into=into)


def columns(table: TableReading) -> dict[str, ColumnReading]:
    return {one.name: one for one in table.columns}


def noted(table: TableReading | FileReading) -> dict[str, int]:
    return {one.code: one.rows for one in table.notes}


def zipped(files: Mapping[str, bytes | str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, inner in files.items():
            # A fixed day: the bytes stand in tests' names, on which parallel workers must agree.
            archive.writestr(zipfile.ZipInfo(name), inner, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def tarred(files: Mapping[str, bytes]) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for name, inner in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(inner)
            archive.addfile(entry, io.BytesIO(inner))
    return content.getvalue()


def gzipped(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def workbook(rows: Sequence[Sequence[object]], *, sheet: str = "Readings") -> bytes:
    """The least that is a workbook: text and numbers in one sheet."""
    cells = "".join(
        "<row>"
        + "".join(
            f"<c><v>{cell}</v></c>"
            if isinstance(cell, float | int)
            else f'<c t="inlineStr"><is><t>{cell}</t></is></c>'
            for cell in row
        )
        + "</row>"
        for row in rows
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    links = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    return zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
            '<Default Extension="xml" ContentType="application/xml"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
            f'<Relationship Id="rId1" Type="{links}/officeDocument" Target="xl/workbook.xml"/>'
            "</Relationships>",
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{links}"><sheets>'
            f'<sheet name="{sheet}" sheetId="1" r:id="rId1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
            f'<Relationship Id="rId1" Type="{links}/worksheet" Target="worksheets/sheet1.xml"/>'
            "</Relationships>",
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}'
            "</sheetData></worksheet>",
        }
    )
