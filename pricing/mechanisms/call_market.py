"""The call market: one price for all orders, at which the most changes hands."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import numpy as np

from pricing.mechanisms.bids import Book, Ints
from pricing.mechanisms.clearing import (
    Rationing,
    bucketed,
    fill,
    histogram,
    marginal_price,
    weights_of,
    window,
)


class PricePolicy(StrEnum):
    """Which price of the interval that leaves volume and imbalance as they are.

    PRESSURE takes the lowest where offers are left over, the highest where bids are, otherwise the
    midpoint.
    """

    PRESSURE = "pressure"
    LOW = "low"
    MID = "mid"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Interval:
    """Prices `low` to `high`: at each of them `demand` meets `supply`, most volume changes hands."""

    low: int
    high: int
    demand: int
    supply: int

    @property
    def volume(self) -> int:
        return min(self.demand, self.supply)

    def price(self, policy: PricePolicy) -> Fraction:
        """The price by that policy; a midpoint may be half a tick."""
        if policy is PricePolicy.PRESSURE and self.demand != self.supply:
            policy = PricePolicy.LOW if self.supply > self.demand else PricePolicy.HIGH
        if policy is PricePolicy.LOW:
            return Fraction(self.low)
        if policy is PricePolicy.HIGH:
            return Fraction(self.high)
        return Fraction(self.low + self.high, 2)


@dataclass(frozen=True, slots=True)
class Called:
    """The price and the units of each bid and offer; no price where nothing can change hands."""

    price: Fraction | None
    volume: int
    interval: Interval | None
    bids: Ints
    offers: Ints


@dataclass(frozen=True, slots=True)
class _Side:
    """Prices and weights (None: one unit each) of one side, or what of it lies in a window."""

    prices: Ints
    weights: Ints | None

    def within(self, low: int, high: int) -> "_Side":
        inside = (self.prices >= low) & (self.prices <= high)
        weights = None if self.weights is None else self.weights[inside]
        return _Side(self.prices[inside], weights)

    def at(self, price: int) -> int:
        """Units at exactly this price."""
        here = self.prices == price
        return int(np.count_nonzero(here) if self.weights is None else self.weights[here].sum())

    def last_below(self, price: int) -> int:
        """The highest price below, or zero."""
        return int((self.prices * (self.prices < price)).max(initial=0))

    def next_above(self, price: int) -> int:
        """The lowest price above, or one that no price reaches."""
        return BEYOND - int(((BEYOND - self.prices) * (self.prices > price)).max(initial=0))


BEYOND = 2**60


def interval(bids: Book, offers: Book) -> Interval | None:
    """All prices of the largest volume and, among these, of the least imbalance.

    None where no bid reaches an offer. Cost: linear in the number of orders.
    """
    if not bids.prices.size or not offers.prices.size:
        return None
    if int(bids.prices.max()) < int(offers.prices.min()):
        return None
    # Excess demand falls as the price rises: the best price is the last one without a shortage of
    # demand, or the tick after it.
    buys = _Side(bids.prices, weights_of(bids.quantities))
    sells = _Side(offers.prices, weights_of(offers.quantities))
    price, demand, supply = _last_without_shortage(buys, sells)
    left = _Point(price, demand, supply)
    right = _Point(price + 1, demand - buys.at(price), supply + sells.at(price + 1))
    best = min(left, right, key=lambda at: (-min(at.demand, at.supply), abs(at.demand - at.supply)))
    return Interval(
        low=max(sells.last_below(best.price + 1), buys.last_below(best.price) + 1),
        high=min(buys.next_above(best.price - 1), sells.next_above(best.price) - 1),
        demand=best.demand,
        supply=best.supply,
    )


@dataclass(frozen=True, slots=True)
class _Point:
    price: int
    demand: int
    supply: int


def _last_without_shortage(buys: _Side, sells: _Side) -> tuple[int, int, int]:
    """The highest tick at which demand is at least the supply, and both figures there."""
    low = min(int(buys.prices.min()), int(sells.prices.min()))
    high = max(int(buys.prices.max()), int(sells.prices.max()))
    demand_beyond = supply_before = 0
    while True:
        start, shift, size = window(low, high)
        buy, sell = (
            histogram(bucketed(side.prices, start, shift), side.weights, size)
            for side in (buys, sells)
        )
        demand = np.cumsum(buy[::-1])[::-1] + demand_beyond
        supply = np.cumsum(sell) + supply_before
        # In bucket i supply is at least what was offered before it. Where demand from i on still
        # reaches that, the crossing is in i or later.
        reached = np.flatnonzero(demand >= (supply if shift == 0 else supply - sell))
        bucket = int(reached[-1]) if reached.size else 0
        if shift == 0:
            return start + bucket, int(demand[bucket]), int(supply[bucket])
        demand_beyond = int(demand[bucket] - buy[bucket])
        supply_before = int(supply[bucket] - sell[bucket])
        low = start + (bucket << shift)
        high = low + (1 << shift) - 1
        buys, sells = buys.within(low, high), sells.within(low, high)


def call_market(
    bids: Book,
    offers: Book,
    *,
    policy: PricePolicy = PricePolicy.PRESSURE,
    rationing: Rationing = Rationing.TIME,
    whole_ticks: bool = True,
) -> Called:
    """Clear all orders at one price. A midpoint between two ticks is rounded down unless asked.

    The long side is rationed from its worst price on: better prices first, then by the rationing.
    """
    found = interval(bids, offers)
    if found is None:
        none = np.zeros_like(bids.quantities), np.zeros_like(offers.quantities)
        return Called(None, 0, None, *none)
    price = found.price(policy)
    if whole_ticks:
        price = Fraction(price.numerator // price.denominator)
    volume = found.volume
    return Called(
        price,
        volume,
        found,
        _filled(bids, found.low, found.demand, volume, rationing),
        _mirrored(offers, found, volume, rationing),
    )


def _filled(book: Book, price: int, asked: int, volume: int, rationing: Rationing) -> Ints:
    """Units of each bid where bids from `price` up ask for `asked` and get `volume`."""
    margin = marginal_price(book, volume) if asked > volume else None
    if margin is None:
        return book.quantities * (book.prices >= price)
    return fill(book, margin, volume, rationing).fills


def _mirrored(offers: Book, found: Interval, volume: int, rationing: Rationing) -> Ints:
    """Offers are bids for the same units at the negative price."""
    mirror = Book(-offers.prices, offers.quantities, offers.times, offers.seqs)
    return _filled(mirror, -found.high, found.supply, volume, rationing)
