"""Alerts of use: the buyer hears when half, most and all of a cap of the period is reached."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Q

from exchange.core.titles import Title
from exchange.metering.models import UsageAlert, UsagePeriod
from exchange.metering.models.receipts import ALERT_PERCENTS, Limit
from exchange.metering.queries import bills
from exchange.notices.actions.tell import tell_organisation
from exchange.orders.notifications import BUYERS
from pricing.money import Money

HUNDRED = 100


def raise_due(subscription_ids: Iterable[int], *, now: datetime) -> int:
    """Tell, once each, what parts of their caps the running periods have reached; how many."""
    limited = Q(hard_cap_minor__isnull=False) | Q(subscription__soft_cap_minor__isnull=False)
    periods = list(
        UsagePeriod.objects.filter(
            limited, subscription__in=subscription_ids, from_at__lte=now, until_at__gt=now
        ).select_related("subscription__offer__product")
    )
    if not periods:
        return 0
    costs = bills.running(periods)
    known = {
        (one.period_id, one.limit, one.limit_minor, one.percent)
        for one in UsageAlert.objects.filter(period__in=periods)
    }
    due = [alert for one in periods for alert in _reached(one, costs[one.pk], now)]
    fresh = [
        one for one in due if (one.period_id, one.limit, one.limit_minor, one.percent) not in known
    ]
    UsageAlert.objects.bulk_create(fresh, ignore_conflicts=True)
    for alert in _highest(fresh):
        _tell(alert, costs[alert.period_id], now=now)
    return len(fresh)


def _reached(period: UsagePeriod, cost: Money, now: datetime) -> list[UsageAlert]:
    limits = ((Limit.HARD, period.hard_cap_minor), (Limit.SOFT, period.subscription.soft_cap_minor))
    return [
        UsageAlert(period=period, limit=limit, limit_minor=minor, percent=percent, at=now)
        for limit, minor in limits
        if minor is not None
        for percent in ALERT_PERCENTS
        if cost.minor * HUNDRED >= minor * percent
    ]


def _highest(alerts: Sequence[UsageAlert]) -> list[UsageAlert]:
    """Of each limit the highest part: who jumps over several hears of one."""
    found = {(one.period_id, one.limit): one for one in alerts}
    return list(found.values())


def _tell(alert: UsageAlert, cost: Money, *, now: datetime) -> None:
    subscription = alert.period.subscription
    closes = alert.limit == Limit.HARD and alert.percent == HUNDRED
    tell_organisation(
        organisation_id=subscription.buyer_id,
        roles=BUYERS,
        kind="metering.cap.reached" if closes else "metering.cap.nears",
        facts={
            "product": Title.of(subscription.offer.product),
            "percent": alert.percent,
            "limit": Money(alert.limit_minor, cost.currency),
        },
        url=f"/usage/{subscription.public_id}/",
        dedupe=f"usage_alert:{alert.period_id}:{alert.limit}:{alert.limit_minor}:{alert.percent}",
        now=now,
    )
