"""Two-sided markets: pairs (McAfee, trade reduction), efficient matching, and the call market."""

import math
from collections.abc import Sequence
from dataclasses import InitVar, dataclass
from fractions import Fraction
from itertools import takewhile

import numpy as np

from pricing.laws import law
from pricing.mechanisms.bids import (
    Bid,
    Book,
    Ints,
    Rationing,
    best_first,
    check_bids,
    check_fills,
    check_length,
    fill,
    fill_beyond,
    lowest_first,
    marginal_price,
)
from pricing.mechanisms.crossing import Interval, PricePolicy, interval

__all__ = [
    "Called",
    "Interval",
    "Match",
    "PricePolicy",
    "Reduced",
    "Traded",
    "call_market",
    "efficient_matches",
    "efficient_trades",
    "interval",
    "mcafee",
    "most_matches",
    "multi_unit_reduction",
    "trade_reduction",
]


@dataclass(frozen=True, slots=True)
class Traded:
    """Who trades one unit each, and what buyers pay and sellers get. No prices without a trade.

    `limits` are the lowest bid and the highest offer that trade, for the laws alone.
    """

    buyers: tuple[str, ...]
    sellers: tuple[str, ...]
    buyer_price: Fraction | None
    seller_price: Fraction | None
    limits: InitVar[tuple[int, int] | None]

    def __post_init__(self, limits: tuple[int, int] | None) -> None:
        law(len(self.buyers) == len(self.sellers), "as many buy as sell")
        buyer, seller = self.buyer_price, self.seller_price
        if buyer is None or seller is None or limits is None:
            law(not self.buyers, "nobody trades without a price")
            return
        law(buyer >= seller, "buyers pay what sellers get, or more")
        law(buyer <= limits[0], "no buyer pays more than it bid")
        law(seller >= limits[1], "no seller gets less than it asked for")

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
        return Traded((), (), None, None, None)
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
        (bids[-1].price, asks[-1].price),
    )


@dataclass(frozen=True, slots=True)
class Match:
    """`units` that go from an offer to a bid."""

    bid: Bid
    offer: Bid
    units: int

    def __post_init__(self) -> None:
        law(self.units > 0, "a match moves something")
        law(self.bid.price >= self.offer.price, "no match loses")

    @property
    def gain(self) -> int:
        return self.units * (self.bid.price - self.offer.price)


def efficient_matches(bids: Sequence[Bid], offers: Sequence[Bid]) -> list[Match]:
    """The matches of the largest total gain: best bids to best offers while they gain."""
    _check_lengths(bids, offers)
    return _matched(best_first(bids), lowest_first(offers))


def most_matches(bids: Sequence[Bid], offers: Sequence[Bid]) -> list[Match]:
    """The matches of the largest volume, in which no bid pays more than it says.

    The lowest bids are served first: whatever offer one of them can take, every higher bid can
    take too, so that nothing is lost by letting it choose first.
    """
    _check_lengths(bids, offers)
    return _matched(list(reversed(best_first(bids))), lowest_first(offers), skip=True)


def _check_lengths(bids: Sequence[Bid], offers: Sequence[Bid]) -> None:
    check_length(bids, "bids")
    check_length(offers, "offers")


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

    def __post_init__(self) -> None:
        sides = (self.bids, self.offers)
        for side in sides:
            law(all(0 <= left <= order.quantity for order, left in side), "no order has more left")
        bought, sold = (sum(left for _, left in side) for side in sides)
        law(bought == sold, "what is bought is what is sold")
        if self.buyer_price is None or self.seller_price is None:
            return
        law(self.buyer_price >= self.seller_price, "buyers pay what sellers get, or more")
        limits = (bid.price >= self.buyer_price for bid, _ in self.bids)
        law(all(limits), "no buyer pays more than it bid")
        limits = (offer.price <= self.seller_price for offer, _ in self.offers)
        law(all(limits), "no seller gets less than it asked for")


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
    kept_bids = list(takewhile(lambda bid: bid is not last.bid, ranked_bids))
    kept_offers = list(takewhile(lambda offer: offer is not last.offer, ranked_offers))
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


@dataclass(frozen=True, slots=True)
class Called:
    """The price and the units of each bid and offer; no price where nothing can change hands."""

    price: Fraction | None
    volume: int
    interval: Interval | None
    bids: Ints
    offers: Ints
    books: InitVar[tuple[Book, Book]]

    def __post_init__(self, books: tuple[Book, Book]) -> None:
        bids, offers = books
        # A price between two ticks: no order has it.
        least = None if self.price is None else math.ceil(self.price)
        most = None if self.price is None else math.floor(self.price)
        bought = check_fills(bids, self.bids, least=least)
        sold = check_fills(offers, self.offers, most=most)
        law(bought == sold == self.volume, "what is bought is what is sold")
        if self.price is not None and self.interval is not None:
            low, high = self.interval.low, self.interval.high
            law(low <= self.price <= high, "the price is one of the interval")


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
        return Called(None, 0, None, *none, (bids, offers))
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
        (bids, offers),
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
