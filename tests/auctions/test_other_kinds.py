"""Falling clocks, bundles, procurement."""

import pytest

from exchange.auctions import bidding, moderation, scheduling
from exchange.auctions.errors import BidRefused, PriceMoved, SoldOut
from exchange.auctions.lifecycle import AuctionState, Kind
from exchange.auctions.models import Award
from exchange.auctions.requests import AuctionRequest, BidRequest, ItemRequest
from exchange.auctions.standing import price_at
from exchange.journeys import awards
from exchange.members.roles import Kind as Qualification
from exchange.members.roles import Role
from exchange.orders.models import Order
from tests.factories import accounts, listings
from tests.factories.auctions import END, House, clock_at
from tests.factories.members import a_role, acting, minutes
from tests.factories.orders import DAY

CLOCK = {
    "opening_minor": 10_000,
    "reserve_minor": 4_000,
    "options": {"step_minor": 1_000, "every_seconds": 60},
}


def test_the_first_to_accept_the_falling_price_gets_it(house: House) -> None:
    auction = house.auction(Kind.DUTCH, **CLOCK)
    with clock_at(DAY + minutes(2)):
        with pytest.raises(PriceMoved) as moved:
            house.bid("ann", auction, 9_000)
        assert moved.value.facts["price_minor"] == 8_000
        receipt = house.bid("ann", auction, 8_000)
    assert receipt.auction.state == AuctionState.CLOSED
    assert house.close(auction, at=DAY + minutes(2)).state == AuctionState.AWARDED
    assert Order.objects.get().net_minor == 8_000


def test_several_licences_go_at_the_prices_they_were_accepted_at(house: House) -> None:
    auction = house.auction(Kind.DUTCH, **CLOCK, quantity=3)
    house.bid("ann", auction, 10_000)
    with clock_at(DAY + minutes(1)):
        with pytest.raises(SoldOut) as gone:
            house.bid("ben", auction, 9_000, quantity=3)
        assert gone.value.facts["left"] == 2
        house.bid("ben", auction, 9_000, quantity=2)
    house.close(auction, at=DAY + minutes(1))
    paid = dict(Award.objects.values_list("bidder__name", "payment_minor"))
    assert paid == {"ann": 10_000, "ben": 18_000}


def test_a_pause_stops_the_falling_clock(house: House) -> None:
    auction = house.auction(Kind.DUTCH, **CLOCK)
    house.buyer("ann")
    operator, name = house.exchange.proposer, auction.public_id
    with clock_at(DAY + minutes(1)):
        house.bid("ben", house.auction(), 20_000)  # another auction goes on meanwhile
        with pytest.raises(PriceMoved):
            house.bid("ann", auction, 10_000)
        awards.run_due(now=DAY)
        moderation.pause(name, actor=operator, reason="A doubt.", now=DAY)
    with clock_at(DAY + minutes(11)):
        auction = moderation.resume(name, actor=operator, reason="Go on.", now=DAY)
        assert price_at(auction, DAY + minutes(11)) == 9_000
        house.bid("ann", auction, 9_000)
    assert house.close(auction, at=DAY + minutes(11)).state == AuctionState.AWARDED


def test_who_wins_a_bundle_gets_an_order_for_each_product(house: House) -> None:
    second = listings.a_listing(seller=house.seller, price_minor=None, title="Flow readings")
    first_id, second_id = house.product.public_id, second.public_id
    auction = house.auction(
        Kind.PACKAGES, items=(ItemRequest(first_id), ItemRequest(second_id)), deposit_minor=1_000
    )
    house.seal("ann", auction, {"items": [first_id], "price": 8_000})
    house.seal("ben", auction, {"items": [second_id], "price": 6_000})
    house.seal("all", auction, {"items": [first_id, second_id], "price": 15_001})
    with pytest.raises(BidRefused):
        house.seal("cem", auction, {"items": ["prd_else"], "price": 5})
    house.close(auction)
    awards = Award.objects.order_by("product_id")
    assert [one.bidder.name for one in awards] == ["all", "all"]
    assert sum(one.payment_minor for one in awards) == 14_000
    assert sorted(order.net_minor for order in Order.objects.all()) == [7_000, 7_000]


def test_in_a_procurement_the_lowest_offer_is_bought(house: House) -> None:
    buyer = house.buyer("city")
    auction = scheduling.schedule(
        AuctionRequest(
            kind=Kind.PROCUREMENT,
            currency="CNY",
            title="Wanted: pressure readings",
            opens_at=DAY,
            closes_at=END,
            reserve_minor=9_000,
        ),
        actor=buyer,
        now=DAY,
    )
    for name, price in (("high", 9_500), ("low", 7_000), ("mid", 8_000)):
        seller = accounts.an_organisation(name=name)
        house.exchange.admit(seller, Qualification.SELLER)
        a_role(seller, accounts.owner_of(seller), Role.DATA_OWNER)
        product = listings.a_listing(seller=seller, price_minor=None)
        actor = acting(accounts.owner_of(seller), seller)
        rows = [{"price": price, "product": product.public_id}]
        bidding.place(
            auction.public_id, BidRequest(currency="CNY", rows=rows), actor=actor, now=DAY
        )
        with pytest.raises(BidRefused):
            bidding.place(
                auction.public_id,
                BidRequest(currency="CNY", rows=[{"price": 1, "product": house.product.public_id}]),
                actor=actor,
                now=DAY,
            )
    house.close(auction)
    order = Order.objects.get()
    assert (order.seller.name, order.buyer.name, order.net_minor) == ("low", "city", 7_000)
