"""The wallet's page: what is in it, what waits for money, how money goes back."""

import pytest
from django.test import Client
from pytest_django import Settings

from exchange.core.lifecycle import Named
from exchange.orders.lifecycle import PaymentMethod
from exchange.payments import chart, deposits, withdrawals
from exchange.payments.lifecycle import WithdrawalState
from exchange.payments.models import CardTopUp, Withdrawal
from pricing.money import Money
from tests.factories import accounts
from tests.factories.orders import DAY, Market, a_market
from tests.factories.payments import at_bank, books_are_sound, fund_wallet, on, settle_down
from tests.web.buyers import browser, filled, shown

pytestmark = pytest.mark.django_db

QUERIES_MAX = 40


@pytest.fixture
def market() -> Market:
    return a_market()


@pytest.fixture
def buyer(market: Market) -> Client:
    return browser(market.agent, market.buyer)


def test_a_new_wallet_says_how_to_fill_it(buyer: Client) -> None:
    page = shown(buyer, "/wallet/")
    assert "Top up" in page
    assert "CN¥0.00" in page


def test_it_shows_what_may_be_spent_and_what_is_set_aside(market: Market, buyer: Client) -> None:
    fund_wallet(market.exchange, market.buyer, 100)
    deposits.place(purpose="auction:auc_1", organisation=market.buyer, amount=Money(3000, "CNY"), by_id=None, actor=Named("test:1"), now=DAY)  # fmt: skip
    page = shown(buyer, "/wallet/")
    assert page.index("CN¥70.00") < page.index("CN¥30.00") < page.index("CN¥100.00")
    assert "/auctions/auc_1/" in page


def test_an_order_that_waits_for_money_says_how_much_is_missing(
    market: Market, buyer: Client
) -> None:
    fund_wallet(market.exchange, market.buyer, 50)
    order = market.order(market.offer(100), method=PaymentMethod.WALLET)
    page = shown(buyer, "/wallet/")
    assert "Transfer CN¥56.00 to pay everything that waits." in page
    assert f"/orders/{order.public_id}/" in page


def test_money_goes_back_through_an_operator(market: Market, buyer: Client) -> None:
    fund_wallet(market.exchange, market.buyer, 100)
    form = filled(buyer, "/wallet/withdraw/", amount="40")
    assert buyer.post("/wallet/withdraw/", form).status_code == 302
    assert buyer.post("/wallet/withdraw/", form).status_code == 302
    row = Withdrawal.objects.get()
    assert row.amount == Money(4000, "CNY")
    withdrawals.send(row.public_id, actor=market.exchange.cashier, bank_ref="OUT-1", now=DAY)
    assert (on(chart.wallet(market.buyer.public_id, "CNY")), at_bank()) == (6_000, 6_000)
    row.refresh_from_db()
    assert row.state == WithdrawalState.SENT
    assert books_are_sound()


def test_a_declined_withdrawal_leaves_the_money_and_says_why(market: Market, buyer: Client) -> None:
    fund_wallet(market.exchange, market.buyer, 100)
    buyer.post("/wallet/withdraw/", filled(buyer, "/wallet/withdraw/", amount="40"))
    row = Withdrawal.objects.get()
    withdrawals.decline(row.public_id, actor=market.exchange.cashier, reason="Unknown account.", now=DAY)  # fmt: skip
    page = shown(buyer, "/wallet/")
    assert "Unknown account." in page
    assert page.index("CN¥100.00") > 0
    assert books_are_sound()


@pytest.mark.parametrize("amount", ["0", "-5", "abc", "100.01", "1e9"])
def test_an_amount_that_cannot_go_back_is_refused_and_keeps_nothing(
    market: Market, buyer: Client, amount: str
) -> None:
    fund_wallet(market.exchange, market.buyer, 100)
    answer = buyer.post("/wallet/withdraw/", filled(buyer, "/wallet/withdraw/", amount=amount))
    assert answer.status_code == 422
    assert not Withdrawal.objects.exists()


def test_the_seller_has_a_wallet_of_its_own(market: Market) -> None:
    fund_wallet(market.exchange, market.buyer, 100)
    page = shown(browser(accounts.owner_of(market.seller), market.seller), "/wallet/")
    assert "CN¥100.00" not in page


def topped_up(buyer: Client, amount: str = "120", card: str = "good") -> CardTopUp:
    """From the form over the provider's page and back to the wallet."""
    asked = buyer.post("/wallet/top-up/", filled(buyer, "/wallet/top-up/", amount=amount))
    top_up = CardTopUp.objects.latest("pk")
    assert asked["Location"] == f"/payments/{top_up.public_id}/test-card/"
    back = buyer.post(asked["Location"], {"card": card})
    assert back["Location"] == f"/wallet/top-ups/{top_up.public_id}/back/"
    assert buyer.get(back["Location"])["Location"] == "/wallet/?currency=CNY"
    top_up.refresh_from_db()
    return top_up


def test_a_card_tops_the_wallet_up_and_takes_back_what_is_not_needed(buyer: Client) -> None:
    assert "/wallet/top-up/?currency=CNY" in shown(buyer, "/wallet/")
    top_up = topped_up(buyer)
    page = shown(buyer, "/wallet/")
    assert "The money is in the wallet." in page
    assert page.index("CN¥120.00") > 0
    address = f"/wallet/top-ups/{top_up.public_id}/send-back/"
    assert "CN¥120.00 of this top-up can be sent back." in shown(buyer, address)
    too_much = buyer.post(address, filled(buyer, address, amount="120.01"))
    assert (too_much.status_code, Withdrawal.objects.count()) == (422, 0)
    assert buyer.post(address, filled(buyer, address, amount="20")).status_code == 302
    settle_down()
    page = shown(buyer, "/wallet/")
    assert "CN¥20.00 sent back" in page
    assert page.index("CN¥100.00") > 0
    assert books_are_sound()


def test_a_declined_card_says_why_on_the_wallet_and_can_be_given_again(buyer: Client) -> None:
    top_up = topped_up(buyer, card="no_funds")
    page = shown(buyer, "/wallet/")
    assert "The card was declined. Nothing was charged." in page
    again = buyer.post(f"/wallet/top-ups/{top_up.public_id}/card/")
    assert again["Location"] == f"/payments/{top_up.public_id}/test-card/"


def test_an_amount_that_is_none_opens_no_page(buyer: Client) -> None:
    for amount in ("0", "-1", "abc", ""):
        form = filled(buyer, "/wallet/top-up/", amount=amount)
        assert buyer.post("/wallet/top-up/", form).status_code == 422
    assert not CardTopUp.objects.exists()


def test_without_a_provider_no_card_is_asked_for(buyer: Client, settings: Settings) -> None:
    settings.PAYMENT_PROVIDER = "none"
    assert "/wallet/top-up/" not in shown(buyer, "/wallet/")
    form = {"amount": "5", "token": "t"}
    assert buyer.post("/wallet/top-up/", form).status_code == 503
