"""KNN-Shapley: what every training row adds to a K-nearest-neighbours classifier, in closed form.

The utility of a set of rows at one test row is the share of the K votes that its nearest members cast
for the right label. Rows sorted by distance, the farthest first: s(N) = 1(N) · min(K, N) / (N · K) and
s(i) = s(i+1) + (1(i) − 1(i+1)) / K · min(K, i) / i, where 1(i) says whether the label is right.
"""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from pricing.exact import refuse, sequence, whole
from pricing.worth.distances import Nearest

ROWS_MAX = 10_000_000
PAIRS_MAX = 20_000_000  # training rows × test rows: some ten seconds
MATCHES_MAX = 10_000  # exact fractions


def by_matches(matches: Sequence[int], neighbours: int) -> list[Fraction]:
    """Exact values of rows in order of distance, nearest first; 1 where the label is right.

    They sum to the utility of all rows.
    """
    n = len(matches)
    values = [Fraction(0)] * n
    values[-1] = Fraction(matches[-1] * min(neighbours, n), n * neighbours)
    for rank in range(n - 1, 0, -1):
        step = Fraction((matches[rank - 1] - matches[rank]) * min(neighbours, rank))
        values[rank - 1] = values[rank] + step / (neighbours * rank)
    return values


def read_matches(given: object) -> list[int]:
    """Zeros and ones. Raises BadValue."""
    rows = sequence(given, "match_by_distance", most=MATCHES_MAX)
    if not rows:
        refuse("match_by_distance", given, "one or more of 0 and 1")
    return [
        whole(
            int(match) if isinstance(match, bool) else match,
            f"match_by_distance[{index}]",
            least=0,
            most=1,
        )
        for index, match in enumerate(rows)
    ]


def knn_shapley(
    train: NDArray[np.float64],
    labels: NDArray[np.generic],
    test: NDArray[np.float64],
    test_labels: NDArray[np.generic],
    *,
    neighbours: int,
) -> NDArray[np.float64]:
    """The mean value of every training row over the test rows, by Euclidean distance.

    The order of the rows is exact: distances are compared as the numbers that they are, and equal ones
    count in the order of the training rows. The values are floats, within some 10⁻¹⁵ times the rows.
    O(t · n (d + log n)) for t test rows. Raises BadValue.
    """
    _check(train, labels, test, test_labels, neighbours)
    n = len(train)
    slopes = np.minimum(neighbours, np.arange(1, n)) / (neighbours * np.arange(1, n))
    last = min(neighbours, n) / (n * neighbours)
    # Labels become small numbers once, so that comparing them costs the same whatever they are.
    known, coded = np.unique(labels, return_inverse=True)
    total = np.zeros(n)
    orders = Nearest(train, test).orders()
    for order, label in zip(orders, _coded(known, test_labels), strict=True):
        _add_values(total, order, coded[order] == label, slopes, last)
    return total / len(test)


def _add_values(
    total: NDArray[np.float64],
    order: NDArray[np.intp],
    matches: NDArray[np.bool_],
    slopes: NDArray[np.float64],
    last: float,
) -> None:
    """Add the values of one test row: the recursion from the farthest is a sum from the right."""
    right = matches.view(np.int8)
    values = np.empty(len(order))
    values[-1] = right[-1] * last
    np.multiply(right[:-1] - right[1:], slopes, out=values[:-1])
    total[order] += np.cumsum(values[::-1])[::-1]


def _coded(known: NDArray[np.generic], labels: NDArray[np.generic]) -> NDArray[np.intp]:
    """The place of every label among the known ones, −1 for a label that no training row has."""
    places = np.minimum(np.searchsorted(known, labels), len(known) - 1)
    return np.where(known[places] == labels, places, -1)


def _check(
    train: NDArray[np.float64],
    labels: NDArray[np.generic],
    test: NDArray[np.float64],
    test_labels: NDArray[np.generic],
    neighbours: int,
) -> None:
    whole(neighbours, "neighbours", least=1, most=ROWS_MAX)
    for name, rows, marks in (("train", train, labels), ("test", test, test_labels)):
        if rows.ndim != 2 or not len(rows) or marks.shape != (len(rows),):  # noqa: PLR2004 - rows × features
            refuse(name, str(rows.shape), "one or more rows of features with one label each")
        if not np.isfinite(rows).all():
            refuse(name, "not finite", "finite features")
    if len(train) * len(test) > PAIRS_MAX:
        most = f"at most {PAIRS_MAX // len(train)} test rows at once for {len(train)} in train"
        refuse("test", f"{len(test)} rows", most)
    if train.shape[1] != test.shape[1]:
        refuse("test", str(test.shape), f"rows of {train.shape[1]} features, as in train")
