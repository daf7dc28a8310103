"""Subscriptions: begun with the first delivery, continued by each renewal that is paid, ended once."""

from datetime import datetime

from django.utils.translation import gettext as _

from exchange.orders.errors import NotASubscription
from exchange.orders.models import Order, Subscription
from exchange.orders.periods import after_periods


def begin(*, order: Order, auto_renew: bool, now: datetime) -> Subscription:
    """Begin the first period of a subscription with this moment and write it on its order."""
    period: str = order.terms["offer"]["period"]
    order.period_from, order.period_until = now, after_periods(now, period, 1)
    return Subscription.objects.create(
        first=order,
        latest=order,
        period=period,
        began_at=now,
        paid_until=order.period_until,
        auto_renew=auto_renew,
    )


def next_period(subscription: Subscription) -> tuple[datetime, datetime]:
    """The period after the last one paid for."""
    count = subscription.periods_paid + 1
    return (
        subscription.paid_until,
        after_periods(subscription.began_at, subscription.period, count),
    )


def carry_on(*, renewal: Order) -> Subscription:
    """Count the period of a paid renewal as paid for."""
    subscription = locked_subscription(renewal.renews)
    subscription.latest = renewal
    subscription.periods_paid += 1
    if renewal.period_until is None:
        raise TypeError("A renewal names its period.")
    subscription.paid_until = renewal.period_until
    subscription.ended_at = None  # the money came in the last moment
    subscription.save(update_fields=["latest", "periods_paid", "paid_until", "ended_at"])
    return subscription


def locked_subscription(order: Order | None) -> Subscription:
    """The subscription that the order began or last continued. Raises NotASubscription."""
    found = (
        Subscription.objects.select_for_update(of=("self",), no_key=True)
        .select_related("latest__buyer", "latest__seller", "first")
        .filter(latest=order, latest__isnull=False)
        .first()
    )
    if found is None:
        raise NotASubscription(_("This order is not the latest of a subscription."))
    return found
