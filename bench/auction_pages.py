"""How long a bid takes to reach one open page of its auction, and how long to reach a thousand.

The pages' streams are held open by a process of their own, through uvicorn and the router of live
pages, each with the cookies of a member. What is measured goes from the moment at which the bid is
placed to that at which the last stream has brought the new price; how much of it comes after the
commit is printed beside. The pages fetch what else they show in a moment of their own, which differs
from reader to reader.
"""

import asyncio
import contextlib
import os
import time
from collections.abc import Iterator
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from bench import measure
from bench.measure import Measurement

PAGES = int(os.environ.get("BENCH_OPEN_PAGES", "1000"))
TURNS = 9
AT_ONCE = 50
HEAR_SECONDS = 30.0
TIMES_MAX = 10.0
NEWS = b"price_minor"


def _auction() -> tuple[Any, Any]:
    from django.utils import timezone  # noqa: PLC0415 - only after django.setup()

    from tests.factories.auctions import a_house  # noqa: PLC0415 - for the same reason

    now = timezone.now()
    house = a_house()
    auction = house.auction(
        opens_at=now - timedelta(seconds=1),
        closes_at=now + timedelta(hours=6),
        opening_minor=1,
        increments=[(0, 1)],
    )
    for name in ("ann", "ben"):
        house.buyer(name, funds=10**9)
    return house, auction


def _cookies(house: Any) -> str:
    from django.test import Client  # noqa: PLC0415 - only after django.setup()

    from tests.factories import accounts  # noqa: PLC0415 - for the same reason
    from tests.web.buyers import browser  # noqa: PLC0415 - for the same reason

    organisation = house.organisation("ann")
    client: Client = browser(accounts.owner_of(organisation), organisation)
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())


def _hold_open(url: str, path: str, cookies: str, pages: int, pipe: Connection) -> None:
    """The readers: say when all are open; after each bid say when the last one has heard of it."""
    asyncio.run(_Readers(url, path, cookies).follow(pages, pipe))


class _Readers:
    def __init__(self, url: str, path: str, cookies: str) -> None:
        self._host, self._port = "127.0.0.1", urlsplit(url).port
        self._request = (
            f"GET {path} HTTP/1.1\r\nHost: localhost:{self._port}\r\nCookie: {cookies}\r\n"
            "Accept: text/event-stream\r\n\r\n"
        ).encode()
        self._heard = self._pages = 0
        self._all = asyncio.Event()
        self._last = 0.0

    async def follow(self, pages: int, pipe: Connection) -> None:
        self._pages = pages
        doors = asyncio.Semaphore(AT_ONCE)
        streams = await asyncio.gather(*(self._open(doors) for _ in range(pages)))
        listening = [asyncio.create_task(self._listen(reader)) for reader, _writer in streams]
        pipe.send("open")
        while await asyncio.to_thread(pipe.recv) == "bid":
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._all.wait(), HEAR_SECONDS)
            pipe.send((self._heard, self._last))
            self._heard = 0
            self._all.clear()
        for task in listening:
            task.cancel()
        for _reader, writer in streams:
            writer.close()

    async def _open(
        self, doors: asyncio.Semaphore
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        async with doors:
            reader, writer = await asyncio.open_connection(self._host, self._port)
            writer.write(self._request)
            head = await reader.readuntil(b"retry:")
            if b" 200 " not in head.split(b"\r\n", 1)[0]:
                raise RuntimeError(head.decode(errors="replace")[:300])
            return reader, writer

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        while piece := await reader.read(4096):
            if NEWS in piece:
                self._last = time.monotonic()
                self._heard += 1
                if self._heard == self._pages:
                    self._all.set()


def _reach(
    house: Any, auction: Any, url: str, cookies: str, pages: int, amounts: Iterator[int]
) -> float:
    """The median time, in seconds, in which a bid reaches so many open pages."""
    ours, theirs = get_context("spawn").Pipe()
    path = f"/live/auctions/{auction.public_id}"
    readers = get_context("spawn").Process(
        target=_hold_open, args=(url, path, cookies, pages, theirs), daemon=True
    )
    readers.start()
    ours.recv()
    taken, after = [], []
    for turn in range(TURNS):
        ours.send("bid")
        placed = time.monotonic()
        house.bid("ann" if turn % 2 else "ben", auction, next(amounts))
        committed = time.monotonic()
        heard, last = ours.recv()
        if heard < pages:
            raise RuntimeError(f"{heard} of {pages} pages heard of the bid.")
        taken.append(last - placed)
        after.append(last - committed)
    ours.send("end")
    readers.join()
    print(f"auction_pages.reach: {pages:,} pages {median(after) * 1000:.1f} ms after the commit")
    return float(median(taken))


def reach() -> Measurement:
    """Milliseconds to a thousand pages, against those to one."""
    from tests.browser import server  # noqa: PLC0415 - only after django.setup()

    house, auction = _auction()
    cookies, amounts = _cookies(house), iter(range(1_000, 10**9, 1_000))
    with server.serving() as url:
        one = _reach(house, auction, url, cookies, 1, amounts)
        many = _reach(house, auction, url, cookies, PAGES, amounts)
    return Measurement(
        "auction_pages.reach",
        many * 1000,
        f"ms to {PAGES:,} open pages",
        "the same to one page, ms",
        one * 1000,
        goal=TIMES_MAX,
        lower_is_better=True,
    )


BENCHES: dict[str, measure.Bench] = {"auction_pages.reach": reach}
