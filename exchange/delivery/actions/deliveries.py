"""Counting what is fetched: one delivery for a table, one statement for a request."""

from datetime import datetime

from django.db.models import F

from exchange.delivery.actions import deliveries_sql
from exchange.delivery.models import Delivery


def count_request(
    *, entitlement_id: int, revision_id: int, table_id: int, now: datetime
) -> tuple[int, bool]:
    """Note one request; return the delivery's numeric id and whether it begins with this one."""
    return deliveries_sql.count_request(
        entitlement_id=entitlement_id, revision_id=revision_id, table_id=table_id, at=now
    )


def add_bytes(*, delivery_id: int, count: int) -> None:
    """Note that so many more bytes were sent."""
    Delivery.objects.filter(pk=delivery_id).update(bytes_sent=F("bytes_sent") + count)
