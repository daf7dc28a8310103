"""Auctions over the API: from the schedule to the evidence, safe to send again."""

import json
from datetime import timedelta
from typing import Any

from django.test import Client

from accounts.sign_in import SESSION_KEY
from exchange.auctions.lifecycle import Kind
from exchange.auctions.models import Auction, Bid
from exchange.auctions.results import evidence_of
from tests.api.callers import post, signed_in, with_key
from tests.factories import accounts
from tests.factories.auctions import END, House, clock_at
from tests.factories.orders import DAY

BODY: dict[str, Any] = {"currency": "CNY", "amount_minor": 20_000}


def bidder(house: House, name: str) -> Client:
    house.buyer(name)
    return with_key(house.organisation(name), "orders:read", "orders:write", "orders:buy")


def test_a_seller_schedules_over_the_api(house: House) -> None:
    client = signed_in(accounts.owner_of(house.seller))
    session = client.session
    session[SESSION_KEY] = house.seller.public_id
    session.save()
    command = {
        "kind": "english",
        "currency": "CNY",
        "product": house.product.public_id,
        "opens_at": (END + timedelta(days=3000)).isoformat(),
        "closes_at": (END + timedelta(days=3001)).isoformat(),
        "opening_minor": 100,
        "increments": [[0, 10]],
        "reserve_minor": 5_000,
        "reserve_shown": False,
    }
    answer = post(client, "/api/v1/auctions", command)
    assert answer.status_code == 201, answer.content
    assert answer.json()["state"] == "scheduled"
    assert answer.json()["reserve_minor"] is None
    assert Auction.objects.get().reserve_minor == 5_000
    refused = post(client, "/api/v1/auctions", {**command, "increments": [[5, 1]]}, key="other")
    assert (refused.status_code, refused.json()["code"]) == (422, "auction_refused")


def test_a_bid_sent_twice_by_the_network_is_one_bid_with_one_answer(house: House) -> None:
    auction = house.auction(deposit_minor=1_000)
    client, path = bidder(house, "ann"), f"/api/v1/auctions/{auction.public_id}/bids"
    first, again = post(client, path, BODY, key="one"), post(client, path, BODY, key="one")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Bid.objects.count() == 1
    other = post(client, path, {**BODY, "amount_minor": 30_000}, key="one")
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")
    assert first.json()["is_leading"] is True
    assert first.json()["server_time"].startswith(DAY.date().isoformat())


def test_refusals_say_what_would_be_accepted_whatever_the_clients_clock_says(
    house: House,
) -> None:
    auction = house.auction()
    house.bid("ben", auction, 30_000)
    client, path = bidder(house, "ann"), f"/api/v1/auctions/{auction.public_id}/bids"
    low = post(client, path, {**BODY, "amount_minor": 10_100}, key="1")
    assert (low.status_code, low.json()["code"]) == (409, "bid_below_minimum")
    assert low.json()["least_minor"] == 10_500
    euro = post(client, path, {**BODY, "currency": "EUR"}, key="2")
    assert (euro.status_code, euro.json()["accepted"]) == (422, "CNY")
    with clock_at(END):
        late = client.post(
            path,
            {**BODY, "amount_minor": 90_000},
            content_type="application/json",
            headers={"idempotency-key": "3", "date": "Mon, 01 Jan 2024 00:00:00 GMT"},
        )
    assert (late.status_code, late.json()["code"]) == (409, "bid_after_close")
    assert late.json()["server_time"] == END.isoformat()
    assert Bid.objects.count() == 1


def test_the_page_of_an_auction_names_nobody_until_it_is_over(house: House) -> None:
    auction = house.auction()
    house.bid("ben", auction, 30_000)
    client = bidder(house, "ann")
    post(client, f"/api/v1/auctions/{auction.public_id}/bids", BODY)
    shown = client.get(f"/api/v1/auctions/{auction.public_id}").json()
    assert shown["standing"]["my_status"] == "outbid"
    assert shown["standing"]["price_minor"] == 20_500
    assert [one["name"] for one in shown["history"]] == [None, None]
    assert [one["amount_minor"] for one in shown["history"]] == [20_000, None]
    early = client.get(f"/api/v1/auctions/{auction.public_id}/evidence")
    assert (early.status_code, early.json()["code"]) == (404, "auction_not_cleared")
    house.close(auction)
    over = client.get(f"/api/v1/auctions/{auction.public_id}").json()
    assert [one["name"] for one in over["history"]] == ["ann", "ben"]
    evidence = client.get(f"/api/v1/auctions/{auction.public_id}/evidence")
    assert evidence.content == bytes(evidence_of(auction).document)
    assert json.loads(evidence.content)["outcome"]["winner"] == house.organisation("ben").public_id
    awards = client.get(f"/api/v1/auctions/{auction.public_id}/awards").json()["items"]
    assert [one["payment_minor"] for one in awards] == [20_500]


def test_sealed_bids_are_placed_and_withdrawn_over_the_api(house: House) -> None:
    auction = house.auction(Kind.FIRST_PRICE)
    client, path = bidder(house, "ann"), f"/api/v1/auctions/{auction.public_id}"
    placed = post(client, f"{path}/bids", {"currency": "CNY", "rows": [{"price": 5_000}]}, key="1")
    assert placed.status_code == 201
    assert len(placed.json()["nonce"]) == 32
    gone = post(client, f"{path}/withdraw", {"reason": "A slip."}, key="2")
    assert gone.json()["withdrawn_at"] is not None
    assert client.get(f"{path}/bids").json()["items"][0]["id"] == placed.json()["bid"]["id"]


def test_a_key_without_the_scope_does_not_bid(house: House) -> None:
    auction = house.auction()
    house.buyer("ann")
    client = with_key(house.organisation("ann"), "orders:read")
    answer = post(client, f"/api/v1/auctions/{auction.public_id}/bids", BODY)
    assert (answer.status_code, Bid.objects.count()) == (403, 0)
