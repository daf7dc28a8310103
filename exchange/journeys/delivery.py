"""Payment to delivery: the money is held, the buyer's access opens, or what stands in its way is said."""

from datetime import datetime

from django.db import transaction

from exchange.catalog.lifecycle import OfferKind
from exchange.core.lifecycle import Change
from exchange.core.refusals import Refusal
from exchange.core.use_case import use_case
from exchange.delivery import entitlements
from exchange.journeys import acceptance
from exchange.members.actors import Actor
from exchange.members.permissions import Permission
from exchange.metering import subscriptions as metered
from exchange.orders import licence_windows, performance, subscriptions
from exchange.orders.lifecycle import ORDER, UNLICENSED, OrderState, OrderTransition
from exchange.orders.models import Order
from exchange.payments import refunds
from exchange.payments.lifecycle import PAYMENT, PaymentTransition
from exchange.payments.models import Payment


def declare() -> None:
    """Have what was paid delivered. For `AppConfig.ready`."""
    PAYMENT.on(PaymentTransition.RECEIVE, money_received)


def money_received(payment: Payment, change: Change) -> None:
    """The buyer's money is held for the order: deliver. A reaction to a payment, whichever way its
    money came. An order that ended meanwhile stays so, and its money goes back.
    """
    order, now = payment.order, change.at
    if order.state == OrderState.CONTRACT_SIGNED:
        deliver(performance.pay(order, now=now), now=now)
    elif order.state in UNLICENSED:
        refunds.promise(
            payment, amount=payment.refundable, reason="order_cancelled", actor=change.doer, now=now
        )


@use_case(Permission.ORDER_MODERATE, locks=ORDER)
def deliver_again(order: Order, *, actor: Actor, now: datetime) -> Order:  # noqa: ARG001 - the permission is asked of the actor
    """As an operator, try once more to deliver what was held up."""
    ORDER.check(order, OrderTransition.DELIVER)
    return open_access(order, now=now)


def deliver(order: Order, *, now: datetime) -> Order:
    """Deliver a locked order that is paid, or free."""
    return open_access(performance.prepare(order, now=now), now=now)


def open_access(order: Order, *, now: datetime) -> Order:
    """Open the buyer's access, anew where it was opened before. What stands in its way holds the delivery
    up, never the money."""
    known = entitlements.entitlement_of_order(order)
    try:
        with transaction.atomic():
            if known is None:
                _open_first(order, now=now)
            else:
                entitlements.deliver_anew(known, actor=performance.DELIVERY, now=now)
    except Refusal as refusal:
        return performance.delay(order, refusal, now=now)
    performance.deliver(order, now=now)
    if order.total_minor == 0:
        return acceptance.auto_accept(order, actor=performance.DELIVERY, now=now)
    return order


def deliver_anew(order: Order, *, now: datetime) -> Order:
    """Deliver a locked order once more, which is disputed and whose money is held: the time to look at it
    begins again."""
    return open_access(performance.deliver_anew(order, now=now), now=now)


def _open_first(order: Order, *, now: datetime) -> None:
    _start_period(order, now=now)
    licence_windows.begin(order=order, now=now)
    entitlements.grant(order, actor=performance.DELIVERY, now=now)
    metered.begin(order, actor=performance.DELIVERY, now=now)


def _start_period(order: Order, *, now: datetime) -> None:
    """Begin the subscription that the order buys, or count its renewal as paid."""
    if order.renews is not None:
        subscriptions.carry_on(renewal=order)
    elif order.terms["offer"]["kind"] == OfferKind.SUBSCRIPTION:
        subscriptions.begin(order=order, now=now)
