"""Where the nearest core point of many winners rests, proposed in floats and proven in whole numbers.

The dual active set method of Goldfarb and Idnani in floats says which coalitions and which ends of the
payments' ranges bind. The point on exactly these is a linear system in whole numbers; it is the nearest
point if it respects every row and no multiplier is negative (Karush, Kuhn, Tucker), which is checked.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import lcm

import numpy as np
from numpy.typing import NDArray

from pricing.mechanisms import whole_systems

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
ALMOST = 1e-11  # of the greatest value
NOTHING = (Fraction(0), Fraction(0))
NOISE = 1e-7  # of the large parts of forces, which are fractions with small denominators
DEPENDENT = 1e-6  # of the square of what active rows leave of another one, if it depends on them
WORK_MAX = 6_000_000_000  # products, about; some seconds
STEP_WORK = 150_000  # of the smallest step


class NotProposed(Exception):
    """Rounding led the proposal astray, or what it proposed is not the nearest point."""


class Proposed:
    """Rows are added one by one; the floats move to the nearest point that respects them all.

    Forces are pairs "a · M + b" with M above every number, compared by a first: least total counts M
    times, nearness to the target once.
    """

    def __init__(
        self, floors: Mapping[str, int], values: Mapping[str, int], target: Mapping[str, int]
    ) -> None:
        self.winners = sorted(values)
        self.at = {winner: place for place, winner in enumerate(self.winners)}
        self.whole = tuple([side[w] for w in self.winners] for side in (floors, values, target))
        self.unit = float(max(values.values()))
        low, high, aim = (np.array(side, dtype=float) / self.unit for side in self.whole)
        self.low, self.high = low, high
        size = len(self.winners)
        self.rows = np.zeros((0, size))
        self.bounds: list[int] = []
        self.known: set[tuple[bytes, int]] = set()
        self.point = low.copy()
        self.at_low, self.at_high = np.ones(size, dtype=bool), np.zeros(size, dtype=bool)
        # One force for each row on which the point rests: of the ends, then of the active rows.
        self.end_force = np.stack([np.ones(size), low - aim], axis=1)
        self.active: list[int] = []
        self.force = np.zeros((0, 2))
        self.work = 0

    def payments(self, grid: int) -> dict[str, Fraction]:
        """The floats' point on a grid of 1/grid ticks, within the ranges."""
        floors, values, _ = self.whole
        paid = [Fraction(round(one * self.unit * grid), grid) for one in self.point.tolist()]
        return {
            winner: max(min(paid[at], Fraction(values[at])), Fraction(floors[at]))
            for at, winner in enumerate(self.winners)
        }

    def add(self, payers: frozenset[str], bound: int) -> bool:
        """Note the row; whether it is new."""
        row = np.zeros(len(self.winners), dtype=bool)
        row[[self.at[payer] for payer in payers]] = True
        key = row.tobytes(), bound
        if key in self.known:
            return False
        self.known.add(key)
        self.rows = np.concatenate([self.rows, row[None, :].astype(float)])
        self.bounds.append(bound)
        return True

    def move(self) -> None:
        """To the nearest point that respects all rows."""
        bounds = np.array(self.bounds, dtype=float) / self.unit
        while True:
            slack = self.rows @ self.point - bounds
            slack[self.active] = 0
            over, under = self.high - self.point, self.point - self.low
            worst = int(np.argmin(slack)) if slack.size else -1
            ends = np.minimum(over, under)
            ends[self.at_low | self.at_high] = 0
            end = int(np.argmin(ends))
            if worst >= 0 and slack[worst] <= ends[end] and slack[worst] < -ALMOST:
                self._restore(self.rows[worst], float(slack[worst]), row=worst)
            elif ends[end] < -ALMOST:
                normal = np.zeros(len(self.winners))
                normal[end] = -1.0 if over[end] < under[end] else 1.0
                self._restore(normal, float(ends[end]), end=end)
            else:
                return

    def _restore(self, normal: Floats, slack: float, row: int = -1, end: int = -1) -> None:
        """Move along the normal until it holds, letting go of what the point no longer rests on."""
        gained = np.zeros(2)
        while True:
            self.work += STEP_WORK + len(self.active) ** 2 * len(self.winners)
            if self.work > WORK_MAX:
                raise NotProposed
            left, weights = self._along(normal)
            fixed = self.at_low | self.at_high
            end_weights = np.where(fixed, np.where(self.at_high, -left, left), 0.0)
            direction = np.where(fixed, 0.0, left)
            reach = float(direction @ normal)
            forces = np.concatenate([self.end_force, self.force])
            all_weights = np.concatenate([end_weights, weights])
            step, whole = self._step(
                forces, all_weights, -slack / reach if reach > DEPENDENT else None
            )
            self.point = self.point + step[1] * direction
            slack += step[1] * reach
            self.end_force = self.end_force - end_weights[:, None] * step
            self.force = self.force - weights[:, None] * step
            for force in (self.end_force, self.force):
                force[:, 0][np.abs(force[:, 0]) < NOISE] = 0.0
            gained = gained + step
            if whole:
                if row >= 0:
                    self.active.append(row)
                    self.force = np.concatenate([self.force, gained[None, :]])
                else:
                    (self.at_high if normal[end] < 0 else self.at_low)[end] = True
                    self.end_force[end] = gained
                return
            self._let_go(end_weights, weights)

    def _along(self, normal: Floats) -> tuple[Floats, Floats]:
        """What the active rows leave of the normal where payments are free, and their weights."""
        if not self.active:
            return normal, np.zeros(0)
        active = self.rows[self.active]
        free = active[:, ~(self.at_low | self.at_high)]
        wanted = normal[~(self.at_low | self.at_high)]
        try:
            weights = np.asarray(np.linalg.solve(free @ free.T, free @ wanted), dtype=np.float64)
        except np.linalg.LinAlgError:
            raise NotProposed from None
        return normal - active.T @ weights, weights

    @staticmethod
    def _step(forces: Floats, weights: Floats, whole: float | None) -> tuple[Floats, bool]:
        """The shortest of the steps at which a force is used up and the one at which the row holds."""
        pressed = np.flatnonzero(weights > NOISE)
        if pressed.size:
            force, weight = forces[pressed], weights[pressed]
            large = float((force[:, 0] / weight).min())
            left = force[:, 0] - large * weight  # no more than noise: the rest decides
            rest = float((force[:, 1] / weight)[left < NOISE].min())
            first = np.array([large, rest]) if large > NOISE else np.array([0.0, max(rest, 0.0)])
            if whole is None or first[0] > 0 or first[1] >= whole:
                if whole is not None:
                    return np.array([0.0, whole]), True
                return first, False
            return first, False
        if whole is None:
            raise NotProposed
        return np.array([0.0, whole]), True

    def _let_go(self, end_weights: Floats, weights: Floats) -> None:
        def used_up(force: Floats, weights: Floats) -> Mask:
            much = np.maximum(weights, 1)
            gone: Mask = (force[:, 0] == 0) & (force[:, 1] < ALMOST * much)
            return gone & (weights > NOISE)

        ends = used_up(self.end_force, end_weights)
        self.at_low &= ~ends
        self.at_high &= ~ends
        self.end_force[ends] = 0
        kept = ~used_up(self.force, weights)
        self.active = [row for row, stays in zip(self.active, kept.tolist(), strict=True) if stays]
        self.force = self.force[kept]

    def proven(self) -> dict[str, Fraction]:
        """The point that rests on what the floats rest on, exactly. Raises NotProposed where it is not
        the nearest of those that respect all rows."""
        floors, values, target = self.whole
        fixed = {int(at): floors[at] for at in np.flatnonzero(self.at_low)}
        fixed |= {int(at): values[at] for at in np.flatnonzero(self.at_high)}
        free = [at for at in range(len(self.winners)) if at not in fixed]
        active = self.rows[self.active].astype(np.int64)
        inside = active[:, free]
        gram = inside @ inside.T
        right = [
            self.bounds[row]
            - sum(fixed[at] for at in fixed if active[place, at])
            - sum(target[at] for at in free if active[place, at])
            for place, row in enumerate(self.active)
        ]
        large = whole_systems.solve(gram, inside.sum(axis=1).tolist())
        rest = whole_systems.solve(gram, right)
        if large is None or rest is None:
            raise NotProposed
        drawn = [_drawn(active, forces) for forces in (large, rest)]
        point = [
            Fraction(fixed[at]) if at in fixed else target[at] + drawn[1][at]
            for at in range(len(self.winners))
        ]
        forces = list(zip(large, rest, strict=True))
        forces += [
            (sign * (1 - drawn[0][at]), sign * (paid - target[at] - drawn[1][at]))
            for at, paid in fixed.items()
            for sign in ((-1 if self.at_high[at] else 1),)
        ]
        rests = all(force >= NOTHING for force in forces) and all(drawn[0][at] == 1 for at in free)
        if not rests or not self._respected(point):
            raise NotProposed
        return dict(zip(self.winners, point, strict=True))

    def _respected(self, point: Sequence[Fraction]) -> bool:
        floors, values, _ = self.whole
        if any(not floors[at] <= paid <= values[at] for at, paid in enumerate(point)):
            return False
        scale = lcm(*(paid.denominator for paid in point))
        paid = np.array([int(one * scale) for one in point], dtype=object)
        return all(
            sum(paid[row > 0]) >= bound * scale
            for row, bound in zip(self.rows, self.bounds, strict=True)
        )


def _drawn(active: NDArray[np.int64], forces: Sequence[Fraction]) -> list[Fraction]:
    """The rows times their forces: what they add to each payment."""
    scale = lcm(*(force.denominator for force in forces))
    whole = np.array([int(force * scale) for force in forces], dtype=object)
    return [Fraction(int(sum(whole[column > 0])), scale) for column in active.T]
