"""Refusals as RFC 9457 problem documents."""

from typing import Any

from rest_framework.response import Response
from rest_framework.views import exception_handler

from accounts.refusals import AccountRefusal
from exchange.core.refusals import Refusal
from pricing.refusals import PricingRefusal


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler for the whole API."""
    if isinstance(error, Refusal | AccountRefusal | PricingRefusal):
        body = {
            "type": f"/problems/{error.code}",
            "title": error.code.replace("_", " ").capitalize(),
            "status": int(error.http_status),
            "detail": error.message,
            "code": error.code,
            **error.facts,
        }
        return Response(
            body, status=int(error.http_status), content_type="application/problem+json"
        )
    return exception_handler(error, context)
