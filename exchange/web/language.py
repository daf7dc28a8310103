"""The reader's language: what was chosen in this browser, else what their profile says."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation


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
