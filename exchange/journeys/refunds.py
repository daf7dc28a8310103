"""Refund of an order at any time: by the seller, or by two people of the exchange's finance. An order of
which nothing is held any more ends, with the buyer's access."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.core.formatting import money_shown
from exchange.core.lifecycle import Change, Doer, checked_reason
from exchange.core.use_case import use_case
from exchange.delivery import entitlements
from exchange.members import approvals
from exchange.members.actors import Actor, Subject
from exchange.members.approvals import Act, Arguments
from exchange.members.models import ApprovalRequest
from exchange.members.permissions import Permission
from exchange.orders.lifecycle import MONEY_HELD, ORDER, OrderState, OrderTransition
from exchange.orders.models import Order
from exchange.orders.queries import parties_of
from exchange.payments import order_refunds
from exchange.payments.lifecycle import (
    CHARGEBACK,
    REFUND,
    Bearer,
    ChargebackTransition,
    RefundTransition,
)
from exchange.payments.models import Chargeback, Refund
from exchange.payments.order_refunds import Preview
from pricing.money import Money

BY_EXCHANGE = "payments.order.refund"


def declare() -> None:
    """For `AppConfig.ready`."""
    REFUND.on(RefundTransition.PROMISE, end_order)
    CHARGEBACK.on(ChargebackTransition.LOSE, end_order)
    approvals.declare(
        Act(
            BY_EXCHANGE,
            gettext_lazy("Refund an order"),
            ask=Permission.PAYMENTS_HANDLE,
            do=Permission.PAYMENTS_RUN,
            perform=_perform,
            shown=_shown,
            check=_check,
            parties=_parties,
        )
    )


@use_case(locks=ORDER)
def refund(
    order: Order,
    *,
    amount: Money,
    bearer: Bearer,
    reason: str,
    actor: Doer,
    now: datetime,
    seen: str = "",
) -> Refund:
    """Give the buyer `amount` of an order's payment back, borne as `order_refunds.preview` shows it.

    The order goes on with what is left; before the release it ends where nothing is left, and the access
    with it. After the release the access stays. Who may do this is asked by those who call it. Raises
    NotPaid, NothingRefundable, and RefundChanged where it is not what was `seen`.
    """
    return order_refunds.refund(
        order, amount=amount, bearer=bearer, reason=reason, actor=actor, seen=seen, now=now
    )


def end_order(made: Refund | Chargeback, change: Change) -> None:
    """End an order of which all that was held goes back. A reaction to a refund, and to a chargeback that
    is lost; a ruling has ended the order itself."""
    payment = made.payment
    if payment is None:  # a top-up's, which is of no order
        return
    order = payment.order
    if OrderState(order.state) not in MONEY_HELD or not order_refunds.holds_nothing(order):
        return
    reason = made.reason or _("The payer's bank took the payment back.")
    ORDER.transition(
        order, OrderTransition.MONEY_BACK, actor=change.doer, reason=reason, now=change.at
    )
    entitlements.revoke_order(order, actor=change.doer, reason=reason, now=change.at)


def seller_of(order: Order, **_said: object) -> Subject:
    """The order as what its seller may give back."""
    return Subject(organisation_id=order.seller_id, other_side=frozenset({order.buyer_id}))


@use_case(Permission.ORDER_REFUND, locks=ORDER, about=seller_of)
def give_back(
    order: Order, *, amount: Money, reason: str, seen: str, actor: Actor, now: datetime
) -> Refund:
    """As the seller, give the buyer money back; the sale bears it. Raises what `refund` raises."""
    return refund(
        order, amount=amount, bearer=Bearer.SELLER, reason=reason, seen=seen, actor=actor, now=now
    )


def ask(
    order_id: str, *, amount: Money, bearer: Bearer, reason: str, actor: Actor, now: datetime
) -> ApprovalRequest:
    """As the exchange's finance, ask for a refund; a second person approves it as it is shown now."""
    shown = _preview(order_id, amount=amount, bearer=bearer)
    return approvals.ask(
        BY_EXCHANGE,
        subject=order_id,
        arguments={
            "minor": amount.minor,
            "currency": amount.currency,
            "bearer": str(bearer),
            "seen": shown.seal,
            "reason": checked_reason(reason),
        },
        reason=reason,
        actor=actor,
        now=now,
    )


@use_case(Permission.PAYMENTS_RUN, locks=ORDER, about=lambda order, **_said: _both(order))
def _refund_as_exchange(order: Order, *, asked: Arguments, actor: Actor, now: datetime) -> Refund:
    return refund(
        order,
        amount=_amount(asked),
        bearer=Bearer(asked["bearer"]),
        reason=asked["reason"],
        seen=asked["seen"],
        actor=actor,
        now=now,
    )


def _perform(subject: str, asked: Arguments, *, actor: Actor, now: datetime) -> object:
    return _refund_as_exchange(subject, asked=asked, actor=actor, now=now)


def _both(order: Order) -> Subject:
    return Subject(organisation_id=None, other_side=parties_of(order))


def _parties(subject: str, _asked: Arguments) -> Iterable[int]:
    orders = Order.objects.filter(public_id=subject)
    return [party for order in orders for party in parties_of(order)]


def _check(subject: str, asked: Arguments, _now: datetime) -> None:
    _preview(subject, amount=_amount(asked), bearer=Bearer(asked["bearer"]))


def _preview(order_id: str, *, amount: Money, bearer: Bearer) -> Preview:
    return order_refunds.preview(order_refunds.order_named(order_id), amount=amount, bearer=bearer)


def _amount(asked: Arguments) -> Money:
    return Money(asked["minor"], asked["currency"])


def _shown(subject: str, asked: Arguments) -> str:
    """How much, of which order, who bears it; then what each part gives."""
    order = order_refunds.order_named(subject)
    head: list[Any] = [
        money_shown(_amount(asked)),
        order.title,
        order.buyer,
        Bearer(asked["bearer"]).label,
    ]
    lines = [" · ".join(str(part) for part in head), asked["reason"]]
    parts = order_refunds.parts_named(order, asked["seen"])
    return "\n".join([*lines, *(f"{name}: {money_shown(part)}" for name, part in parts)])
