"""Refusals: their base, with the shape of the exchange's own, and those that several modules raise."""

from http import HTTPStatus
from typing import ClassVar


class AccountRefusal(Exception):
    """A change of accounts that is not done; nothing has changed. `facts` are JSON values."""

    code: ClassVar[str] = "account_refused"
    http_status: ClassVar[HTTPStatus] = HTTPStatus.CONFLICT

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message)
        self.message = message
        self.facts = facts


class NotAMember(AccountRefusal):
    """There is no such organisation, or the actor does not belong to it and may not know of it."""

    code = "organisation_not_found"
    http_status = HTTPStatus.NOT_FOUND


class NotAManager(AccountRefusal):
    """The actor belongs to the organisation, and this needs an owner or an administrator."""

    code = "organisation_role_too_low"
    http_status = HTTPStatus.FORBIDDEN


class TooMany(AccountRefusal):
    """A limit on how many there may be is reached."""

    code = "too_many"


class MayNotJoin(AccountRefusal):
    """The person may not belong to this organisation while they hold what they hold."""

    code = "may_not_join"
