"""From payment to the certificate: what happens to an order while it is performed.

Each function is one transition (or two that follow each other) of a locked order; the journeys call
them in turn with what payments and delivery do between.
"""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from exchange.core.calendar import deadline
from exchange.core.lifecycle import REASON_CHARS_MAX
from exchange.core.refusals import Refusal
from exchange.core.use_case import use_case
from exchange.members.actors import Actor, system_actor
from exchange.members.permissions import Permission
from exchange.orders import certificates
from exchange.orders.lifecycle import INSPECTION, ORDER, OrderTransition
from exchange.orders.models import Order

SETTLEMENT = system_actor("settlement")
DELIVERY = system_actor("delivery")
EXCHANGE = system_actor("exchange")


def pay(order: Order, *, now: datetime) -> Order:
    """The buyer's money is held for the order."""
    return ORDER.transition(order, OrderTransition.PAY, actor=SETTLEMENT, now=now)


def payment_failed(order: Order, *, reason: str, now: datetime) -> Order:
    """A payment came to nothing; the buyer may try again, with the full time to do so. A renewal is
    paid before its period begins."""
    return ORDER.transition(
        order,
        OrderTransition.PAYMENT_FAILED,
        actor=SETTLEMENT,
        reason=reason[:REASON_CHARS_MAX] or _("The payment was declined."),
        due_at=order.period_from,
        now=now,
    )


def prepare(order: Order, *, now: datetime) -> Order:
    """Begin the delivery."""
    return ORDER.transition(order, OrderTransition.PREPARE, actor=DELIVERY, now=now)


def delay(order: Order, refusal: Refusal, *, now: datetime) -> Order:
    """Say what holds the delivery up; the exchange has to see to it."""
    return ORDER.transition(
        order,
        OrderTransition.DELAY,
        actor=DELIVERY,
        reason=str(refusal.message)[:REASON_CHARS_MAX],
        reason_code=refusal.code,
        now=now,
    )


def deliver(order: Order, *, now: datetime) -> Order:
    """The buyer can get at what was bought; the time to look at it begins. What costs nothing is
    accepted at once."""
    due_at = None if order.is_free else deadline(INSPECTION, now=now)
    order.inspection_ends_at = due_at or now
    return ORDER.transition(
        order, OrderTransition.DELIVER, actor=DELIVERY, due_at=due_at,
        skip_deadline=order.is_free, save=("inspection_ends_at",), now=now,
    )  # fmt: skip


@use_case(Permission.ORDER_ACCEPT, locks=ORDER)
def accept(order: Order, *, actor: Actor, now: datetime) -> Order:
    """As the buyer, accept what was delivered."""
    return ORDER.transition(order, OrderTransition.ACCEPT, actor=actor, now=now)


def auto_accept(order: Order, *, actor: Actor, now: datetime) -> Order:
    """Accept a locked order because nobody objected in time, or because it costs nothing."""
    return ORDER.transition(order, OrderTransition.AUTO_ACCEPT, actor=actor, now=now)


@use_case(Permission.ORDER_ACCEPT, locks=ORDER)
def object_to(order: Order, *, actor: Actor, reason: str, now: datetime) -> Order:
    """As the buyer, object within the inspection period: the money stays held until the exchange
    rules."""
    return ORDER.transition(order, OrderTransition.OBJECT, actor=actor, reason=reason, now=now)


def settle(order: Order, *, now: datetime) -> Order:
    """The money is shared out."""
    return ORDER.transition(order, OrderTransition.SETTLE, actor=EXCHANGE, now=now)


def invoice(order: Order, *, number: str, now: datetime) -> Order:
    """The buyer has its invoice."""
    return ORDER.transition(
        order, OrderTransition.INVOICE, actor=EXCHANGE, facts={"invoice": number}, now=now
    )


def certify_and_close(order: Order, *, documents: Mapping[str, str], now: datetime) -> Order:
    """Issue the trading certificate and close the order. The series is locked until the commit: call
    this last."""
    certificate = certificates.issue(order=order, documents=documents, actor=EXCHANGE.name, now=now)
    ORDER.transition(
        order, OrderTransition.CERTIFY, actor=EXCHANGE, facts={"certificate": certificate.number},
        now=now,
    )  # fmt: skip
    return ORDER.transition(order, OrderTransition.CLOSE, actor=EXCHANGE, now=now)
