"""Ruling to money: what the exchange decides on an objection is carried out in the books."""

from datetime import datetime

from exchange.core.use_case import use_case
from exchange.delivery import entitlements
from exchange.journeys import acceptance
from exchange.members.actors import Actor
from exchange.orders import rulings
from exchange.orders.lifecycle import OrderState, OrderTransition
from exchange.orders.models import Order
from exchange.payments import order_refunds


@use_case()
def rule_on(
    order_id: str,
    *,
    actor: Actor,
    transition: OrderTransition,
    reason_code: str,
    reason: str,
    now: datetime,
) -> Order:
    """As an operator, release the money to the seller or refund it in full; from the amount of the
    rule on this only proposes it, and a second operator decides."""
    order = rulings.rule_on(
        order_id, transition=transition, reason_code=reason_code, reason=reason, actor=actor,
        now=now,
    )  # fmt: skip
    return _carry_out(order, actor=actor, reason=reason.strip(), now=now)


@use_case()
def approve(ruling_id: str, *, actor: Actor, now: datetime) -> Order:
    """As a second operator, carry out what the first proposed."""
    order = rulings.approve(ruling_id, actor=actor, now=now)
    reason = rulings.reason_of(ruling_id)
    return _carry_out(order, actor=actor, reason=reason, now=now)


def _carry_out(order: Order, *, actor: Actor, reason: str, now: datetime) -> Order:
    """What follows for access and money, where the order has moved."""
    if order.state == OrderState.ACCEPTED:
        return acceptance.close(order, now=now)
    if order.state == OrderState.REFUNDED:
        entitlements.revoke_order(order, actor=actor, reason=reason, now=now)
        order_refunds.refund(order, reason=reason, actor=actor, now=now)
    return order
