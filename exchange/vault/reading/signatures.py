"""What a file is, by its bytes. Names and endings decide nothing."""

import re
import zipfile
from enum import StrEnum
from pathlib import Path

from django.utils.translation import gettext as _

from exchange.vault.reading import errors

HEAD_BYTES = 64 * 1024
TAR_MAGIC_AT = 257
JSON_START = re.compile(rb'^(?:\xef\xbb\xbf)?\s*(?:\{\s*["}]|\[\s*[{\]])')
FOREIGN = {
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"SQLite format 3": "SQLite",
    b"\x7fELF": "ELF",
    b"Rar!": "RAR",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "Zstandard",
    b"\x89HDF": "HDF5",
    b"Obj\x01": "Avro",
    b"ORC": "ORC",
}


class Kind(StrEnum):
    """What content can be. A workbook is a zip archive too; here it is a workbook."""

    GZIP = "gzip"
    ZIP = "zip"
    TAR = "tar"
    WORKBOOK = "xlsx"
    PARQUET = "parquet"
    JSON = "json"
    TEXT = "csv"


ARCHIVES = frozenset({Kind.GZIP, Kind.ZIP, Kind.TAR})


def kind_of(path: Path) -> Kind:
    """Raises EmptyFile, and NotATable for content that is something else altogether."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head.strip(b"\xef\xbb\xbf \t\r\n"):
        raise errors.EmptyFile(_("The file is empty."))
    kind = _container(path, head)
    if kind is not None:
        return kind
    for magic, name in FOREIGN.items():
        if head.startswith(magic):
            raise _foreign(name)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Kind.TEXT
    return Kind.JSON if JSON_START.match(head) else Kind.TEXT


def _container(path: Path, head: bytes) -> Kind | None:
    if head.startswith(b"PK\x05\x06"):
        raise errors.EmptyFile(_("The archive is empty."))
    if head.startswith(b"PK\x03\x04"):
        return _zip_or_workbook(path)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return Kind.WORKBOOK
    if head.startswith(b"\x1f\x8b"):
        return Kind.GZIP
    if head.startswith(b"PAR1"):
        return Kind.PARQUET
    if head[TAR_MAGIC_AT : TAR_MAGIC_AT + 5] == b"ustar":
        return Kind.TAR
    return None


def _zip_or_workbook(path: Path) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise errors.ArchiveBroken(_("The zip archive is damaged or cut off.")) from None
    if names & {"xl/workbook.xml", "xl/workbook.bin"}:
        return Kind.WORKBOOK
    if "content.xml" in names and "mimetype" in names:
        return Kind.WORKBOOK
    if "word/document.xml" in names or "ppt/presentation.xml" in names:
        raise _foreign("Office")
    return Kind.ZIP


def _foreign(name: str) -> errors.NotATable:
    return errors.NotATable(
        _(
            "This is a %(kind)s file; what can be read is CSV, TSV, JSON Lines, Excel or Parquet, "
            "packed with gzip or zip or not at all."
        )
        % {"kind": name},
        found=name,
        accepted=["csv", "tsv", "jsonl", "json", "xlsx", "parquet", "gzip", "zip"],
    )
