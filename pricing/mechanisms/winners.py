"""Winner determination in whole numbers: which bids are worth most together and fit the supply.

Bids that share nothing are decided apart. In each part a linear program in floats proposes prices of the
items; any prices give a bound that no choice exceeds (weak duality), and the bound is worked out in whole
numbers. A search under that bound decides parts in which few bids are left open, whatever the size of
their amounts; CP-SAT, exact in 64-bit integers, decides the others.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from time import monotonic

from pricing.laws import law
from pricing.mechanisms import winner_proof, winner_search
from pricing.mechanisms.winner_search import Bounded, Part, Uses

OPEN_MAX = 40  # so many bids that the bound leaves open are searched before CP-SAT is asked
STEPS_MAX = 100_000


@dataclass(frozen=True, slots=True)
class Fee:
    """`amount` is lost once if any of the `members` is chosen."""

    members: tuple[int, ...]
    amount: int


@dataclass(frozen=True, slots=True)
class Problem:
    """Bid i is worth `worth[i]` and takes `uses[i]`, pairs of row and units, of the rows' limits."""

    worth: Sequence[int]
    uses: Sequence[Uses]
    limits: Sequence[int]
    fees: Sequence[Fee] = ()


@dataclass(frozen=True, slots=True)
class Chosen:
    """The bids, what they are worth, and a bound that no choice exceeds.

    `settled` says that ties are decided too: the same bids on every machine.
    """

    bids: frozenset[int]
    worth: int
    bound: int
    settled: bool

    def __post_init__(self) -> None:
        law(0 <= self.worth <= self.bound, "A choice is worth nothing or more, its bound at most.")
        law(self.worth == self.bound or not self.settled, "A settled choice is the best one.")


def choose(
    problem: Problem,
    *,
    seconds: float,
    order: Sequence[int] | None = None,
    start: Collection[int] = (),
    decided: dict[Part, Chosen] | None = None,
) -> Chosen:
    """The choice of greatest worth. Of equal ones that which comes first by `order`: bid by bid, one
    is chosen if any best choice has it beside the bids chosen before.

    Without an order bids worth nothing are left out and ties may fall anywhere. `start` is a choice
    that fits. `decided` keeps the parts that are proven from one question to the next: most of an auction
    is the same without one bidder. Where the seconds end first, the best choice found is given, with its
    bound.
    """
    ends = monotonic() + seconds
    rank = {bid: place for place, bid in enumerate(order)} if order is not None else None
    bids, worth, bound, settled = set[int](), 0, 0, True
    for part in _parts(problem, keep_free=order is not None):
        known = decided.get(part) if decided is not None and rank is None else None
        chosen = known or _decide(part, ends, rank, frozenset(start))
        if decided is not None and rank is None and chosen.settled:
            decided[part] = chosen
        bids |= {part.names[place] for place in chosen.bids}
        worth, bound = worth + chosen.worth, bound + chosen.bound
        settled &= chosen.settled
    return Chosen(frozenset(bids), worth, bound, settled)


def _decide(part: Part, ends: float, rank: dict[int, int] | None, start: frozenset[int]) -> Chosen:
    bounded = winner_search.bounded(part, seconds=ends - monotonic())
    known = frozenset(place for place, name in enumerate(part.names) if name in start)
    best = max(part.fitting(known), part.fitting(bounded.proposed), key=part.worth_of)
    few = len(bounded.left_open(part.worth_of(best))) <= OPEN_MAX
    possible = winner_proof.in_range(part)
    bound, ended = bounded.whole, False
    if few or not possible:
        steps = STEPS_MAX if possible else None
        best, ended = winner_search.best(part, bounded, best, steps=steps, ends=ends)
    if not ended and possible:
        best, least = winner_proof.best(part, best, seconds=ends - monotonic())
        bound = bound if least is None else min(bound, least)
    worth = part.worth_of(best)
    if not ended and bound > worth:
        return Chosen(best, worth, bound, settled=False)
    if rank is None:
        return Chosen(best, worth, worth, settled=True)
    order = sorted(range(len(part.names)), key=lambda place: rank[part.names[place]])
    first = _first(part, bounded, best, order, ends)
    return Chosen(first or best, worth, worth, settled=first is not None)


def _first(
    part: Part, bounded: Bounded, best: frozenset[int], order: list[int], ends: float
) -> frozenset[int] | None:
    """Of the choices as good as the best, the first by order; None where the time ended."""
    possible = winner_proof.in_range(part)
    worth = part.worth_of(best)
    first = None
    if len(bounded.left_open(worth - 1)) <= OPEN_MAX or not possible:
        steps = STEPS_MAX if possible else None
        first = winner_search.first(part, bounded, worth, order, steps=steps, ends=ends)
    if first is None and possible:
        first = winner_proof.first(part, best, order, seconds=ends - monotonic())
    return first


def _parts(problem: Problem, *, keep_free: bool) -> Iterator[Part]:
    """The bids that can be chosen, apart where no row that can be full and no fee joins them."""
    bids = _possible(problem, least=0 if keep_free else 1)
    wanted = [0] * len(problem.limits)
    for bid in bids:
        for row, units in problem.uses[bid]:
            wanted[row] += units
    tight = {row for row, limit in enumerate(problem.limits) if wanted[row] > limit}
    fee_of = {bid: at for at, fee in enumerate(problem.fees) for bid in fee.members}
    joined = _Joined(len(problem.worth) + len(problem.limits) + len(problem.fees))
    fees_from = len(problem.worth) + len(problem.limits)
    for bid in bids:
        for row in tight.intersection(row for row, _ in problem.uses[bid]):
            joined.join(bid, len(problem.worth) + row)
        if bid in fee_of:
            joined.join(bid, fees_from + fee_of[bid])
    groups: dict[int, list[int]] = {}
    for bid in bids:
        groups.setdefault(joined.root(bid), []).append(bid)
    for names in groups.values():
        yield _part(problem, names, tight, fee_of)


def _possible(problem: Problem, *, least: int) -> list[int]:
    return [
        bid
        for bid, worth in enumerate(problem.worth)
        if worth >= least and all(units <= problem.limits[row] for row, units in problem.uses[bid])
    ]


def _part(problem: Problem, names: list[int], tight: set[int], fee_of: dict[int, int]) -> Part:
    rows = sorted({row for bid in names for row, _ in problem.uses[bid] if row in tight})
    fees = sorted({fee_of[bid] for bid in names if bid in fee_of})
    row_at = {row: at for at, row in enumerate(rows)}
    fee_at = {fee: at for at, fee in enumerate(fees)}
    return Part(
        names=tuple(names),
        worth=tuple(problem.worth[bid] for bid in names),
        uses=tuple(
            tuple((row_at[row], units) for row, units in problem.uses[bid] if row in row_at)
            for bid in names
        ),
        limits=tuple(problem.limits[row] for row in rows),
        fee_of=tuple(fee_at[fee_of[bid]] if bid in fee_of else None for bid in names),
        fees=tuple(problem.fees[fee].amount for fee in fees),
    )


class _Joined:
    """Sets that are joined one pair at a time."""

    def __init__(self, size: int) -> None:
        self._up = list(range(size))

    def root(self, one: int) -> int:
        while self._up[one] != one:
            self._up[one] = one = self._up[self._up[one]]
        return one

    def join(self, one: int, other: int) -> None:
        self._up[self.root(one)] = self.root(other)
