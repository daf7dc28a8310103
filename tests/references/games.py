"""Values of games by their definitions: Shapley over all orders, the others over all coalitions."""

from collections.abc import Callable
from fractions import Fraction
from itertools import combinations, permutations

from pricing.worth.games import (
    Game,
    banzhaf,
    beta_shapley,
    largest_need_game,
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
)
