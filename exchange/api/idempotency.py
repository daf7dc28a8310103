"""Writes that are safe to send again: `Idempotency-Key` on every write of money or access."""

import json
from collections.abc import Callable, Collection
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from exchange.api.callers import caller_of
from exchange.core import idempotency
from exchange.core.idempotency import Answer
from exchange.core.refusals import Refusal

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
Method = Callable[..., Response]


class IdempotencyKeyMissing(Refusal):
    """A write of money or access needs an `Idempotency-Key` header, a fresh one for each deed."""

    code = "idempotency_key_missing"
    http_status = HTTPStatus.BAD_REQUEST


def idempotent(*, unstored: Collection[str] = ()) -> Callable[[Method], Method]:
    """For a view's method: perform it once under the caller's key; a repetition gets the first answer
    with `Idempotent-Replayed: true`. Members named in `unstored` are secrets: they are in the first
    answer only, and null in its repetition.
    """

    def decorate(method: Method) -> Method:
        @wraps(method)
        def once(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
            key = request.headers.get(HEADER)
            if key is None:
                raise IdempotencyKeyMissing(
                    _("Send an Idempotency-Key header with this write."), header=HEADER
                )
            first: list[Response] = []

            def perform() -> Answer:
                response = method(view, request, *args, **kwargs)
                first.append(response)
                body = json.loads(JSONRenderer().render(response.data) or "null")
                kept = dict.fromkeys(unstored) if isinstance(body, dict) else {}
                return Answer(status=response.status_code, body={**body, **kept} if kept else body)

            answer = idempotency.once(
                scope=f"api:{caller_of(request).name}",
                key=key,
                fingerprint=idempotency.fingerprint_of(request.method, request.path, request.data),
                perform=perform,
            )
            if not answer.is_replay:
                return first[0]
            return Response(answer.body, status=answer.status, headers={REPLAYED: "true"})

        once.needs_idempotency_key = True  # type: ignore[attr-defined]  # read by the schema
        return once

    return decorate
