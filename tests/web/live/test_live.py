"""Streams in front of Django: who may listen, what is heard, what is missed, what it costs."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.db import connections
from django.test import Client

from accounts.sign_in import SESSION_KEY
from exchange.orders import conversation
from exchange.orders.models import Order
from exchange.web.live import hub as hubs
from exchange.web.live import router as routers
from exchange.web.live.hub import Hub, Reader
from exchange.web.live.router import LiveRouter
from tests.factories import accounts
from tests.factories.orders import DAY, Market, a_market

Message = dict[str, Any]


class Listener:
    """One reader of a stream, without a server."""

    def __init__(self, app: LiveRouter, path: str, *, cookies: str = "", **headers: str) -> None:
        self.heard: asyncio.Queue[Message] = asyncio.Queue()
        self._gone = asyncio.Event()
        path, _mark, query = path.partition("?")
        sent = {"host": "localhost", "cookie": cookies, **headers}
        scope = {
            "type": "http", "http_version": "1.1", "method": "GET", "path": path,
            "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
            "scheme": "http", "client": ("127.0.0.1", 1), "server": ("localhost", 80),
            "headers": [
                (name.replace("_", "-").encode(), value.encode()) for name, value in sent.items()
            ],
        }  # fmt: skip
        self.task = asyncio.create_task(self._run(app, scope))

    async def _run(self, app: LiveRouter, scope: dict[str, Any]) -> None:
        async def receive() -> Message:
            await self._gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            await self.heard.put(message)

        await app(scope, receive, send)

    async def status(self) -> int:
        return int((await asyncio.wait_for(self.heard.get(), 20))["status"])

    async def event(self) -> str:
        """The next event, without the words that keep the stream open."""
        while True:
            message = await asyncio.wait_for(self.heard.get(), 20)
            text = str(message.get("body", b""), "utf-8")
            if text.startswith("id:") or not message.get("more_body"):
                return text.strip()

    async def leave(self) -> None:
        self._gone.set()
        await asyncio.wait_for(self.task, 20)


def changed(version: int) -> str:
    return f"id: {version}\nevent: changed\ndata: {version}"


def trade() -> tuple[Market, Order, str, str]:
    """A market, an order, the buyer's cookies and those of somebody without an organisation."""
    market = a_market()
    order = market.order(market.offer(100))
    known, stranger = Client(), Client()
    known.force_login(market.agent, backend="django.contrib.auth.backends.ModelBackend")
    session = known.session
    session[SESSION_KEY] = market.buyer.public_id
    session.save()
    stranger.force_login(accounts.a_user(), "django.contrib.auth.backends.ModelBackend")
    return market, order, cookies(known), cookies(stranger)


def cookies(client: Client) -> str:
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())


def write(market: Market, order: Order) -> None:
    conversation.write(order.public_id, actor=market.buying, text="News", now=DAY)


def run(story: Callable[[LiveRouter], Awaitable[None]]) -> None:
    """Tell the story with a router of its own; connections of its threads are closed."""

    async def tell() -> None:
        app = LiveRouter(ASGIHandler())
        await asyncio.wait_for(story(app), 60)
        await sync_to_async(connections.close_all)()
        assert app.hub._readers == {}

    asyncio.run(tell())


@pytest.mark.django_db(transaction=True)
def test_a_reader_hears_of_each_change_after_its_commit() -> None:
    market, order, known, _stranger = trade()

    async def story(app: LiveRouter) -> None:
        listener = Listener(
            app, f"/live/orders/{order.public_id}?version={order.version}", cookies=known
        )
        assert await listener.status() == 200
        await sync_to_async(write)(market, order)
        assert await listener.event() == changed(order.version + 1)
        await sync_to_async(write)(market, order)
        assert await listener.event() == changed(order.version + 2)
        await listener.leave()

    run(story)


@pytest.mark.django_db(transaction=True)
def test_who_may_not_see_the_order_hears_nothing_of_it() -> None:
    _market, order, _known, stranger = trade()

    async def story(app: LiveRouter) -> None:
        for path, said, status in (
            (f"/live/orders/{order.public_id}", "", 403),
            (f"/live/orders/{order.public_id}", stranger, 404),
            ("/live/orders/ord_unknown", stranger, 404),
            ("/live/elsewhere", stranger, 404),
        ):
            listener = Listener(app, path, cookies=said)
            assert await listener.status() == status
            await listener.leave()

    run(story)


@pytest.mark.django_db(transaction=True)
def test_who_comes_back_is_told_at_once_what_was_missed_and_nothing_twice() -> None:
    market, order, known, _stranger = trade()
    write(market, order)
    path, now = f"/live/orders/{order.public_id}?version=1", order.version + 1

    async def story(app: LiveRouter) -> None:
        behind = Listener(app, path, cookies=known, last_event_id=str(order.version))
        assert await behind.status() == 200
        assert await behind.event() == changed(now)
        await behind.leave()
        current = Listener(app, path, cookies=known, last_event_id=str(now))
        assert await current.status() == 200
        await sync_to_async(write)(market, order)
        assert await current.event() == changed(now + 1)
        await current.leave()

    run(story)


@pytest.mark.django_db(transaction=True)
def test_many_readers_share_one_connection_and_are_forgotten_when_they_leave() -> None:
    market, order, known, _stranger = trade()
    path = f"/live/orders/{order.public_id}?version={order.version}"

    async def story(app: LiveRouter) -> None:
        listeners = [Listener(app, path, cookies=known) for _ in range(20)]
        for listener in listeners:
            assert await listener.status() == 200
        listening = app.hub._listening
        await sync_to_async(write)(market, order)
        for listener in listeners:
            assert await listener.event() == changed(order.version + 1)
        assert app.hub._listening is listening
        for listener in listeners:
            await listener.leave()
        assert app.hub._listening is None

    run(story)


@pytest.mark.django_db(transaction=True)
def test_a_lost_database_connection_ends_the_streams_and_the_next_reader_is_heard() -> None:
    market, order, known, _stranger = trade()
    path = f"/live/orders/{order.public_id}?version={order.version}"

    async def story(app: LiveRouter) -> None:
        first = Listener(app, path, cookies=known)
        assert await first.status() == 200
        await sync_to_async(end_listening_sessions)()
        assert await first.event() == ""
        await first.leave()
        second = Listener(app, path, cookies=known)
        assert await second.status() == 200
        await sync_to_async(write)(market, order)
        assert await second.event() == changed(order.version + 1)
        await second.leave()

    run(story)


def end_listening_sessions() -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE query LIKE 'LISTEN assay_live%%' AND datname = current_database()"
        )


@pytest.mark.django_db(transaction=True)
def test_a_quiet_stream_beats_and_ends_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    _market, order, known, _stranger = trade()
    monkeypatch.setattr(routers, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(routers, "STREAM_SECONDS_MAX", 0.5)

    async def story(app: LiveRouter) -> None:
        path = f"/live/orders/{order.public_id}?version={order.version}"
        listener = Listener(app, path, cookies=known)
        assert await listener.status() == 200
        bodies = [(await asyncio.wait_for(listener.heard.get(), 20))["body"] for _ in range(3)]
        assert bodies == [b"retry: 3000\n\n", b":\n\n", b":\n\n"]
        await asyncio.wait_for(listener.task, 20)

    run(story)


@pytest.mark.django_db(transaction=True)
def test_a_full_house_sends_further_readers_to_polling(monkeypatch: pytest.MonkeyPatch) -> None:
    _market, order, known, _stranger = trade()
    monkeypatch.setattr(hubs, "READERS_MAX", 1)
    path = f"/live/orders/{order.public_id}"

    async def story(app: LiveRouter) -> None:
        inside = Listener(app, path, cookies=known)
        assert await inside.status() == 200
        outside = Listener(app, path, cookies=known)
        assert await outside.status() == 503
        await inside.leave()
        again = Listener(app, path, cookies=known)
        assert await again.status() == 200
        await again.leave()

    run(story)


def test_of_many_news_a_slow_reader_keeps_only_the_newest() -> None:
    async def story() -> None:
        reader = Reader("order:1")
        for version in (3, 5, 4):
            reader.tell(version)
        assert await reader.next(1) == (5, "")
        assert await reader.next(0.01) is None
        reader.tell(6, '{"price_minor":700}')
        news = await reader.next(1)
        assert news is not None
        assert routers._event(*news) == (
            'id: 6\nevent: changed\ndata: 6\ndata: {"price_minor":700}\n\n'
        )

    asyncio.run(story())


def test_a_hub_forgets_a_reader_that_leaves_twice() -> None:
    async def story() -> None:
        hub = Hub()
        hub.leave(Reader("order:1"))
        assert hub._count == 0

    asyncio.run(story())


@pytest.mark.django_db(transaction=True)
def test_a_last_event_longer_than_a_version_is_none() -> None:
    """Case L: five thousand digits raised after the answer had begun."""
    _market, order, known, _stranger = trade()

    async def story(app: LiveRouter) -> None:
        path = f"/live/orders/{order.public_id}"
        for listener in (
            Listener(app, path, cookies=known, last_event_id="9" * 5000),
            Listener(app, f"{path}?version={'9' * 5000}", cookies=known),
        ):
            assert await listener.status() == 200
            assert await listener.event() == changed(order.version)
            await listener.leave()

    run(story)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("most", [(2, 100), (100, 2)])
def test_a_person_and_an_organisation_have_so_many_streams(
    monkeypatch: pytest.MonkeyPatch, most: tuple[int, int]
) -> None:
    monkeypatch.setattr(routers, "STREAMS_MAX", most)
    _market, order, known, _stranger = trade()
    path = f"/live/orders/{order.public_id}"

    async def story(app: LiveRouter) -> None:
        first, second = (Listener(app, path, cookies=known) for _number in range(2))
        assert [await first.status(), await second.status()] == [200, 200]
        assert await Listener(app, path, cookies=known).status() == 429
        await first.leave()
        again = Listener(app, path, cookies=known)
        assert await again.status() == 200
        await second.leave()
        await again.leave()
        assert not app.open

    run(story)
