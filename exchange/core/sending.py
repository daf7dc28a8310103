"""Large files over HTTP: a part of one, sent as fast as the reader takes it, in bounded memory.

Where the server offers `http.response.zerocopysend` (an extension of ASGI) the kernel moves the bytes
from the disk to the socket; elsewhere they pass through a thread in steps of STEP_BYTES.
"""

import asyncio
import os
import time
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Iterator,
    MutableMapping,
)
from typing import IO, Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest, StreamingHttpResponse

from exchange.core.ranges import Part

EXTENSION = "http.response.zerocopysend"
SEND = "assay.send"
STEP_BYTES = 1024 * 1024
SLICE_BYTES = 4 * 1024 * 1024
# What was sent is written down in lumps of this size, after so many seconds, and at the end.
TALLY_BYTES = 256 * 1024 * 1024
TALLY_SECONDS = 60.0

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Coroutine[Any, Any, None]]


def offering_zero_copy(application: Any) -> Application:
    """Around Django's application: hands the server's own `send` to responses that know its use."""

    async def around(scope: Message, receive: Receive, send: Send) -> None:
        if EXTENSION in (scope.get("extensions") or {}):
            scope[SEND] = send
        await application(scope, receive, send)

    return around


class FileResponse(StreamingHttpResponse):
    """Part of an open file, which it closes. Tells `on_sent` how many bytes went out, now and then.

    What is told is what the server took; the last of it may be lost on the way.
    """

    def __init__(
        self,
        file: IO[bytes],
        *,
        part: Part,
        request: HttpRequest,
        on_sent: Callable[[int], None],
        **options: Any,
    ) -> None:
        self._file, self._part = file, part
        self._send: Send | None = getattr(request, "scope", {}).get(SEND)
        self._tally = _Tally(on_sent)
        super().__init__(self._steps(), **options)
        self._resource_closers.append(file.close)  # type: ignore[attr-defined]  # Django's own list

    def _steps(self) -> Iterator[bytes]:
        """Without an event loop: step by step."""
        try:
            for start, length in _cut(self._part, STEP_BYTES):
                yield os.pread(self._file.fileno(), length, start)
                self._tally.add(length)
        finally:
            self._tally.write_down()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        write_down = sync_to_async(self._tally.write_down, thread_sensitive=True)
        try:
            async for step, length in self._sent():
                if step:
                    yield step
                self._tally.add(length, at_once=False)
                if self._tally.is_due:
                    await write_down()
        finally:
            await asyncio.shield(write_down())

    async def _sent(self) -> AsyncIterator[tuple[bytes, int]]:
        """Each step with its length; without its bytes where the kernel has sent them already."""
        handle = self._file.fileno()
        if self._send is None:
            loop = asyncio.get_running_loop()
            for start, length in _cut(self._part, STEP_BYTES):
                yield await loop.run_in_executor(None, os.pread, handle, length, start), length
            return
        for start, length in _cut(self._part, SLICE_BYTES):
            await self._send(
                {
                    "type": EXTENSION,
                    "file": self._file,
                    "offset": start,
                    "count": length,
                    "more_body": True,
                }
            )
            yield b"", length


class _Tally:
    """How much was sent since it was last written down."""

    def __init__(self, on_sent: Callable[[int], None]) -> None:
        self._on_sent = on_sent
        self._sent = 0
        self._written_at = time.monotonic()

    @property
    def is_due(self) -> bool:
        is_late = time.monotonic() - self._written_at >= TALLY_SECONDS
        return self._sent >= TALLY_BYTES or (is_late and self._sent > 0)

    def add(self, count: int, *, at_once: bool = True) -> None:
        self._sent += count
        if at_once and self.is_due:
            self.write_down()

    def write_down(self) -> None:
        sent, self._sent, self._written_at = self._sent, 0, time.monotonic()
        if sent:
            self._on_sent(sent)


def _cut(part: Part, most: int) -> Iterator[tuple[int, int]]:
    """The part as (start, length), none longer than `most`."""
    end = part.start + part.length
    for start in range(part.start, end, most):
        yield start, min(most, end - start)
