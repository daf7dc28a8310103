"""Until when somebody has to act: working days of a rule, to the end of the last of them."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from exchange.core.queries import calendar
from exchange.core.queries.rules import rule


def working_deadline(*, key: str, now: datetime) -> datetime:
    """The first moment that is too late by the rule `key`. The day of `now` does not count."""
    days = rule(key=key, at=now).as_int()
    today = timezone.localtime(now).date()
    last = calendar.add_working_days(today, days, counting_start=False).day
    return timezone.make_aware(datetime.combine(last + timedelta(days=1), time.min))


def deadline(term: str | timedelta, *, now: datetime) -> datetime:
    """Until when somebody has to act: a rule's working days, or a plain duration."""
    return now + term if isinstance(term, timedelta) else working_deadline(key=term, now=now)
