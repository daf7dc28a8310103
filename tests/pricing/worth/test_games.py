"""Exact and sampled shares of games whose answers are known."""

from fractions import Fraction

import pytest

from pricing.exact import BadValue
from pricing.worth import games
from pricing.worth.games import (
    TooManyCoalitions,
    banzhaf,
    beta_shapley,
    read_game,
    sample_shapley,
    shapley,
)

ABC = {"A": Fraction(20), "AB": Fraction(60), "AC": Fraction(50), "ABC": Fraction(120)}


def test_three_parties_share_as_the_rule_book_says() -> None:
    game = games.table_game("ABC", ABC, joint="")
    assert shapley(game) == [65, 30, 25]
    assert sum(shapley(game)) == game.whole == 120


def test_shoes_pay_the_scarce_side_more() -> None:
    assert shapley(games.shoes_game(1, 1)) == [Fraction(1, 2)] * 2
    assert shapley(games.shoes_game(1, 2)) == [Fraction(2, 3), Fraction(1, 6), Fraction(1, 6)]
    assert banzhaf(games.shoes_game(1, 2)) == [Fraction(3, 4), Fraction(1, 4), Fraction(1, 4)]
    seven = [round(float(share), 6) for share in shapley(games.shoes_game(3, 4))]
    assert seven == [0.638095] * 3 + [0.271429] * 4


def test_more_work_than_minutes_is_refused() -> None:
    with pytest.raises(BadValue, match="at most 10000 for 10000 players"):
        sample_shapley(games.voting_game(10_000), orders=200_001)


@pytest.mark.parametrize(
    "game",
    [
        games.shoes_game(3, 4),
        games.shoes_game(0, 4),
        games.voting_game(7),
        games.miner_game(7),
        games.weighted_voting_game([5, 4, 4, 1]),
        games.largest_need_game([Fraction(1, 3), Fraction(7), Fraction(2)]),
        games.table_game(
            "ABCDEFGHI", {"A": Fraction(1), "BC": Fraction(9), "AD": Fraction(-4)}, joint=""
        ),
    ],
)
def test_many_orders_at_once_are_sampled_as_one_by_one(game: games.Game) -> None:
    assert game.prefixes is not None
    walked = games.Game(game.kinds, game.value)
    assert sample_shapley(game, orders=500, seed=3) == sample_shapley(walked, orders=500, seed=3)


def test_walking_many_kinds_is_refused_by_what_it_costs() -> None:
    alone = games.Game(tuple(range(975)), lambda counts: Fraction(sum(counts)))
    with pytest.raises(BadValue, match="at most 205 for 975 players"):
        sample_shapley(alone, orders=206)


def test_thousands_of_players_of_a_kind_are_exact() -> None:
    votes = games.voting_game(4095)
    assert shapley(votes) == [Fraction(1, 4095)] * 4095
    assert beta_shapley(votes, 1, 1) == shapley(votes)
    favoured = beta_shapley(votes, "4", "1.5")[0]
    assert 0 < favoured < Fraction(1, 4095)  # the pivot comes late, where small coalitions count


def test_shoes_of_one_side_alone_earn_nothing() -> None:
    assert shapley(games.shoes_game(0, 3)) == [0, 0, 0]


def test_votes_of_four_members() -> None:
    assert shapley(games.voting_game(4)) == [Fraction(1, 4)] * 4
    assert banzhaf(games.voting_game(4)) == [Fraction(3, 8)] * 4


def test_many_players_of_few_kinds_are_exact() -> None:
    assert shapley(games.voting_game(1001)) == [Fraction(1, 1001)] * 1001
    found = shapley(games.shoes_game(40, 50))
    assert sum(found) == 40
    assert found[0] > found[-1] > 0


def test_weights_keep_the_order_in_which_they_were_given() -> None:
    found = shapley(games.weighted_voting_game([1, 3, 2], Fraction(3)))
    assert found == [Fraction(1, 6), Fraction(2, 3), Fraction(1, 6)]


def test_the_runway_is_shared_piece_by_piece() -> None:
    # 10 shared by three, the next 10 by two, the last 10 by one.
    assert shapley(games.largest_need_game([Fraction(30), Fraction(10), Fraction(20)])) == [
        Fraction(55, 3),
        Fraction(10, 3),
        Fraction(25, 3),
    ]


def test_two_miners_carry_one_piece() -> None:
    assert shapley(games.miner_game(3)) == [Fraction(1, 3)] * 3


def test_beta_shapley_of_one_and_one_is_shapley() -> None:
    game = games.table_game("ABC", ABC, joint="")
    assert beta_shapley(game, 1, 1) == shapley(game)


def test_beta_shapley_with_a_large_alpha_looks_at_small_coalitions() -> None:
    # Alone A earns 20 and the others nothing, and marginals grow with size, so small coalitions lower all shares.
    game = games.table_game("ABC", ABC, joint="")
    assert beta_shapley(game, 2, 1) == [Fraction(145, 3), Fraction(55, 3), 15]
    assert beta_shapley(game, 1, 2)[0] == Fraction(245, 3)


def test_a_thirteenth_party_is_sampled() -> None:
    parties = [f"p{i}" for i in range(13)]
    game = games.table_game(parties, {"+".join(parties): Fraction(13)}, joint="+")
    with pytest.raises(TooManyCoalitions) as refused:
        shapley(game)
    assert refused.value.facts == {"field": "players", "value": 13, "accepted": 4096}
    found = sample_shapley(game, orders=3_000, seed=7)
    for value, margin in zip(found.values, found.margin, strict=True):
        assert abs(value - 1) <= 2 * margin


def test_twelve_parties_are_exact() -> None:
    parties = [f"p{i}" for i in range(12)]
    game = games.table_game(parties, {"+".join(parties): Fraction(12)}, joint="+")
    assert shapley(game) == [1] * 12


def test_the_same_seed_gives_the_same_estimates() -> None:
    game = games.shoes_game(3, 4)
    one = sample_shapley(game, orders=500, seed=11)
    assert one == sample_shapley(game, orders=500, seed=11)
    assert one.values != sample_shapley(game, orders=500, seed=12).values


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    game = games.weighted_voting_game([4, 3, 2, 1])
    exact = [float(share) for share in shapley(game)]
    monkeypatch.setattr("pricing.worth.games.CELLS_PER_BLOCK", 400)
    found = sample_shapley(game, orders=20_000, seed=3)
    assert list(found.values) == pytest.approx(exact, abs=5 * max(found.standard_errors))
    assert sum(found.values) == pytest.approx(1, abs=1e-12)


def test_games_are_read_by_their_fields() -> None:
    assert read_game({"left": 1, "right": 2})[1] == ["left 1", "right 1", "right 2"]
    assert read_game({"weights": "26x2,3"})[0].kinds == (0, 0, 1)
    game, names = read_game({"values": {"grid+gas": "10", "gas": 4}})
    assert names == ["gas", "grid"]
    assert shapley(game) == [7, 3]
    game, names = read_game({"values": {"1,2": "10", "2": 4}})
    assert shapley(game) == [3, 7]
    game, names = read_game({"parties": ["B", "A"], "values": {"AB": 1}})
    assert names == ["B", "A"]
    assert shapley(game) == [Fraction(1, 2)] * 2
    assert shapley(read_game({"game": "v(S)=floor(|S|/2)", "n": 2})[0]) == [Fraction(1, 2)] * 2
    assert (
        shapley(read_game({"game": "v(S)=1 if |S|>n/2", "players": 2})[0]) == [Fraction(1, 2)] * 2
    )


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "game"),
        ({"left": -1, "right": 1}, "left"),
        ({"left": 0, "right": 0}, "players"),
        ({"left": 1.5, "right": 1}, "left"),
        ({"n": 0}, "n"),
        ({"weights": []}, "weights"),
        ({"weights": [0, 0]}, "weights"),
        ({"weights": "3xx"}, "weights[0]"),
        ({"weights": ["NaN"]}, "weights[0]"),
        ({"weights": [1], "quota": -1}, "weights"),
        ({"needs": [0]}, "needs[0]"),
        ({"values": {"A": "much"}}, "values.A"),
        ({"values": {"": 5, "A": 1}}, "value of nobody"),
        ({"parties": ["A", "A"], "values": {"A": 1}}, "parties"),
        ({"parties": ["A"], "values": {"B": 1}}, "values.B"),
        ({"values": {"AB": 1, "BA": 1}}, "values.BA"),
        ({"n": 3, "left": 1, "right": "Infinity"}, "right"),
    ],
)
def test_a_game_that_is_none_is_refused_by_field(fields: dict[str, object], field: str) -> None:
    with pytest.raises(BadValue) as refused:
        read_game(fields)
    assert refused.value.facts["field"] == field
    assert "accepted is" in refused.value.message


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"orders": 1}, "orders"),
        ({"orders": 10**9}, "orders"),
        ({"seed": -1}, "seed"),
        ({"confidence": "1"}, "confidence"),
    ],
)
def test_sampling_names_what_it_cannot_use(arguments: dict[str, object], field: str) -> None:
    with pytest.raises(BadValue) as refused:
        sample_shapley(games.voting_game(3), **arguments)
    assert refused.value.facts["field"] == field


@pytest.mark.parametrize(("alpha", "beta", "field"), [(0, 1, "alpha"), (1, -1, "beta")])
def test_beta_needs_parameters_above_zero(alpha: object, beta: object, field: str) -> None:
    with pytest.raises(BadValue) as refused:
        beta_shapley(games.voting_game(3), alpha, beta)
    assert refused.value.facts["field"] == field
