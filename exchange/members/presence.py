"""What a person, or an organisation, is at the exchange at this moment. Read at every request.

Both are statements: building the same query anew took the server longer than the database took to
answer it.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Membership, MembershipRole, Organisation
from exchange.core.periods import in_force
from exchange.members.lifecycle import Standing
from exchange.members.models import Qualification, RoleGrant
from exchange.members.roles import ROLE_NEEDS, SECOND_FACTOR_ROLES, Kind, Role

# In these standings an organisation still is what it was admitted as; what it may do differs.
ADMITTED = (Standing.QUALIFIED, Standing.ACTIVE, Standing.RESTRICTED, Standing.SUSPENDED)

_ORGANISATION = """
    (
        SELECT admission.standing FROM members_admission AS admission
        WHERE admission.organisation_id = {organisation} ORDER BY admission.id DESC LIMIT 1
    ) AS standing,
    ARRAY(
        SELECT held.kind FROM members_qualification AS held
        JOIN members_admission AS admission ON admission.id = held.admission_id
        WHERE admission.organisation_id = {organisation}
            AND admission.standing = ANY (%(admitted)s)
            AND held.valid_from <= %(at)s
            AND (held.valid_until IS NULL OR held.valid_until > %(at)s)
    ) AS kinds
"""

_MEMBER = """
SELECT membership.role, {organisation},
    ARRAY(
        SELECT given.role FROM members_rolegrant AS given
        WHERE given.organisation_id = membership.organisation_id
            AND given.user_id = membership.user_id
            AND given.valid_from >= membership.joined_at
            AND given.valid_from <= %(at)s
            AND (given.valid_until IS NULL OR given.valid_until > %(at)s)
    ) AS roles
FROM accounts_membership AS membership
JOIN accounts_user AS person ON person.id = membership.user_id AND person.is_active
WHERE membership.user_id = %(user)s AND membership.organisation_id = %(organisation)s
"""

OF_ORGANISATION = "SELECT" + _ORGANISATION.format(organisation="%(organisation)s")
OF_MEMBER = _MEMBER.format(
    organisation=_ORGANISATION.format(organisation="membership.organisation_id")
)


@dataclass(frozen=True)
class Presence:
    """How an organisation stands, and what one of its people is in it."""

    standing: Standing | None
    kinds: frozenset[Kind]
    membership: MembershipRole | None = None
    roles: frozenset[Role] = frozenset()


def presence_of_member(*, user_id: int, organisation_id: int, at: datetime) -> Presence | None:
    """None when the user is no member of the organisation, or is switched off. One query."""
    row = _row(OF_MEMBER, at, user=user_id, organisation=organisation_id)
    if row is None:
        return None
    membership, standing, kinds, roles = row
    here = _presence(standing, kinds)
    return replace(
        here,
        membership=MembershipRole(membership),
        roles=frozenset(Role(role) for role in roles if countable(Role(role), here.kinds)),
    )


def presence_of_organisation(*, organisation_id: int, at: datetime) -> Presence:
    """What an organisation is, whoever acts for it. One query."""
    standing, kinds = _row(OF_ORGANISATION, at, organisation=organisation_id)
    return _presence(standing, kinds)


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


def countable(role: Role, kinds: frozenset[Kind]) -> bool:
    """Whether the role counts in an organisation with these qualifications."""
    return bool(ROLE_NEEDS[role] & kinds)


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


def operating_organisation() -> Organisation | None:
    """Who runs the exchange; None before it was founded."""
    first = Qualification.objects.filter(kind=Kind.EXCHANGE_OPERATOR).order_by("pk")
    held = first.select_related("admission__organisation").first()
    return held.admission.organisation if held else None


def _row(statement: str, at: datetime, **ids: int) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, {**ids, "at": at, "admitted": list(ADMITTED)})
        return cursor.fetchone()


def _presence(standing: str | None, kinds: list[str]) -> Presence:
    return Presence(
        standing=Standing(standing) if standing else None,
        kinds=frozenset(Kind(kind) for kind in kinds),
    )
