"""Refunds of any amount, before the release, after it and after the payout, and who bears them."""

import pytest
from django.test import Client
from django.urls import reverse

from exchange.core.lifecycle import Named
from exchange.delivery.models import Entitlement
from exchange.journeys import acceptance, refunds
from exchange.notices.models import Notice
from exchange.orders.lifecycle import OrderState
from exchange.orders.models import Order
from exchange.payments import chart, order_refunds, reactions, settlement
from exchange.payments.errors import NothingRefundable
from exchange.payments.gateway.sandbox import outgoing
from exchange.payments.gateway.sandbox.models import Thing
from exchange.payments.lifecycle import Bearer, RefundState
from exchange.payments.models import Document, Payout, Refund, Settlement
from exchange.payments.refunds import allocation_of
from pricing.money import Money
from tests.factories import accounts
from tests.factories import payments as money
from tests.factories.orders import DAY, Market, a_market

pytestmark = pytest.mark.django_db
CNY = "CNY"
REFUNDED = "payments.refund.promised"
DESK = Named("test:1")


@pytest.fixture
def market() -> Market:
    return a_market()


def bought(market: Market, yuan: int = 100) -> Order:
    order = market.order(market.offer(yuan))
    money.pay_by_card(market, order)
    return order


def closed(market: Market, yuan: int = 100) -> Order:
    return accepted(market, bought(market, yuan))


def accepted(market: Market, order: Order) -> Order:
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    order.refresh_from_db()
    return order


def give_back(order: Order, minor: int, bearer: Bearer = Bearer.SELLER) -> Refund:
    """The refund, which takes what was shown beforehand."""
    amount = Money(minor, CNY)
    shown = order_refunds.preview(order, amount=amount, bearer=bearer)
    made = refunds.refund(
        order.public_id, amount=amount, bearer=bearer, reason="Late.", actor=DESK, now=DAY
    )
    assert allocation_of(made, shares_count=1) == shown.allocation
    money.settle_down()
    made.refresh_from_db()
    assert made.state == RefundState.SUCCEEDED
    return made


def told_of(kind: str) -> list[Notice]:
    return list(Notice.objects.filter(kind=kind).select_related("user"))


def sums(market: Market) -> dict[str, int]:
    """Who has how much of what was ever paid."""
    return {
        "pending": money.pending(market),
        "tax": money.on(chart.tax(CNY)),
        "fee": money.on(chart.fee(CNY)),
        "goodwill": money.on(chart.goodwill(CNY)),
    }


def test_a_part_goes_back_before_the_release_and_the_rest_is_settled(market: Market) -> None:
    order = bought(market)
    give_back(order, 5000)
    order.refresh_from_db()
    assert (order.state, money.held(order)) == (OrderState.DELIVERED, 5600)
    assert [told.user for told in told_of(REFUNDED)] == [market.agent]
    assert Document.objects.count() == 0
    accepted(market, order)
    assert sums(market) == {"pending": 5177, "tax": 317, "fee": 106, "goodwill": 0}
    assert money.held(order) == 0
    note = Document.objects.get(kind="credit_note")
    assert note.corrects == Document.objects.get(kind="invoice")
    told = ("net_minor", "tax_minor", "rounding_minor", "total_minor")
    assert [note.content[name] for name in told] == [4717, 283, 0, 5000]
    assert Settlement.objects.get().tax_refunded_minor == 283
    assert money.books_are_sound()


def test_the_last_of_what_is_held_ends_the_order_and_the_access(market: Market) -> None:
    order = bought(market)
    give_back(order, 5000)
    give_back(order, 5600)
    assert len(told_of(REFUNDED)) == 1  # of the end of the order its own notice tells
    order.refresh_from_db()
    assert (order.state, money.held(order)) == (OrderState.REFUNDED, 0)
    assert Entitlement.objects.get(order=order).state == "revoked"
    assert sums(market) == {"pending": 0, "tax": 0, "fee": 0, "goodwill": 0}
    assert money.books_are_sound()


@pytest.mark.parametrize("is_released", [False, True])
def test_goodwill_of_the_exchange_leaves_the_seller_its_share(
    market: Market, *, is_released: bool
) -> None:
    order = closed(market) if is_released else bought(market)
    give_back(order, 10_600, Bearer.EXCHANGE)
    if not is_released:
        accepted(market, order)
    assert sums(market) == {"pending": 9800, "tax": 600, "fee": 200, "goodwill": 10_600}
    assert not Document.objects.filter(kind="credit_note").exists()
    with pytest.raises(NothingRefundable):
        give_back(order, 1)
    assert money.books_are_sound()


def test_what_both_bear_is_halved_and_the_odd_unit_is_the_exchanges(market: Market) -> None:
    order = closed(market)
    give_back(order, 5001, Bearer.SHARED)
    note = Document.objects.get(kind="credit_note").content
    assert (note["total_minor"], note["tax_minor"]) == (2500, 142)
    assert money.on(chart.goodwill(CNY)) == 2501
    assert money.pending(market) + money.on(chart.fee(CNY)) == 10_000 - 2358
    assert money.books_are_sound()


def test_a_part_after_the_payout_is_owed_and_kept_from_the_next_run(market: Market) -> None:
    money.an_account(market)
    order = closed(market)
    later = DAY + money.days(30)
    reactions.run_due(now=later)
    money.settle_down()
    give_back(order, 5000)
    owed = chart.receivable(market.seller.public_id, CNY)
    assert money.on(owed) == 9800 - 5177
    second = closed(market, 300)
    settlement.clear_due(actor=DESK, now=later)
    give_back(second, 31_800)
    assert money.on(owed) == 9800 - 5177
    assert money.books_are_sound()


def test_a_run_pays_what_is_available_less_what_is_owed(market: Market) -> None:
    money.an_account(market)
    order = closed(market)
    later = DAY + money.days(30)
    reactions.run_due(now=later)
    money.settle_down()
    give_back(order, 10_600)
    owed = chart.receivable(market.seller.public_id, CNY)
    assert money.on(owed) == 9800
    outgoing.fail_payout(Thing.objects.get(kind="payout"))
    money.settle_down()
    money.an_account(market, number="6222021234567891")
    reactions.run_due(now=later + money.days(1))
    money.settle_down()
    assert (money.on(owed), money.available(market)) == (0, 0)
    assert Payout.objects.count() == 1
    assert money.books_are_sound()


def test_the_order_page_names_every_credit_note(market: Market) -> None:
    order = closed(market)
    for minor in (1000, 2000):
        give_back(order, minor)
    browser = Client()
    browser.force_login(accounts.owner_of(market.buyer))
    page = browser.get(reverse("web:order", args=[order.public_id])).content.decode()
    notes = Document.objects.filter(kind="credit_note").order_by("pk")
    for note, minor in zip(notes, (1000, 2000), strict=True):
        address = reverse("web:numbered_document", args=[note.number, "html"])
        assert page.count(address) == 1
        assert f"{minor // 100}.00" in browser.get(address).content.decode()
