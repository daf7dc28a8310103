"""One item: the highest bid wins, the earliest among equals."""

from pricing.mechanisms.bids import Bid
from pricing.mechanisms.single import second_price
from tests.references.comparing import Comparison, Draw

Given = tuple[list[Bid], int]  # bids, reserve


def _draw(draw: Draw) -> Given:
    bids = [
        Bid(f"b{i}", draw.amount(), time=draw.random.randint(0, 2), seq=i)
        for i in range(draw.count())
    ]
    return bids, draw.random.choice([0, draw.amount()])


def _second_price(given: Given) -> object:
    """The winner pays the second highest bid, at least the reserve (Vickrey 1961)."""
    bids, reserve = given
    ranked = sorted(bids, key=lambda bid: (-bid.price, bid.time, bid.seq))
    if not ranked or ranked[0].price < reserve:
        return None, 0
    return ranked[0].bidder, max([reserve, *(bid.price for bid in ranked[1:2])])


def _ours(given: Given) -> object:
    sale = second_price(given[0], reserve=given[1])
    return sale.winner, sale.price


COMPARISONS = (Comparison("single.second_price", _draw, _ours, _second_price),)
