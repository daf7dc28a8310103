"""What a file is, by its bytes. Names and endings decide nothing."""

import re
import zipfile
import zlib
from enum import StrEnum
from pathlib import Path

from django.utils.translation import gettext as _

from exchange.vault.reading import errors
from exchange.vault.reading.dbf_head import is_dbf
from exchange.vault.reading.foreign import foreign_kind, ole_kind

HEAD_BYTES = 64 * 1024
TAR_MAGIC_AT = 257
JSON_START = re.compile(
    rb'^(?:\xef\xbb\xbf)?\s*(?:\{\s*["}]|\[\s*(?:[{\[\]"]|(?:-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|null|true|false)\s*,))'
)
ACCEPTED = ("csv", "tsv", "json", "jsonl", "xlsx", "xls", "xlsb", "ods", "parquet", "geojson",
            "sqlite", "arff", "dbf", "shapefile", "gzip", "zip", "tar")  # fmt: skip
# Parts by which a zip archive is known to be one file of something else.
ZIPPED = {
    "word/document.xml": "Word",
    "ppt/presentation.xml": "PowerPoint",
    "visio/document.xml": "Visio",
    "META-INF/MANIFEST.MF": "Java",
    "AndroidManifest.xml": "Android",
    "doc.kml": "KMZ",
    "archive/data.pkl": "PyTorch",
    "Index/Document.iwa": "iWork",
}
OPEN_DOCUMENTS = {"text": "OpenDocument text", "presentation": "OpenDocument presentation",
                  "graphics": "OpenDocument drawing"}  # fmt: skip
ARFF_START = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s|%[^\n]*\n)*@relation\b", re.IGNORECASE)
OLE_BYTES_MAX = 64 * 1024 * 1024


class Kind(StrEnum):
    """What content can be. A workbook is a zip archive too; here it is a workbook."""

    GZIP = "gzip"
    ZIP = "zip"
    TAR = "tar"
    WORKBOOK = "xlsx"
    PARQUET = "parquet"
    JSON = "json"
    TEXT = "csv"
    SQLITE = "sqlite"
    ARFF = "arff"
    DBF = "dbf"


MAGIC = {b"\x1f\x8b": Kind.GZIP, b"PAR1": Kind.PARQUET, b"SQLite format 3\x00": Kind.SQLITE}
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
    if ARFF_START.match(head):
        return Kind.ARFF
    if is_dbf(head):
        return Kind.DBF
    name = foreign_kind(head)
    if name is not None:
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
        return _ole_workbook(path)
    if head[TAR_MAGIC_AT : TAR_MAGIC_AT + 5] == b"ustar":
        return Kind.TAR
    return next((kind for magic, kind in MAGIC.items() if head.startswith(magic)), None)


def _zip_or_workbook(path: Path) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise errors.ArchiveBroken(_("The zip archive is damaged or cut off.")) from None
    if names & {"xl/workbook.xml", "xl/workbook.bin"}:
        return Kind.WORKBOOK
    if "content.xml" in names and "mimetype" in names:
        return _open_document(path)
    for part, name in ZIPPED.items():
        if part in names:
            raise _foreign(name)
    if names and all(name.endswith(".npy") for name in names):
        raise _foreign("NumPy")
    return Kind.ZIP


def _open_document(path: Path) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive, archive.open("mimetype") as file:
            said = file.read(200).decode("ascii", "replace")
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, zlib.error):
        raise errors.ArchiveBroken(_("The zip archive is damaged or cut off.")) from None
    for word, name in OPEN_DOCUMENTS.items():
        if f"opendocument.{word}" in said:
            raise _foreign(name)
    return Kind.WORKBOOK


def _ole_workbook(path: Path) -> Kind:
    with path.open("rb") as file:
        name = ole_kind(file.read(OLE_BYTES_MAX))
    if name is not None:
        raise _foreign(name)
    return Kind.WORKBOOK


def _foreign(name: str) -> errors.NotATable:
    return errors.NotATable(
        _(
            "This file is of the kind %(kind)s; what can be read is CSV, TSV, JSON, GeoJSON, Excel, "
            "OpenDocument sheets, Parquet, SQLite, ARFF, dBASE or shapefiles in a zip, packed with gzip, zip "
            "or tar or not at all."
        )
        % {"kind": name},
        found=name,
        accepted=list(ACCEPTED),
    )
