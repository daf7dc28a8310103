"""The actor behind a request, found afresh each time: nothing of it is kept in the session."""

from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone

from accounts.acting import acting_membership
from accounts.models import ApiKey, User
from accounts.sign_in import second_factor_proved
from exchange.members import presence
from exchange.members.actors import NOBODY, Actor, ActorKind


def actor_of(request: HttpRequest, *, at: datetime | None = None) -> Actor:
    """Who acts: a key, a signed-in person for the organisation they chose, or nobody."""
    now = at or timezone.now()
    key = getattr(request, "auth", None)
    if isinstance(key, ApiKey):
        return actor_from_key(
            key_id=key.public_id,
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
        presence.presence_of_member(user_id=user.pk, organisation_id=organisation_id, at=at)
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
    )


def actor_from_key(
    *, key_id: str, organisation_id: int, scopes: frozenset[str], at: datetime
) -> Actor:
    """A program that calls with an organisation's key."""
    here = presence.presence_of_organisation(organisation_id=organisation_id, at=at)
    return Actor(
        kind=ActorKind.KEY,
        name=f"key:{key_id}",
        organisation_id=organisation_id,
        standing=here.standing,
        kinds=here.kinds,
        scopes=scopes,
    )
