"""Where content lies: a folder of files, each named by the SHA-256 of what it holds.

Content arrives in `incoming/`, on the same disk, and gets its name when it is complete and safe:
whoever looks at a name sees all of the content or nothing.
"""

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import IO, cast

from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages

from accounts.ids import new_id

ALIAS = "vault"
INCOMING = "incoming"
STEP_BYTES = 1024 * 1024
FILE_MODE = 0o440


class ContentStorage(FileSystemStorage):
    """Django's file storage over VAULT_ROOT, whose files get there by `adopt` alone."""

    @property
    def base_location(self) -> str:
        return str(settings.VAULT_ROOT)

    @property
    def location(self) -> str:
        return os.path.abspath(self.base_location)  # noqa: PTH100 - links stay as the operator set them

    def adopt(self, staged: Path, sha256: str) -> None:
        """Give a complete file the name of its content, durably. Its old name stays the caller's.

        It stays because the row may yet be rolled back, and whoever repeats the deed needs it then.
        Content that lies there already is kept; the same content twice is the same file.
        """
        target = Path(self.path(content_name(sha256)))
        if target.exists():
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        staged.chmod(FILE_MODE)
        _sync(staged)
        with suppress(FileExistsError):
            target.hardlink_to(staged)
        for folder in (target.parent, target.parent.parent, Path(self.location)):
            _sync(folder)


@dataclass(frozen=True)
class Staged:
    """A complete file in `incoming/`, and what it holds."""

    path: Path
    sha256: str
    size_bytes: int


def content_storage() -> ContentStorage:
    """The storage that the settings name."""
    return cast("ContentStorage", storages[ALIAS])


def content_name(sha256: str) -> str:
    """Where content lies below the root. Two levels keep folders small."""
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


def incoming() -> Path:
    """The folder of what is not complete yet."""
    folder = Path(content_storage().location) / INCOMING
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def new_folder() -> Path:
    """A fresh folder for files on their way; the caller empties and removes it."""
    return Path(mkdtemp(dir=incoming(), prefix="reading-"))


def stage(content: IO[bytes], *, on_bytes: Callable[[int], None]) -> Staged:
    """Write `content` to `incoming/`, hashing it on the way. Nothing is left when that fails.

    `on_bytes` is told how much there is after each step, and stops the writing by raising.
    """
    path = incoming() / new_id("in")
    digest, size_bytes = hashlib.sha256(), 0
    try:
        with path.open("xb") as file:
            while step := content.read(STEP_BYTES):
                size_bytes += len(step)
                on_bytes(size_bytes)
                digest.update(step)
                file.write(step)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Staged(path=path, sha256=digest.hexdigest(), size_bytes=size_bytes)


def staged_as_it_lies(path: Path) -> Staged:
    """Hash a file that is in `incoming/` already."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    return Staged(path=path, sha256=digest.hexdigest(), size_bytes=path.stat().st_size)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
