"""Changing the rules and the calendar: operators do, and each change has its record in the log.

What the rules are and how they are read is core's; who may change them is decided here.
"""

from collections.abc import Mapping
from datetime import date, datetime

from django.db.models import Max, Q
from django.utils.translation import gettext as _

from exchange.audit import log
from exchange.core.calendar import (
    DEFAULT_JURISDICTION,
    SATURDAY,
    WorkingCalendar,
    working_calendar,
)
from exchange.core.models.calendar import CalendarDay, CalendarYear
from exchange.core.refusals import Invalid, NotFound, Refusal
from exchange.core.rules import Rule, RuleTag, RuleVersion, UnknownRule
from exchange.core.use_case import use_case
from exchange.members import deadlines
from exchange.members.actors import Actor
from exchange.members.permissions import Permission

DAYS_MAX = 120


class AmendmentInThePast(Refusal):
    """A rule changes from now on or later; what was decided by it stays explained by it."""

    code = "amendment_in_the_past"


class AmendmentCollides(Refusal):
    """Another version begins at the very same moment."""

    code = "amendment_collides"


class RuleUnchanged(Refusal):
    """The new version would say what the rule says already."""

    code = "rule_unchanged"


class AmendmentUnfounded(Invalid):
    """An amendment names its source, its standing and its reason."""

    code = "amendment_unfounded"


class YearPublished(Refusal):
    """The year's calendar is there already; deadlines were set by it."""

    code = "calendar_year_published"


class CalendarInvalid(Invalid):
    """A day lies in another year, is told twice or is what its weekday says anyway."""

    code = "calendar_invalid"


@use_case(Permission.CONSOLE_CHANGE)
def amend_rule(
    *,
    actor: Actor,
    pack: str,
    key: str,
    value: object,
    tag: str,
    source: str,
    reason: str,
    valid_from: datetime,
    now: datetime,
) -> RuleVersion:
    """Close the version in force at `valid_from` and open one that says `value`.

    A version that was to begin later still does; the new one ends there. Raises UnknownRule,
    RuleValueInvalid, AmendmentUnfounded, AmendmentInThePast, AmendmentCollides, RuleUnchanged.
    """
    if valid_from < now:
        raise AmendmentInThePast(_("A rule cannot change in the past."), earliest=now.isoformat())
    rule = _lock(pack, key)
    stored = rule.declared.check(value)
    _check_foundation(tag, source, reason)
    old = _version_to_close(rule, valid_from)
    if (old.value, old.tag, old.source) == (stored, tag, source):
        raise RuleUnchanged(_("The rule says this already."), version=old.version, value=old.value)
    until, old.valid_until = old.valid_until, valid_from
    old.save(update_fields=["valid_until"])
    opened = RuleVersion.objects.create(
        rule=rule,
        number=rule.versions.aggregate(latest=Max("number"))["latest"] + 1,
        value=stored,
        tag=tag,
        source=source,
        reason=reason,
        valid_from=valid_from,
        valid_until=until,
        written_by=actor.name,
        written_at=now,
    )
    log.record(
        event="core.rule.amended",
        actor=actor.name,
        subject=f"rule:{pack}/{key}",
        facts={
            "version": opened.version,
            "value": opened.value if isinstance(opened.value, str) else str(opened.value),
            "tag": tag,
            "source": source,
            "reason": reason,
            "valid_from": valid_from.isoformat(),
            "valid_until": until.isoformat() if until else None,
        },
        at=now,
    )
    return opened


@use_case(Permission.CONSOLE_CHANGE)
def publish_calendar_year(
    *,
    actor: Actor,
    jurisdiction: str,
    year: int,
    days: Mapping[date, bool],
    labels: Mapping[date, Mapping[str, str]],
    source: str,
    tag: str,
    now: datetime,
) -> CalendarYear:
    """Make known which weekdays of a year are off (False) and which weekend days are worked (True).

    Deadlines that were reckoned into the year without its holidays are moved to the later day. Raises
    CalendarInvalid and YearPublished.
    """
    _check_days(days, year, source)
    before = working_calendar(jurisdiction=jurisdiction)
    published, is_new = CalendarYear.objects.get_or_create(
        jurisdiction=jurisdiction,
        year=year,
        defaults={
            "source": source,
            "tag": RuleTag(tag),
            "written_by": actor.name,
            "written_at": now,
        },
    )
    if not is_new:
        raise YearPublished(
            _("The calendar of %(year)s is published already.") % {"year": year},
            year=year,
            source=published.source,
        )
    _keep_days(published, days, labels)
    log.record(
        event="core.calendar.published",
        actor=actor.name,
        subject=f"calendar:{jurisdiction}/{year}",
        facts={"source": source, "tag": tag, **_told(days)},
        at=now,
    )
    _reckon_again(published, before, actor=actor, now=now)
    return published


@use_case(Permission.CONSOLE_CHANGE)
def correct_calendar_year(
    *,
    actor: Actor,
    jurisdiction: str,
    year: int,
    days: Mapping[date, bool],
    labels: Mapping[date, Mapping[str, str]],
    source: str,
    tag: str,
    now: datetime,
) -> CalendarYear:
    """Put other days in the place of those of a published year, whose notice was changed or misread.
    The record keeps what was there. A deadline that becomes later is moved; none becomes shorter.

    Raises CalendarInvalid, and NotFound for a year that is not published.
    """
    _check_days(days, year, source)
    rows = CalendarYear.objects.select_for_update()
    published = rows.filter(jurisdiction=jurisdiction, year=year).first()
    if published is None:
        raise NotFound(_("The calendar of %(year)s is not published.") % {"year": year}, year=year)
    before = working_calendar(jurisdiction=jurisdiction)
    was = _told(dict(published.days.values_list("day", "worked")))
    published.days.all().delete()
    published.source, published.tag = source, RuleTag(tag)
    published.written_by, published.written_at = actor.name, now
    published.save()
    _keep_days(published, days, labels)
    log.record(
        event="core.calendar.corrected",
        actor=actor.name,
        subject=f"calendar:{jurisdiction}/{year}",
        facts={"source": source, "tag": tag, **_told(days), "before": was},
        at=now,
    )
    _reckon_again(published, before, actor=actor, now=now)
    return published


def _check_days(days: Mapping[date, bool], year: int, source: str) -> None:
    wrong = sorted(day for day, worked in days.items() if not _tells_something(day, year, worked))
    if wrong or not days or len(days) > DAYS_MAX or not source.strip():
        raise CalendarInvalid(
            _("Name the source, and only days of the year that differ from their weekday."),
            days=[day.isoformat() for day in wrong],
            days_max=DAYS_MAX,
        )


def _keep_days(
    year: CalendarYear, days: Mapping[date, bool], labels: Mapping[date, Mapping[str, str]]
) -> None:
    CalendarDay.objects.bulk_create(
        CalendarDay(year=year, day=day, worked=worked, labels=dict(labels[day]))
        for day, worked in sorted(days.items())
    )


def _told(days: Mapping[date, bool]) -> dict[str, list[str]]:
    """The days as the log has them."""
    return {
        "off": [day.isoformat() for day, worked in sorted(days.items()) if not worked],
        "worked": [day.isoformat() for day, worked in sorted(days.items()) if worked],
    }


def _reckon_again(
    year: CalendarYear, before: WorkingCalendar, *, actor: Actor, now: datetime
) -> None:
    if year.jurisdiction == DEFAULT_JURISDICTION:  # no deadline is reckoned by another
        deadlines.reckon_again(
            year=year.year, before=before, after=working_calendar(), actor=actor, now=now
        )


def _lock(pack: str, key: str) -> Rule:
    """The rule's one row, on which amendments queue."""
    rows = Rule.objects.select_for_update(of=("self",)).select_related("pack")
    rule = rows.filter(pack__code=pack, key=key).first()
    if rule is None:
        raise UnknownRule(
            _("The rule pack “%(pack)s” has no rule “%(key)s”.") % {"pack": pack, "key": key},
            pack=pack,
            key=key,
        )
    return rule


def _version_to_close(rule: Rule, valid_from: datetime) -> RuleVersion:
    still = Q(valid_until__isnull=True) | Q(valid_until__gt=valid_from)
    old = rule.versions.filter(still, valid_from__lte=valid_from).first()
    if old is None:
        raise UnknownRule(
            _("The rule “%(key)s” is not in force at that time.") % {"key": rule.key},
            key=rule.key,
            at=valid_from.isoformat(),
        )
    old.rule = rule
    if old.valid_from == valid_from:
        raise AmendmentCollides(
            _("Another version of this rule begins at the same moment."),
            version=old.version,
        )
    return old


def _check_foundation(tag: str, source: str, reason: str) -> None:
    missing = [
        name
        for name, present in (
            ("tag", tag in RuleTag.values),
            ("source", bool(source.strip())),
            ("reason", bool(reason.strip())),
        )
        if not present
    ]
    if missing:
        raise AmendmentUnfounded(
            _("An amendment needs a source, its standing and a reason."), missing=missing
        )


def _tells_something(day: date, year: int, worked: bool) -> bool:  # noqa: FBT001 - a mapping's value
    return day.year == year and worked == (day.isoweekday() >= SATURDAY)
