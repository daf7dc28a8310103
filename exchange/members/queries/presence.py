"""What a person, or an organisation, is at the exchange at this moment. Read at every request."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from accounts.models import Membership, MembershipRole, Organisation
from exchange.core.periods import in_force
from exchange.members.models import Admission, Qualification, RoleGrant
from exchange.members.roles import SECOND_FACTOR_ROLES, Kind, Role, countable
from exchange.members.states import Standing

# In these standings an organisation still is what it was admitted as; what it may do differs.
ADMITTED = (Standing.QUALIFIED, Standing.ACTIVE, Standing.RESTRICTED, Standing.SUSPENDED)


@dataclass(frozen=True)
class Presence:
    """How an organisation stands, and what one of its people is in it."""

    standing: Standing | None
    kinds: frozenset[Kind]
    membership: MembershipRole | None = None
    roles: frozenset[Role] = frozenset()


def presence_of_member(*, user_id: int, organisation_id: int, at: datetime) -> Presence | None:
    """None when the user is no member of the organisation, or is switched off. One query."""
    row = (
        Membership.objects.filter(
            user_id=user_id, organisation_id=organisation_id, user__is_active=True
        )
        .annotate(
            standing_now=_standing("organisation_id"),
            kinds_now=_kinds("organisation_id", at),
            roles_now=ArraySubquery(
                RoleGrant.objects.filter(
                    in_force(at),
                    organisation_id=OuterRef("organisation_id"),
                    user_id=OuterRef("user_id"),
                    valid_from__gte=OuterRef("joined_at"),
                ).values("role")
            ),
        )
        .values_list("role", "standing_now", "kinds_now", "roles_now")
        .first()
    )
    if row is None:
        return None
    membership, standing, kinds, roles = row
    held = frozenset(Kind(kind) for kind in kinds)
    return Presence(
        standing=Standing(standing) if standing else None,
        kinds=held,
        membership=MembershipRole(membership),
        roles=frozenset(Role(role) for role in roles if countable(Role(role), held)),
    )


def presence_of_organisation(*, organisation_id: int, at: datetime) -> Presence:
    """What an organisation is, whoever acts for it. One query."""
    row = (
        Organisation.objects.filter(pk=organisation_id)
        .annotate(standing_now=_standing("pk"), kinds_now=_kinds("pk", at))
        .values_list("standing_now", "kinds_now")
        .first()
    )
    standing, kinds = row or (None, [])
    return Presence(
        standing=Standing(standing) if standing else None,
        kinds=frozenset(Kind(kind) for kind in kinds),
    )


def needs_second_factor(*, user_id: int, at: datetime) -> bool:
    """Whether the person holds, anywhere, a role that asks for a second factor.

    A grant that does not count at the moment (a suspended house) still asks for one: it may count
    again while the session lives.
    """
    return (
        grants_of_members()
        .filter(in_force(at), user_id=user_id, role__in=sorted(SECOND_FACTOR_ROLES))
        .exists()
    )


def is_operator(*, user_id: int, at: datetime) -> bool:
    """Whether the person operates the exchange now."""
    return (
        grants_of_members()
        .filter(in_force(at), user_id=user_id, role=Role.OPERATOR, user__is_active=True)
        .exists()
    )


def grants_of_members() -> QuerySet[RoleGrant]:
    """Grants whose holder is still the member to whom they were given.

    Who left and came back begins without roles: the grants of the first stay are older than the
    membership.
    """
    return RoleGrant.objects.filter(
        Exists(
            Membership.objects.filter(
                user_id=OuterRef("user_id"),
                organisation_id=OuterRef("organisation_id"),
                joined_at__lte=OuterRef("valid_from"),
            )
        )
    )


def _standing(organisation: str) -> Subquery:
    newest = Admission.objects.filter(organisation_id=OuterRef(organisation)).order_by("-id")
    return Subquery(newest.values("standing")[:1])


def _kinds(organisation: str, at: datetime) -> ArraySubquery:
    return ArraySubquery(
        Qualification.objects.filter(
            in_force(at),
            admission__organisation_id=OuterRef(organisation),
            admission__standing__in=ADMITTED,
        ).values("kind")
    )


def operating_organisation() -> Organisation | None:
    """Who runs the exchange; None before it was founded."""
    first = Qualification.objects.filter(kind=Kind.EXCHANGE_OPERATOR).order_by("pk")
    held = first.select_related("admission__organisation").first()
    return held.admission.organisation if held else None
