"""Clinching against a slow twin, over every small auction: nothing is left to chance."""

from collections.abc import Iterator, Sequence
from itertools import combinations_with_replacement, permutations, product

import pytest

from pricing.mechanisms import units
from pricing.mechanisms.bids import Bid
from tests.depth import DEPTH, DEPTHS

pytestmark = pytest.mark.deep

Values = Sequence[Sequence[int]]


def bids_of(values: Values) -> list[Bid]:
    """One bid for each unit, numbered in the order of writing."""
    rows = [(f"b{i}", value) for i, vector in enumerate(values) for value in vector]
    return [Bid(bidder, value, seq=seq) for seq, (bidder, value) in enumerate(rows)]


def falling(top: int, most: int) -> list[tuple[int, ...]]:
    """All falling values from `top` down to 1 of one unit up to `most`."""
    sizes = range(1, most + 1)
    return [
        vector
        for size in sizes
        for vector in combinations_with_replacement(range(top, 0, -1), size)
    ]


def welfare(bids: Sequence[Bid], supply: int, reserve: int) -> int:
    """The most that `supply` units can be worth; the seller keeps units at the reserve."""
    worth = [bid.price for bid in bids for _ in range(bid.quantity)] + [reserve] * supply
    return sum(sorted(worth, reverse=True)[:supply])


def check_against_definition(bids: Sequence[Bid], supply: int, reserve: int) -> None:
    """Winners by the order of bids; each pays what the others lose by its presence."""
    won = units.clinching(bids, supply=supply, reserve=reserve)
    assert won == units.multi_unit_vickrey(bids, supply=supply, reserve=reserve)
    served = [
        bid.bidder
        for bid in sorted(bids, key=lambda bid: (-bid.price, bid.time, bid.seq))
        for _ in range(bid.quantity)
        if bid.price >= reserve
    ][:supply]
    assert {bidder: got.units for bidder, got in won.items()} == {
        bidder: served.count(bidder) for bidder in served
    }
    for bidder, got in won.items():
        others = [bid for bid in bids if bid.bidder != bidder]
        beside = welfare(others, supply - got.units, reserve)
        assert got.payment == welfare(others, supply, reserve) - beside
        assert list(got.prices) == sorted(got.prices)


def test_equal_values_are_served_to_the_earliest_and_never_beyond_the_demand() -> None:
    bids = bids_of([[1, 1], [1, 1], [1, 1, 1, 1]])
    assert units.clinching(bids, supply=7) == {
        "b0": units.Won(2, (0, 1)),
        "b1": units.Won(2, (0, 1)),
        "b2": units.Won(3, (0, 0, 0)),
    }
    check_against_definition(bids, 7, 0)


def test_a_unit_that_nobody_else_asked_for_costs_the_reserve() -> None:
    bids = bids_of([[4, 4, 3], [4], [4]])
    assert units.clinching(bids, supply=3, reserve=2) == {
        "b0": units.Won(2, (2, 4)),
        "b1": units.Won(1, (4,)),
    }
    check_against_definition(bids, 3, 2)


def test_a_bid_for_several_units_may_be_served_in_part() -> None:
    bids = [Bid("a", 5, 2, seq=0), Bid("b", 5, 3, seq=1), Bid("a", 3, 2, seq=2)]
    assert units.clinching(bids, supply=4, reserve=1) == {
        "a": units.Won(2, (1, 5)),
        "b": units.Won(2, (3, 3)),
    }
    check_against_definition(bids, 4, 1)


# Highest value, most units of a bidder, bidders.
SMALL = [(3, 3, 2), (2, 3, 3)]
LARGER = [(3, 4, 2), (3, 2, 3), (3, 3, 3), (2, 2, 4)]


@pytest.mark.parametrize(
    ("top", "units_most", "bidders"), SMALL if DEPTH is DEPTHS["usual"] else LARGER
)
def test_every_small_auction_gives_the_vickrey_outcome(
    top: int, units_most: int, bidders: int
) -> None:
    auctions = 0
    for values in product(falling(top, units_most), repeat=bidders):
        bids = bids_of(values)
        for supply, reserve in product(range(1, len(bids) + 2), range(top + 1)):
            check_against_definition(bids, supply, reserve)
            auctions += 1
    assert auctions > 8_000


def arrivals() -> Iterator[list[Bid]]:
    """Two bidders, two bids each of one or two units, in every order of arrival."""
    for prices, counts in product(product((1, 2), repeat=4), product((1, 2), repeat=4)):
        for order in permutations(range(4)):
            yield [Bid("ab"[i // 2], prices[i], counts[i], seq=order[i]) for i in range(4)]


def test_every_order_of_arrival_gives_the_vickrey_outcome() -> None:
    for bids in arrivals():
        for supply in (1, 3, 5):
            check_against_definition(bids, supply, 1)
