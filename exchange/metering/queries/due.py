"""Subscriptions for which something is due."""

from datetime import datetime

from django.db.models import F, Q

from exchange.metering.models import UsagePeriod


def due(*, at: datetime, limit: int) -> list[int]:
    """Keys of subscriptions with a period to close, or whose newest period has ended."""
    closing = Q(grace_until__lte=at, number=F("subscription__final_no") + 1)
    ended = Q(until_at__lte=at) & (
        Q(subscription__ends_at=None) | Q(subscription__ends_at__gt=F("until_at"))
    )
    newest = ~Q(subscription__in=UsagePeriod.objects.filter(until_at__gt=at).values("subscription"))
    rows = UsagePeriod.objects.filter(closing | (ended & newest))
    return list(
        rows.order_by("subscription_id")
        .values_list("subscription_id", flat=True)
        .distinct()[:limit]
    )
