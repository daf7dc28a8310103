"""The people of an organisation and their roles at the exchange."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Membership
from exchange.core.refusals import NotFound
from exchange.members import separation
from exchange.members.actors import Actor
from exchange.members.models import RoleGrant
from exchange.members.queries import presence
from exchange.members.queries.scope import visible
from exchange.members.roles import Kind, Role, countable


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


def grants_in_force(*, organisation_id: int) -> QuerySet[RoleGrant]:
    """The roles held in an organisation now."""
    return (
        presence.grants_of_members()
        .filter(organisation_id=organisation_id, valid_until=None)
        .select_related("user", "organisation", "granted_by")
        .order_by("user_id", "id")
    )


def grant_seen_by(actor: Actor, public_id: str) -> RoleGrant:
    """The grant, or NotFound when the actor may not know of it."""
    rows = visible(RoleGrant.objects.select_related("user", "organisation"), actor)
    grant = rows.filter(public_id=public_id).first()
    if grant is None:
        raise NotFound(_("There is no such role."))
    return grant


def team(*, organisation_id: int, at: datetime) -> list[Teammate]:
    """Everybody in the organisation. Three queries, however many people."""
    kinds = presence.presence_of_organisation(organisation_id=organisation_id, at=at).kinds
    members = list(
        Membership.objects.filter(organisation_id=organisation_id, user__is_active=True)
        .select_related("user")
        .order_by("joined_at", "id")
    )
    held = (
        presence.grants_of_members()
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
