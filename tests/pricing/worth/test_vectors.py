"""Peers' own figures and published tables, answered by general rules."""

import json
from collections import Counter
from fractions import Fraction
from math import factorial
from typing import Any

import pytest

from pricing.cases import evaluate
from pricing.worth.cases import EVALUATORS, by_weight
from pricing.worth.games import read_weights, sample_shapley, weighted_voting_game
from tests.sets import Sets, each_set, excerpts

ORDERS = 100_000
OURS = ("shapley_banzhaf", "knn_shapley", "relief_from_royalty", "multi_period_excess_earnings")


def read(name: str, sets: Sets = excerpts) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((sets.vectors / name).read_text())
    return found


def same(got: Any, expected: Any) -> bool:
    """Amounts within half a cent, everything else within a millionth; fractions may be text."""
    if isinstance(expected, list):
        return len(got) == len(expected) and all(map(same, got, expected))
    a, b = Fraction(str(got)), Fraction(str(expected))
    return abs(a - b) <= min(abs(b) / 10**6, Fraction(1, 200))


@each_set
def test_every_vector_of_worth_is_reproduced(sets: Sets) -> None:
    vectors = [v for v in read("auction_vectors.json", sets)["vectors"] if v["mechanism"] in OURS]
    assert Counter(v["mechanism"] for v in vectors) == {
        "shapley_banzhaf": 2,
        "knn_shapley": 1,
        "relief_from_royalty": 1,
        "multi_period_excess_earnings": 1,
    }
    assert set(OURS) <= set(EVALUATORS)
    document = json.loads(json.dumps({"vectors": vectors}), parse_float=str)
    answers = {row["id"]: row["result"] for row in evaluate(document, sets.vectors)}
    for vector in vectors:
        result: Any = answers[vector["id"]]
        for key, expected in vector["expect"].items():
            assert same(result[key], expected), (vector["id"], key, result)


def pivots(weights: list[int], weight: int) -> Fraction:
    """The exact Shapley value of one voter, by counting coalitions of each size and weight."""
    others = list(weights)
    others.remove(weight)
    ways: Counter[tuple[int, int]] = Counter({(0, 0): 1})
    for other in others:
        joined: Counter[tuple[int, int]] = Counter()
        for (size, held), count in ways.items():
            joined[size + 1, held + other] += count
        ways += joined
    n, total = len(weights), sum(weights)
    return sum(
        (
            Fraction(count * factorial(size) * factorial(n - size - 1), factorial(n))
            for (size, held), count in ways.items()
            if 2 * held <= total < 2 * (held + weight)
        ),
        Fraction(0),
    )


def test_castros_table_is_sampled_within_its_error() -> None:
    tables = {table["id"]: table for table in read("published_tables.json")["tables"]}
    table = tables["shapley-voting-51"]
    weights = read_weights(table["input"]["weights"])
    assert (len(weights), sum(weights)) == (51, 538)
    expected = table["expect"]["shapley_by_weight"]
    found = sample_shapley(weighted_voting_game(weights), orders=ORDERS, seed=20260131)
    assert sum(found.values) == pytest.approx(1, abs=1e-12)
    means = by_weight(table["input"]["weights"], found.values)
    for index, weight in enumerate(weights):
        published = expected[str(weight)]
        # The published figures have four digits; four standard errors leave out 1 in 15,000.
        error = 4 * found.standard_errors[index] + published * 1e-3
        assert abs(means[str(weight)] - published) <= error, weight


def test_castros_table_is_exact_where_coalitions_are_counted() -> None:
    tables = {table["id"]: table for table in read("published_tables.json")["tables"]}
    expected = tables["shapley-voting-51"]["expect"]["shapley_by_weight"]
    weights = read_weights(tables["shapley-voting-51"]["input"]["weights"])
    for weight in (45, 21, 3):
        assert float(pivots(weights, weight)) == pytest.approx(expected[str(weight)], rel=5e-4)


def test_a_case_of_many_voters_is_sampled_by_the_program() -> None:
    case = {
        "id": "fifty-one",
        "mechanism": "shapley_monte_carlo",
        "params": {"orders": 2_000, "seed": 1},
        "input": {"weights": "5x3,1x10"},
    }
    result: Any = evaluate({"vectors": [case]}, excerpts.vectors)[0]["result"]
    assert sum(result["shapley"]) == pytest.approx(1, abs=1e-12)
    assert list(result["shapley_by_weight"]) == ["5", "1"]
    assert result["shapley_by_weight"]["5"] > result["shapley_by_weight"]["1"]
