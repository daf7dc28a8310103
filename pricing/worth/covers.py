"""The cheapest columns that cover every row, in whole numbers: a weighted set cover.

Two lower bounds by the duality of linear programming, a greedy cover, then depth first; what that does not
settle in so many steps goes to CP-SAT, which is exact up to COST_MAX. A row is the columns that hold it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

STEPS_MAX = 2_000
COMPARED_MAX = 500  # columns that are looked through for one that replaces another
PART_BITS = 20  # bounds are in 2⁻²⁰ of a unit, so that shares may be split
COST_MAX = (
    2**53
)  # of all columns together: CP-SAT compares its bound with its best cover as doubles

Row = tuple[int, ...]


@dataclass
class Cover:
    """Rows over columns with whole prices, by the column's number. `below` is a price that a cover must be under."""

    rows: Sequence[Row]
    prices: Sequence[int]
    below: int
    chosen: list[int] | None = None
    steps: int = STEPS_MAX
    held: dict[int, frozenset[int]] = field(init=False)

    def __post_init__(self) -> None:
        masks: dict[int, int] = {}
        for row, holders in enumerate(self.rows):
            for column in holders:
                masks[column] = masks.get(column, 0) | 1 << row
        useful = self._useful(masks)
        self.rows = [tuple(sorted(useful.intersection(row))) for row in self.rows]
        held: dict[int, list[int]] = {column: [] for column in sorted(useful)}
        for row, holders in enumerate(self.rows):
            for column in holders:
                held[column].append(row)
        self.held = {column: frozenset(rows) for column, rows in held.items()}

    def _useful(self, masks: Mapping[int, int]) -> set[int]:
        """The columns that no other column replaces, which holds as much for no more."""
        cheapest: dict[int, int] = {}
        for column in sorted(masks, key=lambda column: (self.prices[column], column)):
            cheapest.setdefault(masks[column], column)
        kept: dict[int, int] = {}
        for mask, column in cheapest.items():
            few = len(kept) <= COMPARED_MAX
            if not few or all(mask & ~other for other in kept):
                kept[mask] = column
        return set(kept.values())

    def solve(self, seconds: float) -> bool:
        """Whether the question is settled: `chosen` is a cheapest cover below, or None without one."""
        everything = frozenset(range(len(self.rows)))
        bounds = (self._shares(), self._ascent())
        if self._ruled_out(0, everything, bounds):
            return True
        self._take(self._greedy(everything))
        if self._depth_first(everything, bounds):
            return True
        return seconds > 0 and self._by_solver(seconds)

    def _ruled_out(self, cost: int, rows: frozenset[int], bounds: Sequence[Sequence[int]]) -> bool:
        """Whether covering the rows after having spent `cost` cannot end below the price."""
        bound = max(sum(bound[row] for row in rows) for bound in bounds)
        return bound > (self.below - 1 - cost) << PART_BITS

    def _take(self, columns: list[int]) -> None:
        """Keep a cover that is cheaper than what is known, without columns that nobody needs."""
        needed = self._needed(columns)
        cost = sum(self.prices[column] for column in needed)
        if cost < self.below:
            self.below, self.chosen = cost, needed

    def _needed(self, columns: list[int]) -> list[int]:
        """The columns without those whose rows the others hold, the dearest left out first."""
        times = [0] * len(self.rows)
        for column in columns:
            for row in self.held[column]:
                times[row] += 1
        kept = set(columns)
        for column in sorted(columns, key=lambda one: (-self.prices[one], one)):
            if all(times[row] > 1 for row in self.held[column]):
                kept.discard(column)
                for row in self.held[column]:
                    times[row] -= 1
        return sorted(kept)

    def _shares(self) -> list[int]:
        """Each row's least share of the price of a column that holds it, in parts, rounded down.

        The rows of a column together have at most its price, so no cover costs less than the sum.
        """
        each = {
            column: (self.prices[column] << PART_BITS) // len(rows)
            for column, rows in self.held.items()
        }
        return [min(each[column] for column in row) for row in self.rows]

    def _ascent(self) -> list[int]:
        """Each row in turn takes what is left of its cheapest column, in parts.

        No column is exceeded, so no cover costs less than the sum.
        """
        left = {column: self.prices[column] << PART_BITS for column in self.held}
        taken = [0] * len(self.rows)
        for row in sorted(range(len(self.rows)), key=lambda one: (len(self.rows[one]), one)):
            taken[row] = min(left[column] for column in self.rows[row])
            for column in self.rows[row]:
                left[column] -= taken[row]
        return taken

    def _greedy(self, rows: frozenset[int]) -> list[int]:
        """A cover: again and again the column of the least price for each row that it adds."""
        picked = []
        while rows:
            best, best_price, best_new = -1, 1, 0
            for column, held in self.held.items():
                new = len(held & rows)
                if new and (not best_new or self.prices[column] * best_new < best_price * new):
                    best, best_price, best_new = column, self.prices[column], new
            picked.append(best)
            rows -= self.held[best]
        return picked

    def _depth_first(self, rows: frozenset[int], bounds: Sequence[Sequence[int]]) -> bool:
        """Try every column of the row that fewest hold, cheapest first; whether all was tried."""
        waiting: list[tuple[frozenset[int], int, tuple[int, ...], frozenset[int]]]
        waiting = [(rows, 0, (), frozenset())]
        while waiting:
            left, cost, picked, barred = waiting.pop()
            if not left:
                self._take(list(picked))
                continue
            if self._ruled_out(cost, left, bounds):
                continue
            self.steps -= 1
            if self.steps < 0:
                return False
            row = min(left, key=lambda one: (len(self.rows[one]), one))
            branches = []
            for column in sorted(self.rows[row], key=lambda one: (self.prices[one], one)):
                if column not in barred:
                    spent = cost + self.prices[column]
                    branches.append((left - self.held[column], spent, (*picked, column), barred))
                    barred |= {column}
            waiting += reversed(branches)
        return True

    def _by_solver(self, seconds: float) -> bool:
        """CP-SAT with one worker and a fixed seed: the same cover each time where it ends."""
        from ortools.sat.python import cp_model  # noqa: PLC0415 - two seconds, and rarely needed

        if sum(self.prices[column] for column in self.held) > COST_MAX:
            return False
        model = cp_model.CpModel()
        taken = {column: model.new_bool_var(str(column)) for column in self.held}
        for row in self.rows:
            model.add(sum(taken[column] for column in row) >= 1)
        cost = sum(self.prices[column] * taken[column] for column in self.held)
        model.minimize(cost)
        model.add(cost <= self.below - 1)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.linearization_level = 2
        solver.parameters.random_seed = 0
        solver.parameters.max_time_in_seconds = seconds
        status = solver.solve(model)
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            self._take([column for column, one in taken.items() if solver.boolean_value(one)])
        return status in (cp_model.OPTIMAL, cp_model.INFEASIBLE)
