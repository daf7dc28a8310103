"""Histories of everything that moves money, with faults, crashes and a clock: every law holds, and a hole
that is put back is found."""

from collections.abc import Callable

import pytest

from exchange.jobs.handlers import HANDLERS, Call
from exchange.payments import collection, payouts, turned_back
from exchange.payments.collection import Captured
from tests import depth
from tests.simulation import history
from tests.simulation.world import World, a_world

pytestmark = pytest.mark.django_db
EACH = 10  # histories that share one world
PARTS = depth.DEPTH.histories  # of ten: more with `make simulate SEEDS=…`
FOUND_WITHIN = 12

Patch = pytest.MonkeyPatch


@pytest.fixture
def world() -> World:
    return a_world()


@pytest.mark.deep
@pytest.mark.parametrize("part", range(PARTS))
def test_every_law_holds_over_every_history(world: World, part: int) -> None:
    for seed in range(1 + part * EACH, 1 + (part + 1) * EACH):
        played = history.play(world, seed)
        assert not played.wrong, history.shortest(world, played)


def _nothing_is_asked_again(patch: Patch) -> None:
    patch.setattr(turned_back, "ask_again", lambda **_when: 0)


def _what_is_given_up_stays_authorised(patch: Patch) -> None:
    asked = HANDLERS[collection.TOPIC_CANCEL]
    assert isinstance(asked, Call)
    kept = Call(lambda _lease: Captured(None), asked.record)
    patch.setitem(HANDLERS, collection.TOPIC_CANCEL, kept)


def _a_payout_that_fails_is_let_be(patch: Patch) -> None:
    apply = payouts._apply
    patch.setattr(
        payouts,
        "_apply",
        lambda told, payout, **when: "" if told.failure else apply(told, payout, **when),
    )


@pytest.mark.deep
@depth.ONLY_DEEP
@pytest.mark.parametrize(
    ("put_back", "law", "first"),
    [
        (_nothing_is_asked_again, "P", 1),
        (_what_is_given_up_stays_authorised, "O1", 38),  # few payments are given up once authorised
        (_a_payout_that_fails_is_let_be, "P", 1),
    ],
)
def test_a_hole_that_is_put_back_is_found(
    world: World, monkeypatch: Patch, put_back: Callable[[Patch], None], law: str, first: int
) -> None:
    put_back(monkeypatch)
    for seed in range(first, first + FOUND_WITHIN):
        if found := history.play(world, seed).wrong:
            assert found[0].startswith(law), found
            return
    pytest.fail(f"not found in {FOUND_WITHIN} histories")
