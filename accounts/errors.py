"""Refusals that several actions share."""

from http import HTTPStatus

from accounts.refusals import AccountRefusal


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
