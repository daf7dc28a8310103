"""Refusals: what the exchange says when it will not do something, and why."""

from http import HTTPStatus
from typing import ClassVar


class Refusal(Exception):
    """A request that was understood and is not done; nothing has changed.

    Subclasses are named for the fact and declare a `code` (snake_case, never changed once released)
    and an HTTP status. `message` is one sentence for a person, in the reader's language; `facts`
    are JSON values that let a program react, among them what would be accepted.
    """

    code: ClassVar[str] = "refused"
    http_status: ClassVar[HTTPStatus] = HTTPStatus.CONFLICT

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message)
        self.message = message
        self.facts = facts

    def __str__(self) -> str:
        return str(self.message)


class Invalid(Refusal):
    """What was sent is not well formed or out of its bounds."""

    code = "invalid"
    http_status = HTTPStatus.UNPROCESSABLE_ENTITY


class NotAllowed(Refusal):
    """The actor may see the subject but may not do this to it."""

    code = "not_allowed"
    http_status = HTTPStatus.FORBIDDEN


class NotFound(Refusal):
    """There is no such thing, or the actor may not know that there is."""

    code = "not_found"
    http_status = HTTPStatus.NOT_FOUND


class TooLate(Refusal):
    """The time for this step is over; `due_at` says when it ended. What follows, the exchange does itself."""

    code = "too_late"


class KeyReused(Refusal):
    """The key was used before with another content; the first one stands."""

    code = "key_reused"
