"""Core payments: no group of bidders could offer the seller more than the winners pay.

Written once for every auction in which a coalition's worth can be computed. Constraints are generated
one blocking coalition at a time (Day and Raghavan, Day and Cramton), and the nearest point is kept in
rational arithmetic by the dual active set method of Goldfarb and Idnani, which goes on from where it
stood when a constraint is added.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil

from pricing.mechanisms.core_proposed import NotProposed, Proposed
from pricing.refusals import PricingRefusal

Payments = dict[str, Fraction]
ROUNDS_MAX = 500
FRACTIONS_MAX = 12  # more winners are proposed in floats first
WORK_MAX = 300_000  # products of fractions, about; some seconds
ALONE_MAX = 60  # where nothing was proposed, fractions go alone up to so many winners
GRID_BITS = 50


class CoreNotReached(PricingRefusal):
    """Constraint generation did not end within the work that is admitted."""

    code = "core_not_reached"


@dataclass(frozen=True, slots=True)
class Coalition:
    """`members` could offer the seller `worth` among themselves. `others` are further coalitions that
    were met on the way to this one."""

    members: frozenset[str]
    worth: int
    others: "tuple[Coalition, ...]" = ()


# Given each winner's surplus (value less payment), the coalition that offers the seller most when
# a winner joins only if it keeps its surplus.
Blocking = Callable[[Mapping[str, Fraction]], Coalition]


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
    target = reference or vcg
    if len(values) > FRACTIONS_MAX:
        try:
            return _proposed(Proposed(vcg, values, target), values, blocking)
        except NotProposed:
            if len(values) > ALONE_MAX:
                raise _too_much(len(values)) from None
    point = _Nearest(floors=vcg, values=values, target=target)
    for _ in range(ROUNDS_MAX):
        payments = point.payments()
        coalition, excess = _objection(values, payments, blocking)
        if excess <= 0:
            return payments
        point.add(*_row(values, coalition))
    raise _too_much(len(values))


def _too_much(winners: int) -> CoreNotReached:
    return CoreNotReached(
        f"The core payments of {winners} winners are not found with the work that is admitted; "
        "accepted are fewer bids, or payment by vcg or first_price.",
        winners=winners,
        accepted=["vcg", "first_price"],
    )


def _proposed(point: Proposed, values: Mapping[str, int], blocking: Blocking) -> Payments:
    """The same point: rows are gathered at payments in floats, the last steps are exact."""
    grid = 1 << max(0, min(20, GRID_BITS - max(values.values()).bit_length()))
    for _ in range(ROUNDS_MAX):
        point.move()
        payments = point.payments(grid)
        coalition, excess = _objection(values, payments, blocking)
        if excess <= 0 or not _added(point, values, coalition):
            payments = point.proven()
            coalition, excess = _objection(values, payments, blocking)
            if excess <= 0:
                return payments
            _added(point, values, coalition)
    raise NotProposed


def _added(point: Proposed, values: Mapping[str, int], coalition: Coalition) -> bool:
    """Whether the coalition is new; then the others that came with it are noted too."""
    is_new = point.add(*_row(values, coalition))
    for other in coalition.others if is_new else ():
        point.add(*_row(values, other))
    return is_new


def _objection(
    values: Mapping[str, int], payments: Payments, blocking: Blocking
) -> tuple[Coalition, Fraction]:
    """The coalition that could offer the seller most, and how much more than the winners pay."""
    surplus = {winner: values[winner] - paid for winner, paid in payments.items()}
    coalition = blocking(surplus)
    kept = sum((surplus.get(member, Fraction(0)) for member in coalition.members), Fraction(0))
    return coalition, coalition.worth - kept - sum(payments.values())


def _row(values: Mapping[str, int], coalition: Coalition) -> tuple[frozenset[str], int]:
    """The winners who are not in it pay what it could offer more than its own winners are worth."""
    kept = sum(value for winner, value in values.items() if winner in coalition.members)
    return frozenset(values) - coalition.members, coalition.worth - kept


def whole_ticks(payments: Mapping[str, Fraction]) -> dict[str, int]:
    """Rounded up to the tick: still in the core, as sums only grow and values are whole."""
    return {winner: ceil(paid) for winner, paid in payments.items()}


# A number "large · M + rest" with M above every number, compared by `large` first.
_Big = tuple[Fraction, Fraction]
_NOTHING: _Big = (Fraction(0), Fraction(0))


@dataclass(frozen=True, slots=True)
class _Row:
    """The payments of `payers` together are at least `bound`; at most `-bound` where `sign` is -1."""

    payers: frozenset[str]
    bound: int
    sign: int = 1


@dataclass(slots=True)
class _Nearest:
    """The point of the region with least total that is nearest to the target, exactly.

    That is the projection of `target - M` on the region for an M above every number: the total
    counts M times, the distance once. `_force` holds the multiplier of each row on which the point
    rests, never below zero; they prove that no other point is nearer.
    """

    floors: Mapping[str, int]
    values: Mapping[str, int]
    target: Mapping[str, int]
    _rows: list[_Row] = field(default_factory=list)
    _at: dict[str, _Big] = field(default_factory=dict)
    _force: dict[_Row, _Big] = field(default_factory=dict)
    _work: int = 0

    def __post_init__(self) -> None:
        for winner, floor in self.floors.items():
            row = _Row(frozenset([winner]), floor)
            self._at[winner] = (Fraction(0), Fraction(floor))
            self._force[row] = (Fraction(1), Fraction(floor - self.target[winner]))
            self._rows += [row, _Row(row.payers, -self.values[winner], sign=-1)]

    def payments(self) -> Payments:
        return {winner: self._at[winner][1] for winner in sorted(self._at)}

    def add(self, payers: frozenset[str], bound: int) -> None:
        """Move to the nearest point that respects this row too. One such point must exist."""
        self._rows.append(_Row(payers, bound))
        while broken := min(
            (
                (slack, place)
                for place, row in enumerate(self._rows)
                if (slack := self._slack(row)) < _NOTHING
            ),
            default=None,
        ):
            self._restore(self._rows[broken[1]])

    def _slack(self, row: _Row) -> _Big:
        large = sum((self._at[payer][0] for payer in row.payers), Fraction(0))
        rest = sum((self._at[payer][1] for payer in row.payers), Fraction(0))
        return row.sign * large, row.sign * rest - row.bound

    def _restore(self, row: _Row) -> None:
        """Move until the row holds, and let go of each row on which the point no longer rests."""
        gained = _NOTHING
        while True:
            weights, direction = self._along(row)
            reach = row.sign * sum(
                (direction.get(payer, Fraction(0)) for payer in row.payers), Fraction(0)
            )
            blocked = min(
                ((_scaled(self._force[other], 1 / weight), place, other)
                 for place, (other, weight) in enumerate(weights.items()) if weight > 0),
                default=None,
            )  # fmt: skip
            whole = _scaled(self._slack(row), Fraction(-1) / reach) if reach else None
            if whole is None and blocked is None:
                raise CoreNotReached("No payments satisfy every coalition.", rounds=len(self._rows))
            step = min(length for length in (whole, blocked and blocked[0]) if length is not None)
            for winner, slope in direction.items():
                self._at[winner] = _plus(self._at[winner], _scaled(step, slope))
            for other, weight in weights.items():
                self._force[other] = _plus(self._force[other], _scaled(step, -weight))
            gained = _plus(gained, step)
            if step == whole:
                self._force[row] = gained
                return
            for other, weight in weights.items():
                if weight > 0 and self._force[other] == _NOTHING:
                    del self._force[other]

    def _along(self, row: _Row) -> tuple[dict[_Row, Fraction], dict[str, Fraction]]:
        """The row as weights of the rows on which the point rests, and what of it they leave free.

        Rows of one payer fix that payment; the others are projected on the payments left free.
        """
        fixed = {next(iter(r.payers)): r for r in self._force if len(r.payers) == 1}
        shared = [r for r in self._force if len(r.payers) > 1]
        free = [r.payers - fixed.keys() for r in shared]
        self._work += len(self.values) + len(shared) ** 3
        if self._work > WORK_MAX:
            raise _too_much(len(self.values))
        wanted = row.payers - fixed.keys()
        solved = _solve(
            [[Fraction(len(a & b)) for b in free] for a in free],
            [Fraction(row.sign * len(a & wanted)) for a in free],
        )
        left = {winner: Fraction(row.sign * (winner in row.payers)) for winner in self._at}
        for weight, other in zip(solved, shared, strict=True):
            for payer in other.payers:
                left[payer] -= weight
        weights = dict(zip(shared, solved, strict=True))
        weights |= {r: r.sign * left[payer] for payer, r in fixed.items()}
        return weights, {
            winner: rest for winner, rest in left.items() if winner not in fixed and rest
        }


def _plus(one: _Big, other: _Big) -> _Big:
    return one[0] + other[0], one[1] + other[1]


def _scaled(number: _Big, factor: Fraction) -> _Big:
    return number[0] * factor, number[1] * factor


def _solve(matrix: list[list[Fraction]], right: list[Fraction]) -> list[Fraction]:
    """The solution of a regular system, by elimination."""
    size = len(right)
    table = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for column in range(size):
        pivot = next(place for place in range(column, size) if table[place][column])
        table[column], table[pivot] = table[pivot], table[column]
        lead = table[column]
        for place in range(column + 1, size):
            if factor := table[place][column] / lead[column]:
                table[place] = [a - factor * b for a, b in zip(table[place], lead, strict=True)]
    answer = [Fraction(0)] * size
    for place in reversed(range(size)):
        known = sum((table[place][k] * answer[k] for k in range(place + 1, size)), Fraction(0))
        answer[place] = (table[place][size] - known) / table[place][place]
    return answer
