"""The middle of an order's journey: the contract, the money's arrival, the delivery.

Settlement calls `money_arrived` and `payment_failed`. Each function locks the order first and does
nothing when the order has gone on already, so that news told twice happen once.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from exchange.catalog.states import OfferKind
from exchange.core.refusals import Refusal
from exchange.flows import closing, deliver_order, payments, usage_plans, wallet_payments
from exchange.flows.order_recording import record_step
from exchange.members import policy
from exchange.members.actors import Actor
from exchange.members.permissions import Permission
from exchange.orders.actions import subscriptions, windows
from exchange.orders.actions.steps import check_reason, check_source, locked_order, take_step
from exchange.orders.models import Order
from exchange.orders.models.orders import REASON_CHARS_MAX
from exchange.orders.queries.orders import order_seen_by, subject_of
from exchange.orders.states import Move, OrderState, PaymentMethod

SETTLEMENT = "system:payments"
DELIVERY = "system:delivery"


def conclude(
    *, order: Order, actor: str, by_id: int | None, now: datetime, due_at: datetime | None = None
) -> Order:
    """Confirm and sign a locked order; then have it paid or, when it is free, delivered and closed."""
    record_step(
        take_step(order=order, move=Move.CONFIRM, actor=actor, by_id=by_id, now=now, passes=True)
    )
    record_step(
        take_step(
            order=order, move=Move.SIGN, actor=actor, now=now, passes=order.is_free, due_at=due_at,
            facts={"terms": order.terms_hash},
        )
    )  # fmt: skip
    if not order.is_free:
        return _ask_for_money(order, actor=actor, now=now)
    return _deliver(order, now=now)


def _ask_for_money(order: Order, *, actor: str, now: datetime) -> Order:
    """Start the payment; what the buyer's wallet covers is paid at once."""
    payment = payments.start_payment(order=order, actor=actor, now=now)
    if order.payment_method == PaymentMethod.WALLET and wallet_payments.take_money(
        payment=payment, order=order, actor=actor, now=now
    ):
        return money_arrived(order_id=order.public_id, now=now)
    return order


@transaction.atomic
def money_arrived(*, order_id: str, now: datetime) -> Order:
    """The buyer's money is held for the order: deliver.

    An order that was cancelled meanwhile stays so: the caller sees it in its state and gives the
    money back. An order that was paid before is returned as it is.
    """
    order = locked_order(order_id)
    if order.state != OrderState.CONTRACT_SIGNED:
        return order
    record_step(take_step(order=order, move=Move.PAY, actor=SETTLEMENT, now=now))
    return _deliver(order, now=now)


@transaction.atomic
def payment_failed(*, order_id: str, reason: str, now: datetime) -> Order:
    """A payment came to nothing; the buyer may try again, with the full time to do so."""
    order = locked_order(order_id)
    if order.state != OrderState.CONTRACT_SIGNED:
        return order
    return record_step(
        take_step(
            order=order,
            move=Move.PAYMENT_FAILED,
            actor=SETTLEMENT,
            now=now,
            reason=reason[:REASON_CHARS_MAX] or _("The payment was declined."),
            due_at=order.period_from,  # a renewal is paid before its period begins
        )
    )


@transaction.atomic
def deliver_again(*, actor: Actor, order_id: str, now: datetime) -> Order:
    """As an operator, try once more to deliver what was held up."""
    policy.require(actor, Permission.ORDER_MODERATE, subject_of(order_seen_by(actor, order_id)))
    order = locked_order(order_id)
    check_source(order, Move.DELIVER)
    return _open_access(order, now=now)


def _deliver(order: Order, *, now: datetime) -> Order:
    record_step(take_step(order=order, move=Move.PREPARE, actor=DELIVERY, now=now))
    return _open_access(order, now=now)


def _open_access(order: Order, *, now: datetime) -> Order:
    """Open the buyer's access. What stands in its way holds the delivery up, never the money."""
    try:
        with transaction.atomic():
            _start_period(order, now=now)
            windows.begin_window(order=order, now=now)
            deliver_order.deliver(order=order, actor=DELIVERY, now=now)
            usage_plans.begin(order=order, actor=DELIVERY, now=now)
    except Refusal as refusal:
        reason = check_reason(str(refusal.message)[:REASON_CHARS_MAX])
        return record_step(
            take_step(
                order=order, move=Move.DELAY, actor=DELIVERY, now=now, reason=reason,
                reason_code=refusal.code,
            )
        )  # fmt: skip
    record_step(
        take_step(order=order, move=Move.DELIVER, actor=DELIVERY, now=now, passes=order.is_free)
    )
    if order.is_free:
        return closing.accept_by_time(order=order, actor=DELIVERY, now=now)
    return order


def _start_period(order: Order, *, now: datetime) -> None:
    """Begin the subscription that the order buys, or count its renewal as paid."""
    if order.renews is not None:
        subscriptions.carry_on(renewal=order)
    elif order.terms["offer"]["kind"] == OfferKind.SUBSCRIPTION:
        wish = order.steps.order_by("number")[0].facts
        subscriptions.begin(order=order, auto_renew=bool(wish.get("auto_renew")), now=now)
        order.save(update_fields=["period_from", "period_until"])
