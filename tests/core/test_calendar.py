from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.core import calendar
from exchange.core.calendar import Count, Day, WorkingCalendar
from exchange.core.models import CalendarDay, CalendarYear
from exchange.members import rule_packs
from tests.factories.core import SOMEBODY

NOW = datetime(2026, 11, 10, 9, tzinfo=UTC)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("start", "days", "counting_start", "end"),
    [
        (date(2026, 3, 2), 20, True, date(2026, 3, 27)),
        (date(2026, 3, 2), 20, False, date(2026, 3, 30)),
        (
            date(2026, 2, 13),
            3,
            True,
            date(2026, 2, 24),
        ),  # Fri, the worked Saturday, after the feast
        (date(2026, 2, 24), 5, True, date(2026, 2, 28)),  # ends on a worked Saturday
        (
            date(2025, 1, 24),
            3,
            False,
            date(2025, 2, 5),
        ),  # over the worked Sunday and eight days off
        (date(2026, 9, 30), 3, False, date(2026, 10, 10)),
        (date(2026, 1, 1), 1, True, date(2026, 1, 4)),  # a worked Sunday
        (date(2026, 2, 17), 0, True, date(2026, 2, 17)),  # nothing to count
    ],
)
def test_a_deadline_steps_over_feasts_and_counts_the_days_made_up(
    start: date,
    days: int,
    counting_start: bool,  # noqa: FBT001 - a column of the table
    end: date,
) -> None:
    assert calendar.add_working_days(start, days, counting_start=counting_start) == Day(end, False)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("year", "worked", "off", "made_up"), [(2025, 248, 18, 5), (2026, 248, 19, 6)]
)
def test_the_published_years_have_the_working_days_they_are_known_for(
    year: int, worked: int, off: int, made_up: int
) -> None:
    reckoned = calendar.working_days_between(date(year - 1, 12, 31), date(year, 12, 31))
    assert reckoned.days == worked
    days = CalendarDay.objects.filter(year__year=year)
    assert (days.filter(worked=False).count(), days.filter(worked=True).count()) == (off, made_up)


@pytest.mark.django_db
def test_a_year_without_published_holidays_has_those_of_the_law_and_is_provisional() -> None:
    for day in (date(2027, 1, 1), date(2029, 5, 1), date(2029, 5, 2), date(2030, 10, 3)):
        assert calendar.is_working_day(day) is False
    assert calendar.is_working_day(date(2027, 1, 4)) is True
    assert calendar.is_working_day(date(2026, 1, 2)) is False  # published: the notice decides
    assert calendar.add_working_days(date(2026, 12, 31), 1, counting_start=False) == Day(
        date(2027, 1, 4), provisional=True
    )
    # A notice of 20 working days, and an inspection, over the turn of the year.
    notice = calendar.add_working_days(date(2026, 12, 14), 20, counting_start=True)
    assert notice == Day(date(2027, 1, 11), provisional=True)
    inspection = calendar.add_working_days(date(2026, 12, 25), 5, counting_start=False)
    assert inspection == Day(date(2027, 1, 4), provisional=True)
    assert calendar.working_days_between(date(2026, 12, 30), date(2026, 12, 31)) == Count(1, False)


@pytest.mark.django_db
def test_a_calendar_is_read_in_two_queries_however_many_days_are_reckoned(
    django_assert_num_queries: Any,
) -> None:
    with django_assert_num_queries(2):
        known = calendar.working_calendar()
    with django_assert_num_queries(0):
        assert known.working_days_between(date(2025, 1, 1), date(2026, 12, 31)).days == 496


def publish(**changes: object) -> CalendarYear:
    days = {date(2027, 1, 1): False, date(2027, 1, 3): True}
    wanted: dict[str, object] = {
        "jurisdiction": "CN",
        "year": 2027,
        "days": days,
        "labels": {day: {"en": "New Year's Day"} for day in days},
        "source": "A notice for the test",
        "tag": "M",
        "actor": SOMEBODY,
        "now": NOW,
    } | changes
    return rule_packs.publish_calendar_year(**wanted)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.django_db
def test_a_published_year_is_no_longer_provisional() -> None:
    publish()
    assert calendar.add_working_days(date(2026, 12, 31), 1, counting_start=False) == Day(
        date(2027, 1, 3), provisional=False
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"year": 2026}, rule_packs.CalendarInvalid),
        ({"days": {}}, rule_packs.CalendarInvalid),
        (
            {"days": {date(2027, 1, 2): False}},
            rule_packs.CalendarInvalid,
        ),  # a Saturday is off anyway
        ({"days": {date(2027, 1, 4): True}}, rule_packs.CalendarInvalid),
        ({"source": " "}, rule_packs.CalendarInvalid),
    ],
)
def test_a_bad_calendar_is_refused_and_changes_nothing(
    changes: dict[str, object], refusal: type[Exception]
) -> None:
    before = (CalendarYear.objects.count(), CalendarDay.objects.count())
    with pytest.raises(refusal):
        publish(**changes)
    assert (CalendarYear.objects.count(), CalendarDay.objects.count()) == before


@pytest.mark.django_db
def test_a_year_is_published_once() -> None:
    publish()
    with pytest.raises(rule_packs.YearPublished):
        publish(source="Another notice")
    assert CalendarYear.objects.get(year=2027).source == "A notice for the test"


DAYS = st.dates(date(2024, 6, 1), date(2027, 6, 1))
CALENDARS = st.builds(
    WorkingCalendar,
    published=st.frozensets(st.integers(2024, 2027)),
    exceptions=st.dictionaries(DAYS, st.booleans(), max_size=60),
)


@given(CALENDARS, DAYS, st.integers(0, 300))
def test_adding_days_and_counting_them_again_agree(
    known: WorkingCalendar, start: date, days: int
) -> None:
    end = known.add_working_days(start, days, counting_start=False)
    assert known.working_days_between(start, end.day) == Count(days, end.provisional)
    assert known.working_days_between(end.day, start).days == -days


@given(CALENDARS, DAYS, st.integers(0, 200))
def test_more_days_end_later_and_never_on_a_day_off(
    known: WorkingCalendar, start: date, days: int
) -> None:
    sooner = known.add_working_days(start, days, counting_start=True).day
    later = known.add_working_days(start, days + 1, counting_start=True).day
    assert sooner < later or (days == 0 and sooner == later == start)
    assert known.is_working_day(later)


@given(CALENDARS, DAYS, DAYS, DAYS)
def test_counts_add_up(known: WorkingCalendar, a: date, b: date, c: date) -> None:
    between = known.working_days_between
    assert between(a, b).days + between(b, c).days == between(a, c).days


def test_a_span_beyond_reason_is_refused() -> None:
    known = WorkingCalendar(frozenset(), {})
    with pytest.raises(ValueError, match="at most"):
        known.working_days_between(date(1900, 1, 1), date(2026, 1, 1))
    with pytest.raises(ValueError, match="between 0"):
        known.add_working_days(date(2026, 1, 1), -1, counting_start=True)
