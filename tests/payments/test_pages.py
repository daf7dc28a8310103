"""Pages of money: what the payer, the seller and strangers read."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from exchange.core.lifecycle import Named
from exchange.journeys import acceptance
from exchange.orders.lifecycle import ORDER
from exchange.payments import order_refunds, reactions
from exchange.payments.gateway.sandbox import outgoing
from exchange.payments.models import Document
from pricing.money import Money
from tests.factories import accounts
from tests.factories import payments as money
from tests.factories.orders import DAY, Market, a_market
from tests.web.buyers import browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def market() -> Market:
    return a_market()


def read(client: Client, name: str, *parts: str) -> str:
    answer = client.get(reverse(f"web:{name}", args=parts))
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_seller_reads_each_sale_its_deductions_and_its_payout(market: Market) -> None:
    seller = browser(accounts.owner_of(market.seller), market.seller)
    assert "No earnings yet" in read(seller, "earnings")
    assert "No payouts yet" in read(seller, "payouts")
    money.an_account(market)
    order = market.order(market.offer(2500))
    money.pay_by_card(market, order)
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    page = read(seller, "earnings")
    for amount in ("2,650.00", "150.00", "50.00", "2,450.00"):
        assert amount in page
    assert "6 Mar 2026" in page
    order_refunds.refund(
        ORDER.lock(order.public_id),
        reason="agreed",
        actor=Named("test:1"),
        now=DAY,
        amount=Money(50_000, "CNY"),
    )
    page = read(seller, "earnings")
    assert "after a refund of" in page
    reactions.run_due(now=DAY + money.days(30))
    money.work()
    outgoing.decide_payouts()
    money.settle_down()
    page = read(seller, "payouts")
    assert "PO-2026-000001" in page
    assert "•••• 7890" in page
    assert "Paid" in page


def test_a_buyer_finds_the_invoice_of_a_purchase(market: Market) -> None:
    buyer = browser(market.agent, market.buyer)
    assert "No invoices yet" in read(buyer, "invoices")
    order = market.order(market.offer(100))
    money.pay_by_card(market, order)
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    page = read(buyer, "invoices")
    assert Document.objects.get(kind="invoice").number in page


def test_a_declined_card_is_explained_and_another_one_pays(market: Market) -> None:
    buyer = browser(market.agent, market.buyer)
    order = market.order(market.offer(100))
    payment = money.payment_of(order)
    card_page = reverse("web:test_card", args=[payment.public_id])
    back = reverse("web:payment_back", args=[payment.public_id])
    assert "Pay by card" in read(buyer, "payment", payment.public_id)
    assert (
        buyer.post(reverse("web:payment_card", args=[payment.public_id]))["Location"] == card_page
    )
    assert buyer.post(card_page, {"card": "no_funds"})["Location"] == back
    assert buyer.get(back)["Location"] == reverse("web:payment", args=[payment.public_id])
    page = read(buyer, "payment", payment.public_id)
    assert "The card has not enough money." in page
    assert "Try another card" in page
    assert buyer.post(card_page, {"card": "confirm"})["Location"] == card_page
    assert "is it you who pays?" in buyer.get(card_page).content.decode()
    assert buyer.post(card_page, {"agreed": "yes"})["Location"] == back
    assert buyer.get(back)["Location"] == reverse("web:order", args=[order.public_id])
    money.settle_down()
    assert money.held(order) == 10600


def test_the_number_of_a_new_account_is_checked_beside_the_form(
    market: Market, settings: object
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False  # type: ignore[attr-defined]  # pytest gives its own type
    seller = browser(accounts.owner_of(market.seller), market.seller)
    address = reverse("web:payout_account")
    refused = seller.post(address, {"currency": "CNY", "holder": "Pipeline Data", "number": "12"})
    assert refused.status_code == 422
    assert "8 to 34 letters and digits" in refused.content.decode()
    kept = seller.post(
        address, {"currency": "CNY", "holder": "Pipeline Data", "number": money.NUMBER}
    )
    assert kept["Location"] == reverse("web:payouts")


def test_the_lists_of_money_are_paged_by_key_and_ask_as_often_for_many_as_for_one(
    market: Market,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seller = browser(accounts.owner_of(market.seller), market.seller)
    buyer = browser(market.agent, market.buyer)
    offer = market.offer(100)

    def sell() -> str:
        order = market.order(offer)
        money.pay_by_card(market, order)
        acceptance.accept(order.public_id, actor=market.buying, now=DAY)
        return order.public_id

    def asked(client: Client, name: str) -> int:
        read(client, name)  # what a first visit alone asks is asked here
        with CaptureQueriesContext(connection) as captured:
            read(client, name)
        return len(captured)

    orders = [sell()]
    once = (asked(seller, "earnings"), asked(buyer, "invoices"))
    orders += [sell(), sell()]
    assert (asked(seller, "earnings"), asked(buyer, "invoices")) == once
    monkeypatch.setattr("exchange.web.payments.views_money.ROWS_PER_PAGE", 2)
    monkeypatch.setattr("exchange.web.payments.views_earnings.ROWS_PER_PAGE", 2)
    for client, name in ((seller, "earnings"), (buyer, "invoices")):
        first = read(client, name)
        older = re.search(r'rel="next" href="([^"]+)"', first)
        assert older
        assert orders[0] not in first
        second = client.get(older[1]).content.decode()
        assert orders[0] in second
        assert orders[1] not in second
        assert f'rel="prev" href="{reverse(f"web:{name}")}"' in second
        assert client.get(reverse(f"web:{name}"), {"before": "x'"}).content.decode().count(
            "/orders/ord_"
        ) == first.count("/orders/ord_")
