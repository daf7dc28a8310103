"""The pages of auctions: what is shown to whom, and what a bid in the browser does."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from exchange.auctions.lifecycle import AuctionState, Kind
from exchange.auctions.models import Bid
from exchange.payments import deposits
from pricing.mechanisms.evidence import clear
from tests.factories import accounts
from tests.factories.auctions import House, a_house, clock_at
from tests.factories.orders import DAY
from tests.web.buyers import bid_by_form, browser, filled, shown

pytestmark = pytest.mark.django_db

QUERIES_MAX = 60
LIST_QUERIES_MAX = 22


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


def test_the_list_is_empty_and_says_where_else_to_look(house: House) -> None:
    client = of(house, "City Gas")
    assert "No auction is open" in shown(client, "/auctions/")
    assert "No auction is announced" in shown(client, "/auctions/?show=coming")
    assert "No auction has ended yet" in shown(client, "/auctions/?show=ended")


def test_the_list_asks_the_database_as_often_for_many_as_for_one(house: House) -> None:
    client = of(house, "City Gas")
    for _number in range(3):
        house.bid("City Gas", house.auction(), 10_000)
    with CaptureQueriesContext(connection) as few:
        shown(client, "/auctions/")
    for _number in range(24):
        house.auction()
    with CaptureQueriesContext(connection) as many:
        page = shown(client, "/auctions/?show=coming")
    assert len(many) == len(few) <= LIST_QUERIES_MAX
    assert page.count('class="listing"') == 24


def test_a_list_longer_than_a_page_goes_on(house: House) -> None:
    client = of(house, "City Gas")
    for _number in range(26):
        house.auction()
    page = shown(client, "/auctions/?show=coming")
    older = re.search(r'href="([^"]*before=\d+[^"]*)"', page)
    assert page.count('class="listing"') == 25
    assert older is not None
    assert shown(client, older[1]).count('class="listing"') == 1


def test_a_bid_is_looked_at_before_it_counts(house: House) -> None:
    auction = house.auction()
    client = of(house, "City Gas")
    said = filled(client, f"/auctions/{auction.public_id}/", amount="150")
    looked = client.post(f"/auctions/{auction.public_id}/bid/", said).content.decode()
    assert "You bid up to CN¥150.00 (150.00 Chinese yuan), without tax." in looked
    assert not Bid.objects.exists()


def test_a_bid_leads_until_somebody_has_a_higher_maximum(house: House) -> None:
    auction = house.auction()
    client = of(house, "City Gas")
    assert bid_by_form(client, auction, amount="150")[0] == 302
    page = shown(client, f"/auctions/{auction.public_id}/")
    assert "Nobody has bid more than your maximum." in page
    assert "Your maximum: CN¥150.00" in page
    house.bid("River Power", auction, 20_000)
    page = shown(client, f"/auctions/{auction.public_id}/")
    assert "Somebody has a higher maximum." in page
    assert "CN¥155.00" in page
    assert "CN¥200.00" not in page
    assert "River Power" not in page


def test_the_same_form_sent_twice_is_one_bid(house: House) -> None:
    auction = house.auction()
    client = of(house, "City Gas")
    said = filled(client, f"/auctions/{auction.public_id}/", amount="150", confirmed="1")
    for _time in range(2):
        assert client.post(f"/auctions/{auction.public_id}/bid/", said).status_code == 302
    assert Bid.objects.count() == 1


@pytest.mark.parametrize(
    ("amount", "status", "sentence"),
    [
        ("99.99", 422, "Bid at least"),
        ("0", 422, "Give an amount above zero."),
        ("much", 422, "is not an amount in CNY."),
    ],
)
def test_a_refused_bid_says_why_in_place_and_keeps_nothing(
    house: House, amount: str, status: int, sentence: str
) -> None:
    auction = house.auction()
    code, page = bid_by_form(of(house, "City Gas"), auction, amount=amount)
    assert (code, sentence in page) == (status, True), page
    assert f'value="{amount}"' in page
    assert not Bid.objects.exists()


def test_a_deposit_that_the_wallet_lacks_is_said_before_and_refused(house: House) -> None:
    auction = house.auction(deposit_minor=50_000)
    house.buyer("Poor", funds=0)
    client = of(house, "Poor")
    page = shown(client, f"/auctions/{auction.public_id}/")
    assert "CN¥500.00 is missing" in page
    assert 'href="/wallet/"' in page
    assert bid_by_form(client, auction, amount="150")[0] == 409
    assert deposits.deposit_of(auction.basis, house.organisation("Poor").pk) is None


def test_the_seller_is_told_that_it_cannot_bid(house: House) -> None:
    auction = house.auction()
    page = shown(seller(house), f"/auctions/{auction.public_id}/")
    assert "You cannot bid here" in page
    assert "Place the bid" not in page


def test_a_sealed_bid_leaves_a_receipt_that_proves_it(house: House) -> None:
    auction = house.auction(Kind.SECOND_PRICE)
    client = of(house, "City Gas")
    status, page = bid_by_form(client, auction, price_0="1,250.50")
    kept = Bid.objects.get()
    assert status == 200
    assert kept.commitment in page
    signed = re.search(r'name="receipt" value="([^"]+)"', page)
    assert signed is not None
    answer = client.post(f"/auctions/{auction.public_id}/receipt/", {"receipt": signed[1]})
    receipt = json.loads(answer.content)
    assert receipt["rows"] == [{"price": 125_050, "quantity": 1}]
    assert receipt["commitment"] == kept.commitment
    page = shown(client, f"/auctions/{auction.public_id}/")
    assert "1,250" not in page
    said = {"reason": "A slip."}
    assert client.post(f"/auctions/{auction.public_id}/withdraw/", said).status_code == 302
    kept.refresh_from_db()
    assert kept.withdrawn_at is not None


def test_a_falling_price_is_taken_at_what_the_clock_shows(house: House) -> None:
    auction = house.auction(
        Kind.DUTCH, opening_minor=100_000, reserve_minor=10_000,
        options={"step_minor": 1_000, "every_seconds": 60}, quantity=2,
    )  # fmt: skip
    client = of(house, "City Gas")
    assert "CN¥900.00" in shown(client, f"/auctions/{auction.public_id}/")
    said = filled(client, f"/auctions/{auction.public_id}/", quantity="1", confirmed="1")
    with clock_at(DAY + timedelta(minutes=12)):
        assert client.post(f"/auctions/{auction.public_id}/bid/", said).status_code == 302
    assert Bid.objects.get().amount_minor == 88_000


def test_nobody_knows_the_names_before_the_close_and_outsiders_not_after_it(house: House) -> None:
    auction = house.auction()
    house.bid("River Power", auction, 20_000)
    house.bid("City Gas", auction, 30_000)
    house.close(auction)
    page = shown(of(house, "City Gas"), f"/auctions/{auction.public_id}/")
    assert "Your organisation won." in page
    assert "River Power" in page
    assert "Open the order" in page
    outsider = shown(of(house, "Onlooker"), f"/auctions/{auction.public_id}/")
    assert "River Power" not in outsider
    assert "City Gas" not in outsider
    assert "Names are for those who took part." in outsider
    assert "Open the order" not in outsider
    assert "River Power" in shown(seller(house), f"/auctions/{auction.public_id}/")


def test_the_evidence_clears_again_to_the_same_price(house: House) -> None:
    auction = house.auction(Kind.SECOND_PRICE)
    house.seal("River Power", auction, {"price": 20_000})
    house.seal("City Gas", auction, {"price": 30_000})
    house.close(auction)
    client = of(house, "City Gas")
    answer = client.get(f"/auctions/{auction.public_id}/evidence.json")
    document = json.loads(answer.content)
    assert document["outcome"]["price"] == 20_000
    assert clear(document["auction"])["outcome"] == document["outcome"]
    page = shown(client, f"/auctions/{auction.public_id}/")
    assert f"python -m pricing clear {auction.public_id}-evidence.json" in page
    assert "It cleared at CN¥200.00." in page


def test_the_page_asks_a_bounded_number_of_questions(house: House) -> None:
    auction = house.auction(deposit_minor=1_000)
    for name in ("River Power", "City Gas"):
        house.buyer(name)
    for number in range(20):
        house.bid(("River Power", "City Gas")[number % 2], auction, 10_000 + number * 5_000)
    client = of(house, "City Gas")
    with CaptureQueriesContext(connection) as asked:
        shown(client, f"/auctions/{auction.public_id}/")
    assert len(asked) <= QUERIES_MAX


def test_an_operator_pauses_with_a_reason_and_not_without(house: House, settings: Any) -> None:
    auction = house.auction()
    house.bid("City Gas", auction, 10_000)
    settings.SECOND_FACTOR_REQUIRED = False
    client = browser(house.exchange.first, house.exchange.organisation)
    path = f"/auctions/{auction.public_id}/acts/"
    assert client.post(f"{path}nonsense/").status_code == 404
    assert client.post(f"{path}pause/", {"reason": ""}).status_code == 422
    auction.refresh_from_db()
    assert auction.state == AuctionState.OPEN
    assert client.post(f"{path}pause/", {"reason": "A doubt."}).status_code == 302
    auction.refresh_from_db()
    assert auction.state == AuctionState.PAUSED
    assert "The auction takes no bids" not in shown(client, f"/auctions/{auction.public_id}/")
    assert "No bids are taken at the moment." in shown(
        of(house, "City Gas"), f"/auctions/{auction.public_id}/"
    )
    closes_at = auction.closes_at
    for name in ("extend", "resume", "cancel"):
        assert client.post(f"{path}{name}/", {"reason": "Clear now."}).status_code == 302
    auction.refresh_from_db()
    assert auction.state == AuctionState.CANCELLED
    assert auction.closes_at == closes_at + timedelta(hours=1)
