"""Where demand meets supply: the exact interval of prices at which a call market trades most.

Demand at a price is what bids of it and above ask for; supply is what offers of it and below give. The
crossing q is the highest price at which demand still reaches what is offered *below* it. Demand falls
and supply rises with the price, so that no price trades more than q; and both figures of a bucket's
first tick are known from the counts of whole buckets, so that histograms that get finer around the
crossing find it exactly at any span of prices. Source: the principle of most executed volume, least
surplus, market pressure of exchanges' call auctions, worked out here.
"""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import numpy as np

from pricing.laws import law
from pricing.mechanisms.bids import (
    BUCKETS_MAX,
    Book,
    Ints,
    Mask,
    bucketed,
    histogram,
    last_below,
    next_above,
    window,
)

BEYOND = 2**60  # a price that no order has


class PricePolicy(StrEnum):
    """Which price of the interval that leaves volume and imbalance as they are.

    PRESSURE takes the lowest where offers are left over, the highest where bids are, otherwise the
    midpoint. Where bids are left over in the lower part of the interval and as many offers in the
    upper one, each part presses towards the other: the price is the middle between the two.
    """

    PRESSURE = "pressure"
    LOW = "low"
    MID = "mid"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Interval:
    """Prices `low` to `high`: at each of them most volume changes hands and least is left over.

    `demand` is asked for at `high`, `supply` is offered at `low`; in between both stay as they are.
    The one exception is a `turn`: below it some bids are left over, from it on as many offers.
    """

    low: int
    high: int
    demand: int
    supply: int
    turn: int | None = None

    def __post_init__(self) -> None:
        law(self.low <= self.high, "an interval of prices is not empty")
        inside = self.turn is None or self.low < self.turn <= self.high
        law(inside, "the turn of an interval lies inside it")

    @property
    def volume(self) -> int:
        return min(self.demand, self.supply)

    def price(self, policy: PricePolicy) -> Fraction:
        """The price by that policy; a midpoint may be half a tick."""
        if policy is PricePolicy.PRESSURE:
            if self.turn is not None:
                return Fraction(2 * self.turn - 1, 2)
            if self.demand != self.supply:
                policy = PricePolicy.LOW if self.supply > self.demand else PricePolicy.HIGH
        if policy is PricePolicy.LOW:
            return Fraction(self.low)
        if policy is PricePolicy.HIGH:
            return Fraction(self.high)
        return Fraction(self.low + self.high, 2)


def interval(bids: Book, offers: Book) -> Interval | None:
    """All prices of the largest volume and, among these, of the least imbalance.

    None where no bid reaches an offer. Exact for all prices within 2^53 of zero, on either side.
    Cost: linear in the number of orders.
    """
    if not bids.prices.size or not offers.prices.size:
        return None
    at, buys, sells = _crossing(bids, offers)
    if not min(at.demand, at.supply):
        return None
    if at.demand > at.below or at.supply == at.below:  # more than is traded just below
        return _around(at.price, at.price, at.demand, at.supply, buys, sells)
    # As much is traded just below: there bids of that price are left over, here offers of this one.
    bids_left, offers_left = buys.at(at.price - 1), at.supply - at.below
    if bids_left < offers_left:
        below = at.price - 1
        return _around(below, below, at.demand + bids_left, at.below, buys, sells)
    if bids_left > offers_left:
        return _around(at.price, at.price, at.demand, at.supply, buys, sells)
    return _around(at.price - 1, at.price, at.demand, at.below, buys, sells)


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of the book, and the units at each tick of the window where the market clears.

    The counts hold every order of the window. What lies in it is nearer than what lies outside: all
    orders are looked through only where the window has none.
    """

    book: Book
    start: int
    counts: Ints

    def at(self, price: int) -> int:
        """Units at exactly this price."""
        tick = price - self.start
        if 0 <= tick < self.counts.size:
            return int(self.counts[tick])
        return self.book.units_at(self.book.prices == price)

    def last_below(self, price: int) -> int:
        """The highest price below, or one below every price."""
        found = np.flatnonzero(self.counts[: max(0, price - self.start)])
        if found.size:
            return self.start + int(found[-1])
        return last_below(self.book.prices, price, none=-BEYOND)

    def next_above(self, price: int) -> int:
        """The lowest price above, or one above every price."""
        tick = max(0, price + 1 - self.start)
        found = np.flatnonzero(self.counts[tick:])
        if found.size:
            return self.start + tick + int(found[0])
        return next_above(self.book.prices, price, none=BEYOND)


def _around(
    lower: int, upper: int, demand: int, supply: int, buys: _Side, sells: _Side
) -> Interval:
    """From `lower` down and from `upper` up, as far as neither demand nor supply changes."""
    return Interval(
        low=max(sells.last_below(lower + 1), buys.last_below(lower) + 1),
        high=min(buys.next_above(upper - 1), sells.next_above(upper) - 1),
        demand=demand,
        supply=supply,
        turn=upper if upper > lower else None,
    )


@dataclass(frozen=True, slots=True)
class _Crossing:
    """The highest price at which demand reaches what is offered `below` it."""

    price: int
    demand: int
    supply: int
    below: int


def _crossing(bids: Book, offers: Book) -> tuple[_Crossing, _Side, _Side]:
    near = [(book.prices, book.weights) for book in (bids, offers)]
    low = min(int(prices.min()) for prices, _ in near)
    high = max(int(prices.max()) for prices, _ in near)
    start, shift, size = window(low, high)
    demand_above = supply_below = 0
    while True:
        buckets = [bucketed(prices, start, shift) for prices, _ in near]
        buy, sell = (
            histogram(each, weights, size) for each, (_, weights) in zip(buckets, near, strict=True)
        )
        demand = np.cumsum(buy[::-1])[::-1] + demand_above
        supply = np.cumsum(sell) + supply_below
        # At the first tick of a bucket. The first bucket always reaches: the crossing is in it or
        # above.
        bucket = int(np.flatnonzero(demand >= supply - sell)[-1])
        below = int(supply[bucket] - sell[bucket])
        if shift == 0:
            at = _Crossing(start + bucket, int(demand[bucket]), int(supply[bucket]), below)
            return at, _Side(bids, start, buy), _Side(offers, start, sell)
        demand_above, supply_below = int(demand[bucket] - buy[bucket]), below
        near = [_kept(*side, each == bucket) for side, each in zip(near, buckets, strict=True)]
        start, shift, size = _finer(start + (bucket << shift), shift)


def _kept(prices: Ints, weights: Ints | None, inside: Mask) -> tuple[Ints, Ints | None]:
    return prices[inside], None if weights is None else weights[inside]


def _finer(start: int, width: int) -> tuple[int, int, int]:
    """Start, shift and size of a histogram of the 2^width ticks of one bucket."""
    shift = max(0, width - BUCKETS_MAX.bit_length() + 1)
    return start, shift, 1 << (width - shift)
