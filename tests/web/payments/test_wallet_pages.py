"""The wallet's page: what is in it, what waits for money, how money goes back."""

import pytest
from django.test import Client

from exchange.core.lifecycle import Named
from exchange.orders.lifecycle import PaymentMethod
from exchange.payments import chart, deposits, withdrawals
from exchange.payments.lifecycle import WithdrawalState
from exchange.payments.models import Withdrawal
from pricing.money import Money
from tests.factories import accounts
from tests.factories.orders import DAY, Market, a_market
from tests.factories.payments import at_bank, books_are_sound, fund_wallet, on
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
