"""Who is told of a step: the parties that a lifecycle names, as people of an organisation.

A room declares its parties once; `Transition.notify` names them. The kind of notice is the event of
the transition, the page is the subject's, and each step is told once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from exchange.core import journal
from exchange.core.lifecycle import Change, Lifecycle
from exchange.members.roles import Role
from exchange.notices import links
from exchange.notices.tell import tell_organisation


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
        tell_organisation(
            organisation_id=getattr(subject, party.organisation),
            roles=party.roles,
            kind=lifecycle.transitions[change.transition].event,
            facts=declared.facts(subject),
            url=links.path(lifecycle.thing, subject.public_id),
            dedupe=_told_once(lifecycle, subject, change),
            now=change.at,
        )


def _told_once(lifecycle: Lifecycle[Any], subject: Any, change: Change) -> str:
    """By its step; where no steps are kept, by what happened to the subject."""
    if change.step_id:
        return f"{lifecycle.thing}_step:{change.step_id}"
    return f"{lifecycle.thing}:{subject.public_id}:{lifecycle.transitions[change.transition].event}"
