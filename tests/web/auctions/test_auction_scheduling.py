"""The form that schedules an auction: looked at first, refused at its fields, open to buyers too."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client

from exchange.auctions.lifecycle import AuctionState, Kind
from exchange.auctions.models import Auction, Bid
from exchange.web.auctions.labels import KINDS
from tests.factories import accounts
from tests.factories.auctions import House, a_house, clock_at
from tests.factories.orders import DAY
from tests.web.buyers import bid_by_form, browser, filled, shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return a_house()


@pytest.fixture(autouse=True)
def standing_clock() -> Iterator[None]:
    with clock_at(DAY + timedelta(minutes=10)):
        yield


def of(house: House, name: str) -> Client:
    house.buyer(name)
    return browser(*house.agents[name])


def seller(house: House) -> Client:
    return browser(accounts.owner_of(house.seller), house.seller)


def test_the_seller_looks_at_the_page_before_it_announces(house: House) -> None:
    client = seller(house)
    kinds = shown(client, f"/sell/{house.product.public_id}/auction/")
    assert "English: rising bids with proxy" in kinds
    path = f"/sell/{house.product.public_id}/auction/english/"
    said = filled(
        client, path, title="Pressure, one year", opens_at="2027-01-04T09:00",
        closes_at="2027-01-07T17:00", currency="CNY", opening="1000", increment="50",
        reserve="2000", deposit="300", soft_minutes="5", history="all", future="none",
    )  # fmt: skip
    looked = client.post(path, {**said, "preview": "1"})
    assert looked.status_code == 200
    page = looked.content.decode()
    assert "There is one; it is secret until the close." in page
    assert "A bid in the last 5 minutes moves the end: 5 minutes are left after it." in page
    assert not Auction.objects.exists()
    answer = client.post(path, {**said, "announce": "1"})
    auction = Auction.objects.get()
    assert answer["Location"] == f"/auctions/{auction.public_id}/"
    assert auction.state == AuctionState.SCHEDULED
    assert (auction.opening_minor, auction.reserve_minor) == (100_000, 200_000)
    assert auction.increments == [[0, 5_000]]
    assert auction.soft_window_seconds == 300


def test_the_page_of_kinds_recommends_one(house: House) -> None:
    client = seller(house)
    path = f"/sell/{house.product.public_id}/auction/"
    assert "This fits" not in shown(client, path)
    page = shown(client, f"{path}?licences=one&seen=open&aim=revenue")
    assert "This fits: English: rising bids with proxy" in page
    assert f'href="{path}english/"' in page
    assert f'href="{path}dutch/"' in page
    refused = shown(client, f"{path}?licences=one&seen=open")
    assert "This fits" not in refused
    assert "This field is required." in refused


def test_every_kind_has_a_form_that_can_be_looked_at(house: House) -> None:
    client = seller(house)
    for kind in set(Kind) - {Kind.PROCUREMENT}:
        path = f"/sell/{house.product.public_id}/auction/{kind}/"
        many = "quantity" in _fields(client, path)
        said = filled(
            client, path, title="Pressure", opens_at="2027-01-04T09:00",
            closes_at="2027-01-07T17:00", currency="CNY", opening="1000", increment="50",
            step="10", every_seconds="60", reserve="500", quantity="3" if many else "",
            history="all", future="none", items=[house.product.public_id],
        )  # fmt: skip
        page = html.unescape(client.post(path, {**said, "preview": "1"}).content.decode())
        assert str(KINDS[kind]) in page
        assert page.count("What the winner gets") == 1, kind


def _fields(client: Client, path: str) -> set[str]:
    return set(re.findall(r'name="(\w+)"', client.get(path).content.decode()))


def test_a_rule_that_cannot_be_is_refused_at_its_field(house: House) -> None:
    client = seller(house)
    path = f"/sell/{house.product.public_id}/auction/dutch/"
    said = filled(
        client, path, title="Pressure", opens_at="2027-01-04T09:00", closes_at="2027-01-07T17:00",
        currency="CNY", opening="100", step="10", every_seconds="60", reserve="500", quantity="1",
        history="all", future="none",
    )  # fmt: skip
    looked = client.post(path, {**said, "announce": "1"})
    assert looked.status_code == 422
    assert "The clock falls from its start to a floor above zero." in looked.content.decode()
    assert not Auction.objects.exists()


def test_a_buyer_lets_sellers_bid(house: House) -> None:
    client = of(house, "City Gas")
    said = filled(
        client, "/auctions/procure/", title="Gas use, hourly", opens_at="2027-01-04T09:00",
        closes_at="2027-01-07T17:00", currency="CNY", reserve="5000", history="all", future="all",
    )  # fmt: skip
    assert client.post("/auctions/procure/", {**said, "announce": "1"}).status_code == 302
    auction = Auction.objects.get()
    with clock_at(auction.opens_at):
        page = shown(seller(house), f"/auctions/{auction.public_id}/")
        assert "The product of yours that you offer" in page
        client = seller(house)
        said_too = {"price_0": "4200", "product": house.product.public_id}
        status, page = bid_by_form(client, auction, **said_too)
    assert status == 200, page
    assert Bid.objects.get().commitment in page
