"""English auctions: proxy bids, the soft close, deposits, the award."""

from datetime import timedelta

import pytest

from exchange.auctions.errors import AuctionEnded, BidTooLow
from exchange.auctions.lifecycle import AuctionState
from exchange.auctions.models import Award, Bid
from exchange.auctions.standing import BidderStatus, facts
from exchange.orders.lifecycle import OrderState
from exchange.orders.models import Order
from exchange.payments import deposits
from exchange.payments.lifecycle import DepositState
from tests.factories.auctions import END, House, clock_at
from tests.factories.orders import DAY
from tests.factories.payments import books_are_sound


def test_the_price_is_the_second_maximum_and_a_step(house: House) -> None:
    auction = house.auction()
    house.bid("ann", auction, 30_000)
    receipt = house.bid("ben", auction, 20_000)
    assert receipt.auction.price_minor == 20_500
    assert receipt.auction.leader == house.organisation("ann")
    assert [bid.price_after_minor for bid in Bid.objects.order_by("seq")] == [10_000, 20_500]


def test_a_bid_below_the_increment_is_refused_with_the_minimum_and_changes_nothing(
    house: House,
) -> None:
    auction = house.auction()
    house.bid("ann", auction, 30_000)
    with pytest.raises(BidTooLow) as refused:
        house.bid("ben", auction, 10_499)
    assert refused.value.facts["least_minor"] == 10_500
    auction.refresh_from_db()
    assert (auction.bids_count, auction.price_minor) == (1, 10_000)


def test_the_leader_may_raise_its_maximum_and_the_price_stays(house: House) -> None:
    auction = house.auction()
    house.bid("ann", auction, 30_000)
    with pytest.raises(BidTooLow):
        house.bid("ann", auction, 30_000)
    assert house.bid("ann", auction, 40_000).auction.price_minor == 10_000


def test_the_winner_gets_an_order_and_the_losers_their_deposits(house: House) -> None:
    auction = house.auction(deposit_minor=5_000)
    house.bid("ann", auction, 30_000)
    house.bid("ben", auction, 20_000)
    assert deposits.deposit_of(auction.basis, house.organisation("ben").pk) is not None
    closed = house.close(auction)
    assert closed.state == AuctionState.AWARDED
    assert closed.settled_at is not None
    award = Award.objects.get()
    order = Order.objects.get()
    assert award.order == order
    assert (order.buyer, order.net_minor) == (house.organisation("ann"), 20_500)
    assert order.state == OrderState.DELIVERED
    assert order.terms["deal"] == {"nature": "licence", "basis": auction.basis}
    held = {
        name: deposits.deposit_of(auction.basis, house.organisation(name).pk)
        for name in ("ann", "ben")
    }
    assert {name: one.state for name, one in held.items() if one} == {
        "ann": DepositState.APPLIED, "ben": DepositState.RELEASED,
    }  # fmt: skip
    assert books_are_sound()


def test_below_a_secret_reserve_nothing_is_sold_and_all_deposits_go_back(house: House) -> None:
    auction = house.auction(reserve_minor=50_000, reserve_shown=False, deposit_minor=5_000)
    house.bid("ann", auction, 49_000)
    shown = facts(auction, organisation_id=None, at=DAY)
    assert shown.reserve_minor is None
    closed = house.close(auction)
    assert closed.state == AuctionState.FAILED
    assert Award.objects.count() == 0
    deposit = deposits.deposit_of(auction.basis, house.organisation("ann").pk)
    assert deposit is not None
    assert deposit.state == DepositState.RELEASED


def test_a_bid_in_the_last_minutes_moves_the_end_up_to_the_cap(house: House) -> None:
    auction = house.auction(
        soft_window_seconds=300,
        soft_extension_seconds=600,
        closes_by=END + timedelta(minutes=12),
    )
    with clock_at(END - timedelta(minutes=1)):
        assert house.bid("ann", auction, 20_000).auction.closes_at == END + timedelta(minutes=9)
    with clock_at(END + timedelta(minutes=8)):
        assert house.bid("ben", auction, 30_000).auction.closes_at == END + timedelta(minutes=12)
    closed = house.close(auction, at=END + timedelta(minutes=12))
    assert closed.state == AuctionState.AWARDED


def test_a_leader_who_raises_the_secret_maximum_in_the_last_minutes_moves_nothing(
    house: House,
) -> None:
    auction = house.auction(soft_window_seconds=300, soft_extension_seconds=300)
    house.bid("ann", auction, 20_000)
    with clock_at(END - timedelta(seconds=50)):
        house.bid("ann", auction, 40_000)
    auction.refresh_from_db()
    assert (auction.price_minor, auction.closes_at) == (10_000, END)


def test_one_millisecond_late_is_refused_with_the_time_of_the_server(house: House) -> None:
    auction = house.auction()
    house.bid("ann", auction, 20_000)
    with clock_at(END - timedelta(milliseconds=1)):
        house.bid("ben", auction, 30_000)
    with clock_at(END), pytest.raises(AuctionEnded) as refused:
        house.bid("ann", auction, 40_000)
    assert refused.value.facts["server_time"] == END.isoformat()
    assert Bid.objects.count() == 2


def test_everybody_sees_how_they_stand(house: House) -> None:
    auction = house.auction()
    house.bid("ann", auction, 30_000)
    house.bid("ben", auction, 20_000)
    auction.refresh_from_db()
    ann, ben = house.organisation("ann").pk, house.organisation("ben").pk
    mine = facts(auction, organisation_id=ann, at=DAY)
    assert (mine.my_status, mine.my_maximum_minor) == (BidderStatus.LEADING, 30_000)
    assert mine.least_minor == 30_001
    other = facts(auction, organisation_id=ben, at=DAY)
    assert (other.my_status, other.price_minor) == (BidderStatus.OUTBID, 20_500)
    assert other.least_minor == 21_000
    stranger = facts(auction, organisation_id=None, at=DAY)
    assert (stranger.my_status, stranger.seconds_left) == (BidderStatus.OUTSIDE, 3600)
