"""Working days by the published calendar, and until when somebody has to act."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from exchange.core.models.calendar import CalendarDay, CalendarYear
from exchange.core.queries.rules import rule
from exchange.core.workdays import Count, Day, WorkingCalendar

DEFAULT_JURISDICTION = "CN"


def working_calendar(*, jurisdiction: str = DEFAULT_JURISDICTION) -> WorkingCalendar:
    """The calendar as published so far. Read it once where many days are reckoned."""
    years = CalendarYear.objects.filter(jurisdiction=jurisdiction)
    days = CalendarDay.objects.filter(year__jurisdiction=jurisdiction)
    return WorkingCalendar(
        published=frozenset(years.values_list("year", flat=True)),
        exceptions=dict(days.values_list("day", "worked")),
    )


def is_working_day(day: date, *, jurisdiction: str = DEFAULT_JURISDICTION) -> bool:
    return working_calendar(jurisdiction=jurisdiction).is_working_day(day)


def add_working_days(
    start: date, days: int, *, counting_start: bool, jurisdiction: str = DEFAULT_JURISDICTION
) -> Day:
    """See `WorkingCalendar.add_working_days`."""
    calendar = working_calendar(jurisdiction=jurisdiction)
    return calendar.add_working_days(start, days, counting_start=counting_start)


def working_days_between(
    first: date, last: date, *, jurisdiction: str = DEFAULT_JURISDICTION
) -> Count:
    """See `WorkingCalendar.working_days_between`."""
    return working_calendar(jurisdiction=jurisdiction).working_days_between(first, last)


def working_deadline(*, key: str, now: datetime) -> datetime:
    """The first moment that is too late by the rule `key`. The day of `now` does not count."""
    days = rule(key=key, at=now).as_int()
    today = timezone.localtime(now).date()
    last = add_working_days(today, days, counting_start=False).day
    return timezone.make_aware(datetime.combine(last + timedelta(days=1), time.min))


def deadline(term: str | timedelta, *, now: datetime) -> datetime:
    """Until when somebody has to act: a rule's working days, or a plain duration."""
    return now + term if isinstance(term, timedelta) else working_deadline(key=term, now=now)
