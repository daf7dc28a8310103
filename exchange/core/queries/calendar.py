"""Working days by the published calendar."""

from datetime import date

from exchange.core.models.calendar import CalendarDay, CalendarYear
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
