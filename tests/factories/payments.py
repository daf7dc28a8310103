"""Money for tests: cards that are given, messages that arrive, work that is done."""

from datetime import datetime, timedelta
from itertools import count

from django.conf import settings

from accounts.models import Organisation
from exchange.core.lifecycle import Named
from exchange.core.models import OutboxJob
from exchange.disputes import appeals
from exchange.disputes.lifecycle import DisputeTurn
from exchange.disputes.queries import running_dispute
from exchange.jobs import runner
from exchange.journeys import disputes
from exchange.ledger import checks
from exchange.ledger.models import Account
from exchange.members.actors import Actor
from exchange.orders.lifecycle import OrderTransition
from exchange.orders.models import Order
from exchange.payments import (
    bank,
    card_pages,
    chart,
    payment_webhooks,
    payout_accounts,
    saved_cards,
    wallets,
)
from exchange.payments.bank import BankLine
from exchange.payments.gateway.sandbox import cards, messages
from exchange.payments.gateway.sandbox.messages import Message
from exchange.payments.models import Payment, PayoutAccount, SavedCard, Wallet
from pricing.money import Money
from tests.factories import accounts
from tests.factories.members import Exchange, acting
from tests.factories.orders import DAY, Market

SECRET = settings.PAYMENT_WEBHOOK_SECRET
NUMBER = "6222021234567890"
_wallet_lines = count(1)


def payment_of(order: Order) -> Payment:
    return Payment.objects.get(order=order)


def open_page(market: Market, order: Order, *, at: datetime = DAY) -> Payment:
    """The payer opens the card page, by which the provider learns of the payment."""
    card_pages.open_card_page(actor=market.buying, payment_id=payment_of(order).public_id, now=at)
    return payment_of(order)


def give_card(market: Market, order: Order, *, card: str = "good", at: datetime = DAY) -> Payment:
    """The payer gives a card on the provider's page; nobody has told us yet."""
    payment = open_page(market, order, at=at)
    cards.pay(payment.provider_ref or "", card_code=card)
    return payment


def save_card(market: Market, code: str = "good", *, at: datetime = DAY) -> SavedCard:
    """The buyer saves a card on the provider's page."""
    card = saved_cards.ask(actor=market.buying, now=at)
    saved_cards.open_page(actor=market.buying, card_id=card.public_id, now=at)
    card.refresh_from_db()
    ref = card.provider_ref or ""
    if cards.pay(ref, card_code=code)["status"] == "requires_action":
        cards.confirm(ref, agreed=True)
    saved_cards.refresh(actor=market.buying, card_id=card.public_id, now=at)
    card.refresh_from_db()
    return card


def hear(message: Message, *, at: datetime = DAY) -> bool:
    """The exchange's door for messages, without the network."""
    payment_webhooks.receive(body=message.body.encode(), signature=message.signature, now=at)
    return True


def deliver_messages() -> int:
    """Everything that the provider has to say arrives."""
    return messages.deliver_due(hear, secret=SECRET, limit=500)


def work() -> None:
    """All promised work of settlement is done, as often as it makes new work."""
    while OutboxJob.objects.filter(state="ready", topic__startswith="payments.").exists():
        before = OutboxJob.objects.filter(topic__startswith="payments.", state="done").count()
        runner.drain(worker="test", limit=500, without=["catalog.product.indexed"])
        after = OutboxJob.objects.filter(topic__startswith="payments.", state="done").count()
        if before == after:
            return


def settle_down() -> None:
    """Messages and work, until there are none."""
    for _round in range(10):
        heard = deliver_messages()
        work()
        if not heard:
            return


def pay_by_card(market: Market, order: Order, *, at: datetime = DAY) -> Payment:
    """From the card to the delivery."""
    give_card(market, order, at=at)
    settle_down()
    order.refresh_from_db()
    return payment_of(order)


def finance_of(market: Market) -> Actor:
    """Who looks after the seller's money."""
    return acting(accounts.owner_of(market.seller), market.seller)


def an_account(market: Market, *, number: str = NUMBER, at: datetime = DAY) -> PayoutAccount:
    return payout_accounts.give_account(
        actor=finance_of(market), currency="CNY", holder="Pipeline Data", number=number, now=at
    )


def on(code: str) -> int:
    """The balance of an account, 0 when there is none."""
    account = Account.objects.filter(code=code).first()
    return account.balance.minor if account else 0


def pending(market: Market) -> int:
    return on(chart.pending(market.seller.public_id, "CNY"))


def available(market: Market) -> int:
    return on(chart.available(market.seller.public_id, "CNY"))


def held(order: Order) -> int:
    return on(chart.escrow(order.public_id))


def at_provider() -> int:
    return on(chart.clearing("test", "CNY"))


def at_bank() -> int:
    return on(chart.clearing("bank", "CNY"))


def books_are_sound() -> bool:
    return checks.run().sound


def days(count: int) -> timedelta:
    return timedelta(days=count)


def ruled(
    exchange: Exchange,
    order: Order,
    move: OrderTransition,
    *,
    now: datetime,
    reason: str = "Half of the rows are missing.",
    refund: Money | None = None,
) -> Order:
    """One operator rules on the order, another approves, and the sides that it goes against accept."""
    is_release = move == OrderTransition.RELEASE and refund is None
    disputes.rule_on(
        order.public_id, actor=exchange.proposer, transition=move,
        reason_code="as_described" if is_release else "not_as_described",
        reason=reason, refund=refund, now=now,
    )  # fmt: skip
    waiting = order.rulings.get(decision="open").public_id
    disputes.approve(waiting, actor=exchange.approver, now=now)
    accept_ruling(order, now=now)
    order.refresh_from_db()
    return order


def accept_ruling(order: Order, *, now: datetime) -> None:
    """The sides that the ruling on a disputed order goes against accept it: it is carried out."""
    dispute = running_dispute(order)
    if dispute is None:
        return
    for side in appeals.losing_sides(dispute):
        house = dispute.claimant if side == DisputeTurn.CLAIMANT else dispute.respondent
        disputes.accept_ruling(
            dispute.public_id, actor=acting(accounts.owner_of(house), house, at=now), now=now
        )


def fund_wallet(
    exchange: Exchange, organisation: Organisation, yuan: int, *, at: datetime = DAY
) -> Wallet:
    """A bank transfer into the organisation's wallet, entered by an operator."""
    wallet = wallets.wallet_of(
        organisation=organisation, currency="CNY", actor=Named("test:1"), now=at
    )
    bank.enter(
        BankLine(
            bank_ref=f"W{next(_wallet_lines):08d}",
            received_on=at.date(),
            amount=Money(yuan * 100, "CNY"),
            payer_name=organisation.name,
            text=f"for {wallet.reference.replace('-', ' ')}",
        ),
        actor=exchange.cashier,
        now=at,
    )
    return wallet
