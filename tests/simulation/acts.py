"""The acts of a history: a table that the files of acts fill, each with how often it is drawn.

An act looks at what is there, chooses with the chance of its step, and returns what is to be done, with
everything chosen, so that it can be done a second time; or None where there is nothing to do.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.simulation.world import World

Deed = Callable[[], object]
Choose = Callable[["World", Random], Deed | None]


@dataclass(frozen=True)
class Act:
    """`is_repeatable`: done twice it has one effect, so that who does not know whether it went through may
    do it again."""

    name: str
    choose: Choose
    weight: int
    is_repeatable: bool


ACTS: dict[str, Act] = {}


def act(*, weight: int, is_repeatable: bool = False) -> Callable[[Choose], Choose]:
    """Add an act to the table."""

    def add(choose: Choose) -> Choose:
        ACTS[choose.__name__] = Act(choose.__name__, choose, weight, is_repeatable)
        return choose

    return add


def any_of(rows: Any, chance: Random) -> Any:
    """Any row of a query, in an order that is the same each time; None where there is none."""
    found = list(rows.order_by("pk"))
    return chance.choice(found) if found else None
