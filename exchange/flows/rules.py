"""Changing the rules and the calendar, each change with its record in the log."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction

from exchange.audit.actions import log
from exchange.core.actions import calendar, rules
from exchange.core.models import CalendarYear, RuleVersion
from exchange.members import policy
from exchange.members.actors import Actor
from exchange.members.permissions import Permission


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

    Raises NotAllowed, and what `exchange.core.actions.rules.amend_rule` raises.
    """
    policy.require(actor, Permission.CONSOLE_CHANGE)
    with transaction.atomic():
        opened = rules.amend_rule(
            pack=pack,
            key=key,
            value=value,
            tag=tag,
            source=source,
            reason=reason,
            valid_from=valid_from,
            actor=actor.name,
            now=now,
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
                "valid_until": opened.valid_until.isoformat() if opened.valid_until else None,
            },
            at=now,
        )
        return opened


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
    """Make the holidays and made-up days of a year known.

    Raises NotAllowed, and what `exchange.core.actions.calendar.publish_year` raises.
    """
    policy.require(actor, Permission.CONSOLE_CHANGE)
    with transaction.atomic():
        published = calendar.publish_year(
            jurisdiction=jurisdiction,
            year=year,
            days=days,
            labels=labels,
            source=source,
            tag=tag,
            actor=actor.name,
            now=now,
        )
        log.record(
            event="core.calendar.published",
            actor=actor.name,
            subject=f"calendar:{jurisdiction}/{year}",
            facts={
                "source": source,
                "tag": tag,
                "off": [day.isoformat() for day, worked in sorted(days.items()) if not worked],
                "worked": [day.isoformat() for day, worked in sorted(days.items()) if worked],
            },
            at=now,
        )
        return published
