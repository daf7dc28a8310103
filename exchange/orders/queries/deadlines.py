"""Until when somebody has to act: working days of the rule pack, to the end of the last of them."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from exchange.core.queries import calendar
from exchange.core.queries.rules import rule
from exchange.orders.states import Term


def deadline(*, term: Term, now: datetime) -> datetime:
    """The first moment that is too late. The day of `now` does not count."""
    days = rule(key=term.value, at=now).as_int()
    today = timezone.localtime(now).date()
    last = calendar.add_working_days(today, days, counting_start=False).day
    midnight = datetime.combine(last + timedelta(days=1), time.min)
    return timezone.make_aware(midnight)
