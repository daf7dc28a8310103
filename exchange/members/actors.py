"""Who asks: the person or key behind a request, the organisation it acts for, and what both may do now."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts import api_keys
from accounts.authority import MANAGERS
from accounts.models import ApiKey, Membership, MembershipRole, Organisation, User
from accounts.sign_in import acting_membership, second_factor_proved
from exchange.core import clock
from exchange.core.lifecycle import Doer
from exchange.core.periods import in_force
from exchange.core.refusals import NotAllowed
from exchange.members.conflicts import TIES
from exchange.members.lifecycle import Standing
from exchange.members.models import Qualification, RoleGrant
from exchange.members.roles import OVERSEERS, ROLE_NEEDS, SECOND_FACTOR_ROLES, Kind, Role
from pricing.money import Money


class ActorKind(Enum):
    """What acts."""

    NOBODY = "nobody"
    PERSON = "person"
    KEY = "key"
    SYSTEM = "system"


@dataclass(frozen=True)
class Actor:
    """Everything that policy looks at, read afresh for each request.

    `name` is what the log shows: `user:usr_…`, `key:key_…`, `system:clock`. `user_id` is the person,
    of a key the one who made it. `roles` are those that count now in the organisation acted for.
    `organisation_id` is None when acting for none. `own` are all organisations that the person belongs
    to, `related` those declared to be related to one of them. `proposer_id` is set while an act is done
    that somebody else asked for and the actor approved.
    """

    kind: ActorKind
    name: str
    user_id: int | None = None
    organisation_id: int | None = None
    membership: MembershipRole | None = None
    standing: Standing | None = None
    kinds: frozenset[Kind] = field(default_factory=frozenset)
    roles: frozenset[Role] = field(default_factory=frozenset)
    second_factor: bool = False
    scopes: frozenset[str] = field(default_factory=frozenset)
    own: frozenset[int] = field(default_factory=frozenset)
    related: frozenset[int] = field(default_factory=frozenset)
    proposer_id: int | None = None

    @property
    def is_seconded(self) -> bool:
        """Whether another person than the actor asked for what is done."""
        return self.proposer_id is not None and self.proposer_id != self.user_id

    @property
    def oversees(self) -> bool:
        """Whether the actor sees the whole exchange: an operator or a regulator, in standing."""
        return self.kind is ActorKind.SYSTEM or bool(
            self.standing is Standing.ACTIVE and self.roles & OVERSEERS
        )


NOBODY = Actor(kind=ActorKind.NOBODY, name="nobody")


def system_actor(name: str) -> Actor:
    """The exchange itself: its clock and its background work."""
    return Actor(kind=ActorKind.SYSTEM, name=f"system:{name}")


def person_of(actor: Doer) -> int:
    """The person who acts; programs and clocks take no such steps."""
    if actor.user_id is None or getattr(actor, "kind", None) is ActorKind.KEY:
        raise NotAllowed(_("This needs the agreement of a person."), reason="person_needed")
    return actor.user_id


def bound_person(actor: Doer) -> int:
    """The person who answers for what is done: who acts, or who made the key that does."""
    if actor.user_id is None:
        raise NotAllowed(_("This needs the agreement of a person."), reason="person_needed")
    return actor.user_id


def commit(actor: Actor, *, subject: str, amount: Money, now: datetime) -> None:
    """Count what a program binds its organisation to against the limit of its key; people have none
    here. Raises KeyLimitReached."""
    if actor.kind is ActorKind.KEY:
        key_id = actor.name.partition(":")[2]
        api_keys.commit(key_id=key_id, subject=subject, amount=amount, now=now)


def organisation_of(actor: Actor) -> int:
    """The organisation acted for."""
    if actor.organisation_id is None:
        raise NotAllowed(
            _("Choose the organisation that you act for."), reason="organisation_needed"
        )
    return actor.organisation_id


@dataclass(frozen=True)
class Subject:
    """What policy needs to know of the thing acted on: whose it is and who is tied to it.

    `engaged` are organisations called in for it, `made_by` the people who proposed or made it,
    `other_side` the organisations that already serve the opposite party of the same matter, and
    `conflicted` the people who declared a conflict of interest. `receivers` names, when it is asked, the
    organisations that get a part of what the matter brings: they are parties of it.
    """

    organisation_id: int | None
    engaged: frozenset[int] = frozenset()
    made_by: frozenset[int] = frozenset()
    other_side: frozenset[int] = frozenset()
    conflicted: frozenset[int] = frozenset()
    receivers: Callable[[], frozenset[int]] = frozenset

    @classmethod
    def of(cls, organisation: Organisation) -> "Subject":
        return cls(organisation_id=organisation.pk)


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
SELECT membership.role, {organisation}, {ties},
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
OF_KEY = OF_ORGANISATION + "," + TIES.format(person="%(user)s")
OF_MEMBER = _MEMBER.format(
    organisation=_ORGANISATION.format(organisation="membership.organisation_id"),
    ties=TIES.format(person="membership.user_id"),
)


@dataclass(frozen=True)
class Presence:
    """How an organisation stands, and what one of its people is in it."""

    standing: Standing | None
    kinds: frozenset[Kind]
    membership: MembershipRole | None = None
    roles: frozenset[Role] = frozenset()
    own: frozenset[int] = frozenset()
    related: frozenset[int] = frozenset()


def presence_of_member(*, user_id: int, organisation_id: int, at: datetime) -> Presence | None:
    """None when the user is no member of the organisation, or is switched off. One query."""
    row = _row(OF_MEMBER, at, user=user_id, organisation=organisation_id)
    if row is None:
        return None
    membership, standing, kinds, own, related, roles = row
    here = _presence(standing, kinds)
    return replace(
        here,
        membership=MembershipRole(membership),
        own=frozenset(own),
        related=frozenset(related),
        roles=frozenset(Role(role) for role in roles if countable(Role(role), here.kinds)),
    )


def presence_of_organisation(*, organisation_id: int, at: datetime) -> Presence:
    """What an organisation is, whoever acts for it. One query."""
    standing, kinds = _row(OF_ORGANISATION, at, organisation=organisation_id)
    return _presence(standing, kinds)


def needs_second_factor(*, user_id: int, at: datetime) -> bool:
    """Whether the person leads an organisation, or holds, anywhere, a role that asks for a second factor.

    Who leads one gives its roles and makes its keys. A grant that does not count at the moment (a suspended house) still asks for one: it may count
    again while the session lives.
    """
    grants = grants_of_members().filter(
        in_force(at), user_id=user_id, role__in=sorted(SECOND_FACTOR_ROLES)
    )
    leads = Membership.objects.filter(user_id=user_id, role__in=MANAGERS)
    return User.objects.filter(Exists(grants) | Exists(leads), pk=user_id).exists()


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


def actor_of(request: HttpRequest, *, at: datetime | None = None) -> Actor:
    """Who acts: a key, a signed-in person for the organisation they chose, or nobody."""
    now = at or clock.now()
    key = getattr(request, "auth", None)
    if isinstance(key, ApiKey):
        return actor_from_key(
            key_id=key.public_id,
            maker_id=key.created_by_id,
            organisation_id=key.organisation_id,
            scopes=frozenset(key.scopes),
            at=now,
        )
    if not isinstance(request.user, User):
        return NOBODY
    membership = acting_membership(request)
    return actor_from(
        user=request.user,
        organisation_id=None if membership is None else membership.organisation_id,
        second_factor=second_factor_proved(request),
        at=now,
    )


def actor_from(
    *, user: User, organisation_id: int | None, second_factor: bool, at: datetime
) -> Actor:
    """A signed-in person acting for an organisation, or for none.

    A person who is not (or no longer) a member of the organisation acts for none.
    """
    here = (
        presence_of_member(user_id=user.pk, organisation_id=organisation_id, at=at)
        if organisation_id is not None
        else None
    )
    plain = Actor(
        kind=ActorKind.PERSON,
        name=f"user:{user.public_id}",
        user_id=user.pk,
        second_factor=second_factor,
    )
    if here is None:
        return plain
    return Actor(
        kind=plain.kind,
        name=plain.name,
        user_id=user.pk,
        organisation_id=organisation_id,
        membership=here.membership,
        standing=here.standing,
        kinds=here.kinds,
        roles=here.roles,
        second_factor=second_factor,
        own=here.own,
        related=here.related,
    )


def actor_from_key(
    *, key_id: str, maker_id: int, organisation_id: int, scopes: frozenset[str], at: datetime
) -> Actor:
    """A program that calls with an organisation's key: its maker answers for it, with their ties."""
    standing, kinds, own, related = _row(OF_KEY, at, organisation=organisation_id, user=maker_id)
    here = _presence(standing, kinds)
    return Actor(
        kind=ActorKind.KEY,
        name=f"key:{key_id}",
        user_id=maker_id,
        organisation_id=organisation_id,
        standing=here.standing,
        kinds=here.kinds,
        scopes=scopes,
        own=frozenset(own),
        related=frozenset(related),
    )
