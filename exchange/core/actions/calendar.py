"""Publishing the holidays of a year."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from exchange.core.models.calendar import CalendarDay, CalendarYear
from exchange.core.models.rules import RuleTag
from exchange.core.refusals import Invalid, Refusal
from exchange.core.workdays import SATURDAY

DAYS_MAX = 120


class YearPublished(Refusal):
    """The year's calendar is there already; deadlines were set by it."""

    code = "calendar_year_published"


class CalendarInvalid(Invalid):
    """A day lies in another year, is told twice or is what its weekday says anyway."""

    code = "calendar_invalid"


def publish_year(
    *,
    jurisdiction: str,
    year: int,
    days: Mapping[date, bool],
    labels: Mapping[date, Mapping[str, str]],
    source: str,
    tag: str,
    actor: str,
    now: datetime,
) -> CalendarYear:
    """Store which weekdays of a year are off (False) and which weekend days are worked (True).

    Raises CalendarInvalid and YearPublished.
    """
    wrong = sorted(day for day, worked in days.items() if not _tells_something(day, year, worked))
    if wrong or not days or len(days) > DAYS_MAX or not source.strip():
        raise CalendarInvalid(
            _("Name the source, and only days of the year that differ from their weekday."),
            days=[day.isoformat() for day in wrong],
            days_max=DAYS_MAX,
        )
    with transaction.atomic():
        published, is_new = CalendarYear.objects.get_or_create(
            jurisdiction=jurisdiction,
            year=year,
            defaults={
                "source": source,
                "tag": RuleTag(tag),
                "written_by": actor,
                "written_at": now,
            },
        )
        if not is_new:
            raise YearPublished(
                _("The calendar of %(year)s is published already.") % {"year": year},
                year=year,
                source=published.source,
            )
        CalendarDay.objects.bulk_create(
            CalendarDay(year=published, day=day, worked=worked, labels=dict(labels[day]))
            for day, worked in sorted(days.items())
        )
    return published


def _tells_something(day: date, year: int, worked: bool) -> bool:  # noqa: FBT001 - a mapping's value
    return day.year == year and worked == (day.isoweekday() >= SATURDAY)
