"""Refusals of accounts. They have the shape of the exchange's own: code, facts, HTTP status."""

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
