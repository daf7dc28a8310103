"""As whom somebody acts in an admin site."""

from django.http import HttpRequest

from exchange.members import actors
from exchange.members.actors import Actor


def actor_of(request: HttpRequest) -> Actor:
    """The person, for the organisation they act for; asked afresh at every request, once."""
    actor: Actor | None = getattr(request, "_console_actor", None)
    if actor is None:
        actor = actors.actor_of(request)
        request._console_actor = actor  # type: ignore[attr-defined]  # noqa: SLF001 - for this request alone
    return actor
