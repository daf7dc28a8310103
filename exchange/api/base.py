"""What all of the API shares: lists read page by page, reading what was sent, a reason in words.

Pages go by key, not by number: steady while rows are added, and as quick at the end as at the start.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar

from django.core import signing
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from exchange.api.callers import policy_actor
from exchange.api.fields import MinorField
from exchange.api.idempotency import idempotent
from exchange.core import clock
from exchange.core.lifecycle import REASON_CHARS_MAX
from exchange.core.refusals import Refusal

M = TypeVar("M", bound=Model)
LIMIT = 50
LIMIT_MAX = 100
CURSOR_CHARS_MAX = 500


class BadCursor(Refusal):
    """The cursor is not one that this list gave out. Begin again without one."""

    code = "bad_cursor"
    http_status = HTTPStatus.BAD_REQUEST


class BadLimit(Refusal):
    """`limit` is not a number from 1 to the most rows that a page holds."""

    code = "bad_limit"
    http_status = HTTPStatus.BAD_REQUEST


def page_limit(request: Request) -> int:
    """How many rows were asked for. Raises BadLimit."""
    text = request.query_params.get("limit", str(LIMIT))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= LIMIT_MAX):
        raise BadLimit(
            _("A page has between 1 and %(max)d rows.") % {"max": LIMIT_MAX}, limit_max=LIMIT_MAX
        )
    return int(text)


class KeysetPagination(CursorPagination):
    """`?limit=50&cursor=…`. Cursors are signed for their list, so that nobody builds or bends one.

    A view names a unique ordering: `KeysetPagination.ordered("-id")`.
    """

    ordering: Any = "-pk"
    page_size = LIMIT
    page_size_query_param = "limit"
    max_page_size = LIMIT_MAX
    cursor_query_description = "Where the page begins, as given in `next` or `previous`."
    page_size_query_description = f"How many rows, from 1 to {LIMIT_MAX}."

    @classmethod
    def ordered(cls, *ordering: str) -> "type[KeysetPagination]":
        """The pagination with another order."""
        return type(cls.__name__, (cls,), {"ordering": ordering})

    def get_page_size(self, request: Request) -> int:
        return page_limit(request)

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> Any:
        self.signer = signing.Signer(salt=f"cursor:{request.path}")
        return super().paginate_queryset(queryset, request, view)

    def decode_cursor(self, request: Request) -> Cursor | None:
        text = request.query_params.get("cursor")
        if text is None:
            return None
        try:
            offset, is_reverse, position = self.signer.unsign_object(text[:CURSOR_CHARS_MAX])
        except (signing.BadSignature, ValueError) as error:
            raise BadCursor(
                _("This cursor does not belong to this list. Begin again without one.")
            ) from error
        return Cursor(offset=offset, reverse=is_reverse, position=position)

    def encode_cursor(self, cursor: Cursor) -> str:
        text = self.signer.sign_object([cursor.offset, cursor.reverse, cursor.position])
        return str(replace_query_param(str(self.base_url), "cursor", text))

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {"items": data, "next": self.get_next_link(), "previous": self.get_previous_link()}
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["items", "next", "previous"],
            "properties": {
                "items": {**schema, "maxItems": LIMIT_MAX},
                "next": link,
                "previous": link,
            },
        }


class Listing(GenericAPIView[Any]):
    """A list that is read page by page, the newest first unless it names another order."""

    pagination_class = KeysetPagination

    def page_of(self, rows: QuerySet[Any]) -> Response:
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class RowSerializer(serializers.ModelSerializer[M]):
    """A row as it is shown, under its public id; nothing is written through it."""

    id = serializers.CharField(source="public_id", read_only=True)

    def build_standard_field(self, field_name: str, model_field: Any) -> Any:
        if field_name.endswith("_minor"):
            return MinorField, {"read_only": True, "allow_null": model_field.null}
        return super().build_standard_field(field_name, model_field)

    def get_extra_kwargs(self) -> dict[str, Any]:
        return {name: {"read_only": True} for name in self.Meta.fields}


def act(
    use_case: Callable[..., Any],
    shows: type[serializers.BaseSerializer[Any]],
    takes: type[serializers.BaseSerializer[Any]] | None = None,
    *,
    operation_id: str,
    about: str,
    scopes: Mapping[str, str] | None = None,
    status: int = HTTPStatus.OK,
) -> type[GenericAPIView[Any]]:
    """A view whose POST makes one call, safe to send again, with what the address names and the body
    says, and shows what came of it. `about` describes it in the API's documentation."""

    class Act(GenericAPIView[Any]):
        serializer_class = shows

        @extend_schema(operation_id=operation_id, request=takes, responses={int(status): shows})
        @idempotent()
        def post(self, request: Request, **named: str) -> Response:
            said = {} if takes is None else sent(takes, request)
            actor, now = policy_actor(request), clock.now()
            made = use_case(*named.values(), actor=actor, now=now, **said)
            return Response(shows(made).data, status=status)

    Act.__doc__ = about
    Act.scopes = scopes or {}  # type: ignore[attr-defined]  # asked by `callers`
    return Act


def sent(
    shape: type[serializers.BaseSerializer[Any]], request: Request, **options: Any
) -> dict[str, Any]:
    """The body as `shape` reads it. Raises the framework's ValidationError, one error a field."""
    return _valid(shape(data=request.data, **options))


def asked(shape: type[serializers.BaseSerializer[Any]], request: Request) -> dict[str, Any]:
    """The query's parameters as `shape` reads them; raises as `sent` does."""
    return _valid(shape(data=request.query_params))


def _valid(read: serializers.BaseSerializer[Any]) -> dict[str, Any]:
    read.is_valid(raise_exception=True)
    return dict(read.validated_data)


class ReasonRequest(serializers.Serializer[Any]):
    """Why, in words."""

    reason = serializers.CharField(max_length=REASON_CHARS_MAX)


class OptionalReasonRequest(serializers.Serializer[Any]):
    """Why, in words, where the caller wants to say so."""

    reason = serializers.CharField(
        max_length=REASON_CHARS_MAX, required=False, default="", allow_blank=True
    )
