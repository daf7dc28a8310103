"""Core payments: no group of bidders could offer the seller more than the winners pay.

Written once for every auction in which a coalition's worth can be computed; constraints are
generated one blocking coalition at a time (Day and Raghavan, Day and Cramton).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog, nnls

from pricing.refusals import PricingRefusal

Floats = NDArray[np.float64]
Payments = dict[str, Fraction]
ROUNDS_MAX = 500
DENOMINATORS = (1, 64, 1000, 10_000, 1_000_000)
RELATIVE_ERROR = 1e-9


class CoreNotReached(PricingRefusal):
    """Constraint generation did not end within its rounds."""

    code = "core_not_reached"


@dataclass(frozen=True, slots=True)
class Coalition:
    """`members` could offer the seller `worth` among themselves."""

    members: frozenset[str]
    worth: int


# Given each winner's surplus (value less payment), the coalition that offers the seller most when
# a winner joins only if it keeps its surplus.
Blocking = Callable[[Mapping[str, Fraction]], Coalition]


@dataclass
class _Region:
    """Payments of the winners that no known coalition blocks."""

    winners: tuple[str, ...]
    values: Mapping[str, int]
    floors: Mapping[str, int]
    rows: list[frozenset[str]] = field(default_factory=list)
    bounds: list[int] = field(default_factory=list)

    def add(self, coalition: Coalition) -> bool:
        """Who stays outside must pay what the coalition would; False if that was known."""
        outside = frozenset(self.winners) - coalition.members
        inside = sum(self.values[w] for w in self.winners if w in coalition.members)
        bound = coalition.worth - inside
        if (outside, bound) in zip(self.rows, self.bounds, strict=True):
            return False
        self.rows.append(outside)
        self.bounds.append(bound)
        return True

    def holds(self, payments: Mapping[str, Fraction]) -> bool:
        return all(self.floors[w] <= payments[w] <= self.values[w] for w in self.winners) and all(
            sum(payments[w] for w in row) >= bound
            for row, bound in zip(self.rows, self.bounds, strict=True)
        )

    def matrix(self) -> tuple[Floats, Floats]:
        rows = [[float(w in row) for w in self.winners] for row in self.rows]
        return np.array(rows).reshape(-1, len(self.winners)), np.array(self.bounds, dtype=float)


def core_payments(
    values: Mapping[str, int],
    vcg: Mapping[str, int],
    blocking: Blocking,
    *,
    reference: Mapping[str, int] | None = None,
) -> Payments:
    """Among the core payments of least total, those nearest to the reference (VCG unless given).

    `values` are the winners' offers. Payments lie between VCG and the value. The figures are exact
    fractions. Raises CoreNotReached.
    """
    winners = tuple(sorted(values))
    region = _Region(winners, values, vcg)
    target = reference or vcg
    payments: Payments = {winner: Fraction(vcg[winner]) for winner in winners}
    for _ in range(ROUNDS_MAX):
        surplus = {winner: values[winner] - payments[winner] for winner in winners}
        coalition = blocking(surplus)
        offered = coalition.worth - sum(surplus.get(member, 0) for member in coalition.members)
        if offered <= sum(payments.values()) or not region.add(coalition):
            return payments
        payments = _nearest(region, target)
    raise CoreNotReached(f"No core payments were found in {ROUNDS_MAX} rounds.", rounds=ROUNDS_MAX)


def whole_ticks(payments: Mapping[str, Fraction]) -> dict[str, int]:
    """Rounded up to the tick: still in the core, as sums only grow and values are whole."""
    return {winner: ceil(paid) for winner, paid in payments.items()}


def _nearest(region: _Region, target: Mapping[str, int]) -> Payments:
    """The point of the region with least total that is nearest to the target.

    The solvers work in floats; what they find is read as the simplest fractions near it, and those
    must satisfy every constraint exactly. Otherwise the payments are rounded up to the tick.
    """
    scale = float(max(1, *region.values.values()))
    rows, bounds = region.matrix()
    low = np.array([region.floors[w] for w in region.winners]) / scale
    high = np.array([region.values[w] for w in region.winners]) / scale
    least = linprog(
        np.ones(low.size), A_ub=-rows, b_ub=-bounds / scale, bounds=np.column_stack((low, high))
    )
    total = float(least.fun)
    aim = np.array([target[w] for w in region.winners]) / scale
    width = np.eye(low.size)
    point = _project(
        aim,
        np.vstack((rows, width, -width, -np.ones((1, low.size)))),
        np.concatenate((bounds / scale, low, -high, [-total])),
    )
    return _exact(region, (least.x if point is None else point) * scale, total * scale)


def _project(aim: Floats, rows: Floats, bounds: Floats) -> Floats | None:
    """The point nearest to `aim` with rows · x ≥ bounds (Lawson and Hanson: least distance)."""
    shifted = bounds - rows @ aim
    system = np.vstack((rows.T, shifted))
    wanted = np.zeros(system.shape[0])
    wanted[-1] = 1.0
    multipliers, _ = nnls(system, wanted)
    residual = system @ multipliers - wanted
    if abs(residual[-1]) < RELATIVE_ERROR:
        return None
    return np.asarray(aim - residual[:-1] / residual[-1])


def _exact(region: _Region, point: Floats, total: float) -> Payments:
    """The simplest fractions near the point that hold exactly and sum to the least total."""
    for denominator in DENOMINATORS:
        near = {
            winner: Fraction(float(value)).limit_denominator(denominator)
            for winner, value in zip(region.winners, point, strict=True)
        }
        short = sum(near.values()) - Fraction(total).limit_denominator(denominator)
        if short == 0 and region.holds(near):
            return near
    error = RELATIVE_ERROR * max(1.0, total)
    return {
        winner: Fraction(min(region.values[winner], ceil(float(value) - error)))
        for winner, value in zip(region.winners, point, strict=True)
    }
