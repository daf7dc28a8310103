"""People whose role demands a second factor set one up before they see anything else."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.second_factor import has_second_factor, second_factor_proved
from exchange.members import policy

# The way to a second factor, out, and into another language. The API answers for itself.
OPEN_PREFIXES = ("/accounts/", "/i18n/", "/static/", "/api/", "/healthz", "/readyz")


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
            _("Your role at the exchange needs a second factor. Set one up to go on."),
        )
        return redirect("mfa_index")
