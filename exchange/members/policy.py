"""May this actor do this to that, and if not, why? The one place that answers.

`permit` raises, `allowed` explains, `visible` narrows a list. Doors make an actor for each request
with `actor_from` or `actor_from_key`; flows ask `permit` before they touch anything.
"""

from datetime import datetime

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from exchange.core.refusals import NotAllowed, NotFound
from exchange.members.actors import NOBODY, Actor, ActorKind, Subject, system_actor
from exchange.members.acts import Act
from exchange.members.obstacles import OBSTACLES, YES, Decision
from exchange.members.powers import POWERS
from exchange.members.queries import presence
from exchange.members.queries.scope import visible

__all__ = [
    "NOBODY",
    "Act",
    "Actor",
    "ActorKind",
    "Decision",
    "Subject",
    "actor_from",
    "actor_from_key",
    "allowed",
    "permit",
    "requires_second_factor",
    "system_actor",
    "visible",
]


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


def permit(actor: Actor, act: Act, subject: Subject | None = None) -> None:
    """Raise NotFound where the actor may not know of the subject, NotAllowed where it may not act."""
    decision = allowed(actor, act, subject)
    if decision.allowed:
        return
    if not decision.known:
        raise NotFound(decision.reason)
    raise NotAllowed(decision.reason, reason=decision.code, act=str(act), **decision.needed)


def allowed(actor: Actor, act: Act, subject: Subject | None = None) -> Decision:
    """The answer, with its reason. The first obstacle decides."""
    power = POWERS[act]
    for obstacle in OBSTACLES:
        decision = obstacle(actor, power, subject)
        if decision is not None:
            return decision
    return YES


def requires_second_factor(user: User, *, at: datetime | None = None) -> bool:
    """Whether this person must sign in with a second factor: operators and finance.

    The setting SECOND_FACTOR_REQUIRED switches it off for demonstrations.
    """
    if not settings.SECOND_FACTOR_REQUIRED:
        return False
    return presence.needs_second_factor(user_id=user.pk, at=at or timezone.now())
