"""The actor behind a request, found afresh each time: nothing of it is kept in the session."""

from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone

from accounts.acting import acting_membership
from accounts.models import ApiKey, User
from accounts.second_factor import second_factor_proved
from exchange.members import policy
from exchange.members.policy import NOBODY, Actor


def actor_of(request: HttpRequest, *, at: datetime | None = None) -> Actor:
    """Who acts: a key, a signed-in person for the organisation they chose, or nobody."""
    now = at or timezone.now()
    key = getattr(request, "auth", None)
    if isinstance(key, ApiKey):
        return policy.actor_from_key(
            key_id=key.public_id,
            organisation_id=key.organisation_id,
            scopes=frozenset(key.scopes),
            at=now,
        )
    if not isinstance(request.user, User):
        return NOBODY
    membership = acting_membership(request)
    return policy.actor_from(
        user=request.user,
        organisation_id=None if membership is None else membership.organisation_id,
        second_factor=second_factor_proved(request),
        at=now,
    )
