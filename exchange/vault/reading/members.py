"""Which files of an archive are tables, and which only speak about them."""

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from django.utils.translation import gettext as _

from exchange.vault.reading import errors
from exchange.vault.reading.documents import Note
from exchange.vault.reading.signatures import Kind, kind_of
from exchange.vault.reading.unpack import Member

# Names without their ending. What follows may be a language or a number: README_zh, LICENSE-2.0.
ABOUT = re.compile(
    r"(?:read[ _-]?me|licen[cs]e|licensing|copying|copyright|notice|changelog|authors|"
    r"contributors|contributing|citation|cite|disclaimer|terms|install|todo|manifest|"
    r"requirements|checksums?|md5sums?|sha(?:1|256|512)sums?|md5|sha256|"
    r"说明|使用说明|数据说明|自述|许可|许可证|版权|免责声明|更新日志)"
    r"(?:$|[\W_].*)",
    re.IGNORECASE,
)
PROSE_ENDINGS = frozenset(
    [
        ".md",
        ".rst",
        ".adoc",
        ".cff",
        ".bib",
        ".py",
        ".r",
        ".m",
        ".ipynb",
        ".sh",
        ".bat",
        ".yml",
        ".yaml",
        ".toml",
        ".ini",
        ".cfg",
        ".conf",
        ".sql",
        ".css",
        ".js",
        ".html",
        ".htm",
        ".sha256",
        ".md5",
        ".asc",
        ".sig",
        ".prj",
        ".cpg",
        ".qpj",
        ".qml",
        ".sld",
    ]
)
TABLE_ENDINGS = frozenset(
    [".csv", ".tsv", ".tab", ".psv", ".dat", ".data", ".parquet", ".jsonl", ".ndjson", ".geojson"]
)
DESCRIPTION = re.compile(
    r"(?:meta(?:[_-]?data)?|data[_-]?package|data[_-]?dictionary|data[_-]?descriptor|dictionary|schema|"
    r"table[_-]?schema|dataset[_-]?description|dataset|package|info|config|settings|croissant|ro-crate-metadata|"
    r"catalog|codebook|元数据|数据字典)(?:$|[\W_].*)",
    re.IGNORECASE,
)
NAMES_SHOWN = 5
PROSE_LINES = 200
PROSE_BYTES = 64 * 1024
WORDS_MIN = 3
CUT_SHARE = 0.8
DELIMITERS = ",;\t|"


def is_about(member: Member) -> bool:
    """Whether a file of an archive speaks about its tables: a licence, a manual, a program."""
    path = PurePosixPath(member.name.replace("\\", "/"))
    ending = path.suffix.lower()
    if ending in PROSE_ENDINGS or path.name.startswith("."):
        return True
    if ending in TABLE_ENDINGS or _kind(member.path) is not Kind.TEXT:
        return False
    return bool(ABOUT.match(path.stem)) or _is_prose(member.path)


def describes(member: Member, others: Sequence[Member]) -> bool:
    """Whether a JSON file is the description of its neighbours: named so, or the only kind of its own."""
    if _kind(member.path) is not Kind.JSON or not _is_one_object(member.path):
        return False
    stem = PurePosixPath(member.name.replace("\\", "/")).stem
    neighbours = [one for one in others if one is not member and not is_about(one)]
    is_other = any(_kind(one.path) not in (Kind.JSON, None) for one in neighbours)
    is_named = bool(DESCRIPTION.match(stem)) or any(
        PurePosixPath(one.name).name == stem for one in neighbours
    )
    return bool(neighbours) and (is_other or is_named)


def notes_on(passed: Sequence[str], broken: Sequence[tuple[str, str]]) -> tuple[Note, ...]:
    """What an archive holds beside its tables, and what of it could not be read, with the reason."""
    notes = []
    if passed:
        notes.append(
            Note(
                "members_passed_over",
                _("Not read as tables, and kept in the archive: %(names)s.")
                % {"names": _some(passed)},
                len(passed),
            )
        )
    if broken:
        notes.append(
            Note(
                "members_broken",
                _("Could not be read, and left out: %(names)s.")
                % {"names": _some([f"{name} ({why.rstrip('.。')})" for name, why in broken])},
                len(broken),
            )
        )
    return tuple(notes)


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:NAMES_SHOWN]) + ("" if len(names) <= NAMES_SHOWN else " …")


def _kind(path: Path) -> Kind | None:
    try:
        return kind_of(path)
    except errors.Unreadable:
        return None


def _is_one_object(path: Path) -> bool:
    """Whether the text is one object, and no lines of objects."""
    with path.open("rb") as file:
        head = file.read(PROSE_BYTES)
    lines = head.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    starts = sum(line.startswith(b"{") for line in lines)
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and starts <= 1


def _is_prose(path: Path) -> bool:
    """Lines of several words that no delimiter cuts to one width."""
    with path.open("rb") as file:
        text = file.read(PROSE_BYTES).decode("utf-8", "ignore")
    lines = [line for line in text.splitlines() if line.strip()][:PROSE_LINES]
    if not lines or any(_cuts(lines, delimiter) for delimiter in DELIMITERS):
        return False
    words = sum(len(re.findall(r"[^\W\d_]{2,}", line)) for line in lines)
    numbers = sum(len(re.findall(r"\d+", line)) for line in lines)
    return words >= WORDS_MIN * len(lines) and words > 2 * numbers


def _cuts(lines: Sequence[str], delimiter: str) -> bool:
    counts = [line.count(delimiter) for line in lines]
    usual = max(set(counts), key=counts.count)
    return usual > 0 and counts.count(usual) >= CUT_SHARE * len(counts)
