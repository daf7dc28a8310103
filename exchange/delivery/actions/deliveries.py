"""Counting what is fetched: one delivery for a table, one statement for a request."""

from datetime import datetime, timedelta

from django.db.models import F

from exchange.delivery.actions import deliveries_sql
from exchange.delivery.models import Delivery

SAME_USE = timedelta(hours=1)


def count_request(
    *, entitlement_id: int, revision_id: int, table_id: int, now: datetime
) -> tuple[int, bool]:
    """Note one request; return the delivery's numeric id and whether it begins with this one."""
    return deliveries_sql.count_request(
        entitlement_id=entitlement_id, revision_id=revision_id, table_id=table_id, at=now
    )


def goes_on(*, entitlement_id: int, revision_id: int, table_id: int, now: datetime) -> bool:
    """Whether a request belongs to a use that is going on: a download that is resumed, or repeated
    soon after."""
    return Delivery.objects.filter(
        entitlement=entitlement_id,
        revision=revision_id,
        table=table_id,
        last_at__gt=now - SAME_USE,
    ).exists()


def add_bytes(*, delivery_id: int, count: int) -> None:
    """Note that so many more bytes were sent."""
    Delivery.objects.filter(pk=delivery_id).update(bytes_sent=F("bytes_sent") + count)
