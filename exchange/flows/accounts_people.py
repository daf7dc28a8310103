"""What a person changes of themselves, with its record in the log."""

from datetime import datetime

from django.db import transaction

from accounts.actions import people
from accounts.models import User
from accounts.queries.authority import actor_of
from exchange.audit.actions import log


@transaction.atomic
def change_profile(*, user: User, name: str, language: str, now: datetime) -> User:
    """Set name and language. Nothing changed, nothing recorded."""
    person, changed = people.change_profile(user_id=user.pk, name=name, language=language)
    if changed:
        log.record(
            event="accounts.person.changed",
            actor=actor_of(person),
            subject=actor_of(person),
            facts={"changed": sorted(changed)},
            personal={"name": person.name} if "name" in changed else None,
            at=now,
        )
    return person
