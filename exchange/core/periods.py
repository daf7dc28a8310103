"""Half-open periods, from `valid_from` up to but not including `valid_until` (None: no end), and calendar
months reckoned from a first day."""

import calendar
import re
from datetime import UTC, date, datetime
from typing import TypeVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

Day = TypeVar("Day", bound=date)
_PERIOD = re.compile(r"P([1-9][0-9]?)([MY])")
MONTHS_IN_YEAR = 12


def in_force(at: datetime, *, prefix: str = "") -> Q:
    """The condition that a row's period contains the moment `at`."""
    still = Q(**{f"{prefix}valid_until__isnull": True}) | Q(**{f"{prefix}valid_until__gt": at})
    return Q(**{f"{prefix}valid_from__lte": at}) & still


def ends_after_start(name: str) -> models.CheckConstraint:
    """The constraint that a period, when it ends, ends after it begins."""
    return models.CheckConstraint(
        condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")), name=name
    )


def months_of(period: str) -> int:
    """The months of an ISO 8601 period of whole months or years, such as P1M, P3M, P1Y."""
    read = _PERIOD.fullmatch(period)
    if read is None:
        raise ValueError(f"{period!r} is not a period of whole months or years.")
    return int(read[1]) * (MONTHS_IN_YEAR if read[2] == "Y" else 1)


def after_periods(began_at: datetime, period: str, count: int) -> datetime:
    """The end of the `count`-th period: months of the exchange's time zone, whoever asks. What began on
    31 January at half past midnight there ends on 28 February at that hour."""
    begins = began_at.astimezone(timezone.get_default_timezone())
    return after_months(begins, months_of(period) * count).astimezone(UTC)


def after_months(day: Day, months: int) -> Day:
    """So many months later. A day that the month lacks becomes its last one."""
    months += day.month - 1
    year, month = day.year + months // MONTHS_IN_YEAR, months % MONTHS_IN_YEAR + 1
    last = calendar.monthrange(year, month)[1]
    return day.replace(year=year, month=month, day=min(day.day, last))
