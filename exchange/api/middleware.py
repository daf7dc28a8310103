"""What happens to a request under /api/ outside the framework's views."""

import re
from collections.abc import Callable
from http import HTTPStatus

import structlog
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from accounts.ids import new_id
from exchange.api.problems import CONTENT_TYPE, plain_answer

PREFIX = "/api/"
HEADER = "X-Request-ID"
_given = re.compile(r"[A-Za-z0-9_.-]{8,64}")


class ProblemMiddleware:
    """Gives every request an id, and turns Django's own error pages under /api/ into problems.

    It stands before all middleware that answers, so that those answers pass through it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        wanted = request.headers.get(HEADER, "")
        request_id = wanted if _given.fullmatch(wanted) else new_id("req")
        request.request_id = request_id  # type: ignore[attr-defined]  # read by problem documents
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
        if request.path.startswith(PREFIX):
            response = self._as_problem(request, response)
            patch_vary_headers(response, ("Accept-Language", "Authorization", "Cookie"))
        response[HEADER] = request_id
        return response

    def _as_problem(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_error = response.status_code >= HTTPStatus.BAD_REQUEST
        if not is_error or response.get("Content-Type", "").startswith(CONTENT_TYPE):
            return response
        answer: HttpResponse = plain_answer(request, response.status_code, _detail(response))
        for name in ("Allow", "Retry-After"):
            if name in response:
                answer[name] = response[name]
        return answer


def _detail(response: HttpResponseBase) -> str:
    if response.status_code == HTTPStatus.NOT_FOUND:
        return _("There is nothing at this address.")
    if response.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
        return _("The exchange cannot answer for the moment; try again.")
    if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _("An error of ours. It has been logged.")
    return _("The request cannot be read.")
