"""What every request passes: language, second factor, a readable address, and refusals that no view caught."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.sign_in import has_second_factor, second_factor_proved
from exchange.core import away
from exchange.core.problems import REFUSALS
from exchange.members import policy
from exchange.web import errors

HEALTH_PATHS = {"/healthz", "/readyz"}
# The way to a second factor, out, and into another language. The API answers for itself.
OPEN_PREFIXES = ("/accounts/", "/i18n/", "/static/", "/api/", "/healthz", "/readyz")


class DatabaseAwayMiddleware:
    """While the database is away, answers at once that it is. Stands before all that asks it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path in HEALTH_PATHS:
            return self.get_response(request)
        if not away.DATABASE.lets_through():
            return errors.unavailable()
        response = self.get_response(request)
        if response.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
            away.DATABASE.note_success()
        return response


class PrivateAnswerMiddleware:
    """Forbids caches to keep what somebody signed in, or a key, was answered, unless a view says more."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        is_known = (
            "Authorization" in request.headers or settings.SESSION_COOKIE_NAME in request.COOKIES
        )
        if is_known and "Cache-Control" not in response:
            response["Cache-Control"] = "private, no-store"
        return response


class LanguageMiddleware:
    """Stands behind the sign-in. Django's own has already honoured the cookie and the browser."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES and request.user.is_authenticated:
            wanted = request.user.language
            if wanted and translation.check_for_language(wanted):
                translation.activate(wanted)
                request.LANGUAGE_CODE = wanted
        return self.get_response(request)


class SecondFactorMiddleware:
    """Sends a session that lacks a demanded second factor to set one up, or to sign in with it.

    What is demanded is asked at every request: a role granted now counts from the next page on.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        if not isinstance(request.user, User) or request.path.startswith(OPEN_PREFIXES):
            return None
        if second_factor_proved(request) or not policy.requires_second_factor(request.user):
            return None
        if has_second_factor(request):
            logout(request)  # set up elsewhere since: this session has never shown it
            messages.warning(request, _("Sign in with your second factor to go on."))
            return redirect("account_login")
        messages.warning(
            request,
            _("Your role needs a second factor. Set one up to go on."),
        )
        return redirect("mfa_index")


class ReadableAddressMiddleware:
    """Answers that nothing is at an address with a NUL in its path or behind it: no row holds one, and
    the database refuses to compare with it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            raise Http404
        return self.get_response(request)


class RefusalMiddleware:
    """Shows a refusal that no view caught as a page with its sentence and its HTTP status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if away.is_unavailable(error):
            away.DATABASE.note_failure(error)
            return errors.unavailable()
        if not isinstance(error, REFUSALS):
            return None
        return errors.refused(request, error)
