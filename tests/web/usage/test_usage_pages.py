"""The meter's pages: both sides see the same figures; the buyer caps and ends."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from exchange.journeys import billing
from exchange.metering.models import MeteredSubscription, UsageBill
from tests.factories import accounts
from tests.factories.orders import DAY, Market, a_market
from tests.metering.test_usage_plans import CLOSED, a_subscription, an_event, send
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db
QUERIES_MAX = 30


@pytest.fixture
def market() -> Market:
    return a_market()


@pytest.fixture
def metered(market: Market) -> MeteredSubscription:
    return a_subscription(market)


@pytest.fixture
def buyer(market: Market) -> Client:
    return browser(market.agent, market.buyer)


@pytest.fixture
def seller(market: Market) -> Client:
    return browser(accounts.owner_of(market.seller), market.seller)


def test_who_meters_nothing_reads_where_to_begin(buyer: Client) -> None:
    assert "Nothing is metered yet" in shown(buyer, "/usage/")


def test_buyer_and_seller_see_the_same_meter(
    market: Market, metered: MeteredSubscription, buyer: Client, seller: Client
) -> None:
    send(market, an_event(metered, 1, quantity=5100))
    path = f"/usage/{metered.public_id}/"
    for reader in (buyer, seller):
        page = shown(reader, path)
        assert "CN¥50.00" in page  # 5,100 rows, of which 100 are free, at 0.01
        assert "5,100" in page
        assert 'class="chart' in page
        assert "CN¥50.00" in shown(reader, "/usage/")
    assert "Set the cap" in shown(buyer, path)
    assert "Set the cap" not in shown(seller, path)


def test_the_version_grows_with_the_events(
    market: Market, metered: MeteredSubscription, buyer: Client
) -> None:
    address = f"/usage/{metered.public_id}/version"
    assert buyer.get(address).content == b"0"
    send(market, an_event(metered, 1), an_event(metered, 2), an_event(metered, 2))
    assert buyer.get(address).content == b"2"


def test_a_stranger_sees_no_meter(metered: MeteredSubscription) -> None:
    house = accounts.an_organisation()
    stranger = browser(accounts.owner_of(house), house)
    for page in ("", "version", "bills/1.json"):
        assert stranger.get(f"/usage/{metered.public_id}/{page}").status_code == 404


def test_the_buyer_caps_the_period_and_not_below_what_was_used(
    market: Market, metered: MeteredSubscription, buyer: Client, seller: Client
) -> None:
    send(market, an_event(metered, 1, quantity=5100))
    path = f"/usage/{metered.public_id}/cap/"
    refused = buyer.post(path, {"amount": "49.99"})
    assert refused.status_code == 422
    assert "More than this was used already." in refused.content.decode()
    assert seller.post(path, {"amount": "60"}).status_code == 404
    assert buyer.post(path, {"amount": "nonsense"}).status_code == 422
    assert MeteredSubscription.objects.filter(hard_cap_minor=None).exists()
    assert buyer.post(path, {"amount": "50"}).status_code == 302
    assert MeteredSubscription.objects.get().hard_cap_minor == 5000
    assert "The cap is reached" in shown(buyer, f"/usage/{metered.public_id}/")


def test_the_buyer_ends_it_with_the_period(metered: MeteredSubscription, buyer: Client) -> None:
    assert buyer.post(f"/usage/{metered.public_id}/end/").status_code == 302
    metered.refresh_from_db()
    assert metered.ends_at == metered.periods.get().until_at


def test_a_final_bill_is_listed_and_downloaded_byte_for_byte(
    market: Market, metered: MeteredSubscription, buyer: Client
) -> None:
    send(market, an_event(metered, 1, quantity=5100))
    billing.run_due(now=CLOSED)
    bill = UsageBill.objects.get()
    assert bill.order
    page = shown(buyer, f"/usage/{metered.public_id}/")
    assert f"/orders/{bill.order.public_id}/" in page
    sent = buyer.get(f"/usage/{metered.public_id}/bills/1.json")
    assert sent.content == bytes(bill.document)


def test_the_list_asks_as_often_for_one_as_for_many(market: Market, buyer: Client) -> None:
    a_subscription(market)
    with CaptureQueriesContext(connection) as few:
        shown(buyer, "/usage/")
    for _more in range(3):
        a_subscription(market, yuan=0)
    with CaptureQueriesContext(connection) as many:
        shown(buyer, "/usage/")
    assert len(many) == len(few) <= QUERIES_MAX
    assert timedelta(0) < timezone.now() - DAY
