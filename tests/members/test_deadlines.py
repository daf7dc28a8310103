"""Deadlines in working days move with the calendar: later where holidays become known, never shorter."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

import pytest

from exchange.audit.models import Record
from exchange.core.calendar import is_provisional
from exchange.core.refusals import NotFound
from exchange.members import rule_packs
from exchange.members.actors import Actor
from exchange.orders.models import Order
from tests.factories.orders import Market, a_market

pytestmark = pytest.mark.django_db

CHRISTMAS = datetime(2026, 12, 25, 2, tzinfo=UTC)
NEW_YEAR = {date(2027, 1, 1): False}
LONG_WEEKEND = {**NEW_YEAR, date(2027, 1, 4): False, date(2027, 1, 5): False}


@pytest.fixture
def market() -> Market:
    return a_market()


@pytest.fixture
def order(market: Market) -> Order:
    """Delivered at Christmas, inspected over the turn of the year."""
    return market.delivered(at=CHRISTMAS)


def told(actor: Actor, days: Mapping[date, bool], *, correct: bool = False) -> None:
    tell = rule_packs.correct_calendar_year if correct else rule_packs.publish_calendar_year
    tell(
        actor=actor,
        jurisdiction="CN",
        year=2027,
        days=days,
        labels={day: {"en": "New Year"} for day in days},
        source="A notice",
        tag="M",
        now=CHRISTMAS,
    )


def due_of(order: Order) -> datetime:
    order.refresh_from_db()
    assert order.due_at is not None
    assert order.inspection_ends_at == order.due_at
    return order.due_at


def moves() -> list[str]:
    return list(
        Record.objects.filter(event="core.deadline.moved").values_list("subject", flat=True)
    )


def test_a_deadline_moves_to_the_later_day_when_the_year_is_published(
    market: Market, order: Order
) -> None:
    before = due_of(order)
    assert is_provisional(before)
    told(market.exchange.rule_keeper, LONG_WEEKEND)
    assert (due_of(order) - before).days == 2
    assert moves() == [f"order:{order.public_id}"]
    assert is_provisional(due_of(order)) is False


def test_a_deadline_that_was_promised_never_becomes_shorter(market: Market, order: Order) -> None:
    operator = market.exchange.rule_keeper
    told(operator, LONG_WEEKEND)
    promised = due_of(order)
    told(operator, NEW_YEAR, correct=True)
    assert due_of(order) == promised
    assert len(moves()) == 1


def test_a_correction_of_a_published_year_keeps_a_record_of_what_was_there(
    market: Market, order: Order
) -> None:
    operator = market.exchange.rule_keeper
    with pytest.raises(NotFound):
        told(operator, NEW_YEAR, correct=True)
    told(operator, NEW_YEAR)
    before = due_of(order)
    told(operator, LONG_WEEKEND, correct=True)
    assert (due_of(order) - before).days == 2
    record = Record.objects.get(event="core.calendar.corrected")
    assert b'"before":{"off":["2027-01-01"],"worked":[]}' in bytes(record.canonical)
