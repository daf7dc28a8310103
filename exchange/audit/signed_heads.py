"""The last signed head, kept outside the database beside the signing key: what was signed once binds us.

A database restored from an older dump would give new records the indexes of those it lost, and the log
would fork with our own signature under both branches. So the sequencer asks here before it signs: a tree
that does not continue the last signed one is refused, and the records wait until people have decided.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from exchange.audit import keys
from exchange.audit.verify import Checkpoint, Unproven, open_checkpoint

FILE = "audit.{mark}.head"


class LogCutShort(Exception):
    """The tree does not continue the last head that was signed: the database is older, or altered."""


def head_file() -> Path | None:
    """Where the last signed head of the present key and name lies; None where none is kept (tests)."""
    folder = settings.AUDIT_HEADS_FOLDER
    if not folder:
        return None
    return Path(folder) / FILE.format(mark=keys.verifier_key().hash.hex())


def last_signed() -> Checkpoint | None:
    """The last head that was signed under the present key and name. Raises LogCutShort for one that cannot be read."""
    file = head_file()
    if file is None or not file.exists():
        return None
    try:
        return open_checkpoint(file.read_text(encoding="utf-8"), [keys.verifier_key()])
    except (Unproven, ValueError) as reason:
        raise LogCutShort(_("The last signed head cannot be read: %s") % reason) from reason


def keep(note: str) -> None:
    """Keep a head that was signed and committed, unless a larger one lies there. Durable when it returns."""
    file = head_file()
    if file is None:
        return
    size = open_checkpoint(note, [keys.verifier_key()]).size
    file.parent.mkdir(parents=True, exist_ok=True)
    with _alone(file):
        before = last_signed()
        if before is not None and before.size >= size:
            return
        fresh = file.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as output:
            output.write(note)
            output.flush()
            os.fsync(output.fileno())
        fresh.replace(file)
        sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable: a new or renamed file may be gone after a power cut before."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def require_continuation(
    *, size: int, last: Checkpoint | None, root_at: Callable[[int], bytes | None]
) -> None:
    """Raise LogCutShort unless a log of `size` records under signed heads begins with `last`.

    `root_at` gives the root of the stored head of a size, None where no such head is stored.
    """
    if last is None:
        return
    if last.size > size:
        raise LogCutShort(
            _(
                "A head of %(signed)d records was signed at %(time)s, and the log has only %(size)d:"
                " it was restored from an older dump, or cut."
            )
            % {"signed": last.size, "time": last.time, "size": size}
        )
    if root_at(last.size) != last.root:
        raise LogCutShort(
            _("The first %(signed)d records are not those that were signed at %(time)s.")
            % {"signed": last.size, "time": last.time}
        )


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Only one process writes the file at a time. The kernel lets go of a killed one's lock."""
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
