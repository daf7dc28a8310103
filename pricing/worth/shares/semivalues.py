"""Exact shares of a game: Shapley, Banzhaf, Beta(α, β).

Each is a semivalue: a player's share is a weighted sum, over the coalitions of the others, of what
the player adds; the weight depends on the coalition's size alone.
"""

from collections.abc import Callable
from fractions import Fraction
from math import comb, prod

from pricing.charges.exact import above_zero
from pricing.worth.shares.games import Counts, Game


def shapley(game: Game) -> list[Fraction]:
    """Shapley values of the players in their order; they sum to what all earn together.

    Efficient, symmetric, additive, and nothing for who adds nothing. Raises TooManyCoalitions.
    """
    n = game.players
    return semivalue(game, lambda s: Fraction(1, n * comb(n - 1, s)))


def banzhaf(game: Game) -> list[Fraction]:
    """Banzhaf values: the mean of what a player adds over all coalitions of the others.

    They need not sum to what all earn. Raises TooManyCoalitions.
    """
    weight = Fraction(1, 2 ** (game.players - 1))
    return semivalue(game, lambda _: weight)


def beta_shapley(game: Game, alpha: object, beta: object) -> list[Fraction]:
    """Beta(α, β) Shapley values: Beta(1, 1) is Shapley; α above β favours small coalitions.

    They need not sum to what all earn. Raises BadValue, TooManyCoalitions.
    """
    a, b = above_zero(alpha, "alpha"), above_zero(beta, "beta")
    n = game.players
    below = _rising(a + b, n - 1)
    return semivalue(game, lambda s: _rising(b, s) * _rising(a, n - 1 - s) / below)


def semivalue(game: Game, weight: Callable[[int], Fraction]) -> list[Fraction]:
    """A share for each player: `weight(s)` weighs a coalition of s others."""
    coalitions = {counts: game.value(counts) for counts in game.coalitions()}
    by_kind = []
    for kind in range(len(game.sizes)):
        by_size = _added_by_size(game.sizes, kind, coalitions)
        by_kind.append(sum((weight(s) * added for s, added in by_size.items()), Fraction(0)))
    return [by_kind[kind] for kind in game.kinds]


def _added_by_size(
    sizes: tuple[int, ...], kind: int, coalitions: dict[Counts, Fraction]
) -> dict[int, Fraction]:
    """What one player of a kind adds to all coalitions of the others, summed by their size."""
    others = tuple(size - (index == kind) for index, size in enumerate(sizes))
    by_size: dict[int, Fraction] = {}
    for counts, value in coalitions.items():
        if counts[kind] > others[kind]:
            continue
        joined = (*counts[:kind], counts[kind] + 1, *counts[kind + 1 :])
        added = coalitions[joined] - value
        if added:
            ways = prod(comb(size, count) for size, count in zip(others, counts, strict=True))
            s = sum(counts)
            by_size[s] = by_size.get(s, Fraction(0)) + added * ways
    return by_size


def _rising(base: Fraction, steps: int) -> Fraction:
    return prod((base + step for step in range(steps)), start=Fraction(1))
