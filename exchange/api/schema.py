"""The OpenAPI description: one shared problem document, keys of idempotency and scopes."""

from typing import Any

from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.openapi import AutoSchema as Base
from drf_spectacular.utils import OpenApiParameter

from exchange.api import idempotency
from exchange.api.callers import ANY_SCOPE
from exchange.api.problems import CONTENT_TYPE

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457. Further members are facts that the code's page documents.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "description": "/problems/<code>, a page about it"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "one sentence in the reader's language"},
        "code": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"},
        "instance": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {
                    "pointer": {"type": "string"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
    "additionalProperties": True,
}


class AutoSchema(Base):
    """Adds what the views declare: the idempotency key, and the scope that an API key needs."""

    def _view_method(self) -> Any:
        return getattr(self.view, str(self.method).lower(), None)

    def get_override_parameters(self) -> list[Any]:
        if not getattr(self._view_method(), "needs_idempotency_key", False):
            return []
        return [
            OpenApiParameter(
                idempotency.HEADER,
                {"type": "string", "pattern": "^[!-~]{1,200}$"},
                OpenApiParameter.HEADER,
                required=True,
                description="A fresh value for each deed; the same value repeats the answer.",
            )
        ]

    def get_extensions(self) -> dict[str, Any]:
        scope = getattr(self.view, "scopes", {}).get(str(self.method))
        return {"x-required-scope": scope} if scope and scope != ANY_SCOPE else {}


class MinorFieldSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Amounts: numbers as they are sent, and strings in answers where a number is beyond 2^53 - 1."""

    target_class = "exchange.api.fields.MinorField"

    def map_serializer_field(self, _auto_schema: Any, direction: str) -> dict[str, Any]:
        if direction == "request":
            return {
                "type": "integer",
                "minimum": self.target.min_value,
                "maximum": self.target.max_value,
            }
        return {"oneOf": [{"type": "integer"}, {"type": "string", "pattern": "^-?[0-9]{16,}$"}]}


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "exchange.api.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, _auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "`ask_…`, an API key"}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "exchange.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, _auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


def add_problems(result: dict[str, Any], **_asked: Any) -> dict[str, Any]:
    """Every operation may answer with a problem document."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    problem = {
        "description": "A problem document",
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for methods in result["paths"].values():
        for operation in methods.values():
            if isinstance(operation, dict) and "responses" in operation:
                operation["responses"].setdefault("default", problem)
    return result
