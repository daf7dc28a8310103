"""The ASGI application in front of Django: it keeps streams open and passes everything else on."""

import asyncio
import contextlib
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from exchange.web.live.hub import Hub, HubFull, Reader
from exchange.web.views import READER

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[
    [Any, Any, Any], Awaitable[None]
]  # Django and uvicorn type these differently

HEARTBEAT_SECONDS = 15.0
# A stream ends after this long and its reader connects again, so that who may read is asked anew.
STREAM_SECONDS_MAX = 600.0
# Of one person, and of all people who act for one organisation, in this process.
STREAMS_MAX = (20, 100)
RETRY_MILLISECONDS = 3000
VERSION_BYTES_MAX = 20
READER_HEADER = READER.lower().encode()
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


@dataclass(frozen=True)
class _Answer:
    """What Django says: the status, the version when it is 200, and whose streams are counted."""

    status: int
    version: int
    readers: tuple[str, ...]


@dataclass(frozen=True)
class Feed:
    """A kind of stream: its address, the view that answers with the present version to those who may
    know it, and the topic under which newer ones are announced."""

    address: "re.Pattern[str]"
    version_address: str
    topic: str


FEEDS = (
    Feed(
        address=re.compile(r"/live/orders/([a-z0-9_]{1,40})"),
        version_address="/orders/{}/version",
        topic="order:{}",
    ),
    Feed(
        address=re.compile(r"/live/auctions/([a-z0-9_]{1,40})"),
        version_address="/auctions/{}/version",
        topic="auction:{}",
    ),
    Feed(
        address=re.compile(r"/live/usage/([a-z0-9_]{1,40})"),
        version_address="/usage/{}/version",
        topic="usage:{}",
    ),
)


class LiveRouter:
    """Streams under /live/, and Django for the rest."""

    def __init__(self, django: Application) -> None:
        self.django = django
        self.hub = Hub()
        self.open: Counter[str] = Counter()  # streams by person and by organisation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/live/"):
            await self._open(scope, receive, send)
        else:
            await self.django(scope, receive, send)

    async def _open(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = _feed_of(scope)
        if found is None:
            await _refuse(send, HTTPStatus.NOT_FOUND)
            return
        feed, name = found
        try:
            reader = await self.hub.join(feed.topic.format(name))
        except (HubFull, TimeoutError):
            await _refuse(send, HTTPStatus.SERVICE_UNAVAILABLE)
            return
        try:
            # Asked after joining: what is announced from here on is heard.
            answer = await self._ask(scope, feed.version_address.format(name))
            if answer.status != HTTPStatus.OK:
                await _refuse(send, answer.status)
                return
            with self._counted(answer.readers) as fits:
                if fits:
                    await self._stream(scope, receive, send, reader, answer.version)
                else:
                    await _refuse(send, HTTPStatus.TOO_MANY_REQUESTS)
        finally:
            self.hub.leave(reader)

    @contextlib.contextmanager
    def _counted(self, readers: tuple[str, ...]) -> Iterator[bool]:
        """Whether one more stream fits for this person and this organisation; it counts while it is open."""
        fits = all(self.open[one] < most for one, most in zip(readers, STREAMS_MAX, strict=False))
        if fits:
            self.open.update(readers)
        try:
            yield fits
        finally:
            if fits:
                self.open.subtract(readers)
                for one in readers:
                    if self.open[one] <= 0:
                        del self.open[one]

    async def _ask(self, scope: Scope, path: str) -> "_Answer":
        """Ask Django, with the reader's own cookies."""
        asked = {
            **scope, "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"",
        }  # fmt: skip
        status, body = 500, b""
        readers: tuple[str, ...] = ()
        sent_body = False

        async def receive() -> Message:
            nonlocal sent_body
            if sent_body:
                await asyncio.Event().wait()  # Django stops waiting when it has answered
            sent_body = True
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            nonlocal status, body, readers
            if message["type"] == "http.response.start":
                status = message["status"]
                readers = _readers_in(message["headers"])
            else:
                body = (body + message.get("body", b""))[: VERSION_BYTES_MAX + 1]

        await self.django(asked, receive, send)
        return _Answer(status, (_number(body) if status == HTTPStatus.OK else None) or 0, readers)

    async def _stream(
        self, scope: Scope, receive: Receive, send: Send, reader: Reader, version: int
    ) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await _write(send, f"retry: {RETRY_MILLISECONDS}\n\n")
        seen = _seen_by(scope)
        if seen is None or version > seen:
            await _write(send, _event(version))
            seen = version
        gone = asyncio.create_task(_until_gone(receive))
        speaking = asyncio.create_task(_speak(send, reader, seen))
        try:
            await asyncio.wait(
                (gone, speaking), timeout=STREAM_SECONDS_MAX, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            for task in (gone, speaking):
                task.cancel()
            await asyncio.gather(gone, speaking, return_exceptions=True)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _speak(send: Send, reader: Reader, seen: int) -> None:
    while not reader.ended:
        news = await reader.next(HEARTBEAT_SECONDS)
        if news is None:
            await _write(send, ":\n\n")
        elif news.version > seen:
            seen = news.version
            await _write(send, _event(news.version, news.facts))


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _feed_of(scope: Scope) -> tuple[Feed, str] | None:
    if scope["method"] != "GET":
        return None
    for feed in FEEDS:
        if match := feed.address.fullmatch(scope["path"]):
            return feed, match[1]
    return None


def _seen_by(scope: Scope) -> int | None:
    """What the reader has seen: by the last event on its way back, by the page at first."""
    for name, value in scope["headers"]:
        if name == b"last-event-id" and (seen := _number(value)) is not None:
            return seen
    given = parse_qs(scope.get("query_string", b"").decode("ascii", "replace")).get("version", [""])
    return _number(given[0].encode())


def _number(text: bytes) -> int | None:
    """A version; what is longer than one can be is none."""
    return int(text) if text.isdigit() and len(text) <= VERSION_BYTES_MAX else None


def _event(version: int, facts: str = "") -> str:
    """The version in the first line of data, facts (JSON, which has no line breaks) in the second."""
    more = f"data: {facts}\n" if facts else ""
    return f"id: {version}\nevent: changed\ndata: {version}\n{more}\n"


def _readers_in(headers: Iterable[tuple[bytes, bytes]]) -> tuple[str, ...]:
    """What `version_of` tells of who asked: the person, and the organisation acted for if there is one."""
    for name, value in headers:
        if name.lower() == READER_HEADER:
            return tuple(value.decode("ascii").split())
    return ()


async def _write(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _refuse(send: Send, status: int) -> None:
    """No body: only scripts ask here. A redirect to the sign-in page is a refusal too."""
    status = int(HTTPStatus.FORBIDDEN) if 300 <= status < 400 else int(status)  # noqa: PLR2004 - redirects
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": b"", "more_body": False})
