"""The seller gives a buyer money back on a page that shows beforehand what it takes from whom."""

import pytest
from django.test import Client

from exchange.orders.models import Order
from exchange.payments.models import Refund
from tests.factories import accounts
from tests.factories import payments as money
from tests.factories.orders import Market, a_market
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def market() -> Market:
    return a_market()


@pytest.fixture
def seller(market: Market) -> Client:
    return browser(accounts.owner_of(market.seller), market.seller)


@pytest.fixture
def order(market: Market) -> Order:
    order = market.order(market.offer(100))
    money.pay_by_card(market, order)
    return order


def test_what_was_shown_is_what_goes_back(market: Market, seller: Client, order: Order) -> None:
    path = f"/orders/{order.public_id}/refund/"
    assert path in shown(seller, f"/orders/{order.public_id}/")
    asked = {"amount": "50.00", "reason": "Two weeks late."}
    page = seller.post(path, asked)
    said = page.content.decode()
    for words in ("CN¥50.00", "Value-added tax", "CN¥2.83", "CN¥0.94", "CN¥46.23", "CN¥56.00"):
        assert words in said
    assert not Refund.objects.exists()
    seal = page.context["page"].shown.seal
    done = seller.post(path, {**asked, "seen": seal})
    assert done.status_code == 302
    refund = Refund.objects.get()
    assert (refund.amount_minor, refund.tax_minor, refund.fee_minor) == (5000, 283, 94)
    assert refund.shares_minor == [4623]
    again = seller.post(path, {**asked, "seen": seal})
    assert (again.status_code, Refund.objects.count()) == (200, 1)
    buyer = browser(market.agent, market.buyer)
    assert "Two weeks late." in shown(buyer, f"/orders/{order.public_id}/")
    assert buyer.get(path).status_code == 404
    assert seller.post(path, {**asked, "amount": "56.01"}).status_code == 409
