"""Content into the store and out of it, in step with its row."""

from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction

from exchange.vault.actions import content_sql
from exchange.vault.models import Blob, Upload
from exchange.vault.states import UploadState
from exchange.vault.store import INCOMING, Staged, content_name, content_storage, incoming

ORPHAN_HOURS = 24
SWEEP_MAX = 500


def keep_content(staged: Staged) -> Blob:
    """The row of this content, and the content at its place. Inside a transaction.

    The row comes first: should a sweep be removing the same content, this waits for it and then
    puts the content back. Content whose row is rolled back is left and used by the next who bring it.
    """
    blob = content_sql.insert_or_lock(sha256=staged.sha256, size_bytes=staged.size_bytes)
    content_storage().adopt(staged.path, staged.sha256)
    return blob


def sweep_content(*, now: datetime) -> int:
    """Remove content that no file and no table needs any more; return how much of it.

    The row goes first and the content before the commit, so that a newcomer with the same content
    waits for both. A crash in between leaves a row without content, which `keep_content` mends.
    """
    removed = 0
    for blob_id in content_sql.orphans(before=now - timedelta(hours=ORPHAN_HOURS), limit=SWEEP_MAX):
        with transaction.atomic():
            sha256 = content_sql.remove_orphan(blob_id)
            if sha256 is not None:
                content_storage().delete(content_name(sha256))
                removed += 1
    return removed


def sweep_incoming(*, now: datetime) -> int:
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


def _remove(entry: Path) -> None:
    if entry.parent.name != INCOMING:
        raise ValueError(f"{entry} is not in {INCOMING}/.")
    if entry.is_dir():
        for inner in entry.iterdir():
            inner.unlink()
        entry.rmdir()
    else:
        entry.unlink()
