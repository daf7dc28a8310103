"""Subscriptions: that of an order, and those that have something due."""

from datetime import datetime

from django.db.models import Q

from exchange.orders.models import Order, Subscription


def subscription_of(order: Order) -> Subscription | None:
    """The subscription that the order began or last continued, if it did."""
    return (
        Subscription.objects.filter(Q(first=order) | Q(latest=order))
        .select_related("latest")
        .first()
    )


def running_until(until: datetime, *, limit: int) -> list[str]:
    """Public ids of the latest orders of subscriptions paid until then at most, soonest first."""
    rows = Subscription.objects.filter(ended_at=None, paid_until__lte=until)
    return list(rows.order_by("paid_until").values_list("latest__public_id", flat=True)[:limit])
