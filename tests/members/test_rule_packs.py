from datetime import date
from typing import Any

import pytest

from exchange.audit.models import Record
from exchange.core.models import CalendarYear, RuleVersion
from exchange.core.refusals import NotAllowed
from exchange.members import rule_packs
from exchange.members.actors import Actor
from tests.factories import accounts, members
from tests.factories.core import NOON

pytestmark = pytest.mark.django_db

DAYS = {date(2027, 1, 1): False, date(2027, 1, 3): True}


@pytest.fixture
def operator() -> Actor:
    return members.an_exchange().rule_keeper


def stranger() -> Actor:
    organisation = accounts.an_organisation()
    return members.acting(accounts.owner_of(organisation), organisation)


def publish(actor: Actor) -> CalendarYear:
    return rule_packs.publish_calendar_year(
        actor=actor,
        jurisdiction="CN",
        year=2027,
        days=DAYS,
        labels={day: {"en": "New Year's Day"} for day in DAYS},
        source="A notice for the test",
        tag="M",
        now=NOON,
    )


def amend(actor: Actor) -> RuleVersion:
    return rule_packs.amend_rule(
        actor=actor,
        pack="cn-2026-07",
        key="soe.extension_days",
        value=7,
        tag="D",
        source="Resolution 12",
        reason="More time",
        valid_from=NOON,
        now=NOON,
    )


def test_publishing_a_year_leaves_one_record_of_its_days(operator: Actor) -> None:
    published = publish(operator)
    assert list(published.days.values_list("day", "worked")) == sorted(DAYS.items())
    record = Record.objects.order_by("-pk")[0]
    assert (record.event, record.subject) == ("core.calendar.published", "calendar:CN/2027")
    assert b'"worked":["2027-01-03"]' in bytes(record.canonical)


def test_a_year_that_is_published_leaves_no_second_record(operator: Actor) -> None:
    publish(operator)
    records = Record.objects.count()
    with pytest.raises(rule_packs.YearPublished):
        publish(operator)
    assert Record.objects.count() == records


@pytest.mark.parametrize("change", [publish, amend])
def test_only_operators_change_rules_and_calendar(change: Any) -> None:
    actor = stranger()
    before = (RuleVersion.objects.count(), CalendarYear.objects.count(), Record.objects.count())
    with pytest.raises(NotAllowed):
        change(actor)
    assert before == (
        RuleVersion.objects.count(),
        CalendarYear.objects.count(),
        Record.objects.count(),
    )
