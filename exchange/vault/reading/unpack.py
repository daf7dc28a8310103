"""Unpacking gzip, zip and tar without trusting a word they say.

Members are written to numbered files; their names are only shown. What is unpacked is counted while
it is written, whatever the archive declares.
"""

import gzip
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from django.utils.translation import gettext as _

from exchange.vault.reading import errors
from exchange.vault.reading.documents import Note
from exchange.vault.reading.limits import Limits
from exchange.vault.reading.questions import Question
from exchange.vault.reading.signatures import ARCHIVES, Kind, kind_of

PREFIX = "member-"
GZIP_MAGIC = b"\x1f\x8b"
STEP_BYTES = 1024 * 1024
BROKEN = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError,
          RuntimeError, NotImplementedError)  # fmt: skip

Entry = tuple[str, Callable[[], AbstractContextManager[IO[bytes]]]]


@dataclass(frozen=True)
class Member:
    """One file to read: its shown name and where it lies. What was said and asked when it was made from
    another file, such as a workbook, goes on to its table."""

    name: str
    path: Path
    notes: tuple[Note, ...] = field(default=(), compare=False)
    questions: tuple[Question, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Unpacked:
    """The files of an archive, or the one file that was none. `broken` names those that do not unpack."""

    compression: str
    members: tuple[Member, ...]
    broken: tuple[str, ...] = ()


class _Budget:
    """How much one archive may still unpack to."""

    def __init__(self, packed_bytes: int, limits: Limits) -> None:
        self.packed_bytes, self.limits, self.written = packed_bytes, limits, 0

    def spend(self, written: int) -> None:
        self.written += written
        too_dense = self.written > max(
            self.limits.ratio_free_bytes, self.packed_bytes * self.limits.unpacked_ratio
        )
        if too_dense or self.written > self.limits.unpacked_bytes:
            raise errors.ArchiveBomb(
                _("The archive unpacks to far more than its size allows; it was not unpacked."),
                packed_bytes=self.packed_bytes,
                ratio_max=self.limits.unpacked_ratio,
                unpacked_bytes_max=self.limits.unpacked_bytes,
            )


def unpack(
    path: Path, *, name: str, into: Path, limits: Limits, told: Callable[[int], None]
) -> Unpacked:
    """The members of `path` in the order of their names. `told` hears of bytes written so far."""
    kind = kind_of(path)
    if kind not in ARCHIVES:
        return Unpacked("none", (Member(name, path),))
    budget = _Budget(path.stat().st_size, limits)
    if kind is Kind.GZIP:
        return _gunzip(path, name, into, budget, told)
    return _write_all(path, kind, into, budget, told)


def _gunzip(
    path: Path, name: str, into: Path, budget: _Budget, told: Callable[[int], None]
) -> Unpacked:
    inner = into / "unpacked"
    try:
        with gzip.open(path) as source:
            _copy(source, inner, budget, told)
    except BROKEN:
        raise errors.ArchiveBroken(_("The gzip file is damaged or cut off.")) from None
    kind = kind_of(inner)
    if kind is Kind.TAR:
        unpacked = _write_all(inner, kind, into, budget, told)
        inner.unlink()
        return replace(unpacked, compression="tar.gz")
    if kind in ARCHIVES:
        raise _nested(name)
    return Unpacked("gzip", (Member(name.removesuffix(".gz"), inner),))


def _write_all(
    path: Path, kind: Kind, into: Path, budget: _Budget, told: Callable[[int], None]
) -> Unpacked:
    """Every member in a file of its own. One that does not unpack is named, and the rest goes on."""
    entries = _zip_entries if kind is Kind.ZIP else _tar_entries
    members: list[Member] = []
    broken: list[str] = []
    try:
        for number, (name, opened) in enumerate(entries(path, budget.limits)):
            target = into / f"{PREFIX}{number:05d}"
            try:
                with opened() as source:
                    _copy(source, target, budget, told)
            except BROKEN:
                if kind is not Kind.ZIP:  # where the next one begins, nothing says any more
                    raise
                target.unlink(missing_ok=True)
                broken.append(name)
                continue
            members.append(Member(name, target))
        members = [_unpacked_member(one, budget, told, broken) for one in members]
        members = [one for one in members if one.name not in broken]
    except BROKEN:
        raise _broken() from None
    if broken and not members:
        raise _broken()
    if not members:
        raise errors.EmptyFile(_("The archive is empty."))
    _check_nesting(members)
    return Unpacked(
        str(kind),
        tuple(sorted(members, key=lambda one: _natural(one.name))),
        tuple(sorted(broken, key=_natural)),
    )


def _unpacked_member(
    member: Member, budget: _Budget, told: Callable[[int], None], broken: list[str]
) -> Member:
    """What a member that is packed by itself (`a.csv.gz`) holds; `broken` takes it when it does not unpack."""
    with member.path.open("rb") as file:
        if file.read(2) != GZIP_MAGIC:
            return member
    inner = member.path.with_name(f"{member.path.name}-inner")
    try:
        with gzip.open(member.path) as source:
            _copy(source, inner, budget, told)
    except BROKEN:
        broken.append(member.name)
        return member
    member.path.unlink()
    return Member(member.name.removesuffix(".gz"), inner)


def _broken() -> errors.ArchiveBroken:
    return errors.ArchiveBroken(_("The archive is damaged, cut off or protected by a password."))


def _zip_entries(path: Path, limits: Limits) -> Iterator[Entry]:
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        _check_count(len(entries), limits)
        for entry in entries:
            _check_name(_zip_name(entry))
            if stat.S_ISLNK(entry.external_attr >> 16):
                raise _unsafe(entry.filename)
        for entry in entries:
            if not entry.is_dir() and not _is_litter(entry.filename):
                yield _zip_name(entry), partial(archive.open, entry)


def _tar_entries(path: Path, limits: Limits) -> Iterator[Entry]:
    with tarfile.open(path, "r:") as archive:
        for number, entry in enumerate(archive):
            _check_count(number, limits)
            _check_name(entry.name)
            if not (entry.isfile() or entry.isdir()):
                raise _unsafe(entry.name)
            source = archive.extractfile(entry)
            if source is not None and entry.isfile() and not _is_litter(entry.name):
                yield entry.name, partial(_held, source)


def _held(source: IO[bytes]) -> AbstractContextManager[IO[bytes]]:
    return nullcontext(source)


def _zip_name(entry: zipfile.ZipInfo) -> str:
    """Names without the UTF-8 flag were decoded as code page 437; they are UTF-8 or GB18030."""
    if entry.flag_bits & 0x800:
        return entry.filename
    raw = entry.filename.encode("cp437", "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.filename


def _check_count(count: int, limits: Limits) -> None:
    if count > limits.members:
        raise errors.ArchiveBomb(
            _("The archive holds more files than one may."), files_max=limits.members
        )


def _check_name(name: str) -> None:
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or name[1:2] == ":" or "\0" in name:
        raise _unsafe(name)


def _unsafe(name: str) -> errors.ArchiveUnsafe:
    return errors.ArchiveUnsafe(
        _("The archive names a path outside itself or holds a link; it was not unpacked."),
        name=name[:200],
    )


def _nested(name: str) -> errors.ArchiveNested:
    return errors.ArchiveNested(
        _("The archive holds another archive (%(name)s); unpack the inner one first.")
        % {"name": name[:100]},
        name=name[:200],
    )


def _check_nesting(members: list[Member]) -> None:
    for member in members:
        try:
            kind = kind_of(member.path)
        except errors.Unreadable:
            continue  # told of where the tables are read
        if kind in ARCHIVES:
            raise _nested(member.name)


def _is_litter(name: str) -> bool:
    """What computers leave in archives beside what people put in."""
    parts = PurePosixPath(name).parts
    return "__MACOSX" in parts or parts[-1] in {".DS_Store", "Thumbs.db", "desktop.ini"}


def _natural(name: str) -> list[tuple[int, int, str]]:
    """Building_2 comes before Building_10."""
    pieces: list[tuple[int, int, str]] = []
    word = ""
    for letter in name:
        if letter.isascii() and letter.isdigit():
            if word or not pieces:
                pieces.append((1, 0, word))
                word = ""
            last = pieces[-1]
            digit = int(letter)
            if last[0] == 0:
                pieces[-1] = (0, last[1] * 10 + digit, "")
            else:
                pieces.append((0, digit, ""))
        else:
            word += letter
    return [*pieces, (1, 0, word)]


def _copy(
    source: IO[bytes] | gzip.GzipFile, target: Path, budget: _Budget, told: Callable[[int], None]
) -> None:
    with target.open("xb") as file:
        while step := source.read(STEP_BYTES):
            budget.spend(len(step))
            file.write(step)
            told(budget.written)
