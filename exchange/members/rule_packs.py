"""Changing the rules and the calendar: one rule keeper asks, another approves, and each change has its
record in the log. A change that is planned can be taken back, by two as well.

What the rules are and how they are read is core's; who may change them is decided here.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime

from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.audit import log
from exchange.core.calendar import (
    DEFAULT_JURISDICTION,
    SATURDAY,
    WorkingCalendar,
    working_calendar,
)
from exchange.core.formatting import moment_shown
from exchange.core.models.calendar import CalendarDay, CalendarYear
from exchange.core.refusals import Invalid, NotFound, Refusal
from exchange.core.rules import Rule, RuleTag, RuleVersion, UnknownRule, in_language, rule_key
from exchange.core.use_case import use_case
from exchange.members import deadlines
from exchange.members.actors import Actor
from exchange.members.approvals import Act, Arguments
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


class NotPlanned(Refusal):
    """The version has begun or was taken back already; what it decided stays explained by it."""

    code = "amendment_not_planned"


class YearPublished(Refusal):
    """The year's calendar is there already; deadlines were set by it."""

    code = "calendar_year_published"


class CalendarInvalid(Invalid):
    """A day lies in another year, is told twice or is what its weekday says anyway."""

    code = "calendar_invalid"


@use_case(Permission.RULES_CHANGE)
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


@use_case(Permission.RULES_CHANGE)
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


@use_case(Permission.RULES_CHANGE)
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


@use_case(Permission.RULES_CHANGE)
def take_back(
    *, actor: Actor, pack: str, key: str, number: int, reason: str, now: datetime
) -> RuleVersion:
    """Take back a version that has not begun; the one before it goes on. Raises NotPlanned."""
    rule = _lock(pack, key)
    planned = _planned(rule, number, now)
    before = rule.versions.get(valid_until=planned.valid_from, withdrawn_at=None)
    planned.withdrawn_by, planned.withdrawn_at = actor.name, now
    planned.save(update_fields=["withdrawn_by", "withdrawn_at"])
    before.valid_until = planned.valid_until
    before.save(update_fields=["valid_until"])
    log.record(
        event="core.rule.taken_back",
        actor=actor.name,
        subject=f"rule:{pack}/{key}",
        facts={"version": planned.version, "reason": reason},
        at=now,
    )
    return planned


def _planned(rule: Rule, number: int, now: datetime) -> RuleVersion:
    planned = rule.versions.filter(number=number, withdrawn_at=None, valid_from__gt=now).first()
    if planned is None:
        raise NotPlanned(
            _("Only a version that has not begun can be taken back. Amend the rule instead.")
        )
    planned.rule = rule
    return planned


def _lock(pack: str, key: str) -> Rule:
    """The rule's one row, on which amendments queue."""
    return _named(pack, key, rows=Rule.objects.select_for_update(of=("self",)))


def _named(pack: str, key: str, *, rows: QuerySet[Rule] | None = None) -> Rule:
    rows = Rule.objects.all() if rows is None else rows
    rule = rows.select_related("pack").filter(pack__code=pack, key=key).first()
    if rule is None:
        raise UnknownRule(
            _("The rule pack “%(pack)s” has no rule “%(key)s”.") % {"pack": pack, "key": key},
            pack=pack,
            key=key,
        )
    return rule


def _version_to_close(rule: Rule, valid_from: datetime) -> RuleVersion:
    still = Q(valid_until__isnull=True) | Q(valid_until__gt=valid_from)
    old = rule.versions.filter(still, valid_from__lte=valid_from, withdrawn_at=None).first()
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


def _amend(subject: str, asked: Arguments, *, actor: Actor, now: datetime) -> RuleVersion:
    """What was to begin before it was approved begins with the approval."""
    pack, _slash, key = subject.partition("/")
    planned = datetime.fromisoformat(asked["valid_from"]) if asked["valid_from"] else now
    return amend_rule(
        actor=actor, pack=pack, key=key, value=asked["value"], tag=asked["tag"],
        source=asked["source"], reason=asked["reason"], valid_from=max(planned, now), now=now,
    )  # fmt: skip


def _check_amendment(subject: str, asked: Arguments, now: datetime) -> None:
    pack, _slash, key = subject.partition("/")
    if asked["valid_from"] and datetime.fromisoformat(asked["valid_from"]) < now:
        raise AmendmentInThePast(_("A rule cannot change in the past."), earliest=now.isoformat())
    _named(pack, key)
    rule_key(key).check(asked["value"])
    _check_foundation(asked["tag"], asked["source"], asked["reason"])


def _amendment_shown(subject: str, asked: Arguments) -> str:
    begins = (
        moment_shown(datetime.fromisoformat(asked["valid_from"])) if asked["valid_from"] else ""
    )
    parts = (subject, str(asked["value"]), *_founded(asked), begins, asked["reason"])
    return " · ".join(part for part in parts if part)


def _take_back(subject: str, asked: Arguments, *, actor: Actor, now: datetime) -> RuleVersion:
    pack, _slash, key = subject.partition("/")
    return take_back(
        actor=actor, pack=pack, key=key, number=asked["number"], reason=asked["reason"], now=now
    )


def _check_taking_back(subject: str, asked: Arguments, now: datetime) -> None:
    pack, _slash, key = subject.partition("/")
    _planned(_named(pack, key), asked["number"], now)


def _days_of(asked: Arguments) -> dict[date, bool]:
    return {date.fromisoformat(day): worked for day, worked in asked["days"].items()}


def _check_publication(subject: str, asked: Arguments, _now: datetime) -> None:
    _check_days(_days_of(asked), int(subject.rpartition("/")[2]), asked["source"])


def _publish(subject: str, asked: Arguments, *, actor: Actor, now: datetime) -> CalendarYear:
    return _write_year(publish_calendar_year, subject, asked, actor, now)


def _correct(subject: str, asked: Arguments, *, actor: Actor, now: datetime) -> CalendarYear:
    return _write_year(correct_calendar_year, subject, asked, actor, now)


def _write_year(
    write: Callable[..., CalendarYear],
    subject: str,
    asked: Arguments,
    actor: Actor,
    now: datetime,
) -> CalendarYear:
    jurisdiction, _slash, year = subject.partition("/")
    return write(
        actor=actor,
        jurisdiction=jurisdiction,
        year=int(year),
        days=_days_of(asked),
        labels={date.fromisoformat(day): said for day, said in asked["labels"].items()},
        source=asked["source"],
        tag=asked["tag"],
        now=now,
    )


def _year_shown(subject: str, asked: Arguments) -> str:
    """The year with its source and, a line each, its days: off or worked, and the occasion."""
    lines = [" · ".join((subject, *_founded(asked)))]
    for day, worked in sorted(asked["days"].items()):
        labels = asked["labels"].get(day)
        said = (
            day,
            _("working day") if worked else _("day off"),
            in_language(labels) if labels else "",
        )
        lines.append(" · ".join(filter(None, said)))
    return "\n".join(lines)


def _founded(asked: Arguments) -> tuple[str, str]:
    """The source and how well founded it is."""
    tag = asked["tag"]
    return asked["source"], str(RuleTag(tag).label) if tag in RuleTag.values else tag


AMEND, TAKE_BACK = "core.rule.amend", "core.rule.take_back"
PUBLISH, CORRECT = "core.calendar.publish", "core.calendar.correct"
ACTS = (
    Act(
        AMEND, gettext_lazy("Amend a rule"), ask=Permission.RULES_PROPOSE,
        do=Permission.RULES_CHANGE, perform=_amend, shown=_amendment_shown, check=_check_amendment,
    ),
    Act(
        TAKE_BACK, gettext_lazy("Take back a planned change of a rule"),
        ask=Permission.RULES_PROPOSE, do=Permission.RULES_CHANGE, perform=_take_back,
        shown=lambda subject, asked: f"{subject}@{asked['number']} · {asked['reason']}",
        check=_check_taking_back,
    ),
    Act(
        PUBLISH, gettext_lazy("Publish the calendar of a year"), ask=Permission.RULES_PROPOSE,
        do=Permission.RULES_CHANGE, perform=_publish, check=_check_publication,
        shown=_year_shown,
    ),
    Act(
        CORRECT, gettext_lazy("Correct the calendar of a year"), ask=Permission.RULES_PROPOSE,
        do=Permission.RULES_CHANGE, perform=_correct, check=_check_publication, shown=_year_shown,
    ),
)  # fmt: skip
