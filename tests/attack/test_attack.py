"""The attacker finds nothing, and locks in one order; what was mended, put back, it finds; each use case is among its steps."""

from pathlib import Path

import pytest
from django.db import connection

from tests import depth
from tests.attack import mutants
from tests.attack.engine import use_cases
from tests.attack.history import History, play
from tests.attack.mutants import Mutant
from tests.attack.steps import steps
from tests.attack.untried import NEVER, UNTRIED

PROJECT = Path(__file__).parents[2]
TRANSACTIONS = 100  # at least so many locked something
QUICK, DEEP = 150, 600
SEEDS_MAX = 4  # histories in which a hole that is put back is found
SUCCEEDING = 0.30  # at least so many of the rounds do something, once it is known what goes well
SUCCEEDING_AT_FIRST = 0.20


def check_lock_order(history: History) -> None:
    """Building the town trades, pays, settles, awards and suspends; the rounds do all the rest."""
    locks = history.attack.locks
    assert locks.cycles() == [], locks.explained()
    assert locks.falling == {}
    assert locks.transactions > TRANSACTIONS


@pytest.mark.django_db
def test_a_hundred_and_fifty_rounds_break_nothing() -> None:
    history = play(seed=1, rounds=QUICK)
    assert history.findings == []
    assert history.share >= SUCCEEDING_AT_FIRST
    check_lock_order(history)


@pytest.mark.deep
@depth.ONLY_DEEP
@pytest.mark.django_db
def test_six_hundred_rounds_break_nothing() -> None:
    """`python -m tests.attack ROUNDS --seed N` plays any other history."""
    history = play(seed=3, rounds=DEEP)
    assert history.findings == [], history.report()
    assert history.share >= SUCCEEDING
    check_lock_order(history)


def test_each_use_case_that_somebody_acts_in_has_a_step_or_a_reason() -> None:
    cases = use_cases()
    acted = {name for name, case in cases.items() if case.acts}
    tried = set(steps(dict(cases)))
    assert sorted(acted - tried - set(UNTRIED)) == []
    assert sorted(set(UNTRIED) - acted) == []


def test_holes_that_no_actor_sees_are_held_by_tests_that_are_there() -> None:
    for place in mutants.HELD_ELSEWHERE.values():
        file, _colons, name = place.partition("::")
        assert f"def {name}(" in (PROJECT / file).read_text(), place


def test_no_use_case_that_never_succeeds_is_unknown() -> None:
    assert sorted(set(NEVER) - set(use_cases())) == []


@pytest.mark.deep
@depth.ONLY_DEEP
@pytest.mark.django_db
@pytest.mark.parametrize("mutant", mutants.MUTANTS, ids=lambda mutant: mutant.name)
def test_a_hole_that_was_mended_is_found_when_it_is_put_back(
    mutant: Mutant, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutant.put_back(monkeypatch)
    assert connection.in_atomic_block
    for seed in range(mutant.seed, mutant.seed + SEEDS_MAX):
        history = play(seed=seed, rounds=mutant.rounds, favour=mutant.favour)
        if any(mutant.finds in one for one in history.findings):
            return
    pytest.fail(history.report())
