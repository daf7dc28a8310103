"""The one state machine: what it asks of a table, and what it refuses."""

from datetime import timedelta
from enum import Enum
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import TextChoices
from django.test.utils import CaptureQueriesContext

from exchange.core.lifecycle import (
    NEW,
    IllegalTransition,
    Lifecycle,
    ReasonMissing,
    Transition,
    _lifecycles,
    checked_reason,
    lifecycles,
)
from exchange.core.refusals import NotFound, TooLate
from exchange.disputes import opening
from exchange.members.actors import system_actor
from exchange.orders.lifecycle import ORDER, OrderState, OrderTransition
from exchange.orders.models import Order, OrderStep
from tests.factories.orders import DAY, a_market


class Light(TextChoices):
    RED = "red"
    GREEN = "green"


def lights(*transitions: Transition, start: Enum = Light.RED) -> Lifecycle[Order]:
    try:
        return Lifecycle("core.light", Light, title="Light", start=start, transitions=transitions)
    finally:
        _lifecycles.pop("core.light", None)


def test_a_state_that_nothing_leads_to_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="nothing leads to"):
        lights(Transition("begin", NEW, Light.RED))


def test_two_rows_of_one_name_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="two transitions of one name"):
        lights(Transition("go", NEW, Light.RED), Transition("go", Light.RED, Light.GREEN))


def test_the_table_says_where_each_state_leads_and_what_ends() -> None:
    light = lights(
        Transition("begin", NEW, Light.RED),
        Transition("go", Light.RED, Light.GREEN),
        Transition("blink", (Light.RED, Light.GREEN), None),
    )
    assert light.moves == {Light.RED: {Light.GREEN}, Light.GREEN: set()}
    assert light.ended == {Light.GREEN}
    assert light.legal_steps() == [
        ("begin", "", "red"),
        ("go", "red", "green"),
        ("blink", "green", "green"),
        ("blink", "red", "red"),
    ]


@pytest.mark.parametrize("reason", ["", "   ", "x" * 2001])
def test_a_reason_says_something_and_not_too_much(reason: str) -> None:
    with pytest.raises(ReasonMissing):
        checked_reason(reason)
    assert checked_reason("  why  ") == "why"


@pytest.mark.django_db
def test_an_illegal_transition_names_what_would_be_legal_and_changes_nothing() -> None:
    market = a_market()
    order = market.order(market.offer(100))
    with pytest.raises(IllegalTransition) as refused, transaction.atomic():
        ORDER.transition(order, OrderTransition.ACCEPT, actor=system_actor("probe"), now=DAY)
    assert refused.value.facts["current"] == "contract_signed"
    assert refused.value.facts["legal"] == sorted(ORDER.possible(order))
    order.refresh_from_db()
    assert order.state == OrderState.CONTRACT_SIGNED
    assert not OrderStep.objects.filter(transition=OrderTransition.ACCEPT).exists()


def test_the_command_prints_who_reacts_to_what() -> None:
    out = StringIO()
    call_command("lifecycles", "orders.order", stdout=out)
    text = out.getvalue()
    assert "  cancel: contract_signed, created → cancelled" in text
    assert "orders.licence_windows.free" in text
    assert "  when due in delivered: auto_accept" in text


def test_every_lifecycle_has_a_subject_and_its_events_are_its_own() -> None:
    events = [event for lifecycle in lifecycles() for event in lifecycle.events]
    assert len(events) == len(set(events))
    assert all(hasattr(lifecycle, "model") for lifecycle in lifecycles())


@pytest.mark.django_db
def test_who_locks_a_subject_reads_with_it_what_the_table_names_and_no_more() -> None:
    for one in lifecycles():
        with CaptureQueriesContext(connection) as statements, pytest.raises(NotFound):
            one.lock_key(0)
        named = {
            "__".join(name.split("__")[: deep + 1]) for name in one.related for deep in range(3)
        }
        assert statements[0]["sql"].count(" JOIN ") == len(named), one.name


@pytest.mark.django_db
def test_an_objection_after_its_deadline_is_refused_though_the_clock_has_not_acted_yet() -> None:
    market = a_market()
    order = market.delivered()
    assert order.due_at is not None
    with pytest.raises(TooLate) as refused:
        opening.open_dispute(
            order.public_id,
            kind="not_as_described",
            actor=market.buying,
            reason="Half is missing.",
            now=order.due_at,
        )
    assert refused.value.facts["due_at"] == order.due_at.isoformat()
    order.refresh_from_db()
    assert order.state == OrderState.DELIVERED
    opening.open_dispute(
        order.public_id,
        kind="not_as_described",
        actor=market.buying,
        reason="Half is missing.",
        now=order.due_at - timedelta(microseconds=1),
    )


def _acts_late(lifecycle: Lifecycle[Any], transition: Transition, state: Enum) -> bool:
    """Whether somebody could still bind or free himself by it once the clock's own is due."""
    clocks = lifecycle.transitions[lifecycle.when_due[state]]
    by_us = transition.by in {"system", "operator", "committee"}
    return not (
        by_us
        or transition.in_time
        or transition.name == clocks.name
        or transition.target == clocks.target
        or transition.target in lifecycle.ended
    )


# The exchange's own, a moderator's, or what a dispute ended with, where the table names nobody.
NOBODYS = {
    ("delivery.entitlement", "deliver_anew"),
    ("delivery.entitlement", "extend"),
    ("delivery.entitlement", "suspend"),
    ("delivery.entitlement", "resume"),
}


def test_what_a_party_may_do_ends_with_its_deadline_in_every_lifecycle() -> None:
    late = {
        (lifecycle.name, str(transition.name))
        for lifecycle in lifecycles()
        for state in lifecycle.when_due
        for transition in lifecycle.transitions.values()
        if state in transition.sources and _acts_late(lifecycle, transition, state)
    }
    assert late == NOBODYS
