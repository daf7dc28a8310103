"""Subscriptions over time: the reminder, the order for the next period, the end."""

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from exchange.audit.actions import log as transparency
from exchange.catalog.disclosure import order_obstacle
from exchange.core.titles import Title
from exchange.flows import order_progress
from exchange.flows.buy_product import permit
from exchange.flows.order_recording import BUYERS, order_path, record_step
from exchange.members.actors import Actor
from exchange.members.permissions import Permission
from exchange.notices.actions.tell import tell_organisation
from exchange.orders.actions import subscriptions
from exchange.orders.actions.placing import place_renewal
from exchange.orders.models import Order, Subscription
from exchange.orders.queries.subscriptions import running_until, subscription_of
from exchange.orders.states import OrderState

log = structlog.get_logger(__name__)

CLOCK = "system:clock"
REMIND_DAYS = 14
RENEW_DAYS = 7
BATCH_MAX = 100


@transaction.atomic
def set_auto_renew(*, actor: Actor, order_id: str, wanted: bool, now: datetime) -> Subscription:
    """As the buyer, let the subscription go on by itself, or end with the period paid for."""
    permit(actor, Permission.ORDER_CANCEL, order_id)
    found = subscription_of(Order.objects.get(public_id=order_id))
    subscription = subscriptions.locked_subscription(None if found is None else found.latest)
    if subscription.auto_renew != wanted:
        subscription.auto_renew = wanted
        subscription.save(update_fields=["auto_renew"])
        _record(subscription, "continued" if wanted else "cancelled", actor.name, now)
    return subscription


def tend(*, now: datetime) -> int:
    """Remind, renew and end what is due; return how many subscriptions were touched.

    Each in a transaction of its own, so that one that cannot go on holds up no other.
    """
    touched = 0
    for order_id in running_until(now + timedelta(days=REMIND_DAYS), limit=BATCH_MAX):
        try:
            touched += _tend_one(order_id, now=now)
        except Exception:
            log.exception("orders.subscription.stuck", order=order_id)
    return touched


@transaction.atomic
def _tend_one(order_id: str, *, now: datetime) -> bool:
    """What is due for the subscription that this order last continued."""
    subscription = subscriptions.locked_subscription(Order.objects.get(public_id=order_id))
    if subscription.ended_at is not None:
        return False
    if subscription.paid_until <= now:
        subscription.ended_at = now
        subscription.save(update_fields=["ended_at"])
        _record(subscription, "ended", CLOCK, now)
        return True
    if subscription.auto_renew and subscription.paid_until <= now + timedelta(days=RENEW_DAYS):
        if order_obstacle(subscription.latest.product.delivery) is not None:
            return _let_end(subscription, now=now)
        return _renew(subscription, now=now)
    return _remind(subscription, now=now)


def _renew(subscription: Subscription, *, now: datetime) -> bool:
    """Place the order for the next period, once; it is paid before that begins, or lapses."""
    latest = subscription.latest
    if latest.renewals.exists() or latest.state != OrderState.CLOSED:
        return False
    period = subscriptions.next_period(subscription)
    order = record_step(place_renewal(of=latest, period=period, now=now))
    order_progress.conclude(order=order, actor=CLOCK, by_id=None, now=now, due_at=period[0])
    _tell(subscription, "orders.subscription.renewal", order, now)
    return True


def _let_end(subscription: Subscription, *, now: datetime) -> bool:
    """Stop renewing what cannot be ordered any more, and tell the buyer that it ends."""
    subscription.auto_renew = False
    subscription.reminded_until = None
    subscription.save(update_fields=["auto_renew", "reminded_until"])
    _record(subscription, "cancelled", CLOCK, now)
    return _remind(subscription, now=now)


def _remind(subscription: Subscription, *, now: datetime) -> bool:
    """Say once per period that it ends soon."""
    if subscription.reminded_until == subscription.paid_until:
        return False
    subscription.reminded_until = subscription.paid_until
    subscription.save(update_fields=["reminded_until"])
    kind = "renews" if subscription.auto_renew else "ends"
    _tell(subscription, f"orders.subscription.{kind}", subscription.latest, now)
    return True


def _tell(subscription: Subscription, kind: str, order: Order, now: datetime) -> None:
    tell_organisation(
        organisation_id=order.buyer_id,
        roles=BUYERS,
        kind=kind,
        facts={"product": Title.of(order), "total": order.total, "until": subscription.paid_until},
        url=order_path(order),
        dedupe=f"{kind}:{subscription.public_id}:{subscription.periods_paid}",
        now=now,
    )


def _record(subscription: Subscription, event: str, actor: str, now: datetime) -> None:
    transparency.record(
        event=f"orders.subscription.{event}",
        actor=actor,
        subject=f"subscription:{subscription.public_id}",
        facts={
            "order": subscription.latest.public_id,
            "paid_until": subscription.paid_until.isoformat(),
        },
        at=now,
    )
