"""Values of games by their definitions: Shapley over all orders, the others over all coalitions."""

from collections.abc import Callable
from fractions import Fraction
from itertools import combinations, permutations
from math import isclose, sqrt

import numpy as np

from pricing.worth.games import (
    SEED_MAX,
    Game,
    Sampled,
    banzhaf,
    beta_shapley,
    largest_need_game,
    sample_shapley,
    shapley,
    shoes_game,
    table_game,
    voting_game,
    weighted_voting_game,
)
from tests.references.comparing import Comparison, Draw

PLAYERS_MOST = 5

Worth = Callable[[frozenset[int]], Fraction]
Played = tuple[Game, Worth, Fraction, Fraction]  # the game, its definition, α and β


def _table(draw: Draw) -> tuple[Game, Worth]:
    """Coalitions of letters; some values below zero, with up to three decimals."""
    parties = "ABCDE"[: draw.count(least=1, most=PLAYERS_MOST)]
    divisor = draw.random.choice([1, 8, 1000])
    values = {
        frozenset(chosen): Fraction(draw.random.choice([-1, 1, 1, 1]) * draw.amount(), divisor)
        for size in range(1, len(parties) + 1)
        for chosen in combinations(range(len(parties)), size)
        if draw.random.random() < 0.8
    }
    named = {"".join(parties[i] for i in sorted(s)): value for s, value in values.items()}
    game = table_game(parties, named, joint="")
    return game, lambda players: values.get(players, Fraction(0))


def _votes(draw: Draw) -> tuple[Game, Worth]:
    weights = draw.amounts(draw.count(least=1, most=PLAYERS_MOST), largest=2**40)
    quota = draw.random.choice([Fraction(sum(weights), 2), Fraction(draw.random.choice(weights))])
    game = weighted_voting_game(weights, quota)
    return game, lambda players: Fraction(sum(weights[i] for i in players) > quota)


def _needs(draw: Draw) -> tuple[Game, Worth]:
    needs = [Fraction(need, 4) for need in draw.amounts(draw.count(least=1, most=PLAYERS_MOST))]
    return largest_need_game(needs), lambda players: max(
        (needs[i] for i in players), default=Fraction(0)
    )


def _shoes(draw: Draw) -> tuple[Game, Worth]:
    left = draw.random.randint(0, 3)
    right = draw.random.randint(0 if left else 1, 2)
    return shoes_game(left, right), lambda players: Fraction(
        min(sum(i < left for i in players), sum(i >= left for i in players))
    )


def _majority(draw: Draw) -> tuple[Game, Worth]:
    n = draw.count(least=1, most=PLAYERS_MOST)
    return voting_game(n), lambda players: Fraction(2 * len(players) > n)


def _draw(draw: Draw) -> Played:
    game, worth = draw.random.choice([_table, _table, _votes, _needs, _shoes, _majority])(draw)
    alpha, beta = (Fraction(draw.random.randint(1, 40), 4) for _ in range(2))
    return game, worth, alpha, beta


def _by_orders(given: Played) -> object:
    """The mean over all orders of what a player adds to those before it (Shapley 1953)."""
    game, worth, _, _ = given
    orders = list(permutations(range(game.players)))
    total = [Fraction(0)] * game.players
    for order in orders:
        for place, player in enumerate(order):
            total[player] += worth(frozenset(order[: place + 1])) - worth(frozenset(order[:place]))
    return [added / len(orders) for added in total]


def _by_coalitions(given: Played, weight: Callable[[int], Fraction]) -> list[Fraction]:
    """What a player adds to each coalition of the others, weighed by how many those are."""
    game, worth, _, _ = given
    return [
        sum(
            (
                weight(size) * (worth(frozenset(chosen) | {player}) - worth(frozenset(chosen)))
                for size in range(game.players)
                for chosen in combinations(sorted(set(range(game.players)) - {player}), size)
            ),
            Fraction(0),
        )
        for player in range(game.players)
    ]


def _banzhaf(given: Played) -> object:
    """All coalitions weigh the same (Banzhaf 1965)."""
    return _by_coalitions(given, lambda _size: Fraction(1, 2 ** (given[0].players - 1)))


def _beta(given: Played) -> object:
    """∫ t^(β+s−1) (1−t)^(α+n−s−2) dt over the same with n − 1 = s = 0 (Kwon and Zou 2022).

    Each integral is B(β + s, α + n − 1 − s); as B(x + 1, y) = B(x, y) · x / (x + y), and alike for y,
    the quotient is built up step by step.
    """
    _, _, alpha, beta = given

    def weight(size: int) -> Fraction:
        x, y, quotient = beta, alpha, Fraction(1)
        for _ in range(size):
            quotient, x = quotient * x / (x + y), x + 1
        for _ in range(given[0].players - 1 - size):
            quotient, y = quotient * y / (x + y), y + 1
        return quotient

    return _by_coalitions(given, weight)


def _pays_out_the_whole(given: Played, values: object) -> None:
    """Efficient: what all get is what all earn. Symmetric: players of one kind get the same."""
    game = given[0]
    assert isinstance(values, list)
    assert sum(values) == game.whole, "the whole is not paid out"
    by_kind = dict(zip(game.kinds, values, strict=True))
    assert [by_kind[kind] for kind in game.kinds] == values, "players of one kind differ"


Orders = tuple[Played, int, int]  # the game, how many orders, the seed


def _sampled(given: Orders) -> Sampled:
    return sample_shapley(given[0][0], orders=given[1], seed=given[2])


def _is_the_mean_of_its_orders(given: Orders, _answer: object) -> None:
    """The same orders one by one in fractions: mean of what is added, and its standard error.

    Estimates are floats: they may differ by 10^-9 of the largest worth, their errors by 10^-6.
    """
    (game, worth, _, _), count, seed = given
    n, found = game.players, _sampled(given)
    orders = np.random.default_rng(seed).permuted(np.tile(np.arange(n), (count, 1)), axis=1)
    added: list[list[Fraction]] = [[] for _ in range(n)]
    largest = Fraction(1)
    for order in orders.tolist():
        for place, player in enumerate(order):
            after = worth(frozenset(order[: place + 1]))
            added[player].append(after - worth(frozenset(order[:place])))
            largest = max(largest, abs(after))
    for player, parts in enumerate(added):
        mean = sum(parts, Fraction(0)) / count
        spread = sum(((part - mean) ** 2 for part in parts), Fraction(0)) / (count - 1)
        near, wide = float(largest) * 1e-9, float(largest) * 1e-6
        assert isclose(found.values[player], mean, abs_tol=near), "not the mean"
        error = sqrt(spread / count)
        assert isclose(found.standard_errors[player], error, abs_tol=wide), "not its error"
        # 1.959963984540054 standard deviations each way hold 95 % of a normal distribution.
        width = found.standard_errors[player] * 1.959963984540054
        assert isclose(found.margin[player], width, rel_tol=1e-9), "not the width of 95 %"


COMPARISONS = (
    Comparison(
        "games.shapley",
        _draw,
        lambda given: shapley(given[0]),
        _by_orders,
        _pays_out_the_whole,
        quick=50,
    ),
    Comparison("games.banzhaf", _draw, lambda given: banzhaf(given[0]), _banzhaf, quick=50),
    Comparison(
        "games.beta_shapley",
        _draw,
        lambda given: beta_shapley(given[0], given[2], given[3]),
        _beta,
        quick=50,
    ),
    Comparison(
        "games.sample_shapley",
        lambda draw: (_draw(draw), draw.random.randint(2, 30), draw.random.randint(0, SEED_MAX)),
        lambda given: len(_sampled(given).values),
        lambda given: given[0][0].players,
        _is_the_mean_of_its_orders,
        quick=50,
    ),
)
