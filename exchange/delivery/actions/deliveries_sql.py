"""Counting requests in PostgreSQL's own words: made or raised in one statement, whoever comes first."""

from datetime import datetime

from django.db import connection

from exchange.core.ids import new_id

COUNT = """
    INSERT INTO delivery_delivery
        (public_id, entitlement_id, revision_id, table_id, first_at, last_at, requests, bytes_sent)
    VALUES (%(public_id)s, %(entitlement)s, %(revision)s, %(table)s, %(at)s, %(at)s, 1, 0)
    ON CONFLICT (entitlement_id, revision_id, table_id) DO UPDATE
    SET requests = delivery_delivery.requests + 1,
        last_at = greatest(delivery_delivery.last_at, EXCLUDED.last_at)
    RETURNING id, requests = 1
"""


def count_request(
    *, entitlement_id: int, revision_id: int, table_id: int, at: datetime
) -> tuple[int, bool]:
    """The delivery's id, and whether this was its first request."""
    with connection.cursor() as cursor:
        cursor.execute(
            COUNT,
            {
                "public_id": new_id("dlv"),
                "entitlement": entitlement_id,
                "revision": revision_id,
                "table": table_id,
                "at": at,
            },
        )
        row = cursor.fetchone()
    return int(row[0]), bool(row[1])
