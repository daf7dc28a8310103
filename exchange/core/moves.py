"""Lifecycles: an enum of states, a table of legal moves, and one function that asks the table."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from exchange.core import lifecycle as machine
from exchange.core.lifecycle import IllegalTransition

State = TypeVar("State", bound=Enum)


# One refusal for both, until every room stands on the machine.
IllegalMove = IllegalTransition


@dataclass(frozen=True)
class Lifecycle:
    """One lifecycle for the pictures in docs: where it begins and which moves are legal."""

    name: str
    title: str | Promise
    start: Enum
    moves: Mapping[Enum, frozenset[Enum]]


_lifecycles: dict[str, Lifecycle] = {}


def lifecycle(
    *, name: str, title: str | Promise, start: State, moves: Mapping[State, frozenset[State]]
) -> Mapping[State, frozenset[State]]:
    """Declare a lifecycle and return its table. Every state of the enum must have a row.

    Raises ValueError when a state has no row, since a forgotten state would be a dead end by accident.
    """
    missing = [state for state in type(start) if state not in moves]
    if missing:
        raise ValueError(f"{name}: no row for {missing}")
    _lifecycles[name] = Lifecycle(
        name=name,
        title=title,
        start=start,
        moves={state: frozenset[Enum](legal) for state, legal in moves.items()},
    )
    return moves


def lifecycles() -> list[Any]:
    """All declared lifecycles, by name: those of this module and those of the one state machine."""
    both = {**_lifecycles, **{one.name: one for one in machine.lifecycles()}}
    return [both[name] for name in sorted(both)]


def check_move(moves: Mapping[State, frozenset[State]], current: State, target: State) -> None:
    """Raise IllegalMove unless the table lets `current` become `target`."""
    legal = moves[current]
    if target not in legal:
        raise IllegalMove(
            _("This step is not possible from the state “%(state)s”.") % {"state": _label(current)},
            current=current.value,
            target=target.value,
            legal=sorted(str(state.value) for state in legal),
        )


def _label(state: Enum) -> str:
    return str(getattr(state, "label", state.value))
