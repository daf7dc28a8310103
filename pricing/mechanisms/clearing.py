"""Clearing a book of any size: the marginal price and the fills, without sorting all of it."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from pricing.mechanisms.bids import Book, Ints, Mask
from pricing.money import split_by_largest_remainder

BUCKETS_MAX = 2**15  # two histograms of this size stay in a processor's cache


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
        # By largest remainder, ties to the earlier bid: no unit is lost to rounding.
        shares[order] = split_by_largest_remainder(left, [int(units) for units in ranked])
    else:
        before = np.cumsum(ranked) - ranked
        shares[order] = np.clip(left - before, 0, ranked)
    return shares
