"""Rows of stored content in PostgreSQL's own words."""

from datetime import datetime

from django.db import connection

from exchange.vault.models import Blob

INSERT = """
    INSERT INTO vault_blob (sha256, size_bytes) VALUES (%(sha256)s, %(size_bytes)s)
    ON CONFLICT (sha256) DO NOTHING
"""

# Of the row that is there already: no sweep may remove it before this transaction has used it.
LOCK = "SELECT id, sha256, size_bytes FROM vault_blob WHERE sha256 = %(sha256)s FOR KEY SHARE"

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
REMOVE = f"DELETE FROM vault_blob AS b WHERE b.id = %(id)s AND {_UNUSED} RETURNING b.sha256"  # noqa: S608 - built of constants


def insert_or_lock(*, sha256: str, size_bytes: int) -> Blob:
    """The content's row, made or found, and safe from the sweep until the transaction ends."""
    wanted: dict[str, str | int] = {"sha256": sha256, "size_bytes": size_bytes}
    with connection.cursor() as cursor:
        row = None
        while row is None:  # a sweep may remove it between the two
            cursor.execute(INSERT, wanted)
            cursor.execute(LOCK, wanted)
            row = cursor.fetchone()
    return Blob(id=row[0], sha256=row[1], size_bytes=row[2])


def orphans(*, before: datetime, limit: int) -> list[int]:
    """Content stored before an instant that nothing points to."""
    with connection.cursor() as cursor:
        cursor.execute(ORPHANS, {"before": before, "limit": limit})
        return [row[0] for row in cursor.fetchall()]


def remove_orphan(blob_id: int) -> str | None:
    """Delete the row, unless it is needed by now; the hash of its content if it was."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK_ORPHAN, {"id": blob_id})
        if cursor.fetchone() is None:
            return None
        cursor.execute(REMOVE, {"id": blob_id})
        row = cursor.fetchone()
    return None if row is None else str(row[0])
