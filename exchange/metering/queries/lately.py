"""What an organisation used of a product, whatever it paid by."""

from datetime import date

from django.db.models import Sum

from exchange.metering.models import UsageDay


def used_since(*, buyer_id: int, product_id: int, since: date) -> dict[str, int]:
    """By meter, what was counted from that day (UTC) on."""
    rows = UsageDay.objects.filter(
        subscription__buyer=buyer_id, subscription__offer__product=product_id, day__gte=since
    )
    totals = rows.order_by().values_list("meter").annotate(total=Sum("quantity"))
    return {meter: int(total) for meter, total in totals}
