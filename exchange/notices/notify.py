"""Notifications: who is told of a step, the facts as they are kept and read, in the inbox at once and by mail as
outbox work. A room declares its parties once; the kind of notice is the event of the transition."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel import Locale
from babel.dates import format_datetime
from babel.numbers import format_currency, format_decimal
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language, to_locale

from exchange.core import journal
from exchange.core.lifecycle import Change, Lifecycle
from exchange.core.titles import Title, in_own_language
from exchange.members.roles import Role
from exchange.notices.kinds import KINDS
from exchange.notices.tell import notify_organisation
from pricing.money import Money


def kept(facts: Mapping[str, object]) -> dict[str, Any]:
    """The facts as JSON. Raises TypeError for a value that could not be printed later."""
    return {name: _kept(value) for name, value in facts.items()}


def line_of(kind: str, facts: Mapping[str, Any]) -> str:
    """The sentence in the active language. A kind that is gone is shown by its name."""
    known = KINDS.get(kind)
    if known is None:
        return kind
    locale = Locale.parse(to_locale(get_language() or "en"))
    return str(known.line) % {name: _shown(value, locale) for name, value in facts.items()}


def _kept(value: object) -> Any:
    if isinstance(value, Money):
        return {"minor": value.minor, "currency": value.currency}
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    if isinstance(value, Title):
        both = {"en": value.english, "zh": value.chinese}
        return both if value.chinese else value.english
    if isinstance(value, str | int):
        return value
    raise TypeError(f"A notice cannot keep {type(value).__name__}.")


def _shown(value: Any, locale: Locale) -> str:
    if isinstance(value, dict) and "minor" in value:
        amount = Money(value["minor"], value["currency"])
        return format_currency(amount.decimal, amount.currency, locale=locale)
    if isinstance(value, dict) and "en" in value:
        return in_own_language(value["en"], value["zh"])
    if isinstance(value, dict) and (at := parse_datetime(str(value.get("at")))):
        local = timezone.localtime(at)
        return format_datetime(local, "medium", tzinfo=local.tzinfo, locale=locale)
    return format_decimal(value, locale=locale) if isinstance(value, int) else str(value)


Build = Callable[[str], str]

_links: dict[str, Build] = {}


def declare_page(thing: str, build: Build) -> None:
    """Say, in a door's `AppConfig.ready`, which page shows a thing by its public id."""
    _links[thing] = build


def path(thing: str, public_id: str) -> str:
    """The path of that page on this site. KeyError for a thing that no door shows."""
    return _links[thing](public_id)


@dataclass(frozen=True)
class Party:
    """Whose people: the subject's field with the organisation's key, and the roles that are told."""

    organisation: str
    roles: tuple[Role, ...]


@dataclass(frozen=True)
class _Parties:
    parties: Mapping[str, Party]
    facts: Callable[[Any], Mapping[str, object]]


_declared: dict[str, _Parties] = {}


def declare(
    lifecycle: Lifecycle[Any],
    *,
    parties: Mapping[str, Party],
    facts: Callable[[Any], Mapping[str, object]],
) -> None:
    """Say who the parties of a lifecycle are, and which facts a notice of it shows."""
    _declared[lifecycle.name] = _Parties(parties, facts)


def notify(lifecycle: Lifecycle[Any], subject: Any, change: Change, party: str) -> None:
    """Have a party told of what happened, when the use case ends."""
    journal.add("notice", (lifecycle, subject, change, party))


def write(gathered: Sequence[tuple[Lifecycle[Any], Any, Change, str]]) -> None:
    """Tell every party that was gathered."""
    for lifecycle, subject, change, name in gathered:
        declared = _declared[lifecycle.name]
        party = declared.parties[name]
        notify_organisation(
            organisation_id=getattr(subject, party.organisation),
            roles=party.roles,
            kind=lifecycle.transitions[change.transition].event,
            facts=declared.facts(subject),
            url=path(lifecycle.thing, subject.public_id),
            dedupe=_told_once(lifecycle, subject, change),
            now=change.at,
        )


def _told_once(lifecycle: Lifecycle[Any], subject: Any, change: Change) -> str:
    """By its step; where no steps are kept, by what happened to the subject."""
    if change.step_id:
        return f"{lifecycle.thing}_step:{change.step_id}"
    return f"{lifecycle.thing}:{subject.public_id}:{lifecycle.transitions[change.transition].event}"
