"""How many costly pages somebody may ask for in a minute: searches, documents, previews of prices.

Counted by person, and by address with room for several people behind one. The API counts its callers
itself; what is counted lies in the same cache.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar, cast

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework.throttling import SimpleRateThrottle

from accounts.models import User
from exchange.core.refusals import Refusal

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
PEOPLE_AT_AN_ADDRESS = 10


class TooManyPages(Refusal):
    """This person, or this address, has asked for as many of these pages as it may for the moment."""

    code = "too_many_pages"
    http_status = HTTPStatus.TOO_MANY_REQUESTS


class _Throttle(SimpleRateThrottle):
    """One count: of a kind of page by one person or one address."""

    num_requests: int

    def __init__(self, kind: str, *, who: str, times: int) -> None:
        self.kind, self.who = kind, who
        self.rate = settings.PAGE_RATES[kind]
        super().__init__()
        self.num_requests *= times

    def get_cache_key(self, request: Any, _view: Any) -> str:
        who = self.who or self.get_ident(request)
        return f"throttle:page:{self.kind}:{who}"


def throttled(kind: str, *methods: str) -> Callable[[View], View]:
    """Count each request of a view, or those of some methods alone, under a kind of `PAGE_RATES`."""

    def counting(view: View) -> View:
        @wraps(view)
        def counted(request: HttpRequest, *arguments: Any, **names: Any) -> HttpResponseBase:
            if not methods or request.method in methods:
                count(request, kind)
            return view(request, *arguments, **names)

        return cast("View", counted)

    return counting


def count(request: HttpRequest, kind: str) -> None:
    """Count one more. Raises TooManyPages."""
    is_known = isinstance(request.user, User)
    throttles = [_Throttle(kind, who="", times=PEOPLE_AT_AN_ADDRESS if is_known else 1)]
    if is_known:
        throttles.append(_Throttle(kind, who=f"user:{request.user.pk}", times=1))
    for throttle in throttles:
        if not throttle.allow_request(request, None):  # type: ignore[arg-type]  # asks for META alone
            raise TooManyPages(
                _("You have asked for very many of these pages. Wait a minute, then go on."),
                retry_after_seconds=round(throttle.wait() or 60),
                rate=throttle.rate,
            )
