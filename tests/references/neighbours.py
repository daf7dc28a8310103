"""KNN-Shapley from its definition: every coalition of rows, the K nearest vote."""

from fractions import Fraction
from itertools import combinations
from math import comb, lcm

import numpy as np

from pricing.worth.neighbours import by_matches, knn_shapley
from tests.references.comparing import Comparison, Draw, Scale

ROWS_MOST = 5


def _shapley_of_votes(matches: list[int], neighbours: int) -> list[Fraction]:
    """Rows in order of distance. A coalition's votes: the right ones among its K nearest, over K.

    A row's value is the mean, over the sizes of coalitions of the others and over those of one size, of
    what it adds (Shapley 1953).
    """
    n = len(matches)

    def votes(rows: tuple[int, ...]) -> Fraction:
        return Fraction(sum(matches[row] for row in sorted(rows)[:neighbours]), neighbours)

    def value(row: int) -> Fraction:
        others = [other for other in range(n) if other != row]
        return sum(
            (
                (votes((*chosen, row)) - votes(chosen)) / (n * comb(n - 1, size))
                for size in range(n)
                for chosen in combinations(others, size)
            ),
            Fraction(0),
        )

    return [value(row) for row in range(n)]


Matches = tuple[list[int], int]


def _matches(draw: Draw) -> Matches:
    ones = [draw.random.randint(0, 1) for _ in range(draw.count(least=1))]
    return ones, draw.random.randint(1, 8)


Rows = tuple[list[list[float]], list[int], list[list[float]], list[int], int]


def _features(draw: Draw, count: int, width: int, divisor: float) -> list[list[float]]:
    return [
        [draw.random.choice([-1, 1]) * draw.amount() / divisor for _ in range(width)]
        for _ in range(count)
    ]


def _rows(draw: Draw) -> Rows:
    """Some rows twice and some mirrored, whole or not, so that distances are often equal or nearly."""
    width = draw.random.randint(1, 3)
    divisor = draw.random.choice([1, 1, 3, 10, 1e300 if draw.scale is Scale.LARGEST else 7])
    train = _features(draw, draw.count(least=1, most=ROWS_MOST), width, divisor)
    for row in range(len(train)):
        if draw.random.random() < 0.3:
            source = draw.random.choice(train)
            flip = draw.random.choice([-1, 1])
            train[row] = [flip * feature for feature in draw.random.sample(source, width)]
    test = _features(draw, draw.random.randint(1, 2), width, divisor)
    test[0] = draw.random.choice([test[0], [0.0] * width, train[0]])
    labels = [draw.random.randint(0, 1) for _ in train]
    return train, labels, test, [draw.random.randint(0, 2) for _ in test], draw.random.randint(1, 4)


def _closed_form(given: Rows) -> object:
    train, labels, test, wanted, neighbours = given
    found = knn_shapley(
        np.array(train), np.array(labels), np.array(test), np.array(wanted), neighbours=neighbours
    )
    # Every value is a multiple of this, and floats are far closer to it than half a step.
    step = len(test) * neighbours * lcm(*range(1, len(train) + 1))
    return [Fraction(round(value * step), step) for value in found.tolist()]


def _by_definition(given: Rows) -> object:
    """Distances as fractions; of equal ones the earlier row is the nearer."""
    train, labels, test, wanted, neighbours = given
    total = [Fraction(0)] * len(train)
    for point, label in zip(test, wanted, strict=True):
        apart = [
            sum((Fraction(a) - Fraction(b)) ** 2 for a, b in zip(row, point, strict=True))
            for row in train
        ]
        order = sorted(range(len(train)), key=lambda row: (apart[row], row))
        values = _shapley_of_votes([int(labels[row] == label) for row in order], neighbours)
        for row, value in zip(order, values, strict=True):
            total[row] += value / len(test)
    return total


COMPARISONS = (
    Comparison(
        "neighbours.by_matches",
        _matches,
        lambda given: by_matches(*given),
        lambda given: _shapley_of_votes(*given),
        quick=40,
        scales=(Scale.TICKS,),
    ),
    Comparison("neighbours.knn_shapley", _rows, _closed_form, _by_definition, quick=60),
)
