"""How often one may call: counted for each key, each person, or each address of nobody known.

With more than one process the counts are shared through the cache of REDIS_URL.
"""

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle, SimpleRateThrottle

from accounts.models import ApiKey, User


class AnonymousThrottle(AnonRateThrottle):
    """By address, for who is not signed in."""


class CallerThrottle(SimpleRateThrottle):
    """By key or person."""

    scope = "user"

    def get_cache_key(self, request: Request, _view: Any) -> str | None:
        if isinstance(request.auth, ApiKey):
            return f"throttle:key:{request.auth.pk}"
        return f"throttle:user:{request.user.pk}" if isinstance(request.user, User) else None


class BadKeyThrottle(SimpleRateThrottle):
    """By address, for keys that are not accepted; asked without a view."""

    scope = "anon"

    def allow_request(self, request: Request, view: Any = None) -> bool:
        return bool(super().allow_request(request, view))

    def get_cache_key(self, request: Request, _view: Any = None) -> str:
        return f"throttle:bad_key:{self.get_ident(request)}"
