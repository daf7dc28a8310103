"""One statement that writes records, their places in the queue and their personal values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

_RECORDS = """
WITH written AS (
    INSERT INTO audit_record (public_id, event, actor, subject, at, canonical)
    SELECT r.public_id, r.event, r.actor, r.subject, r.at, r.canonical
    FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::bytea[])
        WITH ORDINALITY AS r (public_id, event, actor, subject, at, canonical, place)
    ORDER BY r.place
    RETURNING id, public_id
)
"""
_DISCLOSURES = """
, disclosed AS (
    INSERT INTO audit_disclosure (record_id, field, salt, value)
    SELECT written.id, p.field, p.salt, p.value
    FROM unnest(%s::text[], %s::text[], %s::bytea[], %s::text[]) AS p (public_id, field, salt, value)
    JOIN written ON written.public_id = p.public_id
)
"""
_QUEUE = "INSERT INTO audit_pending (record_id) SELECT id FROM written ORDER BY id"


@dataclass(frozen=True)
class Row:
    """One record as it is stored; `disclosed` are its personal values: field, salt, value."""

    public_id: str
    event: str
    actor: str
    subject: str
    at: datetime
    content: bytes
    disclosed: Sequence[tuple[str, bytes, str]]


def insert(rows: Sequence[Row]) -> None:
    """Write the records in their order. Nothing is read back."""
    statement = _RECORDS
    columns: list[list[Any]] = [
        [row.public_id for row in rows],
        [row.event for row in rows],
        [row.actor for row in rows],
        [row.subject for row in rows],
        [row.at for row in rows],
        [row.content for row in rows],
    ]
    disclosed = [(row.public_id, *value) for row in rows for value in row.disclosed]
    if disclosed:
        statement += _DISCLOSURES
        columns += [list(column) for column in zip(*disclosed, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(statement + _QUEUE, columns)
