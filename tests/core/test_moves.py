from enum import Enum

import pytest
from django.db.models import TextChoices

from exchange.core import lifecycle as machine
from exchange.core import moves
from exchange.core.moves import IllegalMove, check_move, lifecycle, lifecycles


class Light(TextChoices):
    RED = "red", "Red light"
    GREEN = "green", "Green light"


TABLE = {Light.RED: frozenset({Light.GREEN}), Light.GREEN: frozenset({Light.RED})}


def test_a_move_in_the_table_is_made_in_silence() -> None:
    check_move(TABLE, Light.RED, Light.GREEN)


def test_a_move_outside_the_table_is_refused_with_what_would_be_legal() -> None:
    with pytest.raises(IllegalMove) as caught:
        check_move(TABLE, Light.RED, Light.RED)
    assert str(caught.value) == "This step is not possible from the state “Red light”."
    assert caught.value.facts == {"current": "red", "target": "red", "legal": ["green"]}
    assert caught.value.code == "illegal_transition"
    assert caught.value.http_status == 409


def test_a_lifecycle_that_forgets_a_state_is_refused_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(moves, "_lifecycles", {})
    monkeypatch.setattr(machine, "_lifecycles", {})
    monkeypatch.setattr(machine, "_lifecycles", {})
    with pytest.raises(ValueError, match="no row for"):
        lifecycle(name="test.light", title="Light", start=Light.RED, moves={Light.RED: frozenset()})
    assert lifecycles() == []


def test_a_declared_lifecycle_is_found_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moves, "_lifecycles", {})
    monkeypatch.setattr(machine, "_lifecycles", {})
    assert lifecycle(name="test.light", title="Light", start=Light.RED, moves=TABLE) is TABLE
    assert [(one.name, one.start) for one in lifecycles()] == [("test.light", Light.RED)]


@pytest.mark.parametrize("one", lifecycles(), ids=lambda one: str(one.name))
def test_every_declared_lifecycle_reaches_all_its_states(one: moves.Lifecycle) -> None:
    reached: set[Enum] = set()
    ahead = [one.start]
    while ahead:
        state = ahead.pop()
        if state not in reached:
            reached.add(state)
            ahead += one.moves[state]
    assert reached == set(one.moves)
