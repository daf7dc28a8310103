"""Bids in one total order, books of many of them in columns, and how a book is cleared."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from pricing.exact import refuse
from pricing.laws import law
from pricing.money import split_by_largest_remainder
from pricing.refusals import PricingRefusal

PRICE_MAX = 2**53
QUANTITY_MAX = 2**53
INT64_MAX = 2**63 - 1
FAR = np.uint64(2**63)
BIDS_MAX = 200_000  # rows of a list or a document; columns of a Book may be longer
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


class DuplicateBid(PricingRefusal):
    """Two bids carry one sequence number, or one bidder bids twice where one bid is allowed."""

    code = "duplicate_bid"


class EmptyBook(PricingRefusal):
    """A mechanism cannot clear without a bid."""

    code = "empty_book"


@dataclass(frozen=True, slots=True)
class Bid:
    """`quantity` units at `price` ticks each. `time` and `seq` rank bids of one price."""

    bidder: str
    price: int
    quantity: int = 1
    time: int = 0
    seq: int = 0


def check_price(price: object, field: str = "price", *, least: int = 1) -> int:
    """A price in ticks. Raises BadValue below `least`, for fractions, and for more than 2^53."""
    if isinstance(price, bool) or not isinstance(price, int) or not least <= price <= PRICE_MAX:
        refuse(field, price, f"a whole number of ticks from {least} to {PRICE_MAX}")
    return price


def check_floor(price: object, field: str) -> int:
    """A reserve or a floor in ticks: as a price, or zero for none."""
    return 0 if price == 0 and price is not False else check_price(price, field)


def check_count(count: object, field: str, *, least: int = 1, most: int = QUANTITY_MAX) -> int:
    """A whole number of units, bidders or seconds."""
    if isinstance(count, bool) or not isinstance(count, int) or not least <= count <= most:
        refuse(field, count, f"a whole number from {least} to {most}")
    return count


def check_one(count: object, field: str) -> int:
    """The quantity of a bid where everybody buys or sells one unit."""
    if isinstance(count, bool) or count != 1:
        refuse(field, count, "1, as a bid here is for one unit")
    return 1


class Priced(Protocol):
    """What is ranked by price, then time, then its number."""

    @property
    def price(self) -> int: ...
    @property
    def time(self) -> int: ...
    @property
    def seq(self) -> int: ...


PricedT = TypeVar("PricedT", bound=Priced)


def best_first(bids: Iterable[PricedT]) -> list[PricedT]:
    """Highest price first, then earliest, then lowest sequence number."""
    return sorted(bids, key=lambda bid: (-bid.price, bid.time, bid.seq))


def lowest_first(bids: Iterable[Bid]) -> list[Bid]:
    """Lowest price first, then earliest, then lowest sequence number: the order of offers."""
    return sorted(bids, key=lambda bid: (bid.price, bid.time, bid.seq))


def check_bids(bids: Sequence[Bid], *, one_each: bool = False, field: str = "bids") -> None:
    """Prices, quantities and sequence numbers; with `one_each` a bid is for one unit.

    Raises BadValue, DuplicateBid.
    """
    check_length(bids, field)
    for index, bid in enumerate(bids):
        check_price(bid.price, f"{field}[{index}].price")
        check_count(bid.quantity, f"{field}[{index}].quantity")
    check_unique([bid.seq for bid in bids], f"{field}.seq", "a number that no other bid has")
    if one_each:
        for index, bid in enumerate(bids):
            check_one(bid.quantity, f"{field}[{index}].quantity")
        check_unique([bid.bidder for bid in bids], f"{field}.bidder", "one bid for each bidder")


def check_length(bids: Sequence[object], field: str, *, most: int = BIDS_MAX) -> None:
    """As many bids as are cleared in seconds. Raises BadValue."""
    if len(bids) > most:
        refuse(field, f"{len(bids)} entries", f"at most {most} entries")


def check_unique(values: Sequence[object], field: str, accepted: str) -> None:
    """Raises DuplicateBid with the first value that is there twice."""
    if len(set(values)) == len(values):
        return
    seen: set[object] = set()
    for value in values:
        if value in seen:
            raise DuplicateBid(
                f"The field {field} is {value!r} twice; accepted is {accepted}.",
                field=field,
                value=value,
                accepted=accepted,
            )
        seen.add(value)


def check_sum(units: int) -> None:
    """All the units of one side. Raises BadValue."""
    if units > QUANTITY_MAX:
        refuse("quantity", units, f"quantities that sum to at most {QUANTITY_MAX}")


@dataclass(frozen=True, eq=False)
class Book:
    """Many bids as columns. Index i of every column is one bid."""

    prices: Ints
    quantities: Ints
    times: Ints
    seqs: Ints

    @classmethod
    def of(cls, bids: Sequence[Bid]) -> "Book":
        """The columns of bids. Raises BadValue for a price beyond 2^53 on either side of zero, and
        where the quantities sum beyond 2^53."""
        prices = [bid.price for bid in bids]
        for price in (min(prices, default=0), max(prices, default=0)):
            check_price(price, least=-PRICE_MAX)
        quantities = [bid.quantity for bid in bids]
        check_sum(sum(quantities))
        return cls(
            np.array(prices, dtype=np.int64),
            np.array(quantities, dtype=np.int64),
            np.array([bid.time for bid in bids], dtype=np.int64),
            np.array([bid.seq for bid in bids], dtype=np.int64),
        )

    @cached_property
    def weights(self) -> Ints | None:
        """The quantities; None where all are one unit, as counting is twice as fast as weighing.

        Raises BadValue where they sum beyond 2^53: up to there a histogram's sums are exact.
        """
        units = self.quantities
        if not units.size or units.max() == 1:
            return None
        if int(units.max()) * units.size > QUANTITY_MAX:
            check_sum((int((units >> 32).sum()) << 32) + int((units & (2**32 - 1)).sum()))
        return units

    def select(self, kept: Mask) -> "Book":
        """The bids where the mask is true."""
        columns = (self.prices, self.quantities, self.times, self.seqs)
        return Book(*(column[kept] for column in columns))

    def units(self, where: Mask) -> Ints:
        """Units of each bid where the mask is true, zero elsewhere."""
        kept = where.astype(np.int64)
        if self.weights is not None:
            kept *= self.weights
        return kept

    def units_at(self, where: Mask) -> int:
        """How many units the bids have where the mask is true."""
        if self.weights is None:
            return int(np.count_nonzero(where))
        return int(self.weights[where].sum())


def whole_or_text(value: Fraction | int) -> int | str:
    """A figure of an outcome: a whole number of ticks, or the exact fraction as text."""
    exact = Fraction(value)
    return int(exact) if exact.denominator == 1 else str(exact)


LAW_ROWS = 2**17  # looked at together: they stay in a processor's cache from law to law


def check_fills(
    book: Book, fills: Ints, *, least: int | None = None, most: int | None = None
) -> int:
    """The laws of fills: none below zero or beyond what is asked; nobody whose price is under
    `least`, or over `most`, gets any. Returns how many units they are together.
    """
    law(fills.size == book.quantities.size, "there is a fill for each order")
    filled = 0
    for first in range(0, fills.size, LAW_ROWS):
        rows = slice(first, first + LAW_ROWS)
        got, prices = fills[rows], book.prices[rows]
        filled += int(got.sum())
        # Read without a sign, a fill below zero is above every quantity.
        beyond = got.view(np.uint64) > book.quantities[rows].view(np.uint64)
        law(not beyond.any(), "no order gets less than nothing, or more than it asked for")
        if least is not None:
            law(not ((prices < least) & (got != 0)).any(), "no bid pays more than it says")
        if most is not None:
            law(not ((prices > most) & (got != 0)).any(), "no offer gets less than it asks for")
    return filled


BUCKETS_MAX = 2**15  # two histograms of this size stay in a processor's cache


def last_below(prices: Ints, price: int, *, none: int) -> int:
    """The highest price below: that of the least distance. Read without a sign, prices that are not
    below are farther than all others, so that the search has no branches."""
    distance = int(((price - 1) - prices).view(np.uint64).min(initial=FAR))
    return none if distance >= FAR else price - 1 - distance


def next_above(prices: Ints, price: int, *, none: int) -> int:
    """The lowest price above, as `last_below`."""
    distance = int((prices - (price + 1)).view(np.uint64).min(initial=FAR))
    return none if distance >= FAR else price + 1 + distance


class Rationing(StrEnum):
    """Who among the bids of the marginal price is filled: the earliest, or each in proportion."""

    TIME = "time"
    PRO_RATA = "pro_rata"


def histogram(values: Ints, weights: Ints | None, size: int) -> Ints:
    """Weight by value. Exact, as all weights together are at most 2^53."""
    if weights is None:
        return np.bincount(values, minlength=size)
    return np.bincount(values, weights=weights, minlength=size).astype(np.int64)


def marginal_price(book: Book, supply: int) -> int | None:
    """The highest price at which demand reaches the supply; None where it never does.

    Bids are weighed in histograms that get finer around the margin: linear time, one pass over a
    book whose prices span fewer ticks than a histogram has buckets.
    """
    demand = book.prices.size if book.weights is None else int(book.weights.sum())
    return _weighed(book.prices, book.weights, supply) if demand >= supply else None


def window(low: int, high: int) -> tuple[int, int, int]:
    """Start, shift and size of a histogram from low to high. It starts at zero where that fits."""
    start = 0 if low >= 0 and high < BUCKETS_MAX else low
    shift = max(0, (high - start).bit_length() - BUCKETS_MAX.bit_length() + 1)
    return start, shift, ((high - start) >> shift) + 1


def bucketed(prices: Ints, start: int, shift: int) -> Ints:
    """The bucket of each price. No copy is made where the prices are the buckets."""
    moved = prices - start if start else prices
    return moved >> shift if shift else moved


def _weighed(prices: Ints, weights: Ints | None, left: int) -> int:
    low, high = int(prices.min()), int(prices.max())
    while low < high:
        start, shift, size = window(low, high)
        buckets = bucketed(prices, start, shift)
        heights = histogram(buckets, weights, size)
        from_top = np.cumsum(heights[::-1])
        steps = int(np.searchsorted(from_top, left))
        bucket = size - 1 - steps
        if shift == 0:
            return start + bucket
        left -= int(from_top[steps] - heights[bucket])
        inside = buckets == bucket
        prices = prices[inside]
        weights = None if weights is None else weights[inside]
        low, high = int(prices.min()), int(prices.max())
    return low


@dataclass(frozen=True, slots=True)
class Filled:
    """Units for each bid, and how many units asked for at the marginal price got nothing."""

    fills: Ints
    unfilled_at_margin: int


def fill(book: Book, price: int, supply: int, rationing: Rationing = Rationing.TIME) -> Filled:
    """All bids above the price in full, the rest of the supply at the price by the rationing."""
    return fill_beyond(book, book.prices > price, price, supply, rationing)


def fill_beyond(book: Book, better: Mask, price: int, supply: int, rationing: Rationing) -> Filled:
    """The `better` orders in full, the rest of the supply at the price by the rationing."""
    fills = book.units(better)
    left = supply - book.units_at(better)
    margin = np.flatnonzero(book.prices == price)
    fills[margin] = ration(book, margin, left, rationing)
    return Filled(fills, max(0, int(book.quantities[margin].sum()) - left))


def ration(book: Book, margin: Ints, left: int, rationing: Rationing) -> Ints:
    """`left` units over the bids at `margin`, in the order of that argument."""
    asked = book.quantities[margin]
    if left >= int(asked.sum()):
        return asked
    order = np.lexsort((book.seqs[margin], book.times[margin]))
    shares = np.empty_like(asked)
    ranked = asked[order]
    if rationing is Rationing.PRO_RATA:
        shares[order] = _pro_rata(left, ranked)
    else:
        before = np.cumsum(ranked) - ranked
        shares[order] = np.clip(left - before, 0, ranked)
    return shares


def _pro_rata(left: int, asked: Ints) -> Ints:
    """By largest remainder, ties to the earlier bid: no unit is lost to rounding."""
    if left * int(asked.max()) >= INT64_MAX:
        shares = split_by_largest_remainder(left, [int(units) for units in asked])
        return np.array(shares, dtype=np.int64)
    whole, remainders = np.divmod(left * asked, int(asked.sum()))
    largest = np.argsort(-remainders, kind="stable")[: left - int(whole.sum())]
    whole[largest] += 1
    return whole
