"""uvicorn's HTTP protocol, with an end to the patience for requests that never come.

A connection that has not sent the headers of a request in time is closed, and so is one whose body
comes slower than anybody's line. A client may have only so many requests unfinished at once. None of
these costs a thread; they would cost the open files that everybody else needs.
"""

import asyncio
from collections import Counter
from typing import Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEADER_SECONDS = 10.0
BODY_SECONDS, BODY_BYTES_LEAST = 10.0, 4096  # in each stretch of so long, so many bytes
UNFINISHED_MAX = 500
TIMED_OUT = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class PatientProtocol(H11Protocol):
    """One connection. Waiting for the server, in a stream or for a slow answer, has no end here."""

    # Requests that have begun and not come to their end, by client.
    unfinished: ClassVar[Counter[str]] = Counter()

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._timer: asyncio.TimerHandle | None = None
        self._waits_for = ""
        self._counted_as = ""
        self._received = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._counted_as = self.client[0] if self.client else ""
        if self.unfinished[self._counted_as] >= UNFINISHED_MAX:
            transport.abort()
            return
        self._wait_for("headers")

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_for("")
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        super().data_received(data)
        state = self.conn.their_state
        if self.transport.is_closing():
            self._wait_for("")
        elif state is h11.SEND_BODY:
            self._wait_for("body")
        elif state is h11.IDLE and self.conn.our_state is h11.IDLE:
            self._wait_for("headers")
        else:
            self._wait_for("")

    def _wait_for(self, part: str) -> None:
        """From now on for this part of a request; a part that is waited for already gets no new time."""
        if part == self._waits_for:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if bool(part) != bool(self._waits_for):
            self._count(1 if part else -1)
        self._waits_for = part
        if part == "headers":
            self._timer = self.loop.call_later(HEADER_SECONDS, self._give_up)
        elif part == "body":
            self._look_again()

    def _count(self, step: int) -> None:
        self.unfinished[self._counted_as] += step
        if self.unfinished[self._counted_as] <= 0:
            del self.unfinished[self._counted_as]

    def _look_again(self) -> None:
        self._received = 0
        self._timer = self.loop.call_later(BODY_SECONDS, self._judge_body)

    def _judge_body(self) -> None:
        """The pace counts while we read. While we do not, it is we who are slow."""
        if self._received >= BODY_BYTES_LEAST or self.flow.read_paused:
            self._look_again()
        else:
            self._give_up()

    def _give_up(self) -> None:
        self._timer = None
        if self.transport.is_closing():
            return
        if self._waits_for == "headers":
            self.transport.write(TIMED_OUT)
            self.transport.close()
        else:
            self.transport.abort()
