"""The ASGI application in front of everything: how large the body of a request may be, by its address.

Django receives a body whole, into memory or a temporary file, before any view or middleware hears of the
request. So it is judged here: by what it declares before a byte is read, and by what comes when it
declares nothing.
"""

import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from exchange.asset_sales.preparing import SIZE_BYTES_MAX as DOCUMENT_BYTES_MAX
from exchange.core.problems import title_of
from exchange.vault.uploads import PIECE_BYTES_MAX

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]

MIB = 2**20
BODY_BYTES_MAX = 5 * MIB
# The whole file in one request, from a browser without scripts; with them it comes in pieces.
FORM_FILE_BYTES_MAX = 256 * MIB
ALLOWANCE = MIB  # what a form has around its files
DOCUMENTS_AT_ONCE = 3
# The first that fits the path. Everything else is a form or JSON.
LARGER = (
    (re.compile(r"/api/v1/uploads(/[a-z0-9_]{1,40})?/?"), PIECE_BYTES_MAX),
    (re.compile(r"/sell/files/"), FORM_FILE_BYTES_MAX + ALLOWANCE),
    (re.compile(r"/sell/[a-z0-9_]{1,40}/data/(use/)?"), FORM_FILE_BYTES_MAX + ALLOWANCE),
    (re.compile(r"/admission/documents/"), DOCUMENT_BYTES_MAX + ALLOWANCE),
    (
        re.compile(r"/asset-sales/[a-z0-9_]{1,40}/act/[a-z_-]{1,40}/"),
        DOCUMENTS_AT_ONCE * DOCUMENT_BYTES_MAX + ALLOWANCE,
    ),
)
# Somebody without a key or a session brings no files.
CREDENTIALS = frozenset({b"authorization", b"cookie"})


class BodyLimit:
    """Passes requests on whose body is no larger than their address takes."""

    def __init__(self, inner: Application) -> None:
        self.inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
            return
        most = limit_of(scope)
        if _declared(scope) > most:
            await _refuse(scope, send, most)
            return
        await _Counted(most, receive, send).run(self.inner, scope)


class _Counted:
    """A request whose body is counted as it comes. When it is too long its sender seems to have gone."""

    def __init__(self, most: int, receive: Receive, send: Send) -> None:
        self.most, self.inner_receive, self.inner_send = most, receive, send
        self.received = 0
        self.has_answered = False

    async def run(self, inner: Application, scope: Scope) -> None:
        await inner(scope, self.receive, self.send)
        if self.received > self.most and not self.has_answered:
            await _refuse(scope, self.inner_send, self.most)

    async def receive(self) -> Message:
        if self.received > self.most:
            return {"type": "http.disconnect"}
        message = await self.inner_receive()
        self.received += len(message.get("body", b""))
        return {"type": "http.disconnect"} if self.received > self.most else message

    async def send(self, message: Message) -> None:
        self.has_answered = True
        await self.inner_send(message)


def limit_of(scope: Scope) -> int:
    """How many bytes the body of this request may have."""
    if not any(name in CREDENTIALS for name, _value in scope["headers"]):
        return BODY_BYTES_MAX
    for address, most in LARGER:
        if address.fullmatch(scope["path"]):
            return most
    return BODY_BYTES_MAX


def _declared(scope: Scope) -> int:
    """By the header; the server has checked that it is a number."""
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() and len(value) < 20 else BODY_BYTES_MAX**2  # noqa: PLR2004 - more than any
    return 0


async def _refuse(scope: Scope, send: Send, most: int) -> None:
    """A sentence, or a problem document where the API speaks; the connection ends with it."""
    given = dict(scope["headers"])
    language = "zh-hans" if given.get(b"accept-language", b"").startswith(b"zh") else "en"
    with translation.override(language):
        sentence = _("This is larger than the %(most)d MB that this address takes.") % {
            "most": most // MIB
        }
    if scope["path"].startswith("/api/"):
        kind = b"application/problem+json"
        code = "body_too_large"
        problem = {
            "type": f"/problems/{code}",
            "title": title_of(code),
            "status": int(HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
            "detail": sentence,
            "code": code,
            "body_bytes_max": most,
        }
        body = json.dumps(problem, ensure_ascii=False).encode()
    else:
        kind, body = b"text/plain; charset=utf-8", sentence.encode()
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"connection", b"close"),
    ]
    status = int(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
