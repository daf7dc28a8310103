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
    fill_beyond,
    histogram,
    marginal_price,
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


BEYOND = 2**60


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of the book, and the units at each tick of the window where the market clears.

    What lies in the window is nearer than what lies outside: all orders are looked through only
    where the window has none.
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
        """The highest price below, or zero."""
        found = np.flatnonzero(self.counts[: max(0, price - self.start)])
        if found.size:
            return self.start + int(found[-1])
        return int(self.book.prices[self.book.prices < price].max(initial=0))

    def next_above(self, price: int) -> int:
        """The lowest price above, or one that no price reaches."""
        tick = max(0, price + 1 - self.start)
        found = np.flatnonzero(self.counts[tick:])
        if found.size:
            return self.start + tick + int(found[0])
        return int(self.book.prices[self.book.prices > price].min(initial=BEYOND))


def interval(bids: Book, offers: Book) -> Interval | None:
    """All prices of the largest volume and, among these, of the least imbalance.

    None where no bid reaches an offer. Cost: linear in the number of orders.
    """
    if not bids.prices.size or not offers.prices.size:
        return None
    # Excess demand falls as the price rises: the best price is the last one without a shortage of
    # demand, or the tick after it.
    left, buys, sells = _last_without_shortage(bids, offers)
    after = left.price + 1
    right = _Point(after, left.demand - buys.at(left.price), left.supply + sells.at(after))
    best = min(left, right, key=lambda at: (-at.volume, abs(at.demand - at.supply)))
    if not best.volume:
        return None
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

    @property
    def volume(self) -> int:
        return min(self.demand, self.supply)


def _last_without_shortage(bids: Book, offers: Book) -> tuple[_Point, _Side, _Side]:
    """The highest tick at which demand is at least the supply, and both sides around it."""
    near = [(book.prices, book.weights) for book in (bids, offers)]
    low = min(int(prices.min()) for prices, _ in near)
    high = max(int(prices.max()) for prices, _ in near)
    demand_beyond = supply_before = 0
    while True:
        start, shift, size = window(low, high)
        buy, sell = (
            histogram(bucketed(prices, start, shift), weights, size) for prices, weights in near
        )
        demand = np.cumsum(buy[::-1])[::-1] + demand_beyond
        supply = np.cumsum(sell) + supply_before
        # In bucket i supply is at least what was offered before it. Where demand from i on still
        # reaches that, the crossing is in i or later.
        reached = np.flatnonzero(demand >= (supply if shift == 0 else supply - sell))
        bucket = int(reached[-1]) if reached.size else 0
        if shift == 0:
            point = _Point(start + bucket, int(demand[bucket]), int(supply[bucket]))
            return point, _Side(bids, start, buy), _Side(offers, start, sell)
        demand_beyond = int(demand[bucket] - buy[bucket])
        supply_before = int(supply[bucket] - sell[bucket])
        low = start + (bucket << shift)
        high = low + (1 << shift) - 1
        near = [_within(prices, weights, low, high) for prices, weights in near]


def _within(prices: Ints, weights: Ints | None, low: int, high: int) -> tuple[Ints, Ints | None]:
    inside = (prices >= low) & (prices <= high)
    return prices[inside], None if weights is None else weights[inside]


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
        _filled(bids, found.high, found.demand, volume, rationing),
        _sold(offers, found.low, found.supply, volume, rationing),
    )


def _filled(book: Book, price: int, asked: int, volume: int, rationing: Rationing) -> Ints:
    """Units of each bid where bids from `price` up ask for `asked` and get `volume`."""
    if asked == volume:
        return book.units(book.prices >= price)
    better = book.prices > price
    if book.units_at(better) > volume:
        return fill(book, marginal_price(book, volume) or price, volume, rationing).fills
    return fill_beyond(book, better, price, volume, rationing).fills


def _sold(book: Book, price: int, offered: int, volume: int, rationing: Rationing) -> Ints:
    """As `_filled`, for offers: these are better the lower their price is."""
    if offered == volume:
        return book.units(book.prices <= price)
    better = book.prices < price
    if book.units_at(better) > volume:  # offers are bids for the same units at the negative price
        mirror = Book(-book.prices, book.quantities, book.times, book.seqs)
        return _filled(mirror, -price, offered, volume, rationing)
    return fill_beyond(book, better, price, volume, rationing).fills
