"""Notifications: who is told of a step, the facts as they are kept and read, in the inbox at once and by mail as
outbox work. A room declares its parties once; the kind of notice is the event of the transition."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts.models import Membership, User
from exchange.core import outbox
from exchange.core.calendar import Deadline, is_provisional
from exchange.core.formatting import (
    count_shown,
    end_shown,
    isolated_text,
    moment_shown,
    money_shown,
    month_named,
)
from exchange.core.lifecycle import Change, Lifecycle
from exchange.core.periods import in_force
from exchange.core.titles import HasTitles, in_own_language
from exchange.members.actors import grants_of_members
from exchange.members.roles import Role
from exchange.notices.kinds import KINDS
from exchange.notices.models import MailPreference, Notice
from pricing.money import Money


def kept(facts: Mapping[str, object]) -> dict[str, Any]:
    """The facts as JSON. Raises TypeError for a value that could not be printed later."""
    return {name: _kept(value) for name, value in facts.items()}


def line_of(kind: str, facts: Mapping[str, Any]) -> str:
    """The sentence in the active language. A kind that is gone is shown by its name."""
    known = KINDS.get(kind)
    if known is None:
        return kind
    return str(known.line) % {name: _shown(name, value) for name, value in facts.items()}


def _kept(value: object) -> Any:
    if isinstance(value, Money):
        return {"minor": value.minor, "currency": value.currency}
    if isinstance(value, Deadline):
        return {"at": value.at.isoformat(), "provisional": is_provisional(value.at)}
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    if isinstance(value, HasTitles):
        return {"en": value.title, "zh": value.title_zh} if value.title_zh else value.title
    if isinstance(value, str | int):
        return value
    raise TypeError(f"A notice cannot keep {type(value).__name__}.")


def _shown(name: str, value: Any) -> str:
    if isinstance(value, dict) and "minor" in value:
        return money_shown(Money(value["minor"], value["currency"]))
    if isinstance(value, dict) and "en" in value:
        return isolated_text(in_own_language(value["en"], value["zh"]))
    if isinstance(value, dict) and (at := parse_datetime(str(value.get("at")))):
        shown = end_shown(at) if name == "until" or "provisional" in value else moment_shown(at)
        return _("%(at)s (provisional)") % {"at": shown} if value.get("provisional") else shown
    if name == "month":
        return month_named(str(value))
    return count_shown(value) if isinstance(value, int) else isolated_text(str(value))


_pages: dict[str, str] = {}
_lists: dict[str, str] = {}


def declare_pages(pages: Mapping[str, str], *, lists: Mapping[str, str]) -> None:
    """Say, in a door's `AppConfig.ready`, which route shows a thing by its public id, and which one
    shows all things of a kind on one page."""
    _pages.update(pages)
    _lists.update(lists)


def path(thing: str, public_id: str) -> str:
    """The path of that page on this site. KeyError for a thing that no door shows."""
    if thing in _lists:
        return reverse(_lists[thing])
    return reverse(_pages[thing], args=[public_id])


@dataclass(frozen=True)
class Party:
    """Whose people: the subject's field with the organisation's key, and the roles that are told."""

    organisation: str
    roles: tuple[Role, ...]


@dataclass(frozen=True)
class _Parties:
    parties: Mapping[str, Party]
    facts: Callable[[Any], Mapping[str, object]]
    shown_at: Callable[[Any], str]


_declared: dict[str, _Parties] = {}


def declare(
    lifecycle: Lifecycle[Any],
    *,
    parties: Mapping[str, Party],
    facts: Callable[[Any], Mapping[str, object]],
    shown_at: Callable[[Any], str] = lambda subject: str(subject.public_id),
) -> None:
    """Say who the parties of a lifecycle are, which facts a notice of it shows, and by which public
    id its page is found: the subject's own, unless it is shown among others of something."""
    _declared[lifecycle.name] = _Parties(parties, facts, shown_at)


def write(gathered: Sequence[tuple[Lifecycle[Any], Any, Change, str]]) -> None:
    """Tell every party that lifecycles have put into the journal."""
    for lifecycle, subject, change, name in gathered:
        declared = _declared[lifecycle.name]
        party = declared.parties[name]
        notify_organisation(
            organisation_id=getattr(subject, party.organisation),
            roles=party.roles,
            kind=lifecycle.transitions[change.transition].event,
            facts=declared.facts(subject),
            url=path(lifecycle.thing, declared.shown_at(subject)),
            dedupe=_told_once(lifecycle, subject, change),
            now=change.at,
        )


def _told_once(lifecycle: Lifecycle[Any], subject: Any, change: Change) -> str:
    """By its step or its record, since the same may happen again; where there is neither, by what
    happened to the subject."""
    if change.step_id:
        return f"{lifecycle.thing}_step:{change.step_id}"
    if change.record_id:
        return f"record:{change.record_id}"
    return f"{lifecycle.thing}:{subject.public_id}:{lifecycle.transitions[change.transition].event}"


TOPIC_MAIL = "notices.notice.told"
_PLACE = re.compile(r"%\((\w+)\)s")


@transaction.atomic
def tell(
    *,
    user_ids: Iterable[int],
    kind: str,
    facts: Mapping[str, object],
    url: str,
    dedupe: str,
    now: datetime,
) -> int:
    """Tell each of these people once; return how many had not been told under `dedupe` before.

    `facts` must name what the kind's sentence names: ValueError otherwise, since a notice that
    cannot be read is a mistake of the program. `url` is a path of this site.
    """
    missing = set(_PLACE.findall(str(KINDS[kind].line))) - set(facts)
    if missing:
        raise ValueError(f"{kind} needs the facts {sorted(missing)}.")
    people = User.objects.filter(pk__in=set(user_ids))
    if not KINDS[kind].is_told_to_all:
        people = people.filter(is_active=True)
    wanted = set(people.values_list("pk", flat=True))
    known = set(
        Notice.objects.filter(user_id__in=wanted, dedupe=dedupe).values_list("user_id", flat=True)
    )
    stored = kept(facts)
    new = sorted(wanted - known)
    Notice.objects.bulk_create(
        [
            Notice(user_id=user_id, kind=kind, facts=stored, url=url, dedupe=dedupe, at=now)
            for user_id in new
        ],
        ignore_conflicts=True,  # somebody else may be telling the same this very moment
    )
    for user_id in _by_mail(new, kind):
        outbox.emit(
            topic=TOPIC_MAIL,
            key=f"{user_id}:{dedupe}",
            payload={"user": user_id, "dedupe": dedupe},
        )
    return len(new)


def notify_organisation(
    *,
    organisation_id: int,
    roles: Iterable[Role] | None,
    kind: str,
    facts: Mapping[str, object],
    url: str,
    dedupe: str,
    now: datetime,
) -> int:
    """Tell the people who hold one of `roles` there now, or every member when `roles` is None."""
    people = (
        Membership.objects.filter(organisation_id=organisation_id)
        if roles is None
        else grants_of_members().filter(
            in_force(now), organisation_id=organisation_id, role__in=[str(role) for role in roles]
        )
    )
    return tell(
        user_ids=people.values_list("user_id", flat=True),
        kind=kind,
        facts=facts,
        url=url,
        dedupe=dedupe,
        now=now,
    )


def notify_operators(
    *,
    kind: str,
    facts: Mapping[str, object],
    url: str,
    dedupe: str,
    now: datetime,
    but: int | None = None,
) -> int:
    """Tell the exchange's operators, nobody else holds that role; but not the one whose doing it is."""
    people = grants_of_members().filter(in_force(now), role=Role.OPERATOR)
    return tell(
        user_ids=people.exclude(user=but).values_list("user_id", flat=True),
        kind=kind,
        facts=facts,
        url=url,
        dedupe=dedupe,
        now=now,
    )


def _by_mail(user_ids: Iterable[int], kind: str) -> list[int]:
    """Those of `user_ids` who want this kind by mail."""
    commands = dict(
        MailPreference.objects.filter(user_id__in=user_ids, kind=kind).values_list(
            "user_id", "by_mail"
        )
    )
    return [user_id for user_id in user_ids if commands.get(user_id, KINDS[kind].by_mail)]
