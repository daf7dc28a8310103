"""Money that fills a wallet by bank transfer, and the purchases that waited for it."""

from datetime import datetime

from django.db import transaction

from exchange.audit.actions import log
from exchange.flows import order_progress, wallet_payments
from exchange.flows.settlement_books import Chart
from exchange.ledger import books
from exchange.ledger.entries import Move, Posting
from exchange.orders.actions.steps import locked_order
from exchange.orders.states import OrderState
from exchange.payments.actions import incoming
from exchange.payments.models import IncomingTransfer, Payment, Wallet
from exchange.payments.states import PaymentMethod, PaymentState

SCOPE = "payments.wallet"
WAITING_MAX = 100


def wallet_named(transfer: IncomingTransfer) -> Wallet | None:
    """The wallet whose reference stands in the transfer's text, however it is spaced."""
    text = incoming.bare(transfer.text)
    references = incoming.references_in(text)
    found = Wallet.objects.select_related("organisation").filter(
        reference__in=references, currency=transfer.currency
    )
    return found[0] if len(found) == 1 else None


@transaction.atomic
def fill(*, transfer: IncomingTransfer, wallet: Wallet, actor: str, now: datetime) -> None:
    """Move all of a locked transfer into the wallet, then pay what waited for money, oldest first."""
    incoming.fill(transfer=transfer, wallet=wallet)
    chart = Chart(currency=transfer.currency, actor=actor, now=now)
    books.post(
        Posting(
            scope=SCOPE,
            key=f"{transfer.public_id}:filled",
            kind="payments.wallet.filled",
            transfers=[
                Move(
                    debit=chart.incoming(transfer.public_id),
                    credit=chart.wallet(wallet.organisation),
                    amount=transfer.amount,
                )
            ],
            subject=f"wallet:{wallet.public_id}",
        ),
        actor=actor,
        now=now,
    )
    log.record(
        event="payments.wallet.filled",
        actor=actor,
        subject=f"wallet:{wallet.public_id}",
        facts={
            "transfer": transfer.public_id,
            "amount_minor": str(transfer.amount_minor),
            "currency": transfer.currency,
        },
        at=now,
    )
    pay_waiting(wallet=wallet, now=now)


@transaction.atomic
def pay_waiting(*, wallet: Wallet, now: datetime) -> int:
    """Pay the orders that wait for money of the wallet, the oldest first, as far as it reaches; return
    how many."""
    waiting = Payment.objects.filter(
        payer=wallet.organisation,
        currency=wallet.currency,
        method=PaymentMethod.WALLET,
        state=PaymentState.WAITING,
    )
    paid = 0
    for payment in list(waiting.order_by("pk")[:WAITING_MAX]):
        order = locked_order(payment.order_ref)
        if order.state == OrderState.CONTRACT_SIGNED and wallet_payments.take_money(
            payment=payment, order=order, actor=order_progress.SETTLEMENT, now=now
        ):
            order_progress.money_arrived(order_id=order.public_id, now=now)
            paid += 1
    return paid
