"""How far the values of a column moved from one revision to the next, between 0 and 1.

Numbers and moments: the largest difference of the two distributions, read from their histograms
(Kolmogorov and Smirnov's distance). Words: half the sum of the differences of the shares of the top
values, the rest taken as one value (total variation). 0 is the same, 1 has nothing in common.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any


def drift_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> float | None:
    """The drift of a column; None where the profiles cannot be compared."""
    histograms = before.get("histogram"), after.get("histogram")
    if histograms[0] and histograms[1]:
        try:
            return _of_numbers(_placed(histograms[0]), _placed(histograms[1]))
        except ValueError:  # a bar that begins before or after all calendars
            return None
    if before.get("top") and after.get("top") and not any(histograms):
        return _of_words(before["top"], after["top"])
    return None


def _placed(histogram: Mapping[str, Any]) -> dict[str, Any]:
    """The histogram with its edges as numbers; moments are seconds since the first day of all."""
    return {"edges": [_place(edge) for edge in histogram["edges"]], "counts": histogram["counts"]}


def _place(edge: object) -> float:
    text = str(edge)
    try:
        return float(text)
    except ValueError:
        moment = datetime.fromisoformat(text).replace(tzinfo=None)
        return (moment - datetime.min).total_seconds()  # noqa: DTZ901 - a difference of two readings


def _of_numbers(before: Mapping[str, Any], after: Mapping[str, Any]) -> float | None:
    if not sum(before["counts"]) or not sum(after["counts"]):
        return None
    places = sorted({*before["edges"], *after["edges"]})
    return max(abs(_share_up_to(before, place) - _share_up_to(after, place)) for place in places)


def _share_up_to(histogram: Mapping[str, Any], place: float) -> float:
    """The share of values up to a place; within a bar values are spread evenly."""
    counted = 0.0
    for (left, right), count in zip(
        pairwise(histogram["edges"]), map(int, histogram["counts"]), strict=True
    ):
        if place >= right:
            counted += count
        elif place > left:
            counted += count * (place - left) / (right - left)
    return counted / float(sum(histogram["counts"]))


def _of_words(before: Sequence[Any], after: Sequence[Any]) -> float | None:
    shares = _shares(before), _shares(after)
    if not shares[0] or not shares[1]:
        return None
    values = shares[0].keys() | shares[1].keys()
    return sum(abs(shares[0].get(one, 0.0) - shares[1].get(one, 0.0)) for one in values) / 2


def _shares(top: Sequence[Any]) -> dict[str, float]:
    """Shares among the values that both profiles can name."""
    whole = sum(int(count) for _value, count in top)
    return {str(value): int(count) / whole for value, count in top} if whole else {}
