"""Acceptance to payout: the money is shared out, the buyer invoiced, the trade certified, in one
transaction."""

from datetime import datetime

from exchange.core.use_case import use_case
from exchange.members.actors import Actor
from exchange.members.permissions import Permission
from exchange.orders import performance
from exchange.orders.lifecycle import ORDER
from exchange.orders.models import Order
from exchange.payments import settlement


@use_case(Permission.ORDER_ACCEPT, locks=ORDER)
def accept(order: Order, *, actor: Actor, now: datetime) -> Order:
    """As the buyer, accept what was delivered: the seller is paid and the trade certified."""
    return close(performance.accept(order, actor=actor, now=now), now=now)


def auto_accept(order: Order, *, actor: Actor, now: datetime) -> Order:
    """Accept a locked order because nobody objected in time, or because it costs nothing."""
    return close(performance.auto_accept(order, actor=actor, now=now), now=now)


def close(order: Order, *, now: datetime) -> Order:
    """Settle, invoice, certify and close an accepted order: money is released to nobody, and from
    nobody, who is suspended; it stays held until that is lifted."""
    documents: dict[str, str] = {}
    if order.total_minor > 0:
        invoice = settlement.settle_with_invoice(order, actor=performance.EXCHANGE, now=now)
        performance.settle(order, now=now)
        documents["invoice"] = invoice.number
        performance.invoice(order, number=invoice.number, now=now)
    return performance.certify_and_close(order, documents=documents, now=now)
