"""Every answer that is not a success, as an RFC 9457 problem document."""

import logging
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, cast

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response

from exchange.core.problems import REFUSALS, door_code, title_of

CONTENT_TYPE = "application/problem+json"
CHALLENGE = 'Bearer realm="exchange"'
ERRORS_MAX = 100
log = logging.getLogger(__name__)

Errors = list[dict[str, str]]


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler for the whole API: nothing leaves it that is not a problem document."""
    request: HttpRequest | None = getattr(context.get("request"), "_request", None)
    if isinstance(error, REFUSALS):
        return _answer(
            request,
            status=int(error.http_status),
            code=error.code,
            detail=str(error.message),
            facts=error.facts,
        )
    if isinstance(error, exceptions.APIException):
        return _of_framework(request, error)
    for kinds, status, detail in _PLAIN:
        if isinstance(error, kinds):
            return _answer(request, status=status, code=door_code(status), detail=_(detail))
    log.error("The API failed", exc_info=error)
    got_request_exception.send(sender=handle, request=request)
    return _answer(
        request, status=500, code="server_error", detail=_("An error of ours. It has been logged.")
    )


def document(
    *,
    status: int,
    code: str,
    detail: str,
    request: HttpRequest | None,
    facts: Mapping[str, object] | None = None,
) -> dict[str, object]:
    """The members of a problem document. Facts never replace a member of the standard."""
    members: dict[str, object] = {
        "type": f"/problems/{code}",
        "title": title_of(code),
        "status": status,
        "detail": detail,
        "code": code,
    }
    if request is not None:
        members["instance"] = request.path
        members["request_id"] = getattr(request, "request_id", "")
    return {**(facts or {}), **members}


def plain_answer(request: HttpRequest, status: int, detail: str) -> JsonResponse:
    """A problem document outside the framework: an unknown address, a failure before any view."""
    members = document(status=status, code=door_code(status), detail=detail, request=request)
    return JsonResponse(members, status=status, content_type=CONTENT_TYPE)


def _answer(
    request: HttpRequest | None,
    *,
    status: int,
    code: str,
    detail: str,
    facts: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    sent = dict(headers or {})
    if status == HTTPStatus.UNAUTHORIZED:
        sent["WWW-Authenticate"] = CHALLENGE
    members = document(status=status, code=code, detail=detail, request=request, facts=facts)
    return Response(members, status=status, headers=sent, content_type=CONTENT_TYPE)


# Django's own errors, which may come out of a view or of reading the body.
_PLAIN: tuple[tuple[type[Exception], int, str], ...] = (
    (Http404, 404, "There is nothing at this address."),
    (PermissionDenied, 403, "You may not do this."),
    (RequestDataTooBig, 413, "The body is larger than the API reads."),
    (SuspiciousOperation, 400, "The request cannot be read."),
    (OperationalError, 503, "The exchange cannot answer for the moment; try again."),
)


def _of_framework(request: HttpRequest | None, error: exceptions.APIException) -> Response:
    if isinstance(error, exceptions.ValidationError):
        errors = list(_field_errors(error.get_full_details(), ""))[:ERRORS_MAX]
        return _answer(
            request,
            status=422,
            code="fields_invalid",
            detail=_("Some fields are missing or not well formed."),
            facts={"errors": errors},
        )
    headers: dict[str, str] = {}
    facts: dict[str, object] = {}
    wait: float | None = getattr(error, "wait", None)
    if wait is not None:
        facts["retry_after_seconds"] = int(wait) + 1
        headers["Retry-After"] = str(facts["retry_after_seconds"])
    return _answer(
        request,
        status=error.status_code,
        code=_code_of(error),
        detail=str(error.detail),
        facts=facts,
        headers=headers,
    )


def _code_of(error: exceptions.APIException) -> str:
    if isinstance(error, exceptions.ParseError):
        return "malformed_body"
    if isinstance(error, exceptions.PermissionDenied) and str(error.detail).startswith("CSRF"):
        return "csrf_failed"
    return door_code(error.status_code)


def _field_errors(details: Any, path: str) -> Iterator[dict[str, str]]:
    """Flatten the framework's nested details into one entry for each error, with its JSON pointer."""
    if isinstance(details, Mapping) and set(details) == {"message", "code"}:
        leaf = cast("Mapping[str, str]", details)
        pointer = path.removesuffix("/non_field_errors")
        yield {"pointer": f"#{pointer}", "code": str(leaf["code"]), "detail": str(leaf["message"])}
    elif isinstance(details, Mapping):
        for name, below in details.items():
            step = str(name).replace("~", "~0").replace("/", "~1")
            yield from _field_errors(below, f"{path}/{step}")
    elif isinstance(details, list):
        for place, below in enumerate(details):
            is_leaf = isinstance(below, Mapping) and set(below) == {"message", "code"}
            yield from _field_errors(below, path if is_leaf else f"{path}/{place}")
