"""Payment to delivery: the money is held, the buyer's access opens, or what stands in its way is said."""

from datetime import datetime

from django.db import transaction

from exchange.catalog.states import OfferKind
from exchange.core.refusals import Refusal
from exchange.core.use_case import use_case
from exchange.flows import deliver_order, usage_plans
from exchange.journeys import acceptance
from exchange.members.actors import Actor
from exchange.members.permissions import Permission
from exchange.orders import licence_windows, performance, subscriptions
from exchange.orders.lifecycle import ORDER, OrderState, OrderTransition
from exchange.orders.models import Order


@use_case(locks=ORDER)
def money_arrived(order: Order, *, now: datetime) -> Order:
    """The buyer's money is held for the order: deliver.

    An order that was cancelled meanwhile stays so: the caller sees it in its state and gives the
    money back. An order that was paid before is returned as it is.
    """
    if order.state != OrderState.CONTRACT_SIGNED:
        return order
    return deliver(performance.pay(order, now=now), now=now)


@use_case(locks=ORDER)
def payment_failed(order: Order, *, reason: str, now: datetime) -> Order:
    """A payment came to nothing; nothing happens to an order that has gone on already."""
    if order.state != OrderState.CONTRACT_SIGNED:
        return order
    return performance.payment_failed(order, reason=reason, now=now)


@use_case(Permission.ORDER_MODERATE, locks=ORDER)
def deliver_again(order: Order, *, actor: Actor, now: datetime) -> Order:  # noqa: ARG001 - the permission is asked of the actor
    """As an operator, try once more to deliver what was held up."""
    ORDER.check(order, OrderTransition.DELIVER)
    return _open_access(order, now=now)


def deliver(order: Order, *, now: datetime) -> Order:
    """Deliver a locked order that is paid, or free."""
    return _open_access(performance.prepare(order, now=now), now=now)


def _open_access(order: Order, *, now: datetime) -> Order:
    """Open the buyer's access. What stands in its way holds the delivery up, never the money."""
    try:
        with transaction.atomic():
            _start_period(order, now=now)
            licence_windows.begin(order=order, now=now)
            deliver_order.deliver(order=order, actor=performance.DELIVERY.name, now=now)
            usage_plans.begin(order=order, actor=performance.DELIVERY.name, now=now)
    except Refusal as refusal:
        return performance.delay(order, refusal, now=now)
    performance.deliver(order, now=now)
    if order.is_free:
        return acceptance.auto_accept(order, actor=performance.DELIVERY, now=now)
    return order


def _start_period(order: Order, *, now: datetime) -> None:
    """Begin the subscription that the order buys, or count its renewal as paid."""
    if order.renews is not None:
        subscriptions.carry_on(renewal=order)
    elif order.terms["offer"]["kind"] == OfferKind.SUBSCRIPTION:
        subscriptions.begin(order=order, now=now)
