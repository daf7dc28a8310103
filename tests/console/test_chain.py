"""The money of an order, the same on every page that it concerns: each row leads to all others, and nothing else."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from exchange.audit.models import Record
from exchange.core.lifecycle import Named
from exchange.journeys import acceptance, refunds
from exchange.orders.models import Order
from exchange.payments import reactions
from exchange.payments.gateway.sandbox import disputes
from exchange.payments.lifecycle import Bearer
from exchange.payments.models import Chargeback, Payment, Payout, Refund
from pricing.money import Money
from tests.console.conftest import SignedIn
from tests.factories import payments as money
from tests.factories.orders import DAY, Market, a_market

pytestmark = pytest.mark.django_db
LATER = DAY + money.days(30)
QUERIES_MAX = 40


@pytest.fixture
def market() -> Market:
    return a_market()


@pytest.fixture
def desk(market: Market, signed_in: SignedIn, settings: Any) -> Client:
    settings.SECOND_FACTOR_REQUIRED = False
    return signed_in(market.exchange.first)


def closed(market: Market, yuan: int = 100) -> Order:
    order = market.order(market.offer(yuan))
    money.pay_by_card(market, order)
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    return order


@pytest.fixture
def order(market: Market) -> Order:
    """Paid, refunded in part, paid out, taken back by the payer's bank; another one was paid out with it."""
    money.an_account(market)
    order = closed(market)
    closed(market, 7)
    refunds.refund(
        order.public_id, amount=Money(1060, "CNY"), bearer=Bearer.SELLER, reason="Late.",
        actor=Named("test:1"), now=DAY,
    )  # fmt: skip
    money.settle_down()
    reactions.run_due(now=LATER)
    money.settle_down()
    disputes.open_dispute(money.payment_of(order).charge_ref)
    money.settle_down()
    return order


def page_of(row: Any) -> str:
    meta = row._meta
    return reverse(f"console:{meta.app_label}_{meta.model_name}_change", args=[row.pk])


def panel(client: Client, row: Any) -> str:
    """The table of the money on the row's page."""
    answer = client.get(page_of(row))
    assert answer.status_code == 200
    _before, _mark, after = answer.content.decode().partition('id="money-of-order"')
    return after


def test_every_page_of_the_chain_leads_to_every_other(order: Order, desk: Client) -> None:
    payment = Payment.objects.get(order=order)
    rows = [order, payment, Refund.objects.get(), Chargeback.objects.get()]
    payout = Payout.objects.get()
    for here in rows:
        shown = panel(desk, here)
        assert "Money of this order" in shown
        assert '<span aria-current="page" class="font-semibold">' in shown
        for other in (*rows, payout):
            if other is not here:
                assert f'href="{page_of(other)}"' in shown, (here, other)
        for amount in ("CN¥106.00", "CN¥10.60"):
            assert amount in shown
        for word in ("Payment", "Refund", "Chargeback", "Payout, with other sales", "Invoice"):
            assert word in shown, (here, word)
    assert f'href="{page_of(order)}"' in panel(desk, payout)


def test_a_payout_shows_the_sales_that_it_pays_and_no_others(
    market: Market, order: Order, desk: Client
) -> None:
    first = Payout.objects.get()
    later = closed(market, 500)
    reactions.run_due(now=LATER + money.days(30))
    second = Payout.objects.latest("pk")
    assert second != first
    sales = {page_of(one) for one in Order.objects.exclude(pk=later.pk)}
    assert set(re.findall(r"/console/orders/order/\d+/change/", panel(desk, first))) == sales
    assert set(re.findall(r"/console/orders/order/\d+/change/", panel(desk, second))) == {
        page_of(later)
    }


def test_nothing_of_another_order_is_in_it_and_statements_do_not_grow(
    market: Market, order: Order, desk: Client
) -> None:
    other = Order.objects.exclude(pk=order.pk).get()
    shown = panel(desk, order)
    assert page_of(other) not in shown
    assert page_of(Payment.objects.get(order=other)) not in shown
    before = asked_for(desk, Payment.objects.get(order=other))
    for _time in range(3):
        refunds.refund(
            other.public_id, amount=Money(100, "CNY"), bearer=Bearer.SELLER, reason="Late.",
            actor=Named("test:1"), now=DAY,
        )  # fmt: skip
    assert before <= QUERIES_MAX
    assert asked_for(desk, Payment.objects.get(order=other)) <= before


def asked_for(client: Client, row: Any) -> int:
    """How many statements the row's page takes."""
    with CaptureQueriesContext(connection) as captured:
        panel(client, row)
    return len(captured)


def test_the_log_of_an_order_or_a_product_is_one_click_away(order: Order, desk: Client) -> None:
    for thing, steps in ((order, "order_step"), (order.product, "listing_step")):
        page = desk.get(page_of(thing)).content.decode()
        link = re.search(r'href="([^"]*audit/record/\?about=[^"]+)"', page)
        assert link is not None
        shown = set(re.findall(rf"{steps}:\w+", desk.get(link[1]).content.decode()))
        names = [f"{steps}:{one.public_id}" for one in thing.steps.all()]
        recorded = Record.objects.filter(subject__in=names).values_list("subject", flat=True)
        assert shown == set(recorded)
        assert shown or thing is not order
    none = desk.get(reverse("console:audit_record_changelist") + "?about=ord_nothing")
    assert "order_step:" not in none.content.decode()
