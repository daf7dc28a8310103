"""Figures of the house beside what they should be, and the limit that none may pass today.

house_limits.toml holds for each figure its `goal` and its `limit`: what it was when it was last looked at. A figure
worse than its limit fails. Whoever betters one lowers its limit in the same commit.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from tests.architecture.floors import PROJECT

LIMITS = "tests/architecture/house_limits.toml"
PLACES_SHOWN_MAX = 60


@dataclass(frozen=True)
class Limit:
    """What a figure is called, should be, and may be. It is only reported where it has no limit."""

    name: str
    title: str
    goal: float | None
    limit: float | None
    higher_is_better: bool

    def is_met(self, value: float, bound: float) -> bool:
        return value >= bound if self.higher_is_better else value <= bound

    def verdict(self, value: float) -> str:
        if self.goal is not None and self.is_met(value, self.goal):
            return "good"
        if self.limit is None:
            return "reported"
        if not self.is_met(value, self.limit):
            return "WORSE"
        return "open" if value == self.limit else f"open, limit may go to {value:,g}"

    def line(self, value: float) -> str:
        sign = "at least" if self.higher_is_better else "at most"
        limit = "" if self.limit is None else f"{self.limit:,g}"
        goal = "" if self.goal is None else f"{sign} {self.goal:,g}"
        return f"{self.title:<62}{value:>9,g}{goal:>17}{limit:>9}  {self.verdict(value)}"


HEADER = f"{'':<62}{'today':>9}{'goal':>17}{'limit':>9}"


@cache
def limits() -> dict[str, Limit]:
    """All limits by name, in the order of the file."""
    rows = tomllib.loads((PROJECT / LIMITS).read_text())
    return {
        name: Limit(
            name=name,
            title=row["title"],
            goal=row.get("goal"),
            limit=row.get("limit"),
            higher_is_better=row.get("higher_is_better", False),
        )
        for name, row in rows.items()
    }


def check(name: str, value: float, places: Sequence[str] = ()) -> None:
    """Raise AssertionError, with the places that count, when the figure passes its limit."""
    limit = limits()[name]
    if limit.limit is None or limit.is_met(value, limit.limit):
        return
    shown = [f"  {place}" for place in places[:PLACES_SHOWN_MAX]]
    more = [f"  … {len(places) - len(shown)} more"] if len(places) > len(shown) else []
    raise AssertionError(
        "\n".join([f"{limit.title}: {value:g}, limit {limit.limit:g}", *shown, *more])
    )
