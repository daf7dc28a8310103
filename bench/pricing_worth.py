"""KNN-Shapley against its closed form in bare numpy; sampling and coverage by size."""

import time
from collections.abc import Callable
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from bench.measure import Measurement, in_turns
from pricing.worth.games import sample_shapley, shapley, weighted_voting_game
from pricing.worth.neighbours import knn_shapley

SEED = 20260131
FEATURES = 8
LABELS = 3
TESTS = 100
NEIGHBOURS = 5

Rows = tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]


def _rows(count: int) -> Rows:
    random = np.random.default_rng(SEED)
    return (
        random.normal(size=(count, FEATURES)),
        random.integers(0, LABELS, count),
        random.normal(size=(TESTS, FEATURES)),
        random.integers(0, LABELS, TESTS),
    )


def _bare(rows: Rows) -> NDArray[np.float64]:
    """The closed form with nothing around it: no checks, ties as the sort leaves them."""
    train, labels, test, wanted = rows
    n = len(train)
    ranks = np.arange(1, n)
    slopes = np.minimum(NEIGHBOURS, ranks) / (NEIGHBOURS * ranks)
    distances = (train**2).sum(axis=1) - 2 * test @ train.T
    orders = np.argsort(distances, axis=1)
    matches = (labels[orders] == wanted[:, None]).astype(np.float64)
    values = np.empty_like(matches)
    values[:, -1] = matches[:, -1] * min(NEIGHBOURS, n) / (n * NEIGHBOURS)
    values[:, :-1] = (matches[:, :-1] - matches[:, 1:]) * slopes
    summed = np.cumsum(values[:, ::-1], axis=1)[:, ::-1]
    total = np.zeros(n)
    for order, row in zip(orders, summed, strict=True):
        total[order] += row
    return total / len(test)


def _timed(work: Callable[[], object]) -> Callable[[], float]:
    def seconds() -> float:
        started = time.perf_counter()
        work()
        return time.perf_counter() - started

    return seconds


def knn(count: int, goal: float) -> Callable[[], Measurement]:
    """Milliseconds for the values of `count` rows over a hundred test rows."""

    def measured() -> Measurement:
        rows = _rows(count)

        def ours() -> NDArray[np.float64]:
            return knn_shapley(*rows, neighbours=NEIGHBOURS)

        assert np.allclose(ours(), _bare(rows), rtol=0, atol=1e-12)
        mine, peer = in_turns(_timed(ours), _timed(lambda: _bare(rows)))
        return Measurement(
            name=f"knn_shapley_1e{len(str(count)) - 1}",
            value=mine * 1e3,
            unit="ms",
            peer="the closed form in bare numpy, ms",
            peer_value=peer * 1e3,
            goal=goal,
            lower_is_better=True,
        )

    return measured


def sampled() -> Measurement:
    """Orders per second for fifty-one weighted votes, against a hundred thousand."""
    game = weighted_voting_game([1 + i % 17 for i in range(51)], Fraction(200))
    seconds = _timed(lambda: sample_shapley(game, orders=100_000, seed=SEED))()
    return Measurement(
        name="shapley.sampled_51",
        value=100_000 / seconds,
        unit="orders/s",
        peer="what is asked for, orders/s",
        peer_value=100_000,
        goal=1,
    )


def exact() -> Measurement:
    """Milliseconds for the exact values of twelve different parties."""
    game = weighted_voting_game(list(range(1, 13)))
    seconds = _timed(lambda: shapley(game))()
    return Measurement(
        name="shapley.exact_12",
        value=seconds * 1e3,
        unit="ms",
        peer="what is asked for, ms",
        peer_value=1_000,
        goal=1,
        lower_is_better=True,
    )


BENCHES = {
    "knn_shapley_1e4": knn(10_000, 1.2),
    # Set-up weighs more on a short array, memory traffic on a long one.
    "knn_shapley_1e3": knn(1_000, 3),
    "knn_shapley_1e5": knn(100_000, 1.2),
    "shapley.sampled_51": sampled,
    "shapley.exact_12": exact,
}
