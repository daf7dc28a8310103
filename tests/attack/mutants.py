"""Holes that were mended, put back one at a time: each the line that closed it, taken out."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from exchange.asset_sales import preparing
from exchange.members import standing

PutBack = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Mutant:
    """`favour` names the steps that come more often, so that few rounds suffice."""

    name: str
    put_back: PutBack
    finds: str  # the beginning of the invariant that it breaks
    favour: tuple[str, ...] = ()
    seed: int = 1
    rounds: int = 800


def _unasked_standing(patch: pytest.MonkeyPatch) -> None:
    """H2: nobody asks how the parties of a deal stand."""
    patch.setattr(standing, "_check", lambda *_asked: None)


def _conflicts_of_anybody(patch: pytest.MonkeyPatch) -> None:
    """Whoever oversees a sale declares a conflict in it."""
    patch.setattr(preparing, "_check_own_people", lambda *_asked: None)


MUTANTS = (
    Mutant(
        "standing-of-the-other-side", _unasked_standing, "both parties",
        ("journeys.checkout.checkout", "members.admission.restrict"),
    ),
    Mutant(
        "conflicts-of-overseers", _conflicts_of_anybody, "only people of the house declare",
        ("asset_sales.preparing.declare_conflict",),
    ),
)  # fmt: skip
