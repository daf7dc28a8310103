"""Shares that cloning cannot raise.

Shapley pays copies: two sellers of the same data get a half each, and a seller who comes twice gets two
thirds. The robust share takes a seller's Shapley value times exp(−λ · Σ similarity to the others). With
λ ≥ ln 2 and no seller that harms (v monotone), k copies together get at most what one got. What is
taken off is withheld, not handed to the others: sharing it out again would pay for cloning.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import exp, fsum, log

from pricing.charges.exact import number, refuse, sequence

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
