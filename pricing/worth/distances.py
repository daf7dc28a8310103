"""Rows in the exact order of their Euclidean distance from a point, ties in the order of the rows.

Floats propose an order with a bound on their error. Neighbours in it that lie within the bound are compared
again: differences first, then squares, each kept as the sum of two floats (Dekker 1971), some 100 bits; and
where those too are close, in whole numbers.
"""

from collections.abc import Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pricing.exact import refuse

BLOCK_CELLS = 4_000_000  # distances held in memory at once
WHOLE_MAX = 2.0**53  # whole numbers up to here, and their sums, are exact in floats
PAIRED_WHOLE_MAX = 2.0**50
UNIT = 2.0**-53
HALVES = 2.0**27 + 1  # splits a float into two of half the digits
TINIEST = 2.0**-1000  # squares below may have lost digits

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


class Nearest:
    """Rows to be ordered by distance. Features are finite."""

    def __init__(self, rows: Floats, points: Floats) -> None:
        self.rows, self.points = _as_floats(rows, "train"), _as_floats(points, "test")
        with np.errstate(over="ignore", invalid="ignore"):
            # Moved next to the origin, which keeps the error of products small.
            self.moved, self.moved_points = self.rows - self.rows[0], self.points - self.rows[0]
            self.lengths = np.einsum("ij,ij->i", self.moved, self.moved)
        self.whole = all(_are_whole(features) for features in (self.rows, self.points))
        features = rows.shape[1]
        largest = max(np.abs(self.moved).max(), np.abs(self.moved_points).max(), 0.0)
        self.exact = self.whole and 3.0 * features * largest * largest < WHOLE_MAX
        # Squares of such differences, and their sums, fit into two floats without rounding.
        self.exact_in_pairs = self.whole and features * largest < PAIRED_WHOLE_MAX
        self.share = 2 * (features + 8) * UNIT

    @cached_property
    def groups(self) -> Places:
        """A number for each row, the same for equal rows."""
        found = np.unique(self.rows, axis=0, return_inverse=True)[1]
        return np.asarray(found.reshape(-1), dtype=np.intp)

    def orders(self) -> Iterator[Places]:
        """For each point in turn the rows, the nearest first."""
        block = max(1, BLOCK_CELLS // len(self.rows))
        for start in range(0, len(self.points), block):
            points = self.moved_points[start : start + block]
            with np.errstate(over="ignore", invalid="ignore"):
                # |a − b|² less |b|², which moves all rows of one point alike.
                distances = self.lengths - 2.0 * (points @ self.moved.T)
                errors = self._errors(points)
            for place, (row, error) in enumerate(zip(distances, errors, strict=True), start):
                yield self._order(place, row, error)

    def _errors(self, points: Floats) -> Floats:
        """How far a distance from each point may be off: products lose digits of the lengths."""
        if self.exact:
            return np.zeros(len(points))
        lengths = np.einsum("ij,ij->i", points, points) + self.lengths.max()
        errors: Floats = 4 * self.share * lengths + TINIEST
        return errors

    def _order(self, point: int, distances: Floats, error: float) -> Places:
        order = np.argsort(distances)
        ordered = distances[order]
        # Written so that what is not a number counts as close.
        close = ~(ordered[1:] - ordered[:-1] > 2 * error)
        if not close.any():
            return order
        if self.exact:
            return np.argsort(distances, kind="stable")
        self._compare_again(point, order, close)
        return order

    def _compare_again(self, point: int, order: Places, close: NDArray[np.bool_]) -> None:
        """Put right the rows that lie close to a neighbour in the order."""
        starts = np.concatenate(([False], close))
        member = np.flatnonzero(starts | np.concatenate((close, [False])))
        run = np.cumsum(~starts)[member]
        rows = order[member]
        with np.errstate(over="ignore", invalid="ignore"):
            high, low = _squares(self.rows[rows], self.points[point])
        ranked = np.lexsort((rows, low, high, run))
        rows, run, high, low = rows[ranked], run[ranked], high[ranked], low[ranked]
        if not self.exact_in_pairs:
            apart = (high[1:] - high[:-1]) + (low[1:] - low[:-1])
            again = ~(apart > high[1:] * (4 * self.share**2) + TINIEST)
            self._in_order(point, rows, again & (run[1:] == run[:-1]))
        order[member] = rows

    def _in_order(self, point: int, rows: Places, close: NDArray[np.bool_]) -> None:
        """Put right the rows that two floats do not tell apart. Equal rows stand in order already."""
        if not close.any():
            return
        groups = self.groups[rows]
        for start, end in _runs(close):
            if (groups[start:end] != groups[start]).any():
                rows[start:end] = self._in_whole_numbers(point, np.sort(rows[start:end]))
            else:
                rows[start:end].sort()

    def _in_whole_numbers(self, point: int, rows: Places) -> Places:
        """Some rows, given in rising order, by exact distance; equal rows are measured once."""
        distinct, place = np.unique(self.rows[rows], axis=0, return_inverse=True)
        ratios = [[x.as_integer_ratio() for x in row] for row in distinct.tolist()]
        origin = [x.as_integer_ratio() for x in self.points[point].tolist()]
        # Denominators are powers of two: the largest is common to all.
        common = max(below for row in (*ratios, origin) for _, below in row)
        at = [above * (common // below) for above, below in origin]
        squares = [
            sum((x * (common // below) - y) ** 2 for (x, below), y in zip(row, at, strict=True))
            for row in ratios
        ]
        places = place.ravel().tolist()
        ranked = sorted(range(len(rows)), key=lambda i: squares[places[i]])
        return rows[ranked]


def _as_floats(features: NDArray[np.generic], name: str) -> Floats:
    """The features as floats, which hold them exactly. Raises BadValue for larger whole numbers."""
    if features.dtype.kind in "iu" and features.size:
        largest = max(abs(int(features.min())), abs(int(features.max())))
        if largest > WHOLE_MAX:
            refuse(name, largest, "features of at most 2^53 where they are whole numbers")
    return features.astype(np.float64)


def _are_whole(features: Floats) -> bool:
    return bool((np.abs(features) <= WHOLE_MAX).all() and (features == np.floor(features)).all())


def _squares(rows: Floats, point: Floats) -> tuple[Floats, Floats]:
    """Squared distances as sums of a large and a small float. Error-free steps of Knuth and Dekker."""
    high, low = np.zeros(len(rows)), np.zeros(len(rows))
    for feature in range(rows.shape[1]):
        a, b = rows[:, feature], point[feature]
        apart = a - b
        back = apart - a
        rest = (a - (apart - back)) - (b + back)
        square = apart * apart
        big = HALVES * apart
        first = big - (big - apart)
        second = apart - first
        lost = ((first * first - square) + 2 * first * second) + second * second
        summed = high + square
        back = summed - high
        low += (high - (summed - back)) + (square - back)
        low += lost + (2 * apart * rest + rest * rest)
        high = summed
    total = high + low
    return total, low - (total - high)


def _runs(close: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Where neighbours are close: from the first to behind the last of each run of them."""
    edges = np.diff(np.concatenate(([False], close, [False])).astype(np.int8))
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) + 1
    return list(zip(starts.tolist(), ends.tolist(), strict=True))
