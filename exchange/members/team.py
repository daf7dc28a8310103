"""The people of an organisation and their roles at the exchange: who holds which, giving, taking away."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Membership, Organisation, User
from exchange.audit import log
from exchange.core.lifecycle import Doer, checked_reason
from exchange.core.refusals import NotFound, Refusal
from exchange.core.use_case import use_case
from exchange.members import actors, policy, separation
from exchange.members.actors import Actor, Subject, countable, organisation_of, person_of
from exchange.members.models import RoleGrant
from exchange.members.permissions import Permission
from exchange.members.roles import ROLE_NEEDS, Kind, Role

OPERATORS_MIN = 2


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
    """Give a member of the actor's organisation a role. Operators are appointed by operators. Refused
    without the qualification it needs, or beside a conflicting role.

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
    here = actors.presence_of_member(user_id=person.pk, organisation_id=organisation_id, at=now)
    if here is None:
        raise NotFound(_("There is no such member in this organisation."))
    if not countable(role, here.kinds):
        raise RoleNotQualified(
            _("Your organisation is not qualified for the role “%(role)s”.") % {"role": role.label},
            qualifications=sorted(kind.value for kind in ROLE_NEEDS[role]),
        )
    _check_conflicts(organisation_id, person.pk, role)
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
    if role is Role.OPERATOR:
        _check_operators_stay(grant)
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
    permission = Permission.OPERATOR_APPOINT if role is Role.OPERATOR else usual
    subject = Subject(organisation_id=organisation_id, made_by=frozenset({person}))
    policy.require(actor, permission, subject)


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


def _check_operators_stay(grant: RoleGrant) -> None:
    """Revocations of operators queue on their organisation, so that two at once leave enough."""
    Organisation.objects.select_for_update(no_key=True).get(pk=grant.organisation_id)
    others = (
        actors.grants_of_members()
        .filter(role=Role.OPERATOR, valid_until=None, organisation_id=grant.organisation_id)
        .exclude(pk=grant.pk)
        .filter(user__is_active=True)
    )
    if grant.valid_until is None and others.count() < OPERATORS_MIN:
        raise OperatorsTooFew(
            _("The exchange needs at least %(count)d operators.") % {"count": OPERATORS_MIN},
            minimum=OPERATORS_MIN,
        )
