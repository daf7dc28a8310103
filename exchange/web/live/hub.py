"""Readers by topic, and the one connection that tells them what is new."""

import asyncio
import contextlib
from typing import NamedTuple

import psycopg
import structlog
from django.db import connection

from exchange.core.use_case import CHANNEL
from exchange.members.standing import STANDINGS

log = structlog.get_logger(__name__)

READERS_MAX = 5000
RECONNECT_SECONDS = 0.5
RECONNECT_MAX_SECONDS = 10.0


class HubFull(Exception):
    """No further reader fits; whoever asks polls instead."""


class News(NamedTuple):
    """A newer version, and the facts that came with it as JSON (empty: none)."""

    version: int
    facts: str = ""


class Reader:
    """One open stream. Of many news only the newest waits for it: it can fall behind, never pile up."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self.ended = False
        self._newest: News | None = None
        self._news = asyncio.Event()

    def tell(self, version: int, facts: str = "") -> None:
        if self._newest is None or version > self._newest.version:
            self._newest = News(version, facts)
        self._news.set()

    def end(self) -> None:
        """Let the stream end after what it has to say: its reader connects again."""
        self.ended = True
        self._news.set()

    async def next(self, within_seconds: float) -> News | None:
        """The newest that was not yet read; None when there is none in time, or the end has come."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), within_seconds)
        newest, self._newest = self._newest, None
        if not self.ended:
            self._news.clear()
        return newest


class Hub:
    """All readers of this process. It listens while there are any."""

    def __init__(self) -> None:
        self._readers: dict[str, set[Reader]] = {}
        self._count = 0
        self._listening: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    async def join(self, topic: str) -> Reader:
        """A reader that misses nothing from now on. Raises HubFull; TimeoutError while the database
        cannot be heard."""
        if self._count >= READERS_MAX:
            raise HubFull
        reader = Reader(topic)
        self._readers.setdefault(topic, set()).add(reader)
        self._count += 1
        if self._listening is None or self._listening.done():
            self._ready = asyncio.Event()
            self._listening = asyncio.create_task(self._listen())
        try:
            await asyncio.wait_for(self._ready.wait(), RECONNECT_MAX_SECONDS)
        except BaseException:
            self.leave(reader)
            raise
        return reader

    def leave(self, reader: Reader) -> None:
        """Forget the reader; the last one to leave turns off the light."""
        readers = self._readers.get(reader.topic, set())
        if reader not in readers:
            return
        readers.discard(reader)
        self._count -= 1
        if not readers:
            del self._readers[reader.topic]
        if not self._readers and self._listening is not None:
            self._listening.cancel()
            self._listening = None

    async def _listen(self) -> None:
        delay = RECONNECT_SECONDS
        while True:
            try:
                async with await _connect() as ears:
                    await ears.execute(f"LISTEN {CHANNEL}")
                    self._ready.set()
                    delay = RECONNECT_SECONDS
                    async for heard in ears.notifies():
                        self._spread(heard.payload)
            except psycopg.Error as error:
                log.warning("live.database.away", error=str(error))
            # What was announced meanwhile was not heard: everybody asks anew.
            self._ready.clear()
            self._end_all()
            await asyncio.sleep(delay)
            delay = min(2 * delay, RECONNECT_MAX_SECONDS)

    def _spread(self, payload: str) -> None:
        topic, version, *facts = payload.split(" ", 2)
        if topic == STANDINGS:  # who may read has changed: everybody connects again and is asked
            self._end_all()
            return
        for reader in self._readers.get(topic, ()):
            reader.tell(int(version), *facts)

    def _end_all(self) -> None:
        for readers in self._readers.values():
            for reader in readers:
                reader.end()


async def _connect() -> "psycopg.AsyncConnection[tuple[object, ...]]":
    """A connection outside the pool, whose other users would inherit the subscription."""
    parameters = connection.get_connection_params()
    for of_django in ("cursor_factory", "context"):
        parameters.pop(of_django, None)
    return await psycopg.AsyncConnection.connect(**parameters, autocommit=True)
