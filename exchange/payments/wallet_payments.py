"""Orders paid from wallets: at once where there is enough, otherwise as soon as money has come in."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from exchange.audit import log
from exchange.core.lifecycle import Doer
from exchange.core.use_case import use_case
from exchange.ledger import holds
from exchange.ledger.entries import EntryRequest, Posting
from exchange.orders import subscriptions
from exchange.orders.lifecycle import OrderState, PaymentMethod
from exchange.orders.models import Order
from exchange.payments import collection, deposits
from exchange.payments.chart import Chart
from exchange.payments.lifecycle import INCOMING, IncomingTransition, PaymentState
from exchange.payments.models import IncomingTransfer, Payment, Wallet
from exchange.payments.wallets import SCOPE, available_in

WAITING_MAX = 100


@use_case()
def pay(payment: Payment, *, actor: Doer, now: datetime) -> bool:
    """EntryRequest the price of a payment from the buyer's wallet to where it is held for the order; False,
    and nothing moved, while the wallet has too little. A deposit bound to the order turns into the
    price.
    """
    payment = collection.lock_with_order(payment)
    order = payment.order
    if payment.state != PaymentState.WAITING or order.state != OrderState.CONTRACT_SIGNED:
        return False
    bound = deposits.bound_to(order)
    cover = available_in(order.buyer, payment.currency, lock=True)
    for deposit in bound:
        cover += deposit.amount
    if cover.minor < payment.amount_minor:
        return False
    accounts = Chart(currency=payment.currency, actor=actor, now=now)
    price = EntryRequest(
        debit=accounts.wallet(order.buyer), credit=accounts.escrow(order), amount=payment.amount
    )
    holds.void(
        Posting(
            scope=SCOPE,
            key=f"{payment.public_id}:paid",
            kind="payments.payment.received",
            subject=f"order:{order.public_id}",
            transfers=[price],
        ),
        holds=[deposit.hold for deposit in bound],
        actor=actor.name,
        now=now,
    )
    deposits.apply(bound, actor=actor, now=now)
    collection.receive(payment, actor=actor, now=now)
    return True


def wallet_named(transfer: IncomingTransfer, references: Sequence[str]) -> Wallet | None:
    """The wallet whose reference stands in the transfer's text."""
    wallets = Wallet.objects.select_related("organisation").filter(
        reference__in=references, currency=transfer.currency
    )
    return wallets[0] if len(wallets) == 1 else None


def lock_waiting(wallet: Wallet) -> list[Payment]:
    """The payments that wait for money of the wallet, the oldest first, locked after all of their orders:
    before any account is, as everybody locks them."""
    waiting = list(waiting_for(wallet).order_by("order_id")[:WAITING_MAX])
    orders = Order.objects.select_for_update(no_key=True).order_by("pk")
    subscriptions.lock_renewed(*orders.filter(pk__in=[payment.order_id for payment in waiting]))
    return [collection.lock_with_order(payment) for payment in waiting]


@use_case()
def fill(
    transfer: IncomingTransfer, *, wallet: Wallet, waiting: list[Payment], actor: Doer,
    now: datetime,
) -> None:  # fmt: skip
    """EntryRequest all of a locked transfer into the wallet, then pay what waited for money, oldest first.
    `waiting` was locked before."""
    transfer.wallet = wallet
    INCOMING.transition(transfer, IncomingTransition.FILL, actor=actor, now=now, save=("wallet",))
    accounts = Chart(currency=transfer.currency, actor=actor, now=now)
    accounts.post(
        Posting(
            scope=SCOPE,
            key=f"{transfer.public_id}:filled",
            kind="payments.wallet.filled",
            transfers=[
                EntryRequest(
                    debit=accounts.incoming(transfer.public_id),
                    credit=accounts.wallet(wallet.organisation),
                    amount=transfer.amount,
                )
            ],
            subject=f"wallet:{wallet.public_id}",
        )
    )
    log.record(
        event="payments.wallet.filled",
        actor=actor.name,
        subject=f"wallet:{wallet.public_id}",
        facts={
            "transfer": transfer.public_id,
            "amount_minor": str(transfer.amount_minor),
            "currency": transfer.currency,
        },
        at=now,
    )
    pay_waiting(wallet, waiting, now=now)


@use_case()
def pay_waiting(wallet: Wallet, waiting: list[Payment], *, now: datetime) -> int:
    """Pay the orders that wait for money of the wallet, the oldest first, as far as it reaches; return
    how many.

    One that came since `waiting` was locked is paid too, unless somebody holds its order: who does ends
    it, or pays it as soon as the wallet is free.
    """
    since = waiting_for(wallet).exclude(pk__in=[payment.pk for payment in waiting])
    free = Order.objects.select_for_update(no_key=True, skip_locked=True).order_by("pk")
    orders = free.filter(pk__in=since.values("order_id")).values_list("pk", "renews")
    renews = dict(orders)
    held = {None, *subscriptions.lock_free([one for one in renews.values() if one is not None])}
    keys = [key for key, latest in renews.items() if latest in held]
    late = since.filter(order_id__in=keys).order_by("order_id")[:WAITING_MAX]
    return sum(pay(payment, actor=collection.PROVIDER, now=now) for payment in [*waiting, *late])


def waiting_for(wallet: Wallet) -> QuerySet[Payment]:
    """The payments that wait for money of the wallet."""
    return Payment.objects.filter(
        payer=wallet.organisation,
        currency=wallet.currency,
        method=PaymentMethod.WALLET,
        state=PaymentState.WAITING,
    )
