"""Who hears of turns, contracts, bids and awards: each once, on the right side."""

from datetime import timedelta

import pytest

from exchange.asset_sales.states import Standing
from exchange.auctions.models import Auction
from exchange.flows import auction_clock, negotiated_deal
from exchange.flows.trading_news import tell_outbid
from exchange.members.roles import Role
from exchange.negotiation.actions.rounds import Spoken
from exchange.negotiation.queries.negotiations import newest_proposal
from exchange.negotiation.terms import Terms
from exchange.notices.models import Notice
from tests.factories import accounts
from tests.factories.asset_sales import a_state_house
from tests.factories.auctions import END, a_house, clock_at
from tests.factories.members import a_role, acting
from tests.factories.orders import DAY, a_market

pytestmark = pytest.mark.django_db


def told(kind: str) -> list[str]:
    """Who was told it, by name of the organisation, in order."""
    rows = Notice.objects.filter(kind=kind).order_by("pk")
    return [one.user.memberships.get().organisation.name for one in rows]


def test_each_turn_is_told_to_the_side_that_has_it() -> None:
    market = a_market()
    owner = accounts.owner_of(market.seller)
    a_role(market.seller, owner, Role.DATA_OWNER)
    seller, buyer = acting(owner, market.seller), market.buying
    opened = negotiated_deal.ask(
        actor=buyer,
        product_id=market.offer(500).product.public_id,
        spoken=Spoken(Terms(currency="CNY", price_minor=None)),
        now=DAY,
    )
    assert told("negotiation.turn") == ["Pipeline Data"]
    negotiated_deal.counter(
        actor=seller,
        negotiation_id=opened.public_id,
        answers=newest_proposal(opened).document_hash,
        spoken=Spoken(Terms(currency="CNY", price_minor=90_000)),
        now=DAY,
    )
    assert told("negotiation.turn") == ["Pipeline Data", "City Gas"]
    opened.refresh_from_db()
    negotiated_deal.accept(
        actor=buyer,
        negotiation_id=opened.public_id,
        answers=newest_proposal(opened).document_hash,
        now=DAY,
    )
    assert sorted(told("contracts.to_sign")) == ["City Gas", "Pipeline Data"]


def test_the_side_that_ended_a_negotiation_hears_nothing_of_it() -> None:
    market = a_market()
    a_role(market.seller, accounts.owner_of(market.seller), Role.DATA_OWNER)
    opened = negotiated_deal.ask(
        actor=market.buying,
        product_id=market.offer(500).product.public_id,
        spoken=Spoken(Terms(currency="CNY", price_minor=50_000)),
        now=DAY,
    )
    negotiated_deal.withdraw(
        actor=market.buying, negotiation_id=opened.public_id, reason="", now=DAY
    )
    assert told("negotiation.ended") == ["Pipeline Data"]


def test_who_is_outbid_hears_once_of_each_of_its_bids_and_the_winner_of_its_award() -> None:
    house = a_house()
    with clock_at(DAY):
        auction = house.auction()
        house.bid("ann", auction, 20_000)
        assert tell_outbid(now=DAY) == 1
        assert told("auctions.bid.outbid") == []
        house.bid("ben", auction, 30_000)
        assert [tell_outbid(now=DAY), tell_outbid(now=DAY)] == [1, 0]
        assert told("auctions.bid.outbid") == ["ann"]
        house.bid("ann", auction, 40_000)
        house.bid("ben", auction, 41_000)
        tell_outbid(now=DAY)
    assert told("auctions.bid.outbid") == ["ann", "ann"]
    assert Auction.objects.get().told_version == Auction.objects.get().version
    with clock_at(END + timedelta(hours=1)):
        auction_clock.sweep(now=END + timedelta(hours=1))
    assert told("auctions.award.won") == ["ben"]


def test_a_bidder_for_a_state_asset_hears_how_the_exchange_decided() -> None:
    house = a_state_house()
    running = house.announce(house.filed(), 1_000_000, deposit_yuan=300_000)
    house.examine(house.register("City Gas", running, 1_000_000))
    house.examine(house.register("Rail", running, 1_010_000), Standing.REJECTED)
    assert told("asset_sales.bidder.qualified") == ["City Gas"]
    assert told("asset_sales.bidder.rejected") == ["Rail"]
