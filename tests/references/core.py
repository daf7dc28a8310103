"""Core payments from the definition: every coalition is a row, every set of rows may be active.

Day and Cramton 2012: of the payments that no coalition objects to those of least total, of these the
nearest to the reference.
"""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import combinations

from pricing.mechanisms.core import Coalition, core_payments
from tests.references.comparing import Comparison, Draw

WINNERS_MAX = 3  # whose active sets are enumerated
Set = frozenset[str]
Row = tuple[
    list[int], int
]  # signs of the winners, bound: their signed payments are at least the bound
Big = tuple[Fraction, Fraction]  # a · M + b for an M above every number
NOTHING: Big = (Fraction(0), Fraction(0))


def subsets(names: Sequence[str]) -> list[Set]:
    return [
        frozenset(chosen) for size in range(len(names) + 1) for chosen in combinations(names, size)
    ]


def coalition_rows(values: Mapping[str, int], worth: Callable[[Set], int]) -> list[Row]:
    """Winners who stay out pay at least what the others could offer without them.

    `worth` of a set of winners is what they offer together with all losers.
    """
    winners = sorted(values)
    rows: list[Row] = []
    for inside in subsets(winners):
        if len(inside) < len(winners):
            kept = sum(values[winner] for winner in inside)
            rows.append(([int(w not in inside) for w in winners], worth(inside) - kept))
    return rows


def nearest_core(
    values: Mapping[str, int], worth: Callable[[Set], int], reference: Mapping[str, int]
) -> dict[str, Fraction]:
    """Least M · total + half the squared distance, for an M above every number.

    The conditions of Karush, Kuhn and Tucker: the payments are `reference − M` plus the active rows
    times multipliers that are not negative; active rows hold with equality, all others hold.
    """
    winners = sorted(values)
    rows = coalition_rows(values, worth)
    rows += [([-int(w == who) for w in winners], -values[who]) for who in winners]
    start = [(Fraction(-1), Fraction(reference[winner])) for winner in winners]
    for size in range(len(winners) + 1):
        for active in combinations(rows, size):
            point = _resting(start, active)
            if point is not None and all(_slack(row, point) >= NOTHING for row in rows):
                return {winner: rest for winner, (_, rest) in zip(winners, point, strict=True)}
    raise AssertionError("no core point")


def _slack(row: Row, point: Sequence[Big]) -> Big:
    signs, bound = row
    pairs = list(zip(signs, point, strict=True))
    large = sum((s * big for s, (big, _) in pairs), Fraction(0))
    return large, sum((s * rest for s, (_, rest) in pairs), Fraction(0)) - bound


def _resting(start: Sequence[Big], active: Sequence[Row]) -> list[Big] | None:
    """The projection of the start on the active rows; None where a multiplier is negative."""
    table = []
    for row in active:
        dots = [
            Fraction(sum(a * b for a, b in zip(row[0], other[0], strict=True))) for other in active
        ]
        large, rest = _slack(row, start)
        table.append([*dots, -large, -rest])
    size = len(active)
    for column in range(size):
        pivot = next((at for at in range(column, size) if table[at][column]), None)
        if pivot is None:
            return None  # dependent rows: another set has the same point
        table[column], table[pivot] = table[pivot], table[column]
        table[column] = [figure / table[column][column] for figure in table[column]]
        for at in range(size):
            if at != column and table[at][column]:
                factor = table[at][column]
                table[at] = [a - factor * b for a, b in zip(table[at], table[column], strict=True)]
    force = [(line[size], line[size + 1]) for line in table]
    if any(multiplier < NOTHING for multiplier in force):
        return None
    return [
        (
            large
            + sum((f[0] * row[0][at] for f, row in zip(force, active, strict=True)), Fraction(0)),
            rest
            + sum((f[1] * row[0][at] for f, row in zip(force, active, strict=True)), Fraction(0)),
        )
        for at, (large, rest) in enumerate(start)
    ]


Given = tuple[
    dict[str, int], dict[Set, int], bool
]  # values, worth with all losers, near the values


def _draw(draw: Draw) -> Given:
    """Winners and what each set of them could offer with the losers: never more than all winners."""
    values = {f"w{i}": draw.amount() for i in range(draw.count(least=1, most=WINNERS_MAX))}
    total = sum(values.values())
    worth = {
        inside: min(total, sum(values[w] for w in inside) + draw.random.choice([0, draw.amount()]))
        for inside in subsets(sorted(values))
    }
    return values, worth, draw.random.random() < 0.25


def _vickrey(values: Mapping[str, int], worth: Mapping[Set, int]) -> dict[str, int]:
    return {w: worth[frozenset(values) - {w}] - (sum(values.values()) - values[w]) for w in values}


def _ours(given: Given) -> object:
    values, worth, near_values = given

    def blocking(surplus: Mapping[str, Fraction]) -> Coalition:
        inside = max(worth, key=lambda members: worth[members] - sum(surplus[m] for m in members))
        return Coalition(inside, worth[inside])

    vcg = _vickrey(values, worth)
    return core_payments(values, vcg, blocking, reference=values if near_values else None)


def _twin(given: Given) -> object:
    values, worth, near_values = given
    return nearest_core(
        values, worth.__getitem__, values if near_values else _vickrey(values, worth)
    )


COMPARISONS = (Comparison("core.core_payments", _draw, _ours, _twin, quick=40),)
