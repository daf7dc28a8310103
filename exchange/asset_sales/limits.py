"""The limits of the path, each with the rule that sets it. Days are working days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from exchange.core import calendar
from exchange.core.periods import after_months
from exchange.core.rules import RuleVersion, rule


@dataclass(frozen=True)
class Limit:
    """A whole number that a rule sets: minor units or days."""

    value: int
    rules: tuple[RuleVersion, ...]


def labelled(words: str) -> str:
    """Words about a rule that nobody read in its text: they are no law to people."""
    return _("%(standing)s · decision support") % {"standing": words}


def source_of(version: RuleVersion) -> str:
    """The rule and where it stands, for people."""
    where = f"{version.source} · {version.version}"
    return labelled(where) if version.decision_support_only else where


def by_rule(sentence: str, version: RuleVersion) -> str:
    """A refusal's sentence, with the rule that it goes by."""
    return _("%(sentence)s (%(rule)s)") % {"sentence": sentence, "rule": source_of(version)}


def named(version: RuleVersion) -> dict[str, str | bool]:
    """The rule among the facts of a refusal."""
    return {
        "rule": version.version,
        "source": version.source,
        "decision_support": version.decision_support_only,
    }


def versions(rules: Sequence[RuleVersion]) -> list[str]:
    """The versions under which a step was taken, as its facts name them."""
    return [one.version for one in rules]


def notice_days(floor_minor: int, *, at: datetime) -> Limit:
    """The shortest announcement for the class that the floor falls into."""
    small = rule(key="soe.notice_small_until", at=at)
    large = rule(key="soe.notice_large_from", at=at)
    key = "soe.notice_medium_days"
    if floor_minor <= small.as_money().minor:
        key = "soe.notice_small_days"
    elif floor_minor >= large.as_money().minor:
        key = "soe.notice_large_days"
    days = rule(key=key, at=at)
    return Limit(days.as_int(), (days, small, large))


def extension_days(*, at: datetime) -> Limit:
    """The shortest extension when nobody came."""
    days = rule(key="soe.extension_days", at=at)
    return Limit(days.as_int(), (days,))


def deposit_most(floor_minor: int, *, at: datetime) -> Limit:
    """The largest deposit for a floor."""
    share = rule(key="soe.deposit_share", at=at)
    return Limit(_whole(floor_minor * share.as_decimal(), ROUND_FLOOR), (share,))


def floor_without_consent(value_minor: int, *, at: datetime) -> Limit:
    """The lowest floor that the approver need not consent to."""
    share = rule(key="soe.consent_below_share", at=at)
    return Limit(_whole(value_minor * share.as_decimal(), ROUND_CEILING), (share,))


def bidding_step(floor_minor: int, *, at: datetime) -> Limit:
    """By how much the standing price rises."""
    share = rule(key="soe.bidding_step_share", at=at)
    return Limit(max(1, _whole(floor_minor * share.as_decimal(), ROUND_CEILING)), (share,))


def valid_until(base_date: date, *, at: datetime) -> tuple[date, RuleVersion]:
    """The first day on which a valuation is no longer valid."""
    months = rule(key="val.validity_months", at=at)
    return after_months(base_date, months.as_int()), months


def redo_at(first_announced_at: datetime, *, at: datetime) -> tuple[datetime, RuleVersion]:
    """The moment from which a valuation that found no buyer has to be redone."""
    months = rule(key="soe.redo_months", at=at)
    day = after_months(timezone.localtime(first_announced_at).date(), months.as_int())
    return midnight(day), months


def end_of(
    days: int, *, now: datetime, counting_today: bool, known: calendar.WorkingCalendar | None = None
) -> datetime:
    """The end of the `days`-th working day from today, by the published calendar unless another is
    `known`."""
    today = timezone.localtime(now).date()
    known = known or calendar.working_calendar()
    last = known.add_working_days(today, days, counting_start=counting_today)
    return midnight(last.day + timedelta(days=1))


def last_day_of(until: datetime) -> date:
    """The last day before a moment, which is what people call its end."""
    return timezone.localtime(until - timedelta(microseconds=1)).date()


def days_left(until: datetime, *, now: datetime) -> int:
    """Working days from today, today included, that end at or before `until`; never negative."""
    today = timezone.localtime(now).date()
    found = calendar.working_days_between(today - timedelta(days=1), last_day_of(until))
    return max(0, found.days)


def midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _whole(amount: Decimal, rounding: str) -> int:
    return int(amount.to_integral_value(rounding=rounding))
