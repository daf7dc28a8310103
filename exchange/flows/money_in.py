"""What the provider says of a payment, written into the books. Order and repetition do not matter.

Each step looks at where the payment stands and does what is missing; the books know each step by
its key. Lock the order before, as all journeys do.
"""

from datetime import datetime
from uuid import UUID

from exchange.core.actions import outbox
from exchange.flows import order_progress, payments, refunds
from exchange.flows.settlement_books import Chart
from exchange.ledger import books
from exchange.ledger.entries import (
    Authorise,
    Capture,
    ExternalFact,
    Move,
    Posting,
    Void,
    transfer_id,
)
from exchange.orders.models import Order
from exchange.orders.states import OrderState
from exchange.payments.actions import payments as acts
from exchange.payments.gateway.port import PaymentStatus, ProviderPayment
from exchange.payments.models import Payment
from exchange.payments.states import PaymentState
from pricing.money import Money

SCOPE = "payments.payment"
SETTLEMENT = "system:payments"
TOPIC_CAPTURE = "payments.payment.authorised"


def apply(told: ProviderPayment, payment: Payment, order: Order, *, now: datetime) -> str:
    """Bring a locked payment, and its locked order, up to what the provider says; say what was done."""
    if told.status is PaymentStatus.AUTHORISED:
        return _authorised(told, payment, order, now=now)
    if told.status is PaymentStatus.RECEIVED:
        return _received(told, payment, order, now=now)
    if told.status is PaymentStatus.CANCELLED:
        return _cancelled(payment, order, now=now)
    if told.refusal and acts.note_decline(
        payment=payment, charge_ref=told.charge_ref, refusal=told.refusal
    ):
        payments.record(payment, "declined", actor=SETTLEMENT, now=now, refusal=told.refusal)
        order_progress.payment_failed(order_id=order.public_id, reason=told.refusal, now=now)
        return "declined"
    return ""


def _authorised(told: ProviderPayment, payment: Payment, order: Order, *, now: datetime) -> str:
    """Take the money if the order still wants it; otherwise let it go."""
    if payment.state == PaymentState.CANCELLED:
        outbox.emit(
            topic=payments.TOPIC_CANCEL,
            key=payment.public_id,
            payload={"payment": payment.public_id},
        )
        return "unwanted"
    if payment.state != PaymentState.WAITING:
        return ""
    acts.authorise(payment=payment, charge_ref=told.charge_ref)
    _hold(payment, order, now=now)
    payments.record(payment, "authorised", actor=SETTLEMENT, now=now)
    outbox.emit(topic=TOPIC_CAPTURE, key=payment.public_id, payload={"payment": payment.public_id})
    return "authorised"


def _received(told: ProviderPayment, payment: Payment, order: Order, *, now: datetime) -> str:
    if payment.state == PaymentState.RECEIVED:
        return ""
    if payment.state == PaymentState.CANCELLED:
        return "received although cancelled"
    if payment.state == PaymentState.WAITING:
        _hold(payment, order, now=now)
    acts.receive(payment=payment, charge_ref=told.charge_ref, fee_minor=told.fee_minor, now=now)
    _take(payment, order, now=now)
    payments.record(payment, "received", actor=SETTLEMENT, now=now)
    hand_over(payment, order, now=now)
    return "received"


def hand_over(payment: Payment, order: Order, *, now: datetime) -> None:
    """Tell the order that its money is here; money that it does not want any more goes back."""
    moved = order_progress.money_arrived(order_id=order.public_id, now=now)
    if moved.state in {OrderState.CANCELLED, OrderState.REFUNDED}:
        refunds.promise(
            payment=payment,
            amount=payment.refundable,
            reason="order_cancelled",
            actor=SETTLEMENT,
            now=now,
        )


def _cancelled(payment: Payment, order: Order, *, now: datetime) -> str:
    """The authorisation has run out or was let go: an order that still wants money asks anew."""
    if payment.state not in {PaymentState.WAITING, PaymentState.AUTHORISED}:
        return ""
    was_held = payment.state == PaymentState.AUTHORISED
    acts.cancel(payment=payment, now=now)
    if was_held:
        books.post(
            Posting(
                scope=SCOPE,
                key=f"{payment.public_id}:release",
                kind="payments.payment.released",
                transfers=[Void(pending=_hold_id(payment))],
                subject=f"order:{payment.order_ref}",
            ),
            actor=SETTLEMENT,
            now=now,
        )
    payments.record(payment, "cancelled", actor=SETTLEMENT, now=now)
    if order.state == OrderState.CONTRACT_SIGNED:
        order_progress.payment_failed(
            order_id=order.public_id, reason="authorisation_ended", now=now
        )
        payments.start_payment(order=order, actor=SETTLEMENT, now=now)
    return "cancelled"


def _hold_id(payment: Payment) -> UUID:
    return transfer_id(scope=SCOPE, key=f"{payment.public_id}:authorise")


def _hold(payment: Payment, order: Order, *, now: datetime) -> None:
    chart = Chart(currency=payment.currency, actor=SETTLEMENT, now=now)
    books.post(
        Posting(
            scope=SCOPE,
            key=f"{payment.public_id}:authorise",
            kind="payments.payment.authorised",
            transfers=[
                Authorise(
                    debit=chart.clearing(payment.provider),
                    credit=chart.escrow(payment.order_ref, buyer=order.buyer),
                    amount=payment.amount,
                )
            ],
            subject=f"order:{payment.order_ref}",
        ),
        actor=SETTLEMENT,
        now=now,
    )


def _take(payment: Payment, order: Order, *, now: datetime) -> None:
    chart = Chart(currency=payment.currency, actor=SETTLEMENT, now=now)
    steps: list[Capture | Move] = [Capture(pending=_hold_id(payment), amount=payment.amount)]
    facts = [_fact(payment, "charge")]
    if payment.fee_minor:
        fee = Money(payment.fee_minor, payment.currency)
        steps.append(
            Move(debit=chart.provider_fee(), credit=chart.clearing(payment.provider), amount=fee)
        )
        facts.append(_fact(payment, "fee", step=1))
    books.post(
        Posting(
            scope=SCOPE,
            key=f"{payment.public_id}:capture",
            kind="payments.payment.received",
            transfers=steps,
            subject=f"order:{order.public_id}",
            refs=facts,
        ),
        actor=SETTLEMENT,
        now=now,
    )


def _fact(payment: Payment, kind: str, *, step: int = 0) -> ExternalFact:
    return ExternalFact(
        psp=payment.provider,
        object_type="charge",
        object_id=payment.charge_ref,
        kind=kind,
        step=step,
    )
