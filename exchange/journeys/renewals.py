"""Subscriptions over time: the reminder, the order for the next period, the end."""

from datetime import datetime, timedelta

import structlog

from exchange.catalog.disclosure import order_obstacle
from exchange.core.use_case import use_case
from exchange.journeys import checkout
from exchange.members import standing
from exchange.members.standing import Business
from exchange.orders import placing, subscriptions
from exchange.orders.lifecycle import OrderState
from exchange.orders.models import Order, Subscription
from exchange.orders.queries import running_until

log = structlog.get_logger(__name__)

REMIND_DAYS = 14
RENEW_DAYS = 7
BATCH_MAX = 100


def run_due(*, now: datetime) -> int:
    """Remind, renew and end what is due; return how many subscriptions were touched.

    Each in a transaction of its own, so that one that cannot go on holds up no other.
    """
    touched = 0
    for order_id in running_until(now + timedelta(days=REMIND_DAYS), limit=BATCH_MAX):
        try:
            touched += _run_one(order_id, now=now)
        except Exception:
            log.exception("orders.subscription.stuck", order=order_id)
    return touched


@use_case()
def _run_one(order_id: str, *, now: datetime) -> bool:
    """What is due for the subscription that this order last continued."""
    order = Order.objects.get(public_id=order_id)
    parties = {order.seller_id, order.buyer_id}
    do_business = standing.are(parties, Business.NEW, lock=True) == parties
    subscription = subscriptions.lock(order)
    if subscription.ended_at is not None:
        return False
    if subscription.paid_until <= now:
        subscriptions.end(subscription, actor=placing.CLOCK, now=now)
        return True
    if subscription.auto_renew and subscription.paid_until <= now + timedelta(days=RENEW_DAYS):
        if order_obstacle(subscription.latest.product.delivery) is not None:
            return subscriptions.stop_renewing(subscription, actor=placing.CLOCK, now=now)
        return _renew(subscription, do_business=do_business, now=now)
    return subscriptions.remind(subscription, now=now)


def _renew(subscription: Subscription, *, do_business: bool, now: datetime) -> bool:
    """Place the order for the next period, once; it is paid before that begins, or lapses."""
    latest = subscription.latest
    if latest.renewals.exists() or latest.state != OrderState.CLOSED:
        return False
    if not do_business:  # it may yet be lifted before the period ends
        return subscriptions.remind(subscription, now=now)
    period = subscriptions.next_period(subscription)
    order = placing.place_renewal(latest, period=period, now=now)
    placing.sign(order, actor=placing.CLOCK, due_at=period[0], now=now)
    checkout.conclude(order, actor=placing.CLOCK, now=now)
    subscriptions.notify(subscription, "orders.subscription.renewal", order, now=now)
    return True
