"""Two accounts against one: the pair of quantities that saves most by being bought apart.

The gain price(x + y) − price(x) − price(y) is affine in x and y between the lines where x, y or x + y
reaches the end of a straight line of the price (`grids`). The matrix of such lines is totally unimodular
(each row is x, y or x + y), so over whole numbers the largest gain lies where two of the lines meet:
only those places are tried. Floats propose; whole numbers over one denominator decide.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pricing.charges.grids import Grid

ZERO = Fraction(0)
Whole = NDArray[Any]  # int64, or object where the figures need Python's integers
INT64_SAFE = 2**60
FLOAT_ERROR = 2.0**-49  # of the sizes that are added, with room: each of ten steps errs by 2^-53
ALIKE = 2.0**-40  # gains that differ by less count as equal when the smallest pair is sought
TRIED_MAX = 2_000
NEAR_MAX = 200  # steps that are tried where no place can be had as it stands


@dataclass(frozen=True, slots=True)
class Pair:
    """Two quantities in metered units, and what they save."""

    one: Fraction
    other: Fraction
    saved: Fraction


@dataclass(frozen=True, slots=True)
class Places:
    """Indices of two accounts and of both together."""

    one: Whole
    other: Whole
    both: Whole

    def at(self, chosen: NDArray[Any]) -> "Places":
        return Places(self.one[chosen], self.other[chosen], self.both[chosen])


class Prices:
    """The prices of a grid on arrays of indices, as floats with an error and exactly."""

    def __init__(self, grid: Grid) -> None:
        terms, rows = grid.curve.charge.terms, grid.rows
        self.ends = [row.last for row in rows if row.last is not None]
        bounds = [bound for bound in (terms.minimum, terms.maximum) if bound is not None]
        figures = [*(row.intercept for row in rows), *(row.slope for row in rows), *bounds]
        self.scale = lcm(*(figure.denominator for figure in figures))
        self.intercepts = np.array([int(row.intercept * self.scale) for row in rows], dtype=object)
        self.slopes = np.array([int(row.slope * self.scale) for row in rows], dtype=object)
        self.least = None if terms.minimum is None else int(terms.minimum * self.scale)
        self.most = None if terms.maximum is None else int(terms.maximum * self.scale)
        self._intercepts = np.array([float(row.intercept) for row in rows])
        self._slopes = np.array([float(row.slope) for row in rows])
        self._least = -np.inf if terms.minimum is None else float(terms.minimum)
        self._most = np.inf if terms.maximum is None else float(terms.maximum)

    def rows_of(self, indices: Whole) -> NDArray[np.intp]:
        ends = np.array(self.ends, dtype=indices.dtype)
        return np.searchsorted(ends, indices, side="left")

    def proposed(self, indices: Whole) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Prices, and how far each may be from the exact one."""
        rows = self.rows_of(indices)
        intercepts, grown = self._intercepts[rows], self._slopes[rows] * indices.astype(np.float64)
        prices = np.maximum(np.minimum(intercepts + grown, self._most), self._least)
        return prices, (np.abs(intercepts) + grown + np.abs(prices)) * FLOAT_ERROR

    def exact(self, indices: Whole) -> Whole:
        """Prices over `scale`."""
        rows = self.rows_of(indices)
        prices: Whole = self.intercepts[rows] + self.slopes[rows] * indices.astype(object)
        prices = prices if self.most is None else np.minimum(prices, self.most)
        bounded: Whole = prices if self.least is None else np.maximum(prices, self.least)
        return bounded


@dataclass(frozen=True, slots=True)
class Search:
    """The pair that saves most, as far as it was found.

    Without a pair: no two quantities on the grid save anything, if `certain`; else some place promises
    a gain, and no quantities were found that have it.
    """

    pair: Pair | None
    certain: bool


def worst_pair(grid: Grid, *, thorough: bool) -> Search:
    """Search the grid; where no place can be had as it stands, look around it if `thorough`."""
    best = _promising(Prices(grid), _places(grid))
    if not best.both.size:
        return Search(None, certain=True)
    for one, other, both in zip(best.one, best.other, best.both, strict=True):
        pair = _at(grid, int(one), int(other), int(both))
        if pair is not None:
            return Search(pair, certain=True)
    return _nearby(grid, best) if thorough else Search(None, certain=False)


def _points(grid: Grid) -> Whole:
    """The ends of the straight lines, the first index after each, and the least that use can have."""
    lowest = grid.index(1)
    found = {lowest, lowest + 1, 1}
    for end in grid.ends:
        found |= {end, end + 1}
    largest_end = max(found) if grid.end is None else grid.end
    kept = sorted(point for point in found if lowest <= point <= largest_end)
    largest = max(lowest, *kept, grid.first_offset(), *map(abs, grid.offsets))
    return np.array(kept, dtype=np.int64 if largest < INT64_SAFE else object)


def _places(grid: Grid) -> Iterator[Places]:
    """Where two of the lines meet, for each way in which a sum may be rounded."""
    points = _points(grid)
    offsets, least = grid.offsets, grid.index(1)
    if grid.is_packaged:
        if points.size and not points[0]:
            yield from _with_nothing_billed(grid, points)
        points, least = points[points > 0], max(least, 1)
        offsets = offsets[-1:]  # prices only rise, so the most is the worst
    one, other = (side.ravel() for side in np.meshgrid(points, points, indexing="ij"))
    for offset in offsets:
        half = one <= other
        yield from _within(grid, one[half], other[half], one[half] + other[half] + offset, least)
        yield from _within(grid, one, other - offset - one, other, least)


def _with_nothing_billed(grid: Grid, points: Whole) -> Iterator[Places]:
    """Of packages: one account uses what is free, which is the whole of index 0."""
    zero, offset = np.zeros_like(points), grid.first_offset()
    yield from _within(grid, zero, points, points + offset, 0)
    yield from _within(grid, zero, points - offset, points, 0)
    both = np.array([grid.index(2 * grid.last(0))], dtype=points.dtype)
    yield from _within(grid, zero[:1], zero[:1], both, 0)


def _within(grid: Grid, one: Whole, other: Whole, both: Whole, least: int) -> Iterator[Places]:
    """The places whose indices exist: some from `least` on, none above the last that has a price."""
    kept = (other >= least) & (both >= least)
    if grid.end is not None:
        kept &= (both <= grid.end) & (other <= grid.end)
    kept = kept.astype(bool)
    if kept.any():
        yield Places(one, other, both).at(kept)


def _promising(prices: Prices, places: Iterator[Places]) -> Places:
    """The places with a gain, the largest gain first, then the smallest sum."""
    kept: list[tuple[Places, NDArray[np.float64]]] = []
    for place in places:
        both, error = prices.proposed(place.both)
        one, one_error = prices.proposed(place.one)
        other, other_error = prices.proposed(place.other)
        gains = both - one - other
        error += one_error + other_error
        maybe = gains > -error
        kept.append((place.at(maybe), gains[maybe]))
    if not kept:
        empty = np.array([], dtype=np.int64)
        return Places(empty, empty, empty)
    joined = Places(
        *(
            np.concatenate([getattr(place, name) for place, _ in kept])
            for name in ("one", "other", "both")
        )
    )
    proposed = np.concatenate([gains for _, gains in kept])
    if not proposed.size:
        return joined
    unit = max(float(np.abs(proposed).max()), 1e-300) * ALIKE
    order = np.lexsort((joined.both.astype(np.float64), -np.floor(proposed / unit)))
    return _with_gain(prices, joined, order)


def _with_gain(prices: Prices, places: Places, order: NDArray[np.intp]) -> Places:
    """The first in that order that gain something exactly: at most `TRIED_MAX` of them."""
    for start in range(0, order.size, TRIED_MAX):
        part = places.at(order[start : start + TRIED_MAX])
        gains = prices.exact(part.both) - prices.exact(part.one) - prices.exact(part.other)
        gaining = (gains > 0).astype(bool)
        if gaining.any():
            gains, part = gains[gaining], part.at(gaining)
            sums = part.both.tolist()
            by = sorted(range(len(sums)), key=lambda at: (-gains[at], sums[at]))
            return part.at(np.array(by))
    return places.at(order[:0])


def _at(grid: Grid, one: int, other: int, both: int) -> Pair | None:
    """Steps that have these indices, as few together as can be, and a gain."""
    low = max(grid.first(both), grid.first(one) + grid.first(other))
    high = min(grid.last(both), grid.last(one) + grid.last(other))
    if low > high or grid.first(one) > grid.last(one) or grid.first(other) > grid.last(other):
        return None
    first = max(grid.first(one), low - grid.last(other))
    return gain(grid, first, low - first)


def gain(grid: Grid, one: int, other: int) -> Pair | None:
    """So many steps in two accounts, where that saves something and has prices."""
    both = one + other
    if not (one and other) or not all(map(grid.has_quote, (one, other, both))):
        return None
    saved = grid.price(both) - grid.price(one) - grid.price(other)
    return Pair(one * grid.step, other * grid.step, saved) if saved > 0 else None


def _nearby(grid: Grid, places: Places) -> Search:
    """The best pair among the first steps and the steps around the places; certain if these are all."""
    few = range(1, NEAR_MAX // 4)
    steps: set[int] = {*few, *(grid.last(grid.index(1) + more) for more in few)}
    for indices in (places.one, places.other, places.both):
        for index in dict.fromkeys(indices[:NEAR_MAX].tolist()):
            first, last = grid.first(index), grid.last(index)
            steps |= {first - 1, first, first + 1, last, last + 1}
            if len(steps) > NEAR_MAX:
                break
    tried = sorted(step for step in steps if step > 0)[:NEAR_MAX]
    best: Pair | None = None
    for at, one in enumerate(tried):
        for other in tried[at:]:
            pair = gain(grid, one, other)
            if pair is not None and (best is None or pair.saved > best.saved):
                best = pair
    are_all = grid.end is not None and grid.last(grid.end) < NEAR_MAX // 4
    return Search(best, certain=are_all)
