"""Content into the store and out of it, in step with its row."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from django.db import connection, transaction
from django.utils.translation import gettext as _

from exchange.core.refusals import NotFound
from exchange.vault.lifecycle import UploadState
from exchange.vault.models import Blob, Upload
from exchange.vault.store import (
    INCOMING,
    Staged,
    content_name,
    content_storage,
    incoming,
    staged_as_it_lies,
)

ORPHAN_HOURS = 24
SWEEP_MAX = 500

INSERT_BLOB = """
    INSERT INTO vault_blob (sha256, size_bytes) VALUES (%(sha256)s, %(size_bytes)s)
    ON CONFLICT (sha256) DO NOTHING
"""

# Of the row that is there already: no sweep may remove it before this transaction has used it.
LOCK_BLOB = "SELECT id, sha256, size_bytes FROM vault_blob WHERE sha256 = %(sha256)s FOR KEY SHARE"

_UNUSED = """
    NOT EXISTS (SELECT FROM vault_datafile WHERE blob_id = b.id)
    AND NOT EXISTS (SELECT FROM vault_datatable WHERE parquet_id = b.id OR sample_id = b.id)
"""
ORPHANS = f"""
    SELECT b.id FROM vault_blob AS b
    WHERE b.created_at < %(before)s AND {_UNUSED} ORDER BY b.id LIMIT %(limit)s
"""  # noqa: S608 - built of constants
# Whoever holds the row is about to use it, and the next sweep looks again.
LOCK_ORPHAN = "SELECT id FROM vault_blob WHERE id = %(id)s FOR UPDATE SKIP LOCKED"
# Asked again under the lock: the answer before it may be old.
REMOVE_ORPHAN = f"DELETE FROM vault_blob AS b WHERE b.id = %(id)s AND {_UNUSED} RETURNING b.sha256"  # noqa: S608 - built of constants


def keep_content(staged: Staged) -> Blob:
    """The row of this content, and the content at its place. Inside a transaction.

    The row comes first: should a sweep be removing the same content, this waits for it and then
    puts the content back. Content whose row is rolled back is left and used by the next who bring it.
    """
    blob = _insert_or_lock(sha256=staged.sha256, size_bytes=staged.size_bytes)
    content_storage().adopt(staged.path, staged.sha256)
    return blob


def open_blob(blob: Blob) -> IO[bytes]:
    """The content, seekable. Raises NotFound when the storage has lost it."""
    try:
        return content_storage().open(content_name(blob.sha256))
    except FileNotFoundError:
        raise NotFound(_("The content of this file is missing."), sha256=blob.sha256) from None


def blob_path(blob: Blob) -> Path | None:
    """Where the content lies on this machine; None when it does not lie on a disk of ours."""
    try:
        return Path(content_storage().path(content_name(blob.sha256)))
    except NotImplementedError:
        return None


def hash_as_it_lies(blob: Blob) -> str | None:
    """The hash of the bytes that are there now; None where they are gone."""
    path = blob_path(blob)
    if path is None or not path.exists():
        return None
    return staged_as_it_lies(path).sha256


def purge_content(*, now: datetime) -> int:
    """Remove content that no file and no table needs any more; return how much of it.

    The row goes first and the content before the commit, so that a newcomer with the same content
    waits for both. A crash in between leaves a row without content, which `keep_content` mends.
    """
    removed = 0
    for blob_id in _orphans(before=now - timedelta(hours=ORPHAN_HOURS), limit=SWEEP_MAX):
        with transaction.atomic():
            sha256 = _remove_orphan(blob_id)
            if sha256 is not None:
                content_storage().delete(content_name(sha256))
                removed += 1
    return removed


def purge_incoming(*, now: datetime) -> int:
    """Remove what dead processes left in `incoming/`; return how many. Open uploads stay."""
    removed = 0
    needed = set(
        Upload.objects.filter(state=UploadState.RECEIVING).values_list("public_id", flat=True)
    )
    limit = (now - timedelta(hours=ORPHAN_HOURS)).timestamp()
    for entry in incoming().iterdir():
        if entry.name not in needed and entry.stat().st_mtime < limit:
            _remove(entry)
            removed += 1
    return removed


def that_differs(*, is_deep: bool) -> Iterator[str]:
    """A sentence for each content that is gone or altered; `is_deep` reads all of it, else its length is asked."""
    storage = content_storage()
    blobs = Blob.objects.order_by("pk").values_list("sha256", "size_bytes")
    for sha256, size_bytes in blobs.iterator(chunk_size=2000):
        path = Path(storage.path(content_name(sha256)))
        try:
            size = path.stat().st_size
        except OSError:
            yield f"The content {sha256} is gone."
            continue
        if size != size_bytes:
            yield f"The content {sha256} has {size} bytes instead of {size_bytes}."
        elif is_deep and staged_as_it_lies(path).sha256 != sha256:
            yield f"The content {sha256} does not have that hash."


def _remove(entry: Path) -> None:
    if entry.parent.name != INCOMING:
        raise ValueError(f"{entry} is not in {INCOMING}/.")
    if entry.is_dir():
        for inner in entry.iterdir():
            inner.unlink()
        entry.rmdir()
    else:
        entry.unlink()


def _insert_or_lock(*, sha256: str, size_bytes: int) -> Blob:
    """The content's row, made or found, and safe from the sweep until the transaction ends."""
    wanted: dict[str, str | int] = {"sha256": sha256, "size_bytes": size_bytes}
    with connection.cursor() as cursor:
        row = None
        while row is None:  # a sweep may remove it between the two
            cursor.execute(INSERT_BLOB, wanted)
            cursor.execute(LOCK_BLOB, wanted)
            row = cursor.fetchone()
    return Blob(id=row[0], sha256=row[1], size_bytes=row[2])


def _orphans(*, before: datetime, limit: int) -> list[int]:
    """Content stored before an instant that nothing points to."""
    with connection.cursor() as cursor:
        cursor.execute(ORPHANS, {"before": before, "limit": limit})
        return [row[0] for row in cursor.fetchall()]


def _remove_orphan(blob_id: int) -> str | None:
    """Delete the row, unless it is needed by now; the hash of its content if it was."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK_ORPHAN, {"id": blob_id})
        if cursor.fetchone() is None:
            return None
        cursor.execute(REMOVE_ORPHAN, {"id": blob_id})
        row = cursor.fetchone()
    return None if row is None else str(row[0])
