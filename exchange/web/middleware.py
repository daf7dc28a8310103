"""Turns refusals into a readable page."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from accounts.refusals import AccountRefusal
from exchange.core.refusals import Refusal
from exchange.web.views import errors
from pricing.refusals import PricingRefusal


class RefusalMiddleware:
    """Shows a refusal that no view caught as a page with its sentence and its HTTP status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, Refusal | AccountRefusal | PricingRefusal):
            return None
        return errors.refused(request, error)
