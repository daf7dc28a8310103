"""Who is calling, a program with an API key or a person in a session, and how often they may.

Calls are counted for each key, each person, or each address of nobody known; with more than one
process the counts are shared through the cache of REDIS_URL.
"""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.authentication import SessionAuthentication as Session
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle, SimpleRateThrottle

from accounts import api_keys
from accounts.api_keys import KeyNotAccepted
from accounts.models import ApiKey, User
from accounts.sign_in import second_factor_proved
from exchange.api.callers import plain
from exchange.api.problems import CHALLENGE
from exchange.core import clock
from exchange.core.refusals import NotAllowed
from exchange.members import policy

SCHEME = "bearer"
HEADER_CHARS_MAX = 200


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


class SecondFactorNeeded(NotAllowed):
    """Your role needs a session that was opened with a second factor. Set one up and sign in again."""

    code = "second_factor_needed"


class KeyHolder(AnonymousUser):
    """What stands in `request.user` for a key: nobody in particular, and known all the same."""

    def __init__(self, key: ApiKey) -> None:
        super().__init__()
        self.key = key

    @property
    def is_authenticated(self) -> Any:
        return True

    @property
    def is_anonymous(self) -> Any:
        return False

    def __str__(self) -> str:
        return f"key:{self.key.public_id}"


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer ask_…`. `request.auth` is then the ApiKey, `request.user` a KeyHolder."""

    def authenticate(self, request: Request) -> tuple[KeyHolder, ApiKey] | None:
        scheme, _blank, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != SCHEME:
            return None
        try:
            key = api_keys.authenticate(secret=secret.strip()[:HEADER_CHARS_MAX], now=clock.now())
        except KeyNotAccepted:
            # Views count requests after they know the caller; who guesses keys is counted here.
            throttle = BadKeyThrottle()
            if not throttle.allow_request(request):
                raise Throttled(throttle.wait()) from None
            raise
        return KeyHolder(key), key

    def authenticate_header(self, _request: Request) -> str:
        return CHALLENGE


class SessionAuthentication(Session):
    """A person in a browser session: with the CSRF token for writes, and with a second factor where
    policy demands one. Powers are asked at each request; the session holds none."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        found = super().authenticate(request)
        if found is None:
            return None
        user = found[0]
        if policy.requires_second_factor(user) and not second_factor_proved(plain(request)):
            raise SecondFactorNeeded(
                _("Your role at the exchange needs a sign-in with a second factor."),
                set_up_at="/accounts/2fa/",
            )
        return found
