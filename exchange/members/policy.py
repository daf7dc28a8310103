"""May this actor do this to that, and if not, why? The one place that answers.

`require` raises, `allowed` explains. One function for each check, in the order they are made: a
check answers with a no and its reason, or None to go on. What each permission asks is the table of
`permissions.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from django.conf import settings
from django.db.models import Model, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from exchange.core import clock
from exchange.core.refusals import NotAllowed, NotFound
from exchange.members import actors
from exchange.members.actors import Actor, ActorKind, Subject
from exchange.members.conflicts import ConflictOfInterest
from exchange.members.lifecycle import Standing
from exchange.members.permissions import (
    PERMISSION_RULES,
    Permission,
    PermissionRule,
    Reach,
)
from exchange.members.roles import Role

Row = TypeVar("Row", bound=Model)


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


def _somebody(actor: Actor, rule: PermissionRule, _subject: Subject | None) -> Decision | None:
    if actor.kind is ActorKind.NOBODY:
        return _no("sign_in_needed", _("Please sign in first."))
    if actor.kind is ActorKind.SYSTEM:
        if rule.four_eyes or rule.two_people:
            return _no("person_needed", _("This needs the agreement of a person."))
        return YES
    return None


def _known(actor: Actor, _power: PermissionRule, subject: Subject | None) -> Decision | None:
    if subject is None:
        return None
    mine = actor.organisation_id
    if mine is not None and (mine == subject.organisation_id or mine in subject.engaged):
        return None
    if actor.oversees:
        return None
    return Decision(
        allowed=False, code="not_found", reason=_("There is no such thing."), known=False
    )


def _acting_for(actor: Actor, _power: PermissionRule, _subject: Subject | None) -> Decision | None:
    if actor.organisation_id is None:
        return _no("organisation_needed", _("Choose the organisation that you act for."))
    return None


def _key_scope(actor: Actor, rule: PermissionRule, _subject: Subject | None) -> Decision | None:
    if actor.kind is not ActorKind.KEY:
        return None
    if rule.scope is None:
        return _no("person_needed", _("This needs the agreement of a person."))
    if rule.scope not in actor.scopes:
        sentence = _("The key lacks the scope “%(scope)s”.") % {"scope": rule.scope}
        return _no("scope_needed", sentence, scope=rule.scope)
    return None


def _reads_only(actor: Actor, rule: PermissionRule, _subject: Subject | None) -> Decision | None:
    if rule.changes and Role.REGULATOR in actor.roles:
        return _no("read_only", _("A regulator reads and changes nothing."))
    return None


def _standing(actor: Actor, rule: PermissionRule, _subject: Subject | None) -> Decision | None:
    if not rule.standings or actor.standing in rule.standings:
        return None
    sentence = (
        _("Your organisation is not admitted to the exchange.")
        if actor.standing is None
        else _("Your organisation's standing does not allow this: %(standing)s.")
        % {"standing": Standing(actor.standing).label}
    )
    needed = sorted(str(standing.value) for standing in rule.standings if standing)
    return _no("standing_needed", sentence, standings=needed)


def _overseen(actor: Actor, rule: PermissionRule, subject: Subject | None) -> bool:
    """Whether an operator or regulator reads what is others', for which oversight is enough."""
    return rule.overseen and actor.oversees and subject is not None


def _reach(actor: Actor, rule: PermissionRule, subject: Subject | None) -> Decision | None:
    if subject is None or rule.reach is Reach.EXCHANGE:
        return None
    mine = actor.organisation_id
    if mine == subject.organisation_id:
        return None
    if rule.reach is Reach.ENGAGED and mine in subject.engaged:
        return None
    if _overseen(actor, rule, subject):
        return None
    return _no("own_only", _("This may be done only by those whom it concerns."))


def _held(actor: Actor, rule: PermissionRule, subject: Subject | None) -> Decision | None:
    if rule.kinds and not rule.kinds & actor.kinds:
        kinds = sorted(str(kind.value) for kind in rule.kinds)
        sentence = _("Your organisation is not qualified for this.")
        return _no("qualification_needed", sentence, qualifications=kinds)
    if actor.kind is ActorKind.KEY or not (rule.roles or rule.memberships):
        return None
    if rule.roles & actor.roles or actor.membership in rule.memberships:
        return None
    if _overseen(actor, rule, subject):
        return None
    return _no(
        "role_needed",
        _("You do not have the role that this needs."),
        roles=sorted(str(role.value) for role in rule.roles),
        memberships=sorted(str(role.value) for role in rule.memberships),
    )


def _excluded(actor: Actor, rule: PermissionRule, _subject: Subject | None) -> Decision | None:
    held = rule.excluded_roles & actor.roles
    if not held:
        return None
    sentence = _("Who has the role “%(role)s” may not do this.") % {"role": min(held).label}
    return _no("role_excluded", sentence, role=min(held).value)


def _parties(actor: Actor, subject: Subject) -> frozenset[int]:
    """Those whom the matter concerns besides the organisation acted for."""
    parties = subject.engaged | subject.other_side | subject.receivers()
    if subject.organisation_id is not None:
        parties |= {subject.organisation_id}
    return parties - {actor.organisation_id}


def _own_organisation(actor: Actor, subject: Subject) -> bool:
    return subject.organisation_id is not None and (
        subject.organisation_id == actor.organisation_id or subject.organisation_id in actor.own
    )


def _own_making(actor: Actor, subject: Subject) -> bool:
    return actor.user_id is None or actor.user_id in subject.made_by


def _other_side(actor: Actor, subject: Subject) -> bool:
    own = actor.organisation_id in subject.other_side
    return own or bool(_parties(actor, subject) & (actor.own | actor.related))


def _both_sides(actor: Actor, subject: Subject) -> bool:
    return bool(_parties(actor, subject) & actor.own)


def _shares(actor: Actor, subject: Subject) -> bool:
    return bool(subject.receivers() & (actor.own | actor.related | {actor.organisation_id}))


def _declared(actor: Actor, subject: Subject) -> bool:
    return actor.user_id in subject.conflicted


_BARS: Mapping[ConflictOfInterest, tuple[Callable[[Actor, Subject], bool], str | Promise]] = {
    ConflictOfInterest.OWN_ORGANISATION: (
        _own_organisation,
        gettext_lazy(
            "This concerns an organisation that you belong to. Somebody who belongs to another"
            " one has to do it."
        ),
    ),
    ConflictOfInterest.OWN_MAKING: (
        _own_making,
        gettext_lazy("A second person must decide on what you proposed."),
    ),
    ConflictOfInterest.OTHER_SIDE: (
        _other_side,
        gettext_lazy(
            "You are tied to a party of this matter, by belonging to it or by a declared"
            " relation. A colleague without such a tie has to decide."
        ),
    ),
    ConflictOfInterest.BOTH_SIDES: (
        _both_sides,
        gettext_lazy(
            "You belong to the other party of this matter too. A colleague who does not has to"
            " do it."
        ),
    ),
    ConflictOfInterest.SHARES_REVENUE: (
        _shares,
        gettext_lazy("You or an organisation tied to you gets a part of what this product brings."),
    ),
    ConflictOfInterest.DECLARED_CONFLICT: (
        _declared,
        gettext_lazy("You declared a conflict of interest in this matter."),
    ),
}


def _conflicted(actor: Actor, rule: PermissionRule, subject: Subject | None) -> Decision | None:
    if subject is None:
        return None
    for conflict in sorted(rule.conflicts, key=lambda conflict: conflict.value):
        holds, sentence = _BARS[conflict]
        if holds(actor, subject):
            return _no(conflict.value, str(sentence))
    if rule.four_eyes and not subject.made_by:
        return _no(
            "maker_unknown",
            _(
                "Nobody knows who proposed this, so nobody can be the second person: propose it anew."
            ),
        )
    return None


def _seconded(actor: Actor, rule: PermissionRule, _subject: Subject | None) -> Decision | None:
    if not rule.two_people or actor.is_seconded:
        return None
    return _no(
        "second_person_needed",
        _("This takes two people: one asks for it, another one who may do it approves."),
        roles=sorted(str(role.value) for role in rule.roles),
    )


def _second_factor(actor: Actor, rule: PermissionRule, _subject: Subject | None) -> Decision | None:
    if rule.second_factor and settings.SECOND_FACTOR_REQUIRED and not actor.second_factor:
        return _no("second_factor_needed", _("Sign in with a second factor first."))
    return None


def _no(code: str, reason: str, **needed: object) -> Decision:
    return Decision(allowed=False, code=code, reason=reason, needed=needed)


CHECKS: tuple[Callable[[Actor, PermissionRule, Subject | None], Decision | None], ...] = (
    _somebody,
    _known,
    _acting_for,
    _key_scope,
    _reads_only,
    _standing,
    _reach,
    _held,
    _excluded,
    _conflicted,
    _seconded,
    _second_factor,
)


def require(actor: Actor, permission: Permission, subject: Subject | None = None) -> None:
    """Raise NotFound where the actor may not know of the subject, NotAllowed where it may not act."""
    decision = allowed(actor, permission, subject)
    if decision.allowed:
        return
    if not decision.known:
        raise NotFound(decision.reason)
    raise NotAllowed(
        decision.reason, reason=decision.code, permission=str(permission), **decision.needed
    )


def allowed(actor: Actor, permission: Permission, subject: Subject | None = None) -> Decision:
    """The answer, with its reason. The first check that answers decides."""
    rule = PERMISSION_RULES[permission]
    for check in CHECKS:
        decision = check(actor, rule, subject)
        if decision is not None:
            return decision
    return YES


def requires_second_factor(user: User, *, at: datetime | None = None) -> bool:
    """Whether this person must sign in with a second factor: owners and administrators, those who work
    for the exchange, and finance.

    The setting SECOND_FACTOR_REQUIRED switches it off for demonstrations.
    """
    if not settings.SECOND_FACTOR_REQUIRED:
        return False
    return actors.needs_second_factor(user_id=user.pk, at=at or clock.now())


def visible(rows: QuerySet[Row], actor: Actor, *, owner: str = "organisation") -> QuerySet[Row]:
    """The rows whose owner the actor acts for; all of them for operators and regulators."""
    if actor.oversees:
        return rows
    if actor.organisation_id is None:
        return rows.none()
    return rows.filter(**{f"{owner}_id": actor.organisation_id})
