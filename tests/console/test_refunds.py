"""Refunds that the exchange's finance gives: one person asks, another approves what was shown."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from exchange.core.lifecycle import Named
from exchange.journeys import refunds
from exchange.members.models import ApprovalRequest
from exchange.members.roles import Role
from exchange.orders.models import Order
from exchange.payments import chart
from exchange.payments.lifecycle import Bearer
from exchange.payments.models import Refund
from pricing.money import Money
from tests.console.conftest import approve_newest
from tests.factories import payments as money
from tests.factories.orders import DAY, Market, a_market

pytestmark = pytest.mark.django_db


@pytest.fixture
def market(settings: Any) -> Market:
    settings.SECOND_FACTOR_REQUIRED = False
    return a_market()


def cashier(market: Market, number: int) -> Client:
    client = Client()
    client.force_login(market.exchange.staff(Role.EXCHANGE_FINANCE, number))
    return client


def ask(client: Client, order: Order, amount: str, bearer: Bearer) -> Any:
    address = reverse("console:orders_order_refund_part", args=[order.pk])
    assert "CN¥106.00" in client.get(address).content.decode()
    return client.post(address, {"amount": amount, "bearer": bearer, "reason": "Our outage."})


def test_goodwill_takes_two_people_and_is_the_exchanges_own_money(market: Market) -> None:
    order = market.order(market.offer(100))
    money.pay_by_card(market, order)
    first, second = cashier(market, 1), cashier(market, 2)
    assert ask(first, order, "20.01", Bearer.SHARED).status_code == 302
    assert not Refund.objects.exists()
    approve_newest(second)
    money.settle_down()
    refund = Refund.objects.get()
    assert (refund.amount_minor, refund.exchange_minor, refund.tax_minor) == (2001, 1001, 57)
    assert money.on(chart.goodwill("CNY")) == 1001
    assert money.held(order) == 9600
    assert money.books_are_sound()


def test_the_form_to_note_a_refund_says_how_much_and_to_whom(market: Market) -> None:
    order = market.order(market.offer(100))
    money.pay_by_card(market, order)
    row = refunds.refund(
        order.public_id, amount=Money(2001, "CNY"), bearer=Bearer.SELLER, reason="Late.",
        actor=Named("test:1"), now=DAY,
    )  # fmt: skip
    for act in ("sent", "again"):
        address = reverse(f"console:payments_refund_{act}", args=[row.pk])
        page = cashier(market, 1).get(address).content.decode()
        assert f"CN¥20.01 · {market.buyer}." in page


@pytest.mark.parametrize("reason", ["x", "Because.", "有缺失"])
def test_a_word_is_no_reason_for_a_refund(market: Market, reason: str) -> None:
    order = market.order(market.offer(100))
    money.pay_by_card(market, order)
    address = reverse("console:orders_order_refund_part", args=[order.pk])
    said = {"amount": "20.00", "bearer": Bearer.SELLER, "reason": reason}
    refused = cashier(market, 1).post(address, said)
    assert refused.status_code == 422
    assert "Say it in at least 10 letters or 5 Chinese characters." in refused.content.decode()
    assert not ApprovalRequest.objects.exists()
    assert cashier(market, 1).post(address, {**said, "reason": "数据有缺失"}).status_code == 302


def test_what_changed_since_it_was_asked_for_is_asked_for_anew(market: Market) -> None:
    order = market.order(market.offer(100))
    money.pay_by_card(market, order)
    assert ask(cashier(market, 1), order, "106.00", Bearer.SELLER).status_code == 302
    refunds.refund(
        order.public_id, amount=Money(101, "CNY"), bearer=Bearer.SELLER, reason="Late.",
        actor=Named("test:1"), now=DAY,
    )  # fmt: skip
    asked = ApprovalRequest.objects.get()
    address = reverse("console:members_approvalrequest_approve", args=[asked.pk])
    assert cashier(market, 2).post(address, {"csrfmiddlewaretoken": "none"}).status_code == 422
    assert Refund.objects.count() == 1
