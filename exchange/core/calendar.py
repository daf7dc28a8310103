"""Working days by the published calendar, and until when somebody has to act.

Of a year whose holidays are not published yet the days that the law fixes are off at once; those that
move, and weekend days that are worked for them, are not known. What is reckoned into such a year is
provisional: it may become later once the year is published, never earlier.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path

from django.utils import timezone

from exchange.core.models.calendar import CalendarDay, CalendarYear
from exchange.core.rules import rule

CALENDARS = Path(__file__).parent / "working_days"
SATURDAY = 6  # ISO
SPAN_DAYS_MAX = 3660
WORKING_DAYS_MAX = 2500


@dataclass(frozen=True)
class Day:
    """A day that was reckoned. Provisional: a year on the way has no published holidays yet, or none
    but those that the law fixes."""

    day: date
    provisional: bool


@dataclass(frozen=True)
class Count:
    """A number of working days. Provisional as in `Day`."""

    days: int
    provisional: bool


@dataclass(frozen=True)
class WorkingCalendar:
    """Weekends off, except as `exceptions` says; certain only in the `published` years. In the others
    the `fixed` holidays, (month, day), are off."""

    published: frozenset[int]
    exceptions: Mapping[date, bool]
    fixed: frozenset[tuple[int, int]] = frozenset()

    def is_working_day(self, day: date) -> bool:
        if day.year not in self.published and (day.month, day.day) in self.fixed:
            return False
        return self.exceptions.get(day, day.isoweekday() < SATURDAY)

    def is_provisional(self, first: date, last: date) -> bool:
        return any(year not in self.published for year in range(first.year, last.year + 1))

    def add_working_days(self, start: date, days: int, *, counting_start: bool) -> Day:
        """The `days`-th working day from `start`, which itself counts when `counting_start`.

        With 0 days: `start`, whether it is worked or not. Raises ValueError for a negative number
        and for more than WORKING_DAYS_MAX.
        """
        if not 0 <= days <= WORKING_DAYS_MAX:
            raise ValueError(f"between 0 and {WORKING_DAYS_MAX} working days, not {days}")
        day, left = start, days
        if left and counting_start and self.is_working_day(day):
            left -= 1
        while left:
            day += timedelta(days=1)
            left -= self.is_working_day(day)
        return Day(day, self.is_provisional(start, day))

    def working_days_between(self, first: date, last: date) -> Count:
        """Working days after `first` up to and including `last`; negative when `last` is earlier.

        Raises ValueError for a span of more than SPAN_DAYS_MAX days.
        """
        if last < first:
            back = self.working_days_between(last, first)
            return Count(-back.days, back.provisional)
        span = (last - first).days
        if span > SPAN_DAYS_MAX:
            raise ValueError(f"at most {SPAN_DAYS_MAX} days apart, not {span}")
        worked = sum(
            self.is_working_day(first + timedelta(days=offset)) for offset in range(1, span + 1)
        )
        return Count(worked, self.is_provisional(first, last))


DEFAULT_JURISDICTION = "CN"


@cache
def fixed_holidays(jurisdiction: str) -> frozenset[tuple[int, int]]:
    """The holidays that fall on the same day of every year by law, as (month, day)."""
    path = CALENDARS / f"{jurisdiction.lower()}.json"
    told = json.loads(path.read_text())["fixed"] if path.exists() else {"days": []}
    return frozenset((int(day[:2]), int(day[3:])) for day in told["days"])


def working_calendar(*, jurisdiction: str = DEFAULT_JURISDICTION) -> WorkingCalendar:
    """The calendar as published so far. Read it once where many days are reckoned."""
    years = CalendarYear.objects.filter(jurisdiction=jurisdiction)
    days = CalendarDay.objects.filter(year__jurisdiction=jurisdiction)
    return WorkingCalendar(
        published=frozenset(years.values_list("year", flat=True)),
        exceptions=dict(days.values_list("day", "worked")),
        fixed=fixed_holidays(jurisdiction),
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


def working_deadline(
    *, key: str, now: datetime, calendar: WorkingCalendar | None = None
) -> datetime:
    """The first moment that is too late by the rule `key`, by the calendar as published unless another
    is named. The day of `now` does not count."""
    days = rule(key=key, at=now).as_int()
    today = timezone.localtime(now).date()
    known = calendar or working_calendar()
    last = known.add_working_days(today, days, counting_start=False).day
    return timezone.make_aware(datetime.combine(last + timedelta(days=1), time.min))


@dataclass(frozen=True)
class Deadline:
    """A moment that was reckoned in working days: who is told of it hears whether it is provisional."""

    at: datetime


def published_years(*, jurisdiction: str = DEFAULT_JURISDICTION) -> frozenset[int]:
    """The years whose holidays are published. Read it once where many deadlines are shown."""
    years = CalendarYear.objects.filter(jurisdiction=jurisdiction)
    return frozenset(years.values_list("year", flat=True))


def is_provisional(until: datetime | None, *, published: frozenset[int] | None = None) -> bool:
    """Whether a deadline in working days lies in a year whose holidays are not published yet."""
    if until is None:
        return False
    year = timezone.localtime(until - timedelta(microseconds=1)).year
    return year not in (published_years() if published is None else published)


def deadline(term: str | timedelta, *, now: datetime) -> datetime:
    """Until when somebody has to act: a rule's working days, or a plain duration."""
    return now + term if isinstance(term, timedelta) else working_deadline(key=term, now=now)
