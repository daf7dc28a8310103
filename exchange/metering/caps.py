"""Caps of what a period may cost: set by the buyer, told of as they near, and what closes at one."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from exchange.audit import log
from exchange.core.use_case import use_case
from exchange.members.actors import Actor
from exchange.members.permissions import Permission
from exchange.metering import bills, holds
from exchange.metering.errors import CapReached, CapRefused
from exchange.metering.models import (
    ALERT_PERCENTS,
    Limit,
    MeteredSubscription,
    UsageAlert,
    UsagePeriod,
)
from exchange.metering.subscriptions import buyers_own, lock
from exchange.notices import notify
from exchange.notices.notify import notify_organisation
from exchange.orders.reactions import BUYERS
from pricing.money import Money

HUNDRED = 100


@use_case(Permission.USAGE_CAP_SET, about=buyers_own)
def set_cap(
    subscription_id: str,
    *,
    actor: Actor,
    cap_minor: int | None,
    now: datetime,
    soft_minor: int | None = None,
) -> MeteredSubscription:
    """As the buyer, cap what a period may cost before tax, from the running one on (None: the cap
    that the subscription began with). Refused below what was used already or was begun. At the soft
    cap the buyer is told and nothing closes.

    What is set aside for the period follows, where the wallet has it, and is never less than what is
    owed: a cap protects the buyer, so an empty wallet is no reason to refuse one.
    """
    subscription = lock(public_id=subscription_id)
    period = subscription.periods.order_by("-number")[0]
    spent = bills.running_net(period, more=holds.begun_in(period, now=now)).minor
    if cap_minor is not None and cap_minor < max(spent, 1):
        raise CapRefused(_("More than this was used already."), least_minor=max(spent, 1))
    subscription.hard_cap_minor = cap_minor
    period.hard_cap_minor = subscription.cap_minor
    if cap_minor is None and period.hard_cap_minor is not None:  # what was used stays owed
        period.hard_cap_minor = max(period.hard_cap_minor, spent)
    subscription.soft_cap_minor = soft_minor
    subscription.save(update_fields=["hard_cap_minor", "soft_cap_minor"])
    period.save(update_fields=["hard_cap_minor"])
    log.record(
        event="metering.cap.set",
        actor=actor.name,
        subject=f"metered:{subscription.public_id}",
        facts={
            "hard_cap_minor": None if cap_minor is None else str(cap_minor),
            "soft_cap_minor": None if soft_minor is None else str(soft_minor),
        },
        at=now,
    )
    raise_due([subscription.pk], now=now)
    holds.set_aside(period, actor=actor, now=now)
    return subscription


def check_cap(subscription: MeteredSubscription) -> None:
    """Raise CapReached where the running period's hard cap is reached: the data is closed then."""
    period = subscription.periods.order_by("-number")[0]
    cap = period.hard_cap_minor
    if cap is not None and bills.running_net(period).minor >= cap:
        raise CapReached(_("The cap of this period is reached."), until=period.until_at.isoformat())


def raise_due(subscription_ids: Iterable[int], *, now: datetime) -> int:
    """Tell buyers, once each, what parts of their caps the running periods have reached; how many."""
    limited = Q(hard_cap_minor__isnull=False) | Q(subscription__soft_cap_minor__isnull=False)
    periods = list(
        UsagePeriod.objects.filter(
            limited, subscription__in=subscription_ids, from_at__lte=now, until_at__gt=now
        ).select_related("subscription__offer__product")
    )
    if not periods:
        return 0
    costs = bills.running(periods)
    known = {_key(one) for one in UsageAlert.objects.filter(period__in=periods)}
    due = [alert for one in periods for alert in _reached(one, costs[one.pk], now)]
    fresh = [one for one in due if _key(one) not in known]
    UsageAlert.objects.bulk_create(fresh, ignore_conflicts=True)
    for alert in _highest(fresh):
        _notify(alert, costs[alert.period_id], now=now)
    return len(fresh)


def _key(alert: UsageAlert) -> tuple[int, str, int, int]:
    return alert.period_id, alert.limit, alert.limit_minor, alert.percent


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
    return list({(one.period_id, one.limit): one for one in alerts}.values())


def _notify(alert: UsageAlert, cost: Money, *, now: datetime) -> None:
    subscription = alert.period.subscription
    closes = alert.limit == Limit.HARD and alert.percent == HUNDRED
    notify_organisation(
        organisation_id=subscription.buyer_id,
        roles=BUYERS,
        kind="metering.cap.reached" if closes else "metering.cap.nears",
        facts={
            "product": subscription.offer.product,
            "percent": alert.percent,
            "limit": Money(alert.limit_minor, cost.currency),
        },
        url=notify.path("metered", subscription.public_id),
        dedupe=f"usage_alert:{alert.period_id}:{alert.limit}:{alert.limit_minor}:{alert.percent}",
        now=now,
    )
