"""Periods of subscriptions: calendar months and years, reckoned from their first day."""

import calendar
import re
from datetime import datetime

_PERIOD = re.compile(r"P([1-9][0-9]?)([MY])")
MONTHS_IN_YEAR = 12


def months_of(period: str) -> int:
    """The months of an ISO 8601 period of whole months or years, such as P1M, P3M, P1Y."""
    read = _PERIOD.fullmatch(period)
    if read is None:
        raise ValueError(f"{period!r} is not a period of whole months or years.")
    return int(read[1]) * (MONTHS_IN_YEAR if read[2] == "Y" else 1)


def after_periods(began_at: datetime, period: str, count: int) -> datetime:
    """The end of the `count`-th period. A day that a month lacks becomes its last one."""
    months = began_at.month - 1 + months_of(period) * count
    year, month = began_at.year + months // MONTHS_IN_YEAR, months % MONTHS_IN_YEAR + 1
    day = min(began_at.day, calendar.monthrange(year, month)[1])
    return began_at.replace(year=year, month=month, day=day)
