"""One statement that writes a record, its place in the queue and its personal values."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

_RECORD = """
WITH written AS (
    INSERT INTO audit_record (public_id, event, actor, subject, at, canonical)
    VALUES (%s, %s, %s, %s, %s, %s) RETURNING id
)
"""
_DISCLOSURES = """
, disclosed AS (
    INSERT INTO audit_disclosure (record_id, field, salt, value)
    SELECT written.id, personal.*
    FROM written, unnest(%s::text[], %s::bytea[], %s::text[]) AS personal
)
"""
_QUEUE = "INSERT INTO audit_pending (record_id) SELECT id FROM written"


def insert(
    *,
    public_id: str,
    event: str,
    actor: str,
    subject: str,
    at: datetime,
    content: bytes,
    disclosed: Sequence[tuple[str, bytes, str]],
) -> None:
    """Write the record. Nothing is read back, so nothing waits for another round trip."""
    columns: list[Any] = [public_id, event, actor, subject, at, content]
    with connection.cursor() as cursor:
        if disclosed:
            columns += [list(column) for column in zip(*disclosed, strict=True)]
            cursor.execute(_RECORD + _DISCLOSURES + _QUEUE, columns)
        else:
            cursor.execute(_RECORD + _QUEUE, columns)
