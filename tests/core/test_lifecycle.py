"""The one state machine: what it asks of a table, and what it refuses."""

from enum import Enum
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction
from django.db.models import TextChoices

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
