"""Orders paid from wallets: at once where there is enough, otherwise as soon as money has come."""

from datetime import datetime

from django.db import transaction

from exchange.flows import deposits, payments
from exchange.flows.settlement_books import Chart
from exchange.flows.wallets import SCOPE, locked_available
from exchange.ledger import books
from exchange.ledger.entries import Entry, Move, Posting, Void
from exchange.orders.models import Order
from exchange.payments.actions import payments as acts
from exchange.payments.models import Payment
from exchange.payments.states import PaymentState


@transaction.atomic
def take_money(*, payment: Payment, order: Order, actor: str, now: datetime) -> bool:
    """Move the price of a locked order from the buyer's wallet to where it is held; False, and nothing
    moved, while the wallet has too little. A deposit bound to the order turns into the price.
    """
    payment = acts.locked(payment.public_id)
    if payment.state != PaymentState.WAITING:
        return False
    bound = deposits.bound_to(order)
    cover = locked_available(order.buyer, payment.currency)
    for deposit in bound:
        cover += deposit.amount
    if cover.minor < payment.amount_minor:
        return False
    chart = Chart(currency=payment.currency, actor=actor, now=now)
    steps: list[Entry] = [Void(pending=deposit.hold) for deposit in bound]
    price = Move(
        debit=chart.wallet(order.buyer),
        credit=chart.escrow(order.public_id, buyer=order.buyer),
        amount=payment.amount,
    )
    books.post(
        Posting(
            scope=SCOPE,
            key=f"{payment.public_id}:paid",
            kind="payments.payment.received",
            transfers=[*steps, price],
            subject=f"order:{order.public_id}",
        ),
        actor=actor,
        now=now,
    )
    deposits.turn_into_price(bound, actor=actor, now=now)
    acts.receive(payment=payment, now=now)
    payments.record(payment, "received", actor=actor, now=now)
    return True
