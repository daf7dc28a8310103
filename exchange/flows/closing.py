"""The end of an order's journey: acceptance, settlement, invoice, certificate, in one transaction."""

from datetime import datetime

from exchange.flows import settle_trade
from exchange.flows.order_recording import record_step
from exchange.orders.actions import certificates
from exchange.orders.actions.steps import take_step
from exchange.orders.models import Order, OrderStep
from exchange.orders.states import Move

EXCHANGE = "system:exchange"


def accept_by_time(*, order: Order, actor: str, now: datetime) -> Order:
    """Accept a locked order because nobody objected in time, or because it costs nothing."""
    step = take_step(order=order, move=Move.LET_PASS, actor=actor, now=now)
    return close_accepted(step)


def close_accepted(accepted: OrderStep) -> Order:
    """Settle, invoice, certify and close the order that this step has accepted."""
    order, now = record_step(accepted), accepted.at
    documents: dict[str, str] = {}
    if not order.is_free:
        settle_trade.settle(order=order, actor=EXCHANGE, now=now)
        record_step(take_step(order=order, move=Move.SETTLE, actor=EXCHANGE, now=now))
        invoice = settle_trade.issue_invoice(order=order, actor=EXCHANGE, now=now)
        documents["invoice"] = invoice.number
        record_step(
            take_step(order=order, move=Move.INVOICE, actor=EXCHANGE, now=now, facts=documents)
        )
    certificate = certificates.issue(order=order, documents=documents, actor=EXCHANGE, now=now)
    facts = {"certificate": certificate.number}
    record_step(take_step(order=order, move=Move.CERTIFY, actor=EXCHANGE, now=now, facts=facts))
    return record_step(take_step(order=order, move=Move.CLOSE, actor=EXCHANGE, now=now))
