"""What is no table, called by its name: files whose first bytes say what they are."""

import re

TEXT_MARKS_CHARS = 16 * 1024
# Where the first bytes are enough.
MAGIC = {
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF",
    b"\x7fELF": "ELF",
    b"Rar!": "RAR",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "Zstandard",
    b"\x04\x22\x4d\x18": "LZ4",
    b"\x89HDF": "HDF5",
    b"CDF\x01": "NetCDF",
    b"CDF\x02": "NetCDF",
    b"CDF\x05": "NetCDF",
    b"\x93NUMPY": "NumPy",
    b"Obj\x01": "Avro",
    b"PARE": "encrypted Parquet",
    b"ARROW1": "Arrow",
    b"FEA1": "Feather",
    b"RDX2\n": "R",
    b"RDX3\n": "R",
    b"X\n\x00\x00\x00": "R",
    b"$FL2": "SPSS",
    b"$FL3": "SPSS",
    b"<stata_dta>": "Stata",
    b"\x00\x01\x00\x00Standard ": "Access",
    b"\x00\x00\x27\x0a": "Shapefile",
    b"%!PS": "PostScript",
    b"\xca\xfe\xba\xbe": "Java",
}
# Words that a text may begin with, too: a zero byte follows where they are magic.
WORDS = {
    b"ORC": "ORC",
    b"GRIB": "GRIB",
    b"ID3": "MP3",
    b"MATLAB ": "MATLAB",
    b"OggS": "Ogg",
    b"!BDN": "Outlook",
}
# Where letters that a text may begin with are followed by what no text holds.
PATTERNS = (
    (re.compile(rb"BZh[1-9]1AY&SY"), "bzip2"),
    (re.compile(rb"\x80[\x02-\x05](?:\x95|[}\](c])", re.DOTALL), "pickle"),
    (re.compile(rb"\((?:dp|lp)\d{1,4}\n"), "pickle"),
    (re.compile(rb"\xff{4}.{3}\x00\x10\x00\x00\x00", re.DOTALL), "Arrow"),
    (re.compile(rb".{8}DUCK", re.DOTALL), "DuckDB"),
    (re.compile(rb"BM.{4}\x00\x00\x00\x00", re.DOTALL), "BMP"),
    (re.compile(rb"RIFF.{4}(?:WEBP|WAVE|AVI )", re.DOTALL), "RIFF"),
    (re.compile(rb".{4}ftyp", re.DOTALL), "MP4"),
    (re.compile(rb"MZ.{1,60}\x00", re.DOTALL), "EXE"),
    (re.compile(rb"[\x6c-\x77][\x01\x02]\x01\x00", re.DOTALL), "Stata"),
    (re.compile(rb"\x00{12}\xc2\xea\x81\x60", re.DOTALL), "SAS"),
)
OLE_STREAMS = (
    ("WordDocument", "Word"),
    ("PowerPoint Document", "PowerPoint"),
    ("__properties_version1.0", "Outlook"),
    ("VisioDocument", "Visio"),
)
HTML = re.compile(
    r"\s*(?:<!--[\s\S]{0,2000}?-->\s*)?"
    r"<(?:!doctype\s+html|html|head|body|table|meta|div|style|center|tr|font|p)\b",
    re.IGNORECASE,
)
XML = re.compile(r"\s*<(?:\?xml\b|!DOCTYPE\b|!--|[A-Za-z_][\w.-]*(?::[\w.-]+)?(?=[\s/>]))")
XML_KINDS = (
    (re.compile(r"<svg\b", re.IGNORECASE), "SVG"),
    (re.compile(r"<kml\b", re.IGNORECASE), "KML"),
    (re.compile(r"<gpx\b", re.IGNORECASE), "GPX"),
    (re.compile(r"<html\b", re.IGNORECASE), "HTML"),
    (re.compile(r'progid="Excel\.Sheet"|urn:schemas-microsoft-com:office:spreadsheet'), "XML Spreadsheet 2003"),
)  # fmt: skip
TEXTS = (
    (re.compile(r"\s*\{\\rtf"), "RTF"),
    (re.compile(r"version https://git-lfs\.github\.com/spec/"), "Git LFS pointer"),
    (re.compile(r"MIME-Version:\s*1\.0\b", re.IGNORECASE), "MHTML"),
    (re.compile(r"ID;P[A-Z0-9]{0,12}(?:;[A-Z][^\n]{0,40})?\r?\n[A-Z];"), "SYLK"),
    (re.compile(r"(?:%YAML [\d.]{1,5}\r?\n)?---[ \t]*\r?\n[ \t]*(?:- )?[\w\"'-]{1,80}:(?:[ \t]|\r?\n)"), "YAML"),
    (re.compile(r"BEGIN:VC(?:ARD|ALENDAR)"), "vCard or iCalendar"),
    (re.compile(r"-----BEGIN [A-Z ]{3,40}-----"), "PEM"),
    (
        re.compile(
            r"(?:\s+|--[^\n]*\n|/\*(?:[^*]|\*(?!/)){0,2000}\*/;?|SET\s[^;\n]{0,200};|PRAGMA\s[^;\n]{0,200};)*"
            r"(?:CREATE\s+(?:TABLE|DATABASE|SCHEMA)\s|INSERT\s+INTO\s|DROP\s+TABLE\s|BEGIN\s+TRANSACTION;)",
            re.IGNORECASE,
        ),
        "SQL",
    ),
    (re.compile(r'\s*\{[\s\S]{0,200}"(?:nbformat|cell_type)"\s*:'), "Jupyter notebook"),
)  # fmt: skip


def foreign_kind(head: bytes) -> str | None:
    """What a file is that begins with `head`, when that is none of what can be read."""
    for magic, name in MAGIC.items():
        if head.startswith(magic):
            return name
    for word, name in WORDS.items():
        if head.startswith(word) and b"\0" in head:
            return name
    for pattern, name in PATTERNS:
        if pattern.match(head):
            return name
    return _marked_text(_as_text(head))


def ole_kind(content: bytes) -> str | None:
    """What an OLE container holds beside workbooks: its streams are named in UTF-16."""
    return next(
        (name for stream, name in OLE_STREAMS if stream.encode("utf-16-le") in content), None
    )


def _marked_text(text: str) -> str | None:
    for pattern, name in TEXTS:
        if pattern.match(text):
            return name
    is_closed = "</" in text or "/>" in text or text.lstrip()[:2] in {"<?", "<!"}
    if is_closed and HTML.match(text):
        return "HTML"
    if is_closed and XML.match(text):
        return next((name for pattern, name in XML_KINDS if pattern.search(text)), "XML")
    return None


def _as_text(head: bytes) -> str:
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if head.startswith(mark):
            return head[2 : 2 * TEXT_MARKS_CHARS].decode(encoding, "ignore")
    return head[:TEXT_MARKS_CHARS].removeprefix(b"\xef\xbb\xbf").decode("utf-8", "ignore")
