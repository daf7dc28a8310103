"""Laws of shares: what every game, waterfall, tree of royalties and set of neighbours must obey."""

from fractions import Fraction
from itertools import permutations
from math import exp

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.money import Money, round_to_minor
from pricing.worth.games import (
    Counts,
    Game,
    banzhaf,
    beta_shapley,
    sample_shapley,
    shapley,
    weighted_voting_game,
)
from pricing.worth.neighbours import by_matches, knn_shapley
from pricing.worth.proceeds import Cost, Fee, Product, Terms, Use, distribute, royalties
from pricing.worth.shares import LAMBDA_LEAST, divide, robust_shares
from tests.depth import slow_examples

pytestmark = pytest.mark.deep

values = st.integers(-20, 20).map(Fraction)
PLAYERS_MOST = 5


@st.composite
def tables(draw: st.DrawFn, players: int | None = None) -> tuple[int, dict[Counts, Fraction]]:
    """A table of what every coalition earns; nobody earns nothing."""
    n = players or draw(st.integers(1, PLAYERS_MOST))
    coalitions = [tuple(int(mask >> i & 1) for i in range(n)) for mask in range(1, 2**n)]
    drawn = draw(st.lists(values, min_size=len(coalitions), max_size=len(coalitions)))
    return n, {(0,) * n: Fraction(0), **dict(zip(coalitions, drawn, strict=True))}


def game_of(table: dict[Counts, Fraction]) -> Game:
    n = len(next(iter(table)))
    return Game(tuple(range(n)), lambda counts: table[counts])


def by_orders(game: Game) -> list[Fraction]:
    """Shapley by its definition: the mean over all orders of what a player adds."""
    n = game.players
    total = [Fraction(0)] * n
    orders = list(permutations(range(n)))
    for order in orders:
        counts = [0] * n
        before = Fraction(0)
        for player in order:
            counts[player] = 1
            now = game.value(tuple(counts))
            total[player] += now - before
            before = now
    return [sums / len(orders) for sums in total]


@settings(max_examples=slow_examples())
@given(tables())
def test_shapley_is_the_mean_over_all_orders_and_pays_out_the_whole(
    drawn: tuple[int, dict[Counts, Fraction]],
) -> None:
    game = game_of(drawn[1])
    assert shapley(game) == by_orders(game)
    assert sum(shapley(game)) == game.whole


@settings(max_examples=slow_examples())
@given(tables(3), tables(3), st.integers(-3, 3))
def test_every_semivalue_is_additive(
    one: tuple[int, dict[Counts, Fraction]],
    other: tuple[int, dict[Counts, Fraction]],
    times: int,
) -> None:
    together = {counts: value + times * other[1][counts] for counts, value in one[1].items()}
    for share in (shapley, banzhaf, lambda game: beta_shapley(game, 4, 1)):
        a, b = share(game_of(one[1])), share(game_of(other[1]))
        assert share(game_of(together)) == [x + times * y for x, y in zip(a, b, strict=True)]


@settings(max_examples=slow_examples())
@given(tables(3), values)
def test_who_adds_only_his_own_gets_it_and_who_adds_nothing_gets_nothing(
    drawn: tuple[int, dict[Counts, Fraction]], own: Fraction
) -> None:
    table = {
        (*counts, joins): value + joins * own
        for counts, value in drawn[1].items()
        for joins in (0, 1)
    }
    for share in (shapley, banzhaf, lambda game: beta_shapley(game, 1, 16)):
        assert share(game_of(table))[-1] == own


@settings(max_examples=slow_examples())
@given(tables(4), st.permutations(range(4)))
def test_names_do_not_matter(drawn: tuple[int, dict[Counts, Fraction]], order: list[int]) -> None:
    renamed = {tuple(counts[i] for i in order): value for counts, value in drawn[1].items()}
    shares = shapley(game_of(drawn[1]))
    assert shapley(game_of(renamed)) == [shares[i] for i in order]


@settings(max_examples=slow_examples())
@given(st.lists(st.integers(0, 9), min_size=1, max_size=6).filter(sum))
def test_counting_kinds_is_counting_players(weights: list[int]) -> None:
    grouped = weighted_voting_game(weights)
    total = sum(weights)

    def wins(counts: Counts) -> Fraction:
        held = sum(w for w, count in zip(weights, counts, strict=True) if count)
        return Fraction(2 * held > total)

    alone = Game(tuple(range(len(weights))), wins)
    assert shapley(grouped) == shapley(alone)
    assert banzhaf(grouped) == banzhaf(alone)


@settings(max_examples=slow_examples())
@given(tables(4), st.integers(0, 2**32))
def test_sampled_values_lie_within_their_errors(
    drawn: tuple[int, dict[Counts, Fraction]], seed: int
) -> None:
    game = game_of(drawn[1])
    found = sample_shapley(game, orders=400, seed=seed)
    assert abs(sum(found.values) - float(game.whole)) < 1e-9
    for estimate, exact, error in zip(
        found.values, shapley(game), found.standard_errors, strict=True
    ):
        assert abs(estimate - float(exact)) <= 6 * error + 1e-9


@settings(max_examples=slow_examples())
@given(
    st.lists(st.integers(0, 1), min_size=1, max_size=40),
    st.integers(1, 50),
)
def test_neighbours_share_the_votes_of_the_nearest(matches: list[int], neighbours: int) -> None:
    shares = by_matches(matches, neighbours)
    assert sum(shares) == Fraction(sum(matches[:neighbours]), neighbours)


@settings(max_examples=slow_examples())
@given(st.integers(1, 30), st.integers(1, 6), st.integers(0, 2**32))
def test_many_neighbours_at_once_are_the_mean_of_each_test_row(
    rows: int, neighbours: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    # Few whole places, so that distances are often equal.
    train, test = random.integers(0, 4, (rows, 2)).astype(float), random.integers(0, 4, (5, 2))
    labels, wanted = random.integers(0, 2, rows), random.integers(0, 3, 5)
    expected = np.zeros(rows)
    for row, label in zip(test, wanted, strict=True):
        order = np.argsort(((train - row) ** 2).sum(axis=1), kind="stable")
        shares = by_matches([int(match) for match in labels[order] == label], neighbours)
        expected[order] += [float(share) / 5 for share in shares]
    found = knn_shapley(train, labels, test.astype(float), wanted, neighbours=neighbours)
    assert np.allclose(found, expected, rtol=0, atol=1e-12)


@st.composite
def covers(draw: st.DrawFn) -> list[frozenset[int]]:
    """Sellers of cells; a coalition earns the number of cells that it covers."""
    cells = st.frozensets(st.integers(0, 5), max_size=4)
    return draw(st.lists(cells, min_size=1, max_size=4))


@settings(max_examples=slow_examples())
@given(covers(), st.integers(1, 3), st.floats(LAMBDA_LEAST, 5))
def test_copies_together_never_get_more_than_one_did(
    sellers: list[frozenset[int]], copies: int, penalty: float
) -> None:
    def robust(cells: list[frozenset[int]]) -> tuple[float, ...]:
        def covered(counts: Counts) -> Fraction:
            present = [own for own, count in zip(cells, counts, strict=True) if count]
            return Fraction(len(frozenset().union(*present)))

        def alike(one: frozenset[int], other: frozenset[int]) -> float:
            return len(one & other) / len(one | other) if one | other else 1.0

        similarity = [[alike(one, other) for other in cells] for one in cells]
        game = Game(tuple(range(len(cells))), covered)
        return robust_shares(shapley(game), similarity, penalty=penalty).shares

    alone = robust(sellers)[0]
    cloned = robust([sellers[0]] * copies + sellers)
    assert sum(cloned[: copies + 1]) <= alone + 1e-9
    assert exp(-penalty) <= 0.5 + 1e-12


weights = st.lists(st.integers(0, 100), min_size=1, max_size=6).filter(sum)
amounts = st.integers(0, 10**12)


@settings(max_examples=slow_examples())
@given(amounts, weights)
def test_a_division_conserves_and_rounds_each_part_by_less_than_one(
    minor: int, given_weights: list[int]
) -> None:
    by_party = {str(i): Fraction(weight, 7) for i, weight in enumerate(given_weights)}
    parts = divide(Money(minor, "CNY"), by_party)
    assert sum(part.amount.minor for part in parts) == minor
    for part in parts:
        assert abs(part.amount.minor - part.share * minor) < 1
        assert by_party[part.party] or part.amount.minor == 0


@settings(max_examples=slow_examples())
@given(
    amounts,
    weights,
    st.fractions(0, 1, max_denominator=50),
    st.fractions(0, 1, max_denominator=50),
    st.fractions(0, 2, max_denominator=50),
    st.lists(st.tuples(amounts, st.none() | st.fractions(0, 1, max_denominator=9)), max_size=3),
)
def test_a_waterfall_conserves_every_unit(
    gross: int,
    given_weights: list[int],
    tax: Fraction,
    fee: Fraction,
    fee_tax: Fraction,
    costs: list[tuple[int, Fraction | None]],
) -> None:
    total = sum(given_weights)
    shares = {str(i): Fraction(weight, total) for i, weight in enumerate(given_weights)}
    terms = Terms(
        shares=shares,
        tax_rate=tax,
        fee=Fee(fee, tax_rate=fee_tax),
        costs=[Cost(str(i), Money(minor, "CNY"), cap) for i, (minor, cap) in enumerate(costs)],
        inside={"0": {"a": Fraction(1, 3), "b": Fraction(2, 3)}},
    )
    run = distribute(Money(gross, "CNY"), terms)
    recouped = sum(one.paid.minor for one in run.recouped)
    together = run.tax.minor + run.fee.minor + run.fee_tax.minor
    assert together + recouped + run.pool.minor == gross
    assert run.fee_tax.minor == round_to_minor(fee_tax * run.fee.minor, "CNY")
    assert sum(part.amount.minor for part in run.parts) == run.pool.minor
    assert sum(part.amount.minor for part in run.inside["0"]) == run.parts[0].amount.minor
    assert min(run.tax.minor, run.fee.minor, run.pool.minor) >= 0
    for one, (minor, cap) in zip(run.recouped, costs, strict=True):
        assert one.paid.minor + one.carried.minor == minor
        assert cap is None or one.paid.minor <= cap * run.net.minor


@settings(max_examples=slow_examples())
@given(st.data(), amounts, st.integers(2, 7))
def test_royalties_conserve_whatever_the_tree(data: st.DataObject, minor: int, count: int) -> None:
    products = []
    for index in range(count):
        sources = data.draw(st.sets(st.integers(index + 1, count), max_size=3))
        uses = tuple(
            Use(f"p{source}", share=data.draw(st.fractions(0, Fraction(1, 3), max_denominator=12)))
            for source in sorted(sources - {count})
        )
        products.append(Product(f"p{index}", f"owner {data.draw(st.integers(0, 3))}", uses))
    paid = royalties(products, "p0", Money(minor, "CNY"))
    assert sum(part.minor for part in paid.owners.values()) == minor
    assert sum((node.kept for node in paid.nodes), Fraction(0)) == minor
    shuffled = data.draw(st.permutations(products))
    assert royalties(shuffled, "p0", Money(minor, "CNY")).owners == paid.owners
