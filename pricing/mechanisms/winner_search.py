"""The search for the best choice of bids: prices from a linear program, bounds in whole numbers."""

from dataclasses import dataclass
from time import monotonic

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array

Uses = tuple[tuple[int, int], ...]  # row, units
PRICED_FROM = 12  # fewer bids are tried without prices
PRECISION_BITS = 40
CLOCK_EVERY = 1024
ALMOST = 1e-6


@dataclass(frozen=True, slots=True)
class Part:
    """Bids that are decided together, by their places from 0; `names` are theirs in the problem.

    Each bid fits alone. `fee_of` says which of the `fees` is lost when the bid is chosen, once.
    """

    names: tuple[int, ...]
    worth: tuple[int, ...]
    uses: tuple[Uses, ...]
    limits: tuple[int, ...]
    fee_of: tuple[int | None, ...]
    fees: tuple[int, ...]

    def worth_of(self, chosen: frozenset[int]) -> int:
        lost = {fee for place in chosen if (fee := self.fee_of[place]) is not None}
        return sum(self.worth[place] for place in chosen) - sum(self.fees[fee] for fee in lost)

    def fitting(self, proposed: "frozenset[int] | tuple[int, ...]") -> frozenset[int]:
        """The proposed bids in turn, each where it still fits; none where that is worth less."""
        left = list(self.limits)
        kept = []
        for place in proposed:
            if all(left[row] >= units for row, units in self.uses[place]):
                kept.append(place)
                for row, units in self.uses[place]:
                    left[row] -= units
        chosen = frozenset(kept)
        return chosen if self.worth_of(chosen) > 0 else frozenset()


@dataclass(frozen=True, slots=True)
class Bounded:
    """What prices of the rows say: no choice is worth more than `bound`; one with a bid whose
    `reduced` worth is below zero, or without one above it, at most that much less.

    Figures are whole, in units of 1/`scale`. `proposed` are bids in the order of a good guess.
    """

    scale: int
    bound: int
    reduced: tuple[int, ...]
    proposed: tuple[int, ...]

    @property
    def whole(self) -> int:
        return self.bound // self.scale

    def left_open(self, worth: int) -> list[int]:
        """The bids that choices worth more than `worth` may have or not have."""
        needed = (worth + 1) * self.scale
        return [place for place, r in enumerate(self.reduced) if self.bound - abs(r) >= needed]


def bounded(part: Part, *, seconds: float) -> Bounded:
    """Prices from the linear program, or none for a few bids, and the exact bound that they give."""
    count = len(part.worth)
    if count <= PRICED_FROM:
        best_first = sorted(range(count), key=lambda place: -part.worth[place])
        return Bounded(1, sum(part.worth), part.worth, tuple(best_first))
    top = max(part.worth)
    widest = max((limit.bit_length() for limit in part.limits), default=0)
    scale = 1 << max(0, PRECISION_BITS + widest - top.bit_length())
    shares, row_prices, fee_parts = _relaxed(part, top, seconds)
    unit = top * scale
    prices = [
        int(price * 2**PRECISION_BITS) * unit // (limit << PRECISION_BITS)
        for price, limit in zip(row_prices, part.limits, strict=True)
    ]
    lost = _within_fees(part, [int(v * 2**PRECISION_BITS) * unit >> PRECISION_BITS for v in fee_parts],
                        scale)  # fmt: skip
    reduced = tuple(
        part.worth[place] * scale
        - lost[place]
        - sum(prices[row] * units for row, units in part.uses[place])
        for place in range(count)
    )
    bound = sum(price * limit for price, limit in zip(prices, part.limits, strict=True))
    bound += sum(r for r in reduced if r > 0)
    proposed = sorted(range(count), key=lambda place: (-shares[place], -reduced[place], place))
    return Bounded(scale, bound, reduced, tuple(proposed))


Floats = NDArray[np.float64]


def _relaxed(part: Part, top: int, seconds: float) -> tuple[Floats, Floats, Floats]:
    """Shares of the bids, prices of the rows and parts of the fees that fall on each bid, in floats.

    Worth counts in the greatest one, units in the limit of their row. Zeros where the time ended.
    """
    count, rows = len(part.worth), len(part.limits)
    cells = [
        (row, place, units / part.limits[row])
        for place, used in enumerate(part.uses)
        for row, units in used
    ]
    with_fee = [(place, fee) for place, fee in enumerate(part.fee_of) if fee is not None]
    for at, (place, fee) in enumerate(with_fee):
        cells += [(rows + at, place, 1.0), (rows + at, count + fee, -1.0)]
    at_row, at_column, values = zip(*cells, strict=True)
    matrix = csr_array(
        (values, (at_row, at_column)), shape=(rows + len(with_fee), count + len(part.fees))
    )
    worth = [worth / top for worth in part.worth] + [-fee / top for fee in part.fees]
    found = linprog(
        -np.array(worth),
        A_ub=matrix,
        b_ub=[1.0] * rows + [0.0] * len(with_fee),
        bounds=(0, 1),
        method="highs",
        options={"time_limit": max(seconds, ALMOST)},
    )
    fee_parts = np.zeros(count)
    if found.status != 0:
        return np.zeros(count), np.zeros(rows), fee_parts
    prices = np.maximum(-found.ineqlin.marginals, 0)
    fee_parts[[place for place, _ in with_fee]] = prices[rows:]
    return found.x[:count], prices[:rows], fee_parts


def _within_fees(part: Part, wanted: list[int], scale: int) -> list[int]:
    """The parts of the fees, cut where those of one fee would be more than the fee."""
    left = [fee * scale for fee in part.fees]
    for place, fee in enumerate(part.fee_of):
        if fee is not None:
            wanted[place] = min(wanted[place], left[fee])
            left[fee] -= wanted[place]
    return wanted


class _Taken:
    """The bids taken on the way down, and what they leave."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.left = list(part.limits)
        self.places: list[int] = []
        self.worth = 0
        self._paying = [0] * len(part.fees)

    def fits(self, place: int) -> bool:
        return all(self.left[row] >= units for row, units in self.part.uses[place])

    def take(self, place: int) -> None:
        self.places.append(place)
        self.worth += self.part.worth[place]
        for row, units in self.part.uses[place]:
            self.left[row] -= units
        if (fee := self.part.fee_of[place]) is not None:
            self.worth -= 0 if self._paying[fee] else self.part.fees[fee]
            self._paying[fee] += 1

    def give_back(self) -> None:
        place = self.places.pop()
        self.worth -= self.part.worth[place]
        for row, units in self.part.uses[place]:
            self.left[row] += units
        if (fee := self.part.fee_of[place]) is not None:
            self._paying[fee] -= 1
            self.worth += 0 if self._paying[fee] else self.part.fees[fee]


class _Clock:
    """Counts steps; over after so many, or when the time has ended."""

    def __init__(self, steps: int | None, ends: float) -> None:
        self._left = steps
        self._ends = ends
        self._count = 0

    def over(self) -> bool:
        self._count += 1
        if self._left is not None and self._count > self._left:
            return True
        return self._count % CLOCK_EVERY == 0 and monotonic() > self._ends


def best(
    part: Part, bounded: Bounded, start: frozenset[int], *, steps: int | None, ends: float
) -> tuple[frozenset[int], bool]:
    """The best choice, and whether the search ended: the start where nothing is worth more."""
    order = sorted(range(len(part.worth)), key=lambda at: (-bounded.reduced[at], at))
    found, worth = start, part.worth_of(start)
    taken = _Taken(part)
    clock = _Clock(steps, ends)
    needed = (worth + 1) * bounded.scale
    # Down by taking a bid, along by leaving it; what is bounded below `needed` is not entered.
    back: list[tuple[int, int]] = []
    at, bound = 0, bounded.bound
    while True:
        while at < len(order):
            place = order[at]
            reduced = bounded.reduced[place]
            if bound < needed or bound + min(reduced, 0) < needed:
                break  # the bids that follow have no more reduced worth
            if clock.over():
                return found, False
            at += 1
            if not taken.fits(place):
                bound -= max(reduced, 0)
                continue
            back.append((at, bound - max(reduced, 0)))
            taken.take(place)
            bound += min(reduced, 0)
            if taken.worth > worth:
                found, worth = frozenset(taken.places), taken.worth
                needed = (worth + 1) * bounded.scale
        if not back:
            return found, True
        at, bound = back.pop()
        taken.give_back()


def first(
    part: Part,
    bounded: Bounded,
    worth: int,
    order: list[int],
    *,
    steps: int | None,
    ends: float,
) -> frozenset[int] | None:
    """The first choice by order that is worth so much, the best; None where the search did not end.

    A choice with a bid comes before those without it: each is looked at after all that add to it.
    """
    taken = _Taken(part)
    clock = _Clock(steps, ends)
    needed = worth * bounded.scale
    back: list[tuple[int, int]] = []
    at, bound = 0, bounded.bound
    while True:
        while at < len(order) and bound >= needed:
            if clock.over():
                return None
            place = order[at]
            reduced = bounded.reduced[place]
            at += 1
            if bound + min(reduced, 0) >= needed and taken.fits(place):
                back.append((at, bound - max(reduced, 0)))
                taken.take(place)
                bound += min(reduced, 0)
            else:
                bound -= max(reduced, 0)
        if taken.worth == worth:
            return frozenset(taken.places)
        if not back:
            return None
        at, bound = back.pop()
        taken.give_back()
