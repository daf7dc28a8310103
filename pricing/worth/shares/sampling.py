"""Shapley values of many parties, estimated from random orders, with error bars."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from pricing.charges.exact import number, refuse, whole
from pricing.worth.shares.games import Counts, Game, Prefixes

ORDERS_MAX = 10_000_000
ADDITIONS_MAX = 2_000_000_000  # orders × players: minutes of work
CELLS_PER_BLOCK = 2_000_000  # orders × players held in memory at once
REMEMBERED_MAX = 200_000  # coalitions whose value is kept


@dataclass(frozen=True)
class Sampled:
    """Estimates for each player; `margin` is half the width of the confidence interval of each.

    Every order pays out the whole exactly, so the estimates sum to it but for float rounding.
    """

    values: tuple[float, ...]
    standard_errors: tuple[float, ...]
    margin: tuple[float, ...]
    orders: int
    seed: int
    confidence: Fraction


def sample_shapley(
    game: Game, *, orders: object = 10_000, seed: object = 0, confidence: object = "0.95"
) -> Sampled:
    """Shapley values from `orders` random orders of the players, drawn with the given seed.

    What a player adds to those before it in a random order is an unbiased sample of its value. The
    same seed and the same numpy give the same estimates. Raises BadValue.
    """
    count = whole(orders, "orders", least=2, most=ORDERS_MAX)
    seeded = whole(seed, "seed", least=0, most=2**63 - 1)
    level = number(confidence, "confidence")
    if not 0 < level < 1:
        refuse("confidence", confidence, "a probability between 0 and 1, neither included")
    if count * game.players > ADDITIONS_MAX:
        refuse(
            "orders", count, f"at most {ADDITIONS_MAX // game.players} for {game.players} players"
        )
    prefixes = game.prefixes or one_by_one(game)
    total, squares = _accumulate(prefixes, game.players, count, np.random.default_rng(seeded))
    mean = total / count
    spread = np.maximum(squares - count * mean**2, 0) / (count - 1)
    errors = np.sqrt(spread / count)
    width = NormalDist().inv_cdf(float((1 + level) / 2))
    return Sampled(
        values=tuple(mean.tolist()),
        standard_errors=tuple(errors.tolist()),
        margin=tuple((errors * width).tolist()),
        orders=count,
        seed=seeded,
        confidence=level,
    )


def _accumulate(
    prefixes: Prefixes, players: int, count: int, random: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sums and sums of squares of what every player adds, block by block."""
    total, squares = np.zeros(players), np.zeros(players)
    block = max(1, CELLS_PER_BLOCK // players)
    for start in range(0, count, block):
        rows = min(block, count - start)
        orders = random.permuted(np.tile(np.arange(players), (rows, 1)), axis=1)
        earned = prefixes(orders)
        added = np.diff(earned, axis=1, prepend=0.0)
        by_player = np.empty_like(added)
        np.put_along_axis(by_player, orders, added, axis=1)
        total += by_player.sum(axis=0)
        squares += (by_player**2).sum(axis=0)
    return total, squares


def one_by_one(game: Game) -> Prefixes:
    """Prefix values of a game that knows single coalitions only; values seen are remembered."""
    kinds = np.array(game.kinds)
    seen: dict[Counts, float] = {}

    def value(counts: Counts) -> float:
        known = seen.get(counts)
        if known is None:
            known = float(game.value(counts))
            if len(seen) < REMEMBERED_MAX:
                seen[counts] = known
        return known

    def prefixes(orders: NDArray[np.intp]) -> NDArray[np.float64]:
        earned = np.empty(orders.shape)
        for row, order in enumerate(kinds[orders].tolist()):
            earned[row] = _along(order, len(game.sizes), value)
        return earned

    return prefixes


def _along(order: Sequence[int], kinds: int, value: Callable[[Counts], float]) -> list[float]:
    counts = [0] * kinds
    earned = []
    for kind in order:
        counts[kind] += 1
        earned.append(value(tuple(counts)))
    return earned
