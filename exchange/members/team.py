"""The people of an organisation and their roles at the exchange: who holds which, giving, taking away."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Membership, Organisation, User
from exchange.audit import log
from exchange.core import clock
from exchange.core.lifecycle import Doer, checked_reason
from exchange.core.periods import in_force
from exchange.core.refusals import NotFound, Refusal
from exchange.core.use_case import use_case
from exchange.members import actors, approvals, policy, separation
from exchange.members.actors import Actor, Subject, countable, organisation_of, person_of
from exchange.members.approvals import Arguments
from exchange.members.models import ApprovalRequest, RoleGrant
from exchange.members.permissions import Permission
from exchange.members.roles import ROLE_NEEDS, STAFF, Kind, Role

OPERATORS_MIN = 2
NAMES_MAX = 5


class RolesConflict(Refusal):
    """The person holds a role that may not be held beside this one."""

    code = "roles_conflict"


class RoleHeld(Refusal):
    """The person has the role already."""

    code = "role_held"


class RoleNotQualified(Refusal):
    """The organisation has no qualification that this role needs."""

    code = "role_not_qualified"


class RoleEnded(Refusal):
    """The role was taken away already."""

    code = "role_ended"


class MemberElsewhere(Refusal):
    """Who works for the exchange belongs to no other organisation; the person leaves those first."""

    code = "member_elsewhere"


class OperatorsTooFew(Refusal):
    """The exchange would be left with too few operators to agree with each other."""

    code = "operators_too_few"


@dataclass(frozen=True)
class Choice:
    """A role that could be given to a person, or why not."""

    role: Role
    obstacle: str

    @property
    def possible(self) -> bool:
        return not self.obstacle


@dataclass(frozen=True)
class Teammate:
    """A member of the organisation, the roles held now, and what else could be given."""

    user_id: int
    public_id: str
    name: str
    membership: str
    grants: tuple[RoleGrant, ...]
    choices: tuple[Choice, ...]

    @property
    def offers(self) -> tuple[Choice, ...]:
        """What could be given now."""
        return tuple(choice for choice in self.choices if choice.possible)

    @property
    def refusals(self) -> tuple[Choice, ...]:
        """What could not, each with why."""
        return tuple(choice for choice in self.choices if not choice.possible)


@use_case()
def grant_role(*, actor: Actor, user_id: str, role: Role, reason: str, now: datetime) -> RoleGrant:
    """Give a member of the actor's organisation a role. Who works for the exchange is appointed by two
    operators (`ask_for_staff`). Refused without the qualification it needs, beside a conflicting role,
    and to staff who belong to another organisation.

    Grants to one person queue on that person's row: two conflicting roles given at once, even by
    two organisations, cannot both pass.
    """
    organisation_id = organisation_of(actor)
    members = User.objects.filter(memberships__organisation_id=organisation_id)
    person = members.select_for_update(of=("self",), no_key=True).filter(public_id=user_id).first()
    if person is None:
        raise NotFound(_("There is no such member in this organisation."))
    _require(actor, role, Permission.ROLE_GRANT, organisation_id=organisation_id, person=person.pk)
    reason = checked_reason(reason)
    _check_may_hold(organisation_id, person, role, now)
    grant = RoleGrant.objects.create(
        organisation_id=organisation_id,
        user=person,
        role=role,
        reason=reason,
        granted_by_id=person_of(actor),
        valid_from=now,
    )
    record_grant(grant, "members.role.granted", actor=actor, reason=reason, now=now)
    return grant


def _check_may_hold(organisation_id: int, person: User, role: Role, now: datetime) -> None:
    here = actors.presence_of_member(user_id=person.pk, organisation_id=organisation_id, at=now)
    if here is None:
        raise NotFound(_("There is no such member in this organisation."))
    if not countable(role, here.kinds):
        raise RoleNotQualified(
            _("Your organisation is not qualified for the role “%(role)s”.") % {"role": role.label},
            qualifications=sorted(kind.value for kind in ROLE_NEEDS[role]),
        )
    _check_conflicts(organisation_id, person.pk, role)
    check_belongs_here(organisation_id, person, role)


@use_case()
def revoke_role(*, actor: Actor, grant_id: str, reason: str, now: datetime) -> RoleGrant:
    """Take a role away, from the next request on. The exchange keeps two operators at least."""
    rows = policy.visible(RoleGrant.objects.select_related("user", "organisation"), actor)
    grant = rows.filter(public_id=grant_id).first()
    if grant is None:
        raise NotFound(_("There is no such role."))
    role, organisation_id = Role(grant.role), grant.organisation_id
    _require(
        actor, role, Permission.ROLE_REVOKE, organisation_id=organisation_id, person=grant.user_id
    )
    reason = checked_reason(reason)
    if role is Role.OPERATOR and grant.valid_until is None:
        check_operators_stay(grant.user_id)
    grant = RoleGrant.objects.select_for_update(no_key=True).get(pk=grant.pk)
    if grant.valid_until is not None:
        raise RoleEnded(_("This role was taken away already."))
    grant.valid_until = now
    grant.revoked_by_id = person_of(actor)
    grant.revoke_reason = reason
    grant.save(update_fields=["valid_until", "revoked_by", "revoke_reason"])
    record_grant(grant, "members.role.revoked", actor=actor, reason=reason, now=now)
    return grant


def record_grant(grant: RoleGrant, event: str, *, actor: Doer, reason: str, now: datetime) -> None:
    """Write the beginning or the end of a role to the log; its reason as a commitment only."""
    log.record(
        event=event,
        actor=actor.name,
        subject=f"role:{grant.public_id}",
        facts={
            "organisation": grant.organisation.public_id,
            "user": grant.user.public_id,
            "role": grant.role,
        },
        personal={"reason": reason},
        at=now,
    )


def grants_in_force(*, organisation_id: int) -> QuerySet[RoleGrant]:
    """The roles held in an organisation now."""
    return (
        actors.grants_of_members()
        .filter(organisation_id=organisation_id, valid_until=None)
        .select_related("user", "organisation", "granted_by")
        .order_by("user_id", "id")
    )


def team(*, organisation_id: int, at: datetime) -> list[Teammate]:
    """Everybody in the organisation. Three queries, however many people."""
    kinds = actors.presence_of_organisation(organisation_id=organisation_id, at=at).kinds
    members = list(
        Membership.objects.filter(organisation_id=organisation_id, user__is_active=True)
        .select_related("user")
        .order_by("joined_at", "id")
    )
    held = (
        actors.grants_of_members()
        .filter(user__in=[member.user_id for member in members], valid_until=None)
        .select_related("user")
        .order_by("id")
    )
    grants: dict[int, list[RoleGrant]] = {member.user_id: [] for member in members}
    for grant in held:
        grants[grant.user_id].append(grant)
    return [_teammate(member, grants[member.user_id], kinds) for member in members]


def _teammate(member: Membership, held: list[RoleGrant], kinds: frozenset[Kind]) -> Teammate:
    here = [grant for grant in held if grant.organisation_id == member.organisation_id]
    elsewhere = [grant for grant in held if grant.organisation_id != member.organisation_id]
    roles_here = {Role(grant.role) for grant in here}
    roles_elsewhere = {Role(grant.role) for grant in elsewhere}
    return Teammate(
        user_id=member.user_id,
        public_id=member.user.public_id,
        name=str(member.user),
        membership=member.get_role_display(),
        grants=tuple(here),
        choices=tuple(_choices(kinds, roles_here, roles_elsewhere)),
    )


def _choices(kinds: frozenset[Kind], here: set[Role], elsewhere: set[Role]) -> Iterable[Choice]:
    for role in Role:
        if role in here or not countable(role, kinds):
            continue
        conflict = separation.conflict_of_roles(role, here=here, elsewhere=elsewhere)
        yield Choice(role=role, obstacle=conflict[1] if conflict else "")


def _require(
    actor: Actor, role: Role, usual: Permission, *, organisation_id: int, person: int
) -> None:
    """Ask the permission; nobody makes themselves an operator, or takes themselves off."""
    permission = usual
    if role in STAFF:
        granting = usual is Permission.ROLE_GRANT
        permission = Permission.STAFF_APPOINT if granting else Permission.STAFF_PROPOSE
    subject = Subject(organisation_id=organisation_id, made_by=frozenset({person}))
    policy.require(actor, permission, subject)
    if actor.proposer_id == person:  # nobody has themselves appointed either
        policy.require(replace(actor, user_id=person, proposer_id=None), permission, subject)


def check_belongs_here(organisation_id: int, person: User, role: Role) -> None:
    """Raise MemberElsewhere where one who would work for the exchange belongs to somebody else."""
    if role not in STAFF:
        return
    elsewhere = Membership.objects.filter(user=person).exclude(organisation_id=organisation_id)
    names = list(elsewhere.values_list("organisation__name", flat=True)[:NAMES_MAX])
    if names:
        raise MemberElsewhere(
            _(
                "Who works for the exchange belongs to no other organisation. %(person)s has to"
                " leave these first: %(names)s."
            )
            % {"person": person, "names": ", ".join(names)},
            organisations=names,
        )


def reason_not_to_join(user: User, organisation: Organisation | None) -> str:
    """Why the person may not become a member of the organisation (of a new one, without); empty where
    they may. Whoever asks has locked the person's row, on which grants queue too."""
    now = clock.now()
    held = actors.grants_of_members().filter(in_force(now), user=user, role__in=sorted(STAFF))
    if organisation is not None:
        held = held.exclude(organisation=organisation)
    if not held.exists():
        return ""
    return _(
        "Whoever works for the exchange belongs to no other organisation. An operator takes the role"
        " at the exchange away first."
    )


def ask_for_staff(
    *, actor: Actor, user_id: str, role: Role, reason: str, now: datetime
) -> ApprovalRequest:
    """As an operator, propose that somebody works for the exchange in this role; another operator
    approves it."""
    return approvals.ask(
        GRANT_STAFF,
        subject=f"{user_id}:{role.value}",
        arguments={"user_id": user_id, "role": role.value, "reason": checked_reason(reason)},
        reason=reason,
        actor=actor,
        now=now,
    )


def _grant_staff(_subject: str, asked: Arguments, *, actor: Actor, now: datetime) -> RoleGrant:
    return grant_role(
        actor=actor,
        user_id=asked["user_id"],
        role=Role(asked["role"]),
        reason=asked["reason"],
        now=now,
    )


def _check_staff(_subject: str, asked: Arguments, now: datetime) -> None:
    operating = actors.operating_organisation()
    person = User.objects.filter(public_id=asked["user_id"]).first()
    if operating is None or person is None:
        raise NotFound(_("There is no such member in this organisation."))
    _check_may_hold(operating.pk, person, Role(asked["role"]), now)


def _staff_shown(_subject: str, asked: Arguments) -> str:
    person = User.objects.filter(public_id=asked["user_id"]).first()
    return f"{person or asked['user_id']} · {Role(asked['role']).label}"


GRANT_STAFF = "members.staff.grant"
ACTS = (
    approvals.Act(
        GRANT_STAFF,
        gettext_lazy("Appoint somebody who works for the exchange"),
        ask=Permission.STAFF_PROPOSE,
        do=Permission.STAFF_APPOINT,
        perform=_grant_staff,
        shown=_staff_shown,
        check=_check_staff,
    ),
)


def _check_conflicts(organisation_id: int, user_id: int, role: Role) -> None:
    held = actors.grants_of_members().filter(user_id=user_id, valid_until=None)
    here: set[Role] = set()
    elsewhere: set[Role] = set()
    for at_id, name in held.values_list("organisation_id", "role"):
        (here if at_id == organisation_id else elsewhere).add(Role(name))
    if role in here:
        raise RoleHeld(_("The person has this role already."))
    conflict = separation.conflict_of_roles(role, here=here, elsewhere=elsewhere)
    if conflict:
        other, reason = conflict
        raise RolesConflict(reason, role=role.value, held=other.value)


def check_operators_stay(person_id: int) -> None:
    """Raise OperatorsTooFew where the exchange would be left with too few operators without this person.
    Those who take operators away queue on their organisation, so that two at once leave enough."""
    operators = actors.grants_of_members().filter(
        role=Role.OPERATOR, valid_until=None, user__is_active=True
    )
    held = operators.filter(user_id=person_id).first()
    if held is None:
        return
    Organisation.objects.select_for_update(no_key=True).get(pk=held.organisation_id)
    others = operators.filter(organisation_id=held.organisation_id).exclude(user_id=person_id)
    if others.count() < OPERATORS_MIN:
        raise OperatorsTooFew(
            _("The exchange needs at least %(count)d operators.") % {"count": OPERATORS_MIN},
            minimum=OPERATORS_MIN,
        )
