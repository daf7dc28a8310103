"""Who may open the console, and as whom they act there. Policy decides; this only asks."""

from django.http import HttpRequest

from exchange.members import actors, policy
from exchange.members.actors import Actor
from exchange.members.permissions import Permission


def actor_of(request: HttpRequest) -> Actor:
    """The person, for the organisation they act for; asked afresh at every request, once."""
    actor: Actor | None = getattr(request, "_console_actor", None)
    if actor is None:
        actor = actors.actor_of(request)
        request._console_actor = actor  # type: ignore[attr-defined]  # noqa: SLF001 - for this request alone
    return actor


def may_open(request: HttpRequest) -> bool:
    """Operators and regulators, by policy alone: roles are given and taken with a record, while
    Django's own flag for staff would be a second authority that leaves none."""
    return policy.allowed(actor_of(request), Permission.CONSOLE_OPEN).allowed


def may_change(request: HttpRequest) -> bool:
    """Operators; regulators only read."""
    return policy.allowed(actor_of(request), Permission.CONSOLE_CHANGE).allowed
