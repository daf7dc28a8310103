"""Two-sided markets: pairs (McAfee, trade reduction), efficient matching, and the call market."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import numpy as np

from pricing.mechanisms.bids import (
    Bid,
    Book,
    Ints,
    Rationing,
    best_first,
    bucketed,
    check_bids,
    fill,
    fill_beyond,
    histogram,
    lowest_first,
    marginal_price,
    window,
)


@dataclass(frozen=True, slots=True)
class Traded:
    """Who trades one unit each, and what buyers pay and sellers get. No prices without a trade."""

    buyers: tuple[str, ...]
    sellers: tuple[str, ...]
    buyer_price: Fraction | None
    seller_price: Fraction | None

    @property
    def trades(self) -> int:
        return len(self.buyers)

    @property
    def surplus(self) -> Fraction:
        """What buyers pay beyond what sellers get: never negative, left with the market."""
        if self.buyer_price is None or self.seller_price is None:
            return Fraction(0)
        return self.trades * (self.buyer_price - self.seller_price)


def efficient_trades(buyers: Sequence[int], sellers: Sequence[int]) -> int:
    """How many pairs gain, for prices sorted best first."""
    return sum(1 for bid, ask in zip(buyers, sellers, strict=False) if bid >= ask)


def mcafee(buyers: Sequence[Bid], sellers: Sequence[Bid], *, whole_ticks: bool = True) -> Traded:
    """One unit each; truthful on both sides, at most one trade less than is efficient.

    The price is the middle of the first pair that does not trade, if all who trade accept it; it is
    rounded down to a tick unless asked. Otherwise the last pair is dropped: trade reduction.
    """
    bids, asks, pairs = _ranked(buyers, sellers)
    if 0 < pairs < min(len(bids), len(asks)):
        price = Fraction(bids[pairs].price + asks[pairs].price, 2)
        if asks[pairs - 1].price <= price <= bids[pairs - 1].price:
            # Rounding comes after the test: it moves the price past no whole number.
            if whole_ticks:
                price = Fraction(price.numerator // price.denominator)
            return _traded(bids[:pairs], asks[:pairs], price, price)
    return _reduced(bids, asks, pairs)


def trade_reduction(buyers: Sequence[Bid], sellers: Sequence[Bid]) -> Traded:
    """One unit each: the last efficient pair does not trade and sets the prices of the others."""
    return _reduced(*_ranked(buyers, sellers))


def _ranked(buyers: Sequence[Bid], sellers: Sequence[Bid]) -> tuple[list[Bid], list[Bid], int]:
    check_bids(buyers, one_each=True, field="bids")
    check_bids(sellers, one_each=True, field="offers")
    bids, asks = best_first(buyers), lowest_first(sellers)
    return bids, asks, efficient_trades([b.price for b in bids], [a.price for a in asks])


def _reduced(bids: list[Bid], asks: list[Bid], pairs: int) -> Traded:
    if pairs <= 1:
        return Traded((), (), None, None)
    last = pairs - 1
    buyer_price, seller_price = Fraction(bids[last].price), Fraction(asks[last].price)
    return _traded(bids[:last], asks[:last], buyer_price, seller_price)


def _traded(
    bids: Sequence[Bid], asks: Sequence[Bid], buyer_price: Fraction, seller_price: Fraction
) -> Traded:
    return Traded(
        tuple(bid.bidder for bid in bids),
        tuple(ask.bidder for ask in asks),
        buyer_price,
        seller_price,
    )


@dataclass(frozen=True, slots=True)
class Match:
    """`units` that go from an offer to a bid."""

    bid: Bid
    offer: Bid
    units: int

    @property
    def gain(self) -> int:
        return self.units * (self.bid.price - self.offer.price)


def efficient_matches(bids: Sequence[Bid], offers: Sequence[Bid]) -> list[Match]:
    """The matches of the largest total gain: best bids to best offers while they gain."""
    return _matched(best_first(bids), lowest_first(offers))


def most_matches(bids: Sequence[Bid], offers: Sequence[Bid]) -> list[Match]:
    """The matches of the largest volume, in which no bid pays more than it says.

    The lowest bids are served first: whatever offer one of them can take, every higher bid can
    take too, so that nothing is lost by letting it choose first.
    """
    return _matched(list(reversed(best_first(bids))), lowest_first(offers), skip=True)


def _matched(bids: list[Bid], offers: list[Bid], *, skip: bool = False) -> list[Match]:
    """Walk both lists; a pair that does not gain ends the walk, or loses its bid with `skip`."""
    matches: list[Match] = []
    buy = sell = bought = sold = 0
    while buy < len(bids) and sell < len(offers):
        bid, offer = bids[buy], offers[sell]
        if bid.price < offer.price:
            if not skip:
                break
            buy, bought = buy + 1, 0
            continue
        units = min(bid.quantity - bought, offer.quantity - sold)
        matches.append(Match(bid, offer, units))
        bought, sold = bought + units, sold + units
        if bought == bid.quantity:
            buy, bought = buy + 1, 0
        if sold == offer.quantity:
            sell, sold = sell + 1, 0
    return matches


@dataclass(frozen=True, slots=True)
class Reduced:
    """Units of each ranked bid and offer after the marginal pair is dropped, and the two prices."""

    bids: tuple[tuple[Bid, Fraction], ...]
    offers: tuple[tuple[Bid, Fraction], ...]
    buyer_price: int | None
    seller_price: int | None


def multi_unit_reduction(bids: Sequence[Bid], offers: Sequence[Bid]) -> Reduced:
    """Trade reduction for orders of several units, after Huang, Scheller-Wolf and Sycara.

    The last bid and the last offer that would trade set the prices and do not trade; the larger of
    the two remaining sides bears the difference in equal parts, as far as each order has units.
    """
    matches = efficient_matches(bids, offers)
    if not matches:
        return Reduced((), (), None, None)
    last = matches[-1]
    ranked_bids, ranked_offers = best_first(bids), lowest_first(offers)
    kept_bids = ranked_bids[: ranked_bids.index(last.bid)]
    kept_offers = ranked_offers[: ranked_offers.index(last.offer)]
    demand, supply = (sum(order.quantity for order in kept) for kept in (kept_bids, kept_offers))
    volume = min(demand, supply)
    return Reduced(
        tuple(zip(kept_bids, _less_equally(kept_bids, demand - volume), strict=True)),
        tuple(zip(kept_offers, _less_equally(kept_offers, supply - volume), strict=True)),
        last.bid.price,
        last.offer.price,
    )


def _less_equally(orders: Sequence[Bid], excess: int) -> list[Fraction]:
    """Quantities less equal parts of the excess; who has less than its part gives all it has."""
    left = {index: Fraction(order.quantity) for index, order in enumerate(orders)}
    taken = dict.fromkeys(left, Fraction(0))
    rest = Fraction(excess)
    for count, index in enumerate(sorted(left, key=lambda index: left[index])):
        taken[index] = min(left[index], rest / (len(left) - count))
        rest -= taken[index]
    return [left[index] - taken[index] for index in range(len(orders))]


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
