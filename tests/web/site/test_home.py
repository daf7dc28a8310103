"""The first page: what waits for the organisation acted for, and the market before the hash."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from exchange.core import clock
from exchange.delivery.entitlements import ending_of
from exchange.delivery.models import Entitlement
from exchange.journeys import acceptance, renewals
from exchange.orders.models import Order
from exchange.payments.queries import paid_between
from exchange.web.site import home
from pricing.money import Money
from tests.factories import accounts, listings
from tests.factories.orders import DAY, Market, a_market, pay, take_off_the_list
from tests.metering.test_usage_plans import a_subscription, an_event, send
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db
QUERIES_MAX = 45


@pytest.fixture
def market() -> Market:
    return a_market()


@pytest.fixture
def buyer(market: Market) -> Client:
    return browser(market.agent, market.buyer)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: DAY + timedelta(hours=1))


def tasks(page: str) -> list[str]:
    return [
        part.split("<")[0].strip() for part in page.split('<strong class="block break-words">')[1:]
    ]


def test_a_guest_reads_the_market_before_the_hash(client: Client) -> None:
    listings.a_listing(title="Meter A", price_minor=500)
    page = shown(client, "/")
    assert "The market now" in page
    assert "Meter A" in page
    assert "What waits for you" not in page
    assert "/accounts/signup/" in page or "Create an account" in page


def test_new_listings_with_a_price_come_first_and_of_each_seller_one(market: Market) -> None:
    for number in range(3):
        listings.a_listing(title=f"Free {number}", seller=market.buyer, price_minor=0)
    for number in range(3):
        listings.a_listing(title=f"Priced {number}", seller=market.seller, price_minor=500)
    other = accounts.an_organisation(name="Grid Data")
    listings.a_listing(title="Priced elsewhere", seller=other, price_minor=700)
    with CaptureQueriesContext(connection) as queries:
        cards = home._cards()
    assert len(queries) == 1
    assert {cards[0].title, cards[1].title} == {"Priced 2", "Priced elsewhere"}
    assert all(card.price for card in cards)
    assert {cards[2].title, cards[3].title} == {"Priced 1", "Priced 0"}


def test_what_waits_comes_soonest_first_and_of_nobody_else(market: Market, buyer: Client) -> None:
    late = market.order(market.offer(100, title="Later"), at=DAY)
    soon = market.order(market.offer(100, title="Sooner"), at=DAY)
    for order, days in ((late, 9), (soon, 2)):
        Order.objects.filter(pk=order.pk).update(due_at=DAY + timedelta(days=days))
    assert tasks(shown(buyer, "/")) == ["Sooner", "Later"]
    seller = browser(accounts.owner_of(market.seller), market.seller)
    assert "Nothing waits for you" in shown(seller, "/")
    house = accounts.an_organisation()
    assert (
        "Sooner"
        not in shown(browser(accounts.owner_of(house), house), "/").split("The market now")[0]
    )


def test_what_is_overdue_is_said_to_be(market: Market, buyer: Client) -> None:
    order = market.order(market.offer(100), at=DAY)
    Order.objects.filter(pk=order.pk).update(due_at=DAY)
    assert "Overdue" in shown(buyer, "/")


def test_a_listing_that_came_back_waits_for_its_seller(market: Market) -> None:
    product = listings.a_listing(title="Pipe flows", seller=market.seller)
    take_off_the_list(product)
    page = shown(browser(accounts.owner_of(market.seller), market.seller), "/")
    assert tasks(page) == ["Pipe flows"]
    assert "Correct the listing." in page


def test_what_was_paid_stands_by_month(market: Market, buyer: Client) -> None:
    market.delivered(100)
    assert "CN¥106.00" in shown(buyer, "/")
    month = DAY - timedelta(days=40), DAY + timedelta(days=1)
    assert paid_between(market.buyer.pk, since=month[0], before=month[1]) == [Money(10_600, "CNY")]
    assert paid_between(market.seller.pk, since=month[0], before=month[1]) == []


def ending(market: Market, at: datetime) -> list[tuple[str, bool]]:
    found = ending_of(market.buyer.pk, now=at, until=at + timedelta(days=30))
    return [(one.order.public_id, one.renews) for one in found]


def test_access_that_ends_is_shown_until_its_renewal_goes_on(market: Market) -> None:
    order = market.order(market.offer(100, period="P1M"), auto_renew=True)
    pay(order)
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    until = Entitlement.objects.get(order=order).valid_until
    assert until is not None
    assert ending(market, until - timedelta(days=31)) == []
    assert ending(market, until - timedelta(days=6)) == [(order.public_id, True)]
    renewals.run_due(now=until - timedelta(days=6))
    renewal = Order.objects.get(renews=order)
    pay(renewal, at=until - timedelta(days=5))
    assert ending(market, until - timedelta(days=4)) == []


def test_the_meter_says_what_it_costs_so_far(market: Market, buyer: Client) -> None:
    metered = a_subscription(market)
    send(market, an_event(metered, 1, quantity=5_100))
    page = shown(buyer, "/")
    assert "Used so far, without tax" in page
    assert "CN¥50.00" in page


def test_the_page_asks_as_often_for_one_as_for_many(market: Market, buyer: Client) -> None:
    def more() -> None:
        market.order(market.offer(100), at=DAY)
        market.delivered(100, period="P1M")
        a_subscription(market)

    more()
    with CaptureQueriesContext(connection) as few:
        shown(buyer, "/")
    for _time in range(3):
        more()
    with CaptureQueriesContext(connection) as many:
        shown(buyer, "/")
    assert len(many) == len(few) <= QUERIES_MAX


def test_who_acts_for_nobody_is_led_to_an_organisation(client: Client) -> None:
    client.force_login(accounts.a_user(), backend="django.contrib.auth.backends.ModelBackend")
    assert "Choose or register an organisation" in shown(client, "/")
