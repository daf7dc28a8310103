"""Each currency that is offered goes the whole way; what is not offered is refused where it would be priced."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.urls import reverse
from pytest_django import Settings

from exchange.catalog import offers
from exchange.catalog.lifecycle import OfferKind
from exchange.catalog.models import Offer
from exchange.catalog.offers import OfferRequest
from exchange.core import currencies
from exchange.core.currencies import CurrencyNotOffered
from exchange.core.lifecycle import Named
from exchange.journeys import acceptance
from exchange.ledger.models import Account
from exchange.members import approvals
from exchange.members.roles import Role
from exchange.negotiation import rounds
from exchange.orders.lifecycle import PaymentMethod
from exchange.payments import (
    bank,
    by_hand,
    chart,
    deposits,
    payout_accounts,
    payout_files,
    reconciliation,
    wallets,
)
from exchange.payments.bank import BankLine
from exchange.payments.gateway.sandbox import outgoing
from exchange.payments.models import Payout
from pricing.money import CURRENCIES, Money
from tests.factories import accounts, listings
from tests.factories import payments as money
from tests.factories.members import a_role
from tests.factories.orders import DAY, Market, a_market
from tests.negotiation.test_rounds import terms
from tests.payments.test_payout_files import approver, clerk
from tests.payments.test_payouts import LATER, run
from tests.web.buyers import browser

pytestmark = pytest.mark.django_db
OFFERED = sorted(CURRENCIES)
SOLD_MINOR = 1_234_567  # 12,345.67, 1,234.567 or 1,234,567
TOTAL_MINOR = 1_308_641  # with a tax of 6 %


@pytest.fixture
def market() -> Market:
    return a_market()


def an_offer(market: Market, currency: str) -> Offer:
    product = listings.a_listing(seller=market.seller, price_minor=None)
    price = Money(SOLD_MINOR, currency)
    command = OfferRequest(name="All of it", kind=OfferKind.ONE_OFF, price=price)
    return offers.reserve_offer(
        product_id=product.public_id, command=command, reserved_for_id=market.buyer.pk,
        basis=f"test:{currency}", by_id=None, actor=Named("test:1"), now=DAY,
    )  # fmt: skip


def an_account(market: Market, currency: str) -> None:
    payout_accounts.give_account(
        actor=money.finance_of(market), currency=currency, holder="Pipeline Data",
        number=money.NUMBER, now=DAY,
    )  # fmt: skip


def everything_went_out(market: Market, currency: str) -> bool:
    """Whether neither the order nor the seller has anything left in the books."""
    ref = market.seller.public_id
    codes = [chart.pending(ref, currency), chart.available(ref, currency)]
    rows = Account.objects.filter(code__in=codes) | Account.objects.filter(
        code__startswith="escrow:"
    )
    return rows.exists() and all(row.balance.minor == 0 for row in rows)


@pytest.mark.parametrize("currency", OFFERED)
def test_by_card_from_the_order_to_the_payout(market: Market, currency: str) -> None:
    an_account(market, currency)
    order = market.order(an_offer(market, currency))
    assert order.total == Money(TOTAL_MINOR, currency)
    money.pay_by_card(market, order)
    assert money.held(order) == TOTAL_MINOR
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    payout = run(market)
    money.work()
    outgoing.decide_payouts()
    money.settle_down()
    payout.refresh_from_db()
    assert (payout.state, payout.currency) == ("paid", currency)
    assert payout.amount_minor == SOLD_MINOR - round(Decimal(SOLD_MINOR) * 2 / 100)
    assert everything_went_out(market, currency)
    assert currency in reconciliation.currencies_at_provider()
    assert reconciliation.reconcile(currency=currency, now=LATER).sound
    assert money.books_are_sound()


@pytest.mark.parametrize("currency", OFFERED)
def test_by_the_bank_from_the_order_to_the_line_of_the_statement(
    market: Market, settings: Settings, currency: str
) -> None:
    settings.PAYMENT_PROVIDER = "none"
    an_account(market, currency)
    order = market.order(an_offer(market, currency), method=PaymentMethod.BANK_TRANSFER)
    came = BankLine("B1", DAY.date(), order.total, "City Gas", money.payment_of(order).reference)
    bank.enter(came, actor=market.exchange.cashier, now=DAY)
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    run(market)
    file = payout_files.make(currency=currency, actor=clerk(market), now=LATER)
    asked = by_hand.ask_about(
        by_hand.PAYOUT_FILE_APPROVED, file.public_id, actor=clerk(market), now=LATER
    )
    approvals.approve(asked.public_id, actor=approver(market), now=LATER)
    file.refresh_from_db()
    payout = Payout.objects.get()
    written = payout_files.content(file, form="xml").decode()
    assert f'<InstdAmt Ccy="{currency}">{payout.amount.decimal}</InstdAmt>' in written
    payout_files.note_sent(file.public_id, actor=clerk(market), now=LATER)
    left = replace(
        came, bank_ref="B2", amount=payout.amount, text=payout_files.reference_of(payout), is_out=True
    )  # fmt: skip
    assert payout_files.confirm(left, now=LATER)
    payout.refresh_from_db()
    assert payout.state == "paid"
    assert everything_went_out(market, currency)
    assert money.books_are_sound()


@pytest.mark.parametrize("currency", OFFERED)
def test_a_wallet_is_filled_pays_a_deposit_and_shows_it(market: Market, currency: str) -> None:
    buyer = browser(market.agent, market.buyer)
    address = f"{reverse('web:wallet')}?currency={currency}"
    assert buyer.get(address).status_code == 200
    wallet = wallets.wallet_of(
        organisation=market.buyer, currency=currency, actor=market.buying, now=DAY
    )
    line = BankLine("W1", DAY.date(), Money(9_000, currency), "City Gas", wallet.reference)
    bank.enter(line, actor=market.exchange.cashier, now=DAY)
    deposits.place(
        purpose="auction:auc_1", organisation=market.buyer, amount=Money(5_000, currency),
        by_id=None, actor=market.buying, now=DAY,
    )  # fmt: skip
    assert wallets.available_in(market.buyer, currency) == Money(4_000, currency)
    page = buyer.get(address).content.decode()
    assert wallet.reference in page
    assert f"{Money(4_000, currency).decimal:,}" in page


def test_a_seller_names_an_account_in_each_currency_and_reads_what_it_earned_there(
    market: Market,
) -> None:
    seller = browser(accounts.owner_of(market.seller), market.seller)
    order = market.order(an_offer(market, "KWD"))
    money.pay_by_card(market, order)
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    page = seller.get(reverse("web:earnings")).content.decode()
    assert "1,209.876" in page
    address = f"{reverse('web:payout_account')}?currency=KWD"
    assert '<option value="KWD" selected>' in seller.get(address).content.decode()
    named = {"currency": "KWD", "holder": "Pipeline Data", "number": money.NUMBER}
    assert seller.post(address, named)["Location"] == reverse("web:payouts")
    assert "•••• 7890" in seller.get(reverse("web:payouts")).content.decode()
    assert run(market).amount == Money(1_209_876, "KWD")


def test_what_is_not_offered_cannot_be_priced_anywhere(market: Market, settings: Settings) -> None:
    listed = an_offer(market, "KWD")
    settings.EXCHANGE_CURRENCIES = ["CNY", "EUR"]
    draft = listings.a_draft(seller=market.seller)
    a_role(market.seller, accounts.owner_of(market.seller), Role.DATA_OWNER)
    price = OfferRequest(name="Once", kind=OfferKind.ONE_OFF, price=Money(9_900, "KWD"))
    with pytest.raises(CurrencyNotOffered) as refused:
        offers.add_offer(draft.public_id, price, actor=market.selling, now=DAY)
    assert str(refused.value) == "The exchange does not take KWD. Choose one of CNY, EUR."
    assert refused.value.facts == {"field": "currency", "accepted": ["CNY", "EUR"]}
    by_plan = replace(price, price=Money(0, "CNY"), plan={"currency": "KWD"})
    with pytest.raises(CurrencyNotOffered):
        offers.add_offer(draft.public_id, by_plan, actor=market.selling, now=DAY)
    with pytest.raises(CurrencyNotOffered):
        rounds.ask(
            actor=market.buying, product_id=listed.product.public_id,
            spoken=rounds.Spoken(terms(100, "KWD")), now=DAY,
        )  # fmt: skip
    assert not draft.offers.exists()
    assert currencies.choices() == [("CNY", "CNY"), ("EUR", "EUR")]


def test_what_was_priced_before_is_carried_to_its_end(market: Market, settings: Settings) -> None:
    listed = an_offer(market, "KWD")
    settings.EXCHANGE_CURRENCIES = ["CNY"]
    order = market.order(listed)
    money.pay_by_card(market, order)
    an_account(market, "KWD")
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    assert run(market).currency == "KWD"
