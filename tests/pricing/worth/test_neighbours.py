"""KNN-Shapley against the definition, and copies that gain nothing."""

from fractions import Fraction
from itertools import combinations
from math import log

import numpy as np
import pytest

from pricing.exact import BadValue
from pricing.worth.games import Counts, Game, shapley
from pricing.worth.neighbours import by_matches, knn_shapley, read_matches
from pricing.worth.shares import read_similarity, robust_shares


def by_definition(matches: list[int], neighbours: int) -> list[Fraction]:
    def votes(counts: Counts) -> Fraction:
        present = [match for match, count in zip(matches, counts, strict=True) if count]
        return Fraction(sum(present[:neighbours]), neighbours)

    return shapley(Game(tuple(range(len(matches))), votes))


def test_the_tiny_example_of_the_paper() -> None:
    assert by_matches([1, 0, 1], 1) == [Fraction(5, 6), Fraction(-1, 6), Fraction(1, 3)]


@pytest.mark.parametrize("neighbours", [1, 2, 3, 5, 8])
def test_the_closed_form_is_the_shapley_value_of_the_votes(neighbours: int) -> None:
    for ones in range(6):
        for places in combinations(range(5), ones):
            matches = [int(place in places) for place in range(5)]
            assert by_matches(matches, neighbours) == by_definition(matches, neighbours)


def test_rows_of_features_get_the_mean_over_test_rows() -> None:
    train = np.array([[0.0], [1.0], [3.0]])
    labels = np.array(["wet", "dry", "wet"])
    test, wanted = np.array([[-1.0], [4.0]]), np.array(["wet", "dry"])
    near_zero = by_matches([1, 0, 1], 1)
    near_four = by_matches([0, 1, 0], 1)[::-1]
    means = [float(a + b) / 2 for a, b in zip(near_zero, near_four, strict=True)]
    found = knn_shapley(train, labels, test, wanted, neighbours=1)
    assert found.tolist() == pytest.approx(means, abs=1e-15)


def test_a_label_that_no_row_has_is_worth_nothing() -> None:
    found = knn_shapley(
        np.array([[0.0], [1.0]]), np.array([1, 2]), np.array([[0.0]]), np.array([9]), neighbours=1
    )
    assert found.tolist() == [0, 0]


def test_equal_distances_count_in_the_order_of_the_rows() -> None:
    train = np.array([[1.0], [-1.0], [1.0]])
    found = knn_shapley(train, np.array([1, 0, 1]), np.array([[0.0]]), np.array([1]), neighbours=1)
    assert found.tolist() == pytest.approx([float(v) for v in by_matches([1, 0, 1], 1)])


def exact_values(
    train: list[list[float]], labels: list[int], test: list[list[float]], neighbours: int
) -> list[float]:
    """Values for test rows of the label 1, their neighbours found in fractions."""
    total = [Fraction(0)] * len(train)
    for point in test:
        apart = [
            sum((Fraction(a) - Fraction(b)) ** 2 for a, b in zip(row, point, strict=True))
            for row in train
        ]
        order = sorted(range(len(train)), key=lambda row: (apart[row], row))
        values = by_matches([labels[row] for row in order], neighbours)
        for row, value in zip(order, values, strict=True):
            total[row] += value / len(test)
    return [float(value) for value in total]


def found_values(
    train: list[list[float]], labels: list[int], test: list[list[float]], neighbours: int
) -> list[float]:
    ones = np.ones(len(test), dtype=int)
    found = knn_shapley(
        np.array(train), np.array(labels), np.array(test), ones, neighbours=neighbours
    )
    return [float(value) for value in found]


def test_large_features_keep_their_order() -> None:
    train = [[0.0], [1_700_000_066.0], [1_700_000_070.0]]
    found = found_values(train, [1, 1, 0], [[1_700_000_048.0]], 1)
    assert found == pytest.approx([1 / 3, 5 / 6, -1 / 6], abs=1e-15)


@pytest.mark.parametrize("offset", [0.0, 0.1, 1e6 / 3, 1.7e9, 1e12 / 7, 1e300])
@pytest.mark.parametrize("step", [1.0, 0.01, 1 / 3, 1e-9])
def test_equal_rows_and_near_ties_count_as_they_are(offset: float, step: float) -> None:
    random = np.random.default_rng(11)
    for _ in range(20):
        steps = random.integers(-3, 4, (12, 2))
        train = (offset + step * steps).tolist()
        labels = random.integers(0, 2, 12).tolist()
        test = (offset + step * random.integers(-3, 4, (2, 2))).tolist()
        found = found_values(train, labels, test, 3)
        assert found == pytest.approx(exact_values(train, labels, test, 3), abs=1e-13)


def test_mirrored_rows_are_equally_far_and_count_in_their_order() -> None:
    train = [[0.1, -0.7], [-0.7, 0.1], [0.7, 0.1], [-0.1, -0.7]]
    labels = [1, 0, 1, 0]
    found = found_values(train, labels, [[0.0, 0.0]], 1)
    assert found == pytest.approx([float(value) for value in by_matches(labels, 1)], abs=1e-15)


def test_many_features_and_many_equal_rows() -> None:
    random = np.random.default_rng(3)
    distinct = random.normal(size=(9, 400)) * 1e5 + 1e9
    train = distinct[random.integers(0, 9, 80)].tolist()
    labels = random.integers(0, 2, 80).tolist()
    test = (distinct[:2] + random.normal(size=(2, 400))).tolist()
    found = found_values(train, labels, test, 4)
    assert found == pytest.approx(exact_values(train, labels, test, 4), abs=1e-13)


def test_whole_numbers_that_floats_cannot_hold_are_refused() -> None:
    with pytest.raises(BadValue, match=r"at most 2\^53"):
        knn_shapley(
            np.array([[2**53 + 1]]), np.array([1]), np.array([[0]]), np.array([1]), neighbours=1
        )


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(5)
    train, test = random.normal(size=(60, 3)), random.normal(size=(17, 3))
    labels, wanted = random.integers(0, 3, 60), random.integers(0, 3, 17)
    at_once = knn_shapley(train, labels, test, wanted, neighbours=4)
    monkeypatch.setattr("pricing.worth.distances.BLOCK_CELLS", 120)
    in_blocks = knn_shapley(train, labels, test, wanted, neighbours=4)
    assert in_blocks.tolist() == pytest.approx(at_once.tolist(), abs=1e-15)


@pytest.mark.parametrize("matches", [[], [2], [-1], ["x"], [0.5], "101", None])
def test_matches_are_zeros_and_ones(matches: object) -> None:
    with pytest.raises(BadValue) as refused:
        read_matches(matches)
    assert str(refused.value.facts["field"]).startswith("match_by_distance")


@pytest.mark.parametrize(
    ("train", "labels", "test", "neighbours", "field"),
    [
        (np.zeros((0, 1)), np.zeros(0), np.zeros((1, 1)), 1, "train"),
        (np.array([[np.nan]]), np.zeros(1), np.zeros((1, 1)), 1, "train"),
        (np.zeros((2, 1)), np.zeros(3), np.zeros((1, 1)), 1, "train"),
        (np.zeros((2, 1)), np.zeros(2), np.zeros((1, 2)), 1, "test"),
        (np.zeros((2, 1)), np.zeros(2), np.zeros((1, 1)), 0, "neighbours"),
    ],
)
def test_rows_that_are_none_are_refused(
    train: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    labels: np.ndarray[tuple[int], np.dtype[np.float64]],
    test: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    neighbours: int,
    field: str,
) -> None:
    with pytest.raises(BadValue) as refused:
        knn_shapley(train, labels, test, np.zeros(1), neighbours=neighbours)
    assert refused.value.facts["field"] == field


def substitutes(sellers: int) -> Game:
    """Sellers of the same data: one is as good as all."""
    return Game((0,) * sellers, lambda counts: Fraction(counts[0] > 0))


def test_shapley_pays_for_cloning_and_the_robust_share_does_not() -> None:
    assert sum(shapley(substitutes(3))[:2]) == Fraction(2, 3) > shapley(substitutes(2))[0]
    alike = [[1.0] * 3] * 3
    before = robust_shares(shapley(substitutes(2)), [[1.0] * 2] * 2)
    after = robust_shares(shapley(substitutes(3)), alike)
    assert before.shares == pytest.approx((1 / 4, 1 / 4))
    assert sum(after.shares[:2]) == pytest.approx(1 / 6)
    assert after.withheld == pytest.approx(1 - 3 / 12)


def test_without_likeness_nothing_is_withheld() -> None:
    shares = [Fraction(1, 2), Fraction(1, 2)]
    robust = robust_shares(shares, [[1.0, 0.0], [0.0, 1.0]], penalty=2.0)
    assert robust.shares == (0.5, 0.5)
    assert robust.withheld == 0


@pytest.mark.parametrize(
    ("shares", "similarity", "penalty", "field"),
    [
        ([1], [[1.0]], log(2) - 1e-9, "penalty"),
        ([1], [[1.0]], float("nan"), "penalty"),
        ([-1], [[1.0]], 1.0, "shares[0]"),
        ([1, 1], [[1.0]], 1.0, "similarity"),
        ([1, 1], [[1.0, 0.5], [0.4, 1.0]], 1.0, "similarity[0][1]"),
        ([1, 1], [[1.0, 1.5], [1.5, 1.0]], 1.0, "similarity[0][1]"),
    ],
)
def test_robust_shares_name_what_they_cannot_use(
    shares: list[int], similarity: list[list[float]], penalty: float, field: str
) -> None:
    with pytest.raises(BadValue) as refused:
        robust_shares([Fraction(share) for share in shares], similarity, penalty=penalty)
    assert refused.value.facts["field"] == field


def test_similarity_is_read_as_a_square_of_numbers() -> None:
    assert read_similarity([[1, "0.5"], ["0.5", 1]], 2) == [[1.0, 0.5], [0.5, 1.0]]
    with pytest.raises(BadValue):
        read_similarity([[1, "alike"]], 2)
