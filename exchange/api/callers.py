"""The caller of a request as the rooms know callers, and what an API key's scopes let it reach."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.authority import actor_of
from accounts.models import ApiKey, Membership, Organisation, User
from accounts.refusals import NotAMember
from exchange.core.refusals import NotAllowed
from exchange.members import policy
from exchange.members.actors import Actor, Subject, organisation_of
from exchange.members.actors import actor_of as actor_of_request
from exchange.members.permissions import Permission
from exchange.members.standing import check_not_suspended


class WrongScope(NotAllowed):
    """The API key does not have the scope that this needs; `needed` names it."""

    code = "wrong_scope"


class NotForKeys(NotAllowed):
    """This is for people: no API key opens it, whatever its scopes."""

    code = "not_for_keys"


@dataclass(frozen=True)
class Caller:
    """Who calls: a person, or a key of an organisation. `name` is the actor of records."""

    name: str
    user: User | None = None
    key: ApiKey | None = None


def plain(request: Request) -> HttpRequest:
    """Django's own request, which knows the session."""
    wrapped: HttpRequest = request._request  # noqa: SLF001 - the framework has no other name for it
    return wrapped


def caller_of(request: Request) -> Caller:
    """The caller of an authenticated request."""
    if isinstance(request.auth, ApiKey):
        return Caller(name=f"key:{request.auth.public_id}", key=request.auth)
    return Caller(name=actor_of(person_of(request)), user=person_of(request))


def person_of(request: Request) -> User:
    """The person who calls. Raises NotForKeys for a program."""
    if not isinstance(request.user, User):
        raise NotForKeys(_("This is for people; an API key cannot do it."))
    return request.user


def policy_actor(request: Request) -> Actor:
    """The caller as policy sees them, read afresh; a person acts for the organisation chosen."""
    return actor_of_request(request)


def acting_for(request: Request, permission: Permission) -> int:
    """The organisation acted for. Raises NotAllowed unless the caller may do this there."""
    actor = policy_actor(request)
    mine = organisation_of(actor)
    policy.require(actor, permission, Subject(organisation_id=mine))
    return mine


def organisation_called(request: Request, public_id: str) -> Organisation:
    """The organisation of an address. Raises NotAMember unless the caller belongs to it."""
    caller = caller_of(request)
    if caller.key is not None and caller.key.organisation.public_id == public_id:
        return caller.key.organisation
    if caller.user is not None:
        membership = (
            Membership.objects.filter(user=caller.user, organisation__public_id=public_id)
            .select_related("organisation")
            .first()
        )
        if membership is not None:
            return membership.organisation
    raise NotAMember(_("There is no such organisation."))


ANY_SCOPE = "*"


class HasScope(BasePermission):
    """A key needs the scope that the view names for the method: `scopes = {"GET": "ledger:read"}`.

    A view that names none for a method is closed to keys; one that names ANY_SCOPE is open to all.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        if not isinstance(request.auth, ApiKey):
            return True
        check_not_suspended(request.auth.organisation_id)
        scopes: Mapping[str, str] = getattr(view, "scopes", {})
        method = "GET" if request.method in {"HEAD", "OPTIONS"} else str(request.method)
        needed = scopes.get(method)
        if needed is None:
            raise NotForKeys(_("This is for people; an API key cannot do it."))
        if needed != ANY_SCOPE and needed not in request.auth.scopes:
            raise WrongScope(
                _("This API key does not have the scope “%(scope)s”.") % {"scope": needed},
                needed=needed,
                held=list(request.auth.scopes),
            )
        return True
