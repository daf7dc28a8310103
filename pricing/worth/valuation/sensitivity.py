"""Sensitivity: what the conclusion would be if one parameter were otherwise, largest swing first."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import Any

from pricing.charges.exact import number, refuse
from pricing.refusals import PricingRefusal
from pricing.worth.valuation.reports import Report, make_report
from pricing.worth.valuation.workings import shown

# Conventions, counts of years, names, and weights that must sum to one are not a little more or less.
NOT_VARIED = frozenset({"timing", "tab_life", "years", "name", "weight"})
PLACES_MAX = 500

Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Swing:
    """The conclusion with one parameter lower and higher; None where that value is not accepted."""

    method: str
    parameter: str
    low: Fraction | None
    high: Fraction | None
    width: Fraction


def tornado(report: Report, *, change: object = "0.1") -> list[Swing]:
    """Re-run the report with each parameter multiplied by 1 − change and by 1 + change.

    A list of numbers is varied as a whole, named numbers and rows one by one. Sorted by width, widest
    first. Raises BadValue.
    """
    step = number(change, "change")
    if not 0 < step < 1:
        refuse("change", change, "a share above 0 and below 1")
    swings = []
    for index, row in enumerate(report.engagement["methods"]):
        places = list(islice(_places(row["parameters"]), PLACES_MAX + 1))
        if len(places) > PLACES_MAX:
            refuse(f"methods[{index}]", "more parameters", f"at most {PLACES_MAX} to vary")
        for place in places:
            low, high = (_rerun(report, index, place, 1 + sign * step) for sign in (-1, 1))
            width = _width(low, high, report.conclusion.value)
            label = str(row.get("label", row["method"]))
            swings.append(Swing(label, _named(place), low, high, width))
    return sorted(swings, key=lambda swing: (-swing.width, swing.method, swing.parameter))


def varied(
    engagement: Mapping[str, Any], method: int, place: Place, factor: Fraction
) -> dict[str, Any]:
    """The engagement with the figure at a place of a method's parameters multiplied."""
    changed: dict[str, Any] = deepcopy(dict(engagement))
    holder = changed["methods"][method]["parameters"]
    for key in place[:-1]:
        holder = holder[key]
    given = holder[place[-1]]
    several = isinstance(given, list | tuple)
    holder[place[-1]] = (
        [_scaled(one, factor) for one in given] if several else _scaled(given, factor)
    )
    return changed


def _scaled(given: object, factor: Fraction) -> object:
    if isinstance(given, list | tuple):
        return [_scaled(one, factor) for one in given]
    return number(given, "parameter") * factor


def _places(given: Any, place: Place = ()) -> Iterator[Place]:
    """Where the figures of parameters lie: numbers, and lists of numbers as a whole."""
    if isinstance(given, Mapping):
        for key, entry in given.items():
            if key not in NOT_VARIED and key != "source":
                yield from _places(entry, (*place, key))
    elif isinstance(given, list | tuple) and given and isinstance(given[0], Mapping):
        for index, entry in enumerate(given):
            yield from _places(entry, (*place, index))
    elif given is not None:
        yield place


def _named(place: Place) -> str:
    """A place in words: comparables[0].factors.quality."""
    words = ""
    for key in place:
        if key != "value":
            words += f"[{key}]" if isinstance(key, int) else f".{key}"
    return words.removeprefix(".")


def _rerun(report: Report, method: int, place: Place, factor: Fraction) -> Fraction | None:
    try:
        return make_report(varied(report.engagement, method, place, factor)).conclusion.value
    except PricingRefusal:
        return None


def _width(low: Fraction | None, high: Fraction | None, middle: Fraction) -> Fraction:
    """How far apart the ends lie; the conclusion itself stands for an end that is not accepted."""
    return abs((middle if high is None else high) - (middle if low is None else low))


def swing_document(swing: Swing) -> dict[str, str | None]:
    """A swing in JSON values."""
    return {
        "method": swing.method,
        "parameter": swing.parameter,
        "low": None if swing.low is None else shown(swing.low),
        "high": None if swing.high is None else shown(swing.high),
    }
