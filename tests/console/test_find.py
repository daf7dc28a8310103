"""One search: every number, name, amount and reference leads to its row, in the page and in the box of the menu."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from exchange.console import find
from exchange.orders.models import Order
from exchange.payments.models import Document, Payment
from tests.console.conftest import SignedIn
from tests.factories import payments as money
from tests.factories.orders import Market, a_market
from tests.payments.test_sharing import closed
from tests.web.buyers import browser

pytestmark = pytest.mark.django_db
QUERIES_MAX = 60


@pytest.fixture
def market() -> Market:
    return a_market()


@pytest.fixture
def order(market: Market) -> Order:
    """A paid order among others."""
    offer = market.offer(1234, title="Readings of gas meters", title_zh="燃气表读数")
    order = market.order(offer, po_number="PO-77/26")
    closed(market, order)
    order.refresh_from_db()
    for yuan in (5, 7):
        market.order(market.offer(yuan))
    return order


@pytest.fixture
def desk(market: Market, signed_in: SignedIn, settings: Any) -> Client:
    settings.SECOND_FACTOR_REQUIRED = False
    return signed_in(market.exchange.first)


def found(desk: Client, text: str) -> str:
    answer = desk.get(reverse("console:find"), {"q": text})
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_way_to_name_an_order_leads_to_it(market: Market, order: Order, desk: Client) -> None:
    page = reverse("console:orders_order_change", args=[order.pk])
    payment = Payment.objects.get(order=order)
    invoice = Document.objects.get(order=order, kind="invoice")
    for text in (
        order.public_id, order.public_id[-6:], order.public_id[:-4], "PO-77/26", "77/26",
        "1,308.04", "1308.04", "CNY 1308.04", "gas met", "GAS METERS", "气表", market.buyer.name[2:],
        market.seller.name, market.agent.name, f" {order.public_id} ", invoice.number,
    ):  # fmt: skip
        assert f'href="{page}"' in found(desk, text), text
    paid = reverse("console:payments_payment_change", args=[payment.pk])
    for known in (order.public_id, payment.provider_ref, payment.public_id[-6:], "1308.04"):
        assert f'href="{paid}"' in found(desk, str(known)), known
    assert f'href="{page}"' not in found(desk, "USD 1308.04")


def test_what_is_not_there_is_said_with_what_to_try(desk: Client) -> None:
    for text in ("nothing of this kind", "1e400", "%", "x"):
        assert "Nothing found" in found(desk, text)
    assert "Nothing found" not in found(desk, "")


def test_a_kind_with_many_shows_its_newest_and_says_so(market: Market, desk: Client) -> None:
    orders = [market.order(market.offer(3)) for _number in range(find.SHOWN_MAX + 1)]
    page = found(desk, market.buyer.name)
    links = re.findall(r"/console/orders/order/(\d+)/change/", page)
    assert set(links) == {str(order.pk) for order in orders[1:]}
    assert "These are the newest 8" in page


def test_the_box_of_the_menu_offers_rows_and_all_that_is_found(order: Order, desk: Client) -> None:
    offered = desk.get(reverse("console:search"), {"s": "gas meters"}).content.decode()
    assert reverse("console:orders_order_change", args=[order.pk]) in offered
    assert f"{reverse('console:find')}?q=gas+meters" in offered
    assert (
        reverse("console:orders_order_changelist")
        in desk.get(reverse("console:search"), {"s": "orders"}).content.decode()
    )
    assert desk.get(reverse("console:search")).content == b""


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("objection", "disputes_dispute"),
        ("objection", "metering_usagedispute"),
        ("dispute", "disputes_dispute"),
        ("Listing", "catalog_product"),
        ("bank", "payments_incomingtransfer"),
    ],
)
def test_the_box_of_the_menu_finds_pages_by_the_words_that_people_use(
    market: Market, desk: Client, text: str, page: str
) -> None:
    offered = desk.get(reverse("console:search"), {"s": text}).content.decode()
    assert offered.count(f'href="{reverse(f"console:{page}_changelist")}"') == 1


def test_nobody_else_searches_and_statements_do_not_grow(
    market: Market, order: Order, desk: Client
) -> None:
    stranger = browser(market.agent, market.buyer)
    for name in ("find", "search"):
        assert stranger.get(reverse(f"console:{name}"), {"q": "gas", "s": "gas"}).status_code == 404
    with CaptureQueriesContext(connection) as asked:
        found(desk, "gas")
    assert len(asked) <= QUERIES_MAX
    money.fund_wallet(market.exchange, market.buyer, 10)
    with CaptureQueriesContext(connection) as again:
        found(desk, "gas")
    assert len(again) <= len(asked)
