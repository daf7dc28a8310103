"""The best choice of bids by CP-SAT: exact in 64-bit integers.

OR-tools takes seconds to load: it is imported where it is asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from pricing.laws import law
from pricing.mechanisms.winner_search import Part

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

# Of a row or an objective. CP-SAT compares its bound with its best choice as doubles, which are exact up
# to here; beyond it now and then calls the second best choice the best.
SUM_MAX = 2**53
BLOCK = 40  # bids whose order one objective of powers of two can hold
SEED = 1
WORKERS = 2  # whatever the machine has; the answer does not depend on it


def in_range(part: Part) -> bool:
    """Whether all sums of the part stay where CP-SAT is exact."""
    rows = [0] * len(part.limits)
    for used in part.uses:
        for row, units in used:
            rows[row] += units
    return max([sum(part.worth) + sum(part.fees), *rows]) <= SUM_MAX


@dataclass(frozen=True, slots=True)
class _Answer:
    """`bids` None: no choice was found. `ended`: the best one, or proven that there is none."""

    bids: frozenset[int] | None
    ended: bool
    bound: int | None


class _Model:
    """The rows of a part, once; conditions and an objective are added for each question."""

    def __init__(self, part: Part) -> None:
        from ortools.sat.python import cp_model  # noqa: PLC0415 - seconds, and rarely needed

        self.cp = cp_model
        self.model = cp_model.CpModel()
        self.part = part
        self.bids = [self.model.new_bool_var("") for _ in part.worth]
        self.fees = [self.model.new_bool_var("") for _ in part.fees]
        rows: list[list[tuple[int, int]]] = [[] for _ in part.limits]
        for place, used in enumerate(part.uses):
            for row, units in used:
                rows[row].append((place, units))
        for limit, wanted in zip(part.limits, rows, strict=True):
            self._row(limit, wanted)
        for bid, fee in zip(self.bids, part.fee_of, strict=True):
            if fee is not None:
                self.model.add_implication(bid, self.fees[fee])
        self.worth = cp_model.LinearExpr.weighted_sum(
            [*self.bids, *self.fees], [*part.worth, *(-fee for fee in part.fees)]
        )

    def _row(self, limit: int, row: list[tuple[int, int]]) -> None:
        bids = [self.bids[place] for place, _ in row]
        two_least = sorted(units for _, units in row)[:2]
        if len(row) > 1 and sum(two_least) > limit:
            self.model.add_at_most_one(bids)
        else:
            units = [units for _, units in row]
            self.model.add(self.cp.LinearExpr.weighted_sum(bids, units) <= limit)

    def ask(self, *, seconds: float, start: frozenset[int], best: bool) -> _Answer:
        for place, bid in enumerate(self.bids):
            self.model.add_hint(bid, place in start)
        solver = self.cp.CpSolver()
        solver.parameters.num_workers = WORKERS
        solver.parameters.random_seed = SEED
        solver.parameters.max_time_in_seconds = max(seconds, 0.0)
        status = solver.solve(self.model)
        law(status != self.cp.MODEL_INVALID, "CP-SAT takes every part that is in range.")
        if status == self.cp.INFEASIBLE:
            return _Answer(None, ended=True, bound=None)
        if status == self.cp.UNKNOWN:
            return _Answer(None, ended=False, bound=None)
        bids = frozenset(at for at, bid in enumerate(self.bids) if solver.boolean_value(bid))
        if not best:
            return _Answer(bids, ended=True, bound=None)
        bound = -int(solver.response_proto.inner_objective_lower_bound)
        return _Answer(bids, ended=status == self.cp.OPTIMAL, bound=bound)


def best(part: Part, start: frozenset[int], *, seconds: float) -> tuple[frozenset[int], int | None]:
    """The best choice found, at least the start, and a bound; None where none is known."""
    if seconds <= 0:
        return start, None
    asked = _Model(part)
    asked.model.maximize(asked.worth)
    answer = asked.ask(seconds=seconds, start=start, best=True)
    if answer.bids is None:
        return start, None
    found = max(part.fitting(answer.bids), start, key=part.worth_of)
    worth = part.worth_of(found)
    if answer.ended:
        return found, worth
    return found, answer.bound if answer.bound is not None and answer.bound >= worth else None


def first(
    part: Part, known: frozenset[int], order: Sequence[int], *, seconds: float
) -> frozenset[int] | None:
    """Of the choices as good as `known`, the best, the first by order; None where the time ended.

    First whether any has a bid that `known` lacks, which usually proves that there is no other; then
    the order in blocks of bids, each an objective of powers of two.
    """
    ends = monotonic() + seconds
    lacking = [place for place in order if place not in known]
    if not lacking:
        return known
    if seconds <= 0:
        return None
    asked = _Model(part)
    asked.model.add(asked.worth >= part.worth_of(known))
    asked.model.add_at_least_one([asked.bids[place] for place in lacking])
    answer = asked.ask(seconds=seconds, start=known, best=False)
    if answer.bids is None:
        return known if answer.ended else None
    current, fixed = known, dict[int, bool]()
    for at in range(0, len(order), BLOCK):
        block = order[at : at + BLOCK]
        if not all(place in current for place in block):
            answer = _block(part, current, fixed, block, ends - monotonic())
            if answer.bids is None or not answer.ended:
                return None
            current = answer.bids
        fixed |= {place: place in current for place in block}
    return current


def _block(
    part: Part,
    current: frozenset[int],
    fixed: Mapping[int, bool],
    block: Sequence[int],
    seconds: float,
) -> _Answer:
    asked = _Model(part)
    asked.model.add(asked.worth >= part.worth_of(current))
    for place, chosen in fixed.items():
        asked.model.add(asked.bids[place] == chosen)
    weights = [1 << (len(block) - 1 - at) for at in range(len(block))]
    bids: list[cp_model.IntVar] = [asked.bids[place] for place in block]
    asked.model.maximize(asked.cp.LinearExpr.weighted_sum(bids, weights))
    return asked.ask(seconds=seconds, start=current, best=True)
