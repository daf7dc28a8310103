"""The call market: one price for all orders, at which the most changes hands."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import numpy as np

from pricing.mechanisms.bids import Book, Ints
from pricing.mechanisms.clearing import (
    BUCKETS_MAX,
    Rationing,
    fill,
    histogram,
    marginal_price,
    weights_of,
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


def interval(bids: Book, offers: Book) -> Interval | None:
    """All prices of the largest volume and, among these, of the least imbalance.

    None where no bid reaches an offer. Cost: linear in the number of orders.
    """
    if not bids.prices.size or not offers.prices.size:
        return None
    if int(bids.prices.max()) < int(offers.prices.min()):
        return None
    # Excess demand falls as the price rises: the best price is the last one where there is none
    # too little, or the tick after it.
    below = _last_without_shortage(bids, offers)
    left = _around(bids, offers, below)
    if left.demand == left.supply:
        return left
    right = _around(bids, offers, below + 1)
    return min(left, right, key=lambda at: (-at.volume, abs(at.demand - at.supply), at.low))


def _last_without_shortage(bids: Book, offers: Book) -> int:
    """The highest tick at which demand is at least the supply."""
    buys = bids.prices, weights_of(bids.quantities)
    sells = offers.prices, weights_of(offers.quantities)
    low = min(int(buys[0].min()), int(sells[0].min()))
    high = max(int(buys[0].max()), int(sells[0].max()))
    demand_beyond = supply_before = 0
    while True:
        shift = max(0, (high - low).bit_length() - BUCKETS_MAX.bit_length() + 1)
        size = ((high - low) >> shift) + 1
        buy, sell = (histogram((prices - low) >> shift, w, size) for prices, w in (buys, sells))
        demand = np.cumsum(buy[::-1])[::-1] + demand_beyond
        supply = np.cumsum(sell) + supply_before
        # In bucket i, supply is at least what was offered before it. Where demand from i on still
        # reaches that, the crossing is in i or later.
        reached = np.flatnonzero(demand >= (supply if shift == 0 else supply - sell))
        bucket = int(reached[-1]) if reached.size else 0
        if shift == 0:
            return low + bucket
        demand_beyond = int(demand[bucket] - buy[bucket])
        supply_before = int(supply[bucket] - sell[bucket])
        start = low + (bucket << shift)
        low, high = start, start + (1 << shift) - 1
        buys, sells = _within(buys, low, high), _within(sells, low, high)


def _within(side: tuple[Ints, Ints | None], low: int, high: int) -> tuple[Ints, Ints | None]:
    prices, weights = side
    inside = (prices >= low) & (prices <= high)
    return prices[inside], None if weights is None else weights[inside]


def _around(bids: Book, offers: Book, price: int) -> Interval:
    """Demand and supply at a price, and the prices around it with the same two figures."""
    buy_above, sell_below = bids.prices >= price, offers.prices <= price
    next_buy = int(np.min(bids.prices, initial=2**62, where=buy_above))
    last_sell = int(np.max(offers.prices, initial=0, where=sell_below))
    last_buy = int(np.max(bids.prices, initial=0, where=~buy_above))
    next_sell = int(np.min(offers.prices, initial=2**62, where=~sell_below))
    return Interval(
        low=min(price, max(last_sell, last_buy + 1)),
        high=max(price, min(next_buy, next_sell - 1)),
        demand=int(np.sum(bids.quantities, where=buy_above)),
        supply=int(np.sum(offers.quantities, where=sell_below)),
    )


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
    return fill(book, margin, volume, rationing)


def _mirrored(offers: Book, found: Interval, volume: int, rationing: Rationing) -> Ints:
    """Offers are bids for the same units at the negative price."""
    mirror = Book(-offers.prices, offers.quantities, offers.times, offers.seqs)
    return _filled(mirror, -found.high, found.supply, volume, rationing)
