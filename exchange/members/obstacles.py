"""What stands in the way of an act: one function for each obstacle, in the order they are asked.

An obstacle answers with a no and its reason, or None when it does not stand in the way.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.members.actors import Actor, ActorKind, Subject
from exchange.members.acts import Bar, Power, Reach
from exchange.members.roles import Role
from exchange.members.states import Standing


@dataclass(frozen=True)
class Decision:
    """An answer. When it is no, `reason` says why in a sentence, `code` for a program, and `needed`
    what would make it a yes. `known` is False where the actor may not know of the subject."""

    allowed: bool
    reason: str = ""
    code: str = ""
    needed: Mapping[str, object] = field(default_factory=dict)
    known: bool = True

    def __bool__(self) -> bool:
        return self.allowed


YES = Decision(allowed=True)


def _somebody(actor: Actor, power: Power, _subject: Subject | None) -> Decision | None:
    if actor.kind is ActorKind.NOBODY:
        return _no("sign_in_needed", _("Please sign in first."))
    if actor.kind is ActorKind.SYSTEM:
        if power.four_eyes:
            return _no("person_needed", _("This needs the agreement of a person."))
        return YES
    return None


def _known(actor: Actor, _power: Power, subject: Subject | None) -> Decision | None:
    if subject is None or actor.oversees:
        return None
    mine = actor.organisation_id
    if mine is not None and (mine == subject.organisation_id or mine in subject.engaged):
        return None
    return Decision(
        allowed=False, code="not_found", reason=_("There is no such thing."), known=False
    )


def _acting_for(actor: Actor, _power: Power, _subject: Subject | None) -> Decision | None:
    if actor.organisation_id is None:
        return _no("organisation_needed", _("Choose the organisation that you act for."))
    return None


def _key_scope(actor: Actor, power: Power, _subject: Subject | None) -> Decision | None:
    if actor.kind is not ActorKind.KEY:
        return None
    if power.scope is None:
        return _no("person_needed", _("This needs the agreement of a person."))
    if power.scope not in actor.scopes:
        sentence = _("The key lacks the scope “%(scope)s”.") % {"scope": power.scope}
        return _no("scope_needed", sentence, scope=power.scope)
    return None


def _reads_only(actor: Actor, power: Power, _subject: Subject | None) -> Decision | None:
    if power.changes and Role.REGULATOR in actor.roles:
        return _no("read_only", _("A regulator reads and changes nothing."))
    return None


def _standing(actor: Actor, power: Power, _subject: Subject | None) -> Decision | None:
    if not power.standings or actor.standing in power.standings:
        return None
    sentence = (
        _("Your organisation is not admitted to the exchange.")
        if actor.standing is None
        else _("Your organisation's standing does not allow this: %(standing)s.")
        % {"standing": Standing(actor.standing).label}
    )
    needed = sorted(str(standing.value) for standing in power.standings if standing)
    return _no("standing_needed", sentence, standings=needed)


def _overseen(actor: Actor, power: Power, subject: Subject | None) -> bool:
    """Whether an operator or regulator reads what is others', for which oversight is enough."""
    return power.overseen and actor.oversees and subject is not None


def _reach(actor: Actor, power: Power, subject: Subject | None) -> Decision | None:
    if subject is None or power.reach is Reach.EXCHANGE or _overseen(actor, power, subject):
        return None
    mine = actor.organisation_id
    if mine == subject.organisation_id:
        return None
    if power.reach is Reach.ENGAGED and mine in subject.engaged:
        return None
    return _no("own_only", _("This may be done only by those whom it concerns."))


def _held(actor: Actor, power: Power, subject: Subject | None) -> Decision | None:
    if power.kinds and not power.kinds & actor.kinds:
        kinds = sorted(str(kind.value) for kind in power.kinds)
        sentence = _("Your organisation is not qualified for this.")
        return _no("qualification_needed", sentence, qualifications=kinds)
    if actor.kind is ActorKind.KEY or _overseen(actor, power, subject):
        return None
    if not power.roles and not power.memberships:
        return None
    if power.roles & actor.roles or actor.membership in power.memberships:
        return None
    return _no(
        "role_needed",
        _("You do not have the role that this needs."),
        roles=sorted(str(role.value) for role in power.roles),
        memberships=sorted(str(role.value) for role in power.memberships),
    )


def _barred(actor: Actor, power: Power, _subject: Subject | None) -> Decision | None:
    held = power.barred & actor.roles
    if not held:
        return None
    sentence = _("Who has the role “%(role)s” may not do this.") % {"role": min(held).label}
    return _no("role_bars", sentence, role=min(held).value)


_BARS: Mapping[Bar, tuple[Callable[[Actor, Subject], bool], str | Promise]] = {
    Bar.OWN_ORGANISATION: (
        lambda actor, subject: actor.organisation_id == subject.organisation_id,
        gettext_lazy("Nobody decides on what belongs to their own organisation."),
    ),
    Bar.OWN_MAKING: (
        lambda actor, subject: actor.user_id in subject.made_by,
        gettext_lazy("A second person must decide on what you proposed."),
    ),
    Bar.OTHER_SIDE: (
        lambda actor, subject: actor.organisation_id in subject.other_side,
        gettext_lazy("Your organisation already serves the other side of this matter."),
    ),
    Bar.DECLARED_CONFLICT: (
        lambda actor, subject: actor.user_id in subject.conflicted,
        gettext_lazy("You declared a conflict of interest in this matter."),
    ),
}


def _related(actor: Actor, power: Power, subject: Subject | None) -> Decision | None:
    if subject is None:
        return None
    for bar in sorted(power.bars, key=lambda bar: bar.value):
        holds, sentence = _BARS[bar]
        if holds(actor, subject):
            return _no(bar.value, str(sentence))
    return None


def _second_factor(actor: Actor, power: Power, _subject: Subject | None) -> Decision | None:
    if power.second_factor and settings.SECOND_FACTOR_REQUIRED and not actor.second_factor:
        return _no("second_factor_needed", _("Sign in with a second factor first."))
    return None


def _no(code: str, reason: str, **needed: object) -> Decision:
    return Decision(allowed=False, code=code, reason=reason, needed=needed)


OBSTACLES: tuple[Callable[[Actor, Power, Subject | None], Decision | None], ...] = (
    _somebody,
    _known,
    _acting_for,
    _key_scope,
    _reads_only,
    _standing,
    _reach,
    _held,
    _barred,
    _related,
    _second_factor,
)
