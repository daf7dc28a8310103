"""Shares of one amount: fixed, by points, by values of a game, and such that cloning cannot raise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from math import exp, fsum, lcm, log
from typing import Any

from pricing.exact import (
    SHOWN_MAX,
    at_least_zero,
    mapping,
    name_of,
    number,
    refuse,
    sequence,
    text,
)
from pricing.money import Money
from pricing.refusals import PricingRefusal

PARTIES_MAX = 10_000
ENTRIES_MAX = 100_000
ONE = Fraction(1)


class SharesDoNotSum(PricingRefusal):
    """Fixed shares that are not exactly the whole."""

    code = "shares_do_not_sum"


class HarmfulParty(PricingRefusal):
    """A party's value is below zero, and no rule was agreed for that."""

    code = "harmful_party"


class Negative(Enum):
    """What happens to a party whose value is below zero, which a contract must say beforehand."""

    REFUSE = "refuse"
    FLOOR = "floor"  # it gets nothing, and the others share in proportion to their values


@dataclass(frozen=True)
class Part:
    """What one party gets, and the exact share of the whole that it stands for."""

    party: str
    share: Fraction
    amount: Money


def divide(amount: Money, weights: Mapping[str, Fraction]) -> list[Part]:
    """Parts in proportion to weights by largest remainder: they sum to the amount exactly.

    Ties go to the party that is named earlier. Raises NothingToSplitBy.
    """
    scale = lcm(*(weight.denominator for weight in weights.values()))
    whole = [int(weight * scale) for weight in weights.values()]
    parts = amount.split(*whole)
    total = sum(whole)
    return [
        Part(party, Fraction(weight, total), part)
        for party, weight, part in zip(weights, whole, parts, strict=True)
    ]


def fixed_shares(given: Mapping[str, object], *, field: str = "shares") -> dict[str, Fraction]:
    """Shares of the whole by party, such as {"a": "0.6", "b": "0.4"}, that sum to exactly 1.

    Raises SharesDoNotSum, BadValue.
    """
    shares = {
        party: at_least_zero(share, f"{field}.{party}"[:SHOWN_MAX])
        for party, share in given.items()
    }
    total = sum(shares.values(), Fraction(0))
    if total != ONE:
        raise SharesDoNotSum(
            f"The field {field} sums to {text(total)}; accepted are shares that sum to exactly 1.",
            field=field,
            value=text(total),
            accepted="1",
        )
    return shares


@dataclass(frozen=True)
class Contribution:
    """So many units of one kind (data, compute, algorithm, capital, labour …) from one party."""

    party: str
    kind: str
    units: Fraction


def contribution_points(
    contributions: Sequence[Contribution], weights: Mapping[str, Fraction]
) -> dict[str, Fraction]:
    """Each party's points: units × the weight of their kind, summed. Raises BadValue."""
    points: dict[str, Fraction] = {}
    for index, one in enumerate(contributions):
        if one.kind not in weights:
            refuse(f"contributions[{index}].kind", one.kind, f"one of {', '.join(sorted(weights))}")
        added = one.units * weights[one.kind]
        points[one.party] = points.get(one.party, Fraction(0)) + added
    return points


def read_contributions(given: object) -> list[Contribution]:
    """Contributions from JSON: [{"party", "kind", "units"}]."""
    rows = sequence(given, "contributions", most=ENTRIES_MAX)
    read = []
    for index, row in enumerate(rows):
        name = f"contributions[{index}]"
        fields = mapping(row, name)
        units = at_least_zero(fields.get("units"), f"{name}.units")
        party, kind = (name_of(fields.get(part), f"{name}.{part}") for part in ("party", "kind"))
        read.append(Contribution(party, kind, units))
    return read


def payable(
    values: Mapping[str, Fraction], negative: Negative = Negative.REFUSE
) -> dict[str, Fraction]:
    """Values of a game as weights to pay by. Raises HarmfulParty below zero unless floored."""
    for party, value in values.items():
        if value < 0 and negative is Negative.REFUSE:
            raise HarmfulParty(
                f"The value of {party} is {text(value)}; accepted are values of zero or more, or"
                " negative = floor, which pays such a party nothing.",
                field=f"values.{party}",
                value=text(value),
                accepted="zero or more",
            )
    return {party: max(value, Fraction(0)) for party, value in values.items()}


def read_named_numbers(given: object, field: str) -> dict[str, Fraction]:
    """An object of numbers of zero or more, by name."""
    found: Mapping[str, Any] = mapping(given, field)
    if len(found) > PARTIES_MAX:
        refuse(field, f"{len(found)} entries", f"at most {PARTIES_MAX} entries")
    return {
        name: at_least_zero(value, f"{field}.{name}"[:SHOWN_MAX]) for name, value in found.items()
    }


LAMBDA_LEAST = log(2)


@dataclass(frozen=True)
class Robust:
    """Shares after the penalty, and the part of the whole that nobody gets."""

    shares: tuple[float, ...]
    withheld: float


def robust_shares(
    shares: Sequence[Fraction],
    similarity: Sequence[Sequence[float]],
    *,
    penalty: float = LAMBDA_LEAST,
) -> Robust:
    """Shares times exp(−penalty · Σ similarity to others); similarity 1 is a copy. Raises BadValue."""
    if not LAMBDA_LEAST <= penalty < float("inf"):  # NaN fails it too
        refuse("penalty", str(penalty), "a number of ln 2 = 0.6931… or more")
    _check(shares, similarity)
    kept = tuple(
        float(share) * exp(-penalty * (fsum(row) - row[index]))
        for index, (share, row) in enumerate(zip(shares, similarity, strict=True))
    )
    return Robust(kept, float(sum(shares)) - fsum(kept))


def read_similarity(given: object, parties: int) -> list[list[float]]:
    """A square of numbers from 0 to 1. Raises BadValue."""
    rows = sequence(given, "similarity", most=parties)
    return [
        [
            float(number(cell, f"similarity[{i}][{j}]"))
            for j, cell in enumerate(sequence(row, f"similarity[{i}]", most=parties))
        ]
        for i, row in enumerate(rows)
    ]


def _check(shares: Sequence[Fraction], similarity: Sequence[Sequence[float]]) -> None:
    n = len(shares)
    for index, share in enumerate(shares):
        if share < 0:
            refuse(f"shares[{index}]", share, "zero or more: the penalty would shrink a debt")
    if len(similarity) != n or any(len(row) != n for row in similarity):
        refuse("similarity", f"{len(similarity)} rows", f"{n} rows of {n} numbers")
    for i in range(n):
        for j in range(n):
            cell = similarity[i][j]
            if not 0 <= cell <= 1 or cell != similarity[j][i]:
                refuse(f"similarity[{i}][{j}]", str(cell), "0 to 1, and the same both ways")
