"""The screens for bid rings over auctions that went through the rooms."""

import pytest

from exchange.auctions import bid_rings
from exchange.auctions.lifecycle import Kind
from exchange.core.refusals import NotAllowed
from tests.factories.auctions import House
from tests.factories.orders import DAY


def test_two_bidders_who_take_turns_are_shown_with_their_figures(house: House) -> None:
    for number in range(16):
        auction = house.auction(Kind.FIRST_PRICE)
        high, low = ("ann", "ben") if number % 2 else ("ben", "ann")
        house.seal(high, auction, {"price": 10_000})
        house.seal(low, auction, {"price": 9_990})
        house.close(auction)
    (found,) = bid_rings.look(actor=house.exchange.proposer, now=DAY)
    assert found.contests_count == 16
    assert found.is_conspicuous
    (turn,) = found.rotations
    assert (turn.first_wins, turn.second_wins, turn.runs) == (8, 8, 16)
    assert found.missing.near_count == 32


def test_other_mechanisms_and_auctions_without_bids_are_left_out(house: House) -> None:
    english = house.auction(Kind.UNIFORM_PRICE, quantity=2)
    house.seal("ann", english, {"price": 10_000})
    house.close(english)
    house.close(house.auction(Kind.FIRST_PRICE))
    assert bid_rings.look(actor=house.exchange.proposer, now=DAY) == []


def test_bidders_do_not_see_the_screens(house: House) -> None:
    with pytest.raises(NotAllowed):
        bid_rings.look(actor=house.selling, now=DAY)
