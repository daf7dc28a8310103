"""Subscriptions over time: the reminder, the order for the next period, its payment by the saved card, the end."""

from datetime import datetime, timedelta

import structlog

from exchange.catalog.disclosure import order_obstacle
from exchange.core.use_case import use_case
from exchange.disputes.lifecycle import DisputeState
from exchange.journeys import checkout
from exchange.members import standing
from exchange.members.standing import Business
from exchange.orders import placing, subscriptions
from exchange.orders.lifecycle import ORDER, UNLICENSED, OrderState, PaymentMethod
from exchange.orders.models import Order, Subscription
from exchange.orders.queries import ending
from exchange.orders.subscriptions import RENEW_DAYS
from exchange.payments import collection, off_session
from exchange.payments.models import Payment

log = structlog.get_logger(__name__)

REMIND_DAYS = 14
# How many days before its period a renewal is charged to the saved card: first when it is placed, then again
# after each refusal. What is not paid when the period begins lapses, and the subscription ends.
CHARGE_DAYS = (RENEW_DAYS, 5, 3, 1)
BATCH = 100


def run_due(*, now: datetime) -> int:
    """Remind, renew and end what is due; return how many subscriptions were touched.

    Each in a transaction of its own, so that one that cannot go on holds up no other.
    """
    touched = 0
    remind, renew = (now + timedelta(days=days) for days in (REMIND_DAYS, RENEW_DAYS))
    for order_id in ending(remind=remind, renew=renew, now=now, limit=BATCH):
        try:
            touched += _run_one(order_id, now=now)
            touched += _charge(order_id, now=now)
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
    if subscription.paid_until <= now and _is_done(subscription, do_business=do_business, now=now):
        subscriptions.end(subscription, actor=placing.CLOCK, now=now)
        return True
    if subscription.auto_renew and subscription.paid_until <= now + timedelta(days=RENEW_DAYS):
        if order_obstacle(subscription.latest.product.delivery) is not None:
            return subscriptions.stop_renewing(subscription, actor=placing.CLOCK, now=now)
        return _renew(subscription, do_business=do_business, now=now)
    return subscription.paid_until > now and subscriptions.remind(subscription, now=now)


def _is_done(subscription: Subscription, *, do_business: bool, now: datetime) -> bool:
    """Whether a subscription ends with the period paid for, which is over: nobody wants it to go on or may have
    it go on, or its renewal was not paid. One whose latest order is not decided yet waits, and one that nobody
    offered to renew, since the clock stood still, is renewed late."""
    latest = subscription.latest
    renewal = latest.renewals.first()
    if renewal is not None:
        may_be_paid = renewal.period_from is not None and renewal.period_from > now
        return renewal.state in UNLICENSED or not may_be_paid
    return not (subscription.auto_renew and do_business) or latest.state in UNLICENSED


def _renew(subscription: Subscription, *, do_business: bool, now: datetime) -> bool:
    """Place the order for the next period, once; it is paid before that begins, or lapses."""
    latest = subscription.latest
    if latest.renewals.exists():
        return False
    if not do_business:  # it may yet be lifted before the period ends
        return subscriptions.remind(subscription, now=now)
    if _is_undecided(latest):
        return subscription.paid_until <= now and subscriptions.say_that_it_waits(
            subscription, now=now
        )
    period = subscriptions.next_period(subscription, now=now)
    order = placing.place_renewal(latest, period=period, now=now)
    placing.sign(order, actor=placing.CLOCK, due_at=period[0], now=now)
    checkout.conclude(order, actor=placing.CLOCK, now=now)
    kind = "charged" if _is_charged(order) else "renewal"
    subscriptions.notify(subscription, f"orders.subscription.{kind}", order, now=now)
    return True


def _is_undecided(latest: Order) -> bool:
    """Whether the order of the last period may still be undone: it is not closed, or a dispute runs over it."""
    return (
        latest.state != OrderState.CLOSED
        or latest.disputes.exclude(state=DisputeState.ENDED).exists()
    )


def _is_charged(order: Order) -> bool:
    payment = collection.payment_of_order(order.public_id)
    return payment is not None and off_session.card_for(payment) is not None


@use_case()
def _charge(order_id: str, *, now: datetime) -> bool:
    """Have the renewal that waits charged to the saved card, once for each day on which that is due. Not while
    the subscription is locked: what is received locks the order first."""
    running = Subscription.objects.filter(
        latest__public_id=order_id, auto_renew=True, ended_at__isnull=True
    )
    renewal = Order.objects.filter(
        renews__public_id=order_id,
        renews__in=running.values("latest"),
        state=OrderState.CONTRACT_SIGNED,
        payment_method=PaymentMethod.CARD,
    ).first()
    if renewal is None or renewal.period_from is None or renewal.period_from <= now:
        return False
    parties = {renewal.seller_id, renewal.buyer_id}
    if standing.are(parties, Business.NEW, lock=True) != parties:
        return False
    due = sum(at <= now for at in charged_at(renewal))
    return due > 0 and off_session.try_card(ORDER.lock_again(renewal), due=due, now=now)


def charged_at(renewal: Order) -> list[datetime]:
    """When a renewal is charged to the saved card, until it is paid."""
    if renewal.renews_id is None or renewal.period_from is None:
        return []
    return [renewal.period_from - timedelta(days=days) for days in CHARGE_DAYS]


def next_charge_at(payment: Payment, *, now: datetime) -> datetime | None:
    """When a payment that waits is charged to the saved card by itself; None where it is not."""
    if off_session.card_for(payment) is None:
        return None
    return next((at for at in charged_at(payment.order) if at > now), None)
