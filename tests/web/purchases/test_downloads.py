"""Long downloads through the ASGI application: step by step, with no connection kept in between."""

import asyncio
import csv
import io
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from exchange.asgi import application
from exchange.core import downloads
from exchange.ledger import statements
from tests.browser import story
from tests.browser.story import Story
from tests.factories import accounts

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Received:
    """What a server was given to send, and whether a connection was held when it sent a part."""

    status: int = 0
    parts: list[str] = field(default_factory=list)
    are_held: list[bool] = field(default_factory=list)

    async def take(self, message: Mapping[str, Any]) -> None:
        self.status = message.get("status", self.status)
        if message.get("more_body"):
            self.parts.append(message["body"].decode())
            self.are_held.append(await sync_to_async(lambda: connection.connection is not None)())


async def _ask(path: str, headers: Mapping[str, str]) -> Received:
    received = Received()
    asked: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()  # then the caller stays on the line
    asked.put_nowait({"type": "http.request", "body": b"", "more_body": False})
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    await application(scope, asked.get, received.take)  # type: ignore[arg-type]  # messages as dictionaries
    return received


def ask(path: str, headers: Mapping[str, str]) -> Received:
    """Ask in a thread that has no event loop yet."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, _ask(path, {"host": "localhost", **headers})).result()


def session_of(told: Story) -> dict[str, str]:
    client = Client()
    client.force_login(told.person, backend="django.contrib.auth.backends.ModelBackend")
    name = settings.SESSION_COOKIE_NAME
    return {"cookie": f"{name}={client.cookies[name].value}"}


def key_of(told: Story) -> dict[str, str]:
    made = accounts.an_api_key(told.organisation, scopes=("ledger:read",), at=timezone.now())
    return {"authorization": f"Bearer {made.secret}"}


@pytest.mark.parametrize("door", ["web", "api"])
def test_a_statement_is_sent_in_steps_that_hold_no_connection(
    door: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "LINES_PER_STEP", 5)
    monkeypatch.setattr(statements, "FORWARD_LINES", 4)
    told = story.tell()
    if door == "web":
        path, headers = f"/books/{told.account.public_id}/statement.csv", session_of(told)
    else:
        path = f"/api/v1/ledger/accounts/{told.account.public_id}/statement.csv"
        headers = key_of(told)
    received = ask(path, headers)
    assert received.status == 200
    assert [part.count("\n") for part in received.parts] == [5, 5, 3]
    assert received.are_held == [False, False, False]
    rows = list(csv.DictReader(io.StringIO("".join(received.parts), newline="")))
    assert len(rows) == 12
    assert (rows[0]["credit"], rows[-1]["balance"]) == ("128000.00", "549682.49")
