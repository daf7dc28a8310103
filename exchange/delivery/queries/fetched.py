"""How much an organisation fetched of a product."""

from datetime import datetime

from django.db.models import F, Sum

from exchange.delivery.models import Delivery


def fetched_since(*, organisation_id: int, product_id: int, since: datetime) -> dict[str, int]:
    """Requests, rows and bytes of the tables first fetched since then; empty for none.

    Each request counts as the whole table, as one that is paid by use would.
    """
    found = Delivery.objects.filter(
        entitlement__organisation=organisation_id,
        entitlement__product=product_id,
        first_at__gte=since,
    ).aggregate(
        calls=Sum("requests"),
        rows=Sum(F("requests") * F("table__rows")),
        bytes=Sum(F("requests") * F("table__parquet__size_bytes")),
    )
    return {meter: int(total or 0) for meter, total in found.items()} if found["calls"] else {}
