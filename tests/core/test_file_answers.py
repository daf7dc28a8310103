"""The answer to "give me this file"."""

import asyncio
import base64
import hashlib
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from exchange.core import sending
from exchange.core.downloads import Source, answer
from exchange.core.sending import EXTENSION, SEND, FileResponse, offering_zero_copy

# Closing an answer looks after the connection.
pytestmark = pytest.mark.django_db
CONTENT = bytes(range(256)) * 40
STORED_AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def source(tmp_path: Path) -> Source:
    path = tmp_path / "content"
    path.write_bytes(CONTENT)
    return Source(
        open=lambda: path.open("rb"),
        size_bytes=len(CONTENT),
        sha256=SHA256,
        name="电表.csv",
        media_type="text/csv; charset=utf-8",
        stored_at=STORED_AT,
    )


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "STEP_BYTES", 1000)
    monkeypatch.setattr(sending, "SLICE_BYTES", 4000)
    monkeypatch.setattr(sending, "TALLY_BYTES", 3000)


def ask(method: str = "GET", **headers: str) -> HttpRequest:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return RequestFactory().generic(method, "/d/x", headers=named)


def nothing(count: int) -> None:
    raise AssertionError(f"{count} bytes were sent.")


def body(response: Any) -> bytes:
    content = b"".join(cast("Iterator[bytes]", response))
    response.close()
    return content


def test_the_whole_file_comes_with_its_hash_and_length(source: Source) -> None:
    sent: list[int] = []
    response = answer(ask(), source, on_begin=lambda: None, on_sent=sent.append)
    assert response.status_code == 200
    assert response["Content-Length"] == "10240"
    assert response["ETag"] == f'"{SHA256}"'
    assert response["Repr-Digest"] == (
        "sha-256=:" + base64.b64encode(bytes.fromhex(SHA256)).decode() + ":"
    )
    assert response["Accept-Ranges"] == "bytes"
    assert "filename*=utf-8''%E7%94%B5%E8%A1%A8.csv" in response["Content-Disposition"]
    assert body(response) == CONTENT
    assert sent == [3000, 3000, 3000, 1240]


def test_a_part_comes_as_206(source: Source) -> None:
    sent: list[int] = []
    response = answer(ask(Range="bytes=10000-"), source, on_begin=lambda: None, on_sent=sent.append)
    assert (response.status_code, response["Content-Range"]) == (206, "bytes 10000-10239/10240")
    assert response["Content-Length"] == "240"
    assert body(response) == CONTENT[10000:]
    assert sent == [240]


def test_a_range_beyond_the_end_is_416_and_says_the_size(source: Source) -> None:
    response = answer(ask(Range="bytes=10240-"), source, on_begin=lambda: None, on_sent=nothing)
    assert (response.status_code, response["Content-Range"]) == (416, "bytes */10240")
    assert response["Content-Type"] == "application/problem+json"
    assert json.loads(cast("HttpResponse", response).content)["code"] == "range_not_satisfiable"


TAG = f'"{SHA256}"'
STORED, LATER, BEFORE = (
    "Sun, 01 Mar 2026 12:00:00 GMT", "Mon, 02 Mar 2026 12:00:00 GMT", "Sat, 28 Feb 2026 12:00:00 GMT",
)  # fmt: skip


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If_None_Match": TAG}, 304),
        ({"If_None_Match": f"W/{TAG}"}, 304),
        ({"If_None_Match": f'"other", W/{TAG}'}, 304),
        ({"If_None_Match": "*"}, 304),
        ({"If_None_Match": '"other"'}, 200),
        ({"If_None_Match": '"other"', "If_Modified_Since": LATER}, 200),
        ({"If_Modified_Since": STORED}, 304),
        ({"If_Modified_Since": BEFORE}, 200),
        ({"If_Modified_Since": "yesterday"}, 200),
        ({"If_Match": TAG}, 200),
        ({"If_Match": "*"}, 200),
        ({"If_Match": '"other"'}, 412),
        ({"If_Match": f"W/{TAG}"}, 412),
        ({"If_Match": TAG, "If_Unmodified_Since": BEFORE}, 200),
        ({"If_Unmodified_Since": BEFORE}, 412),
        ({"If_Unmodified_Since": STORED}, 200),
        ({"If_Match": TAG, "If_None_Match": f"W/{TAG}"}, 304),
    ],
)
def test_conditions_are_judged_by_tag_and_date(
    source: Source, method: str, headers: dict[str, str], status: int
) -> None:
    begun: list[int] = []
    response = answer(
        ask(method, **headers),
        source,
        on_begin=lambda: begun.append(1),
        on_sent=lambda _count: None,
    )
    response.close()
    assert response.status_code == status
    assert len(begun) == (method == "GET" and status == 200)
    assert response["ETag"] == TAG


def test_a_look_with_a_range_says_the_whole(source: Source) -> None:
    for wanted in ("bytes=0-9", "bytes=99999-"):
        response = answer(ask("HEAD", Range=wanted), source, on_begin=lambda: None, on_sent=nothing)
        assert (response.status_code, response["Content-Length"]) == (200, "10240")
        assert response["Last-Modified"] == STORED


def test_a_look_says_everything_and_sends_nothing(source: Source) -> None:
    response = answer(ask("HEAD"), source, on_begin=lambda: None, on_sent=nothing)
    assert isinstance(response, HttpResponse)
    assert (response.content, response["Content-Length"]) == (b"", "10240")


def test_a_proxy_in_front_sends_the_file_where_the_settings_say_so(source: Source) -> None:
    sent: list[int] = []
    behind = Source(
        open=source.open,
        size_bytes=source.size_bytes,
        sha256=source.sha256,
        name=source.name,
        media_type=source.media_type,
        stored_at=source.stored_at,
        internal_path="/vault/ab/cd/abcd",
    )
    response = answer(ask(), behind, on_begin=lambda: None, on_sent=sent.append)
    assert response["X-Accel-Redirect"] == "/vault/ab/cd/abcd"
    assert "Content-Length" not in response
    assert sent == [10240]


def test_a_reader_who_leaves_is_counted_for_what_went_out(source: Source) -> None:
    sent: list[int] = []
    response = answer(ask(), source, on_begin=lambda: None, on_sent=sent.append)
    assert isinstance(response, FileResponse)
    steps = iter(response)
    assert next(steps) == CONTENT[:1000]
    assert next(steps) == CONTENT[1000:2000]
    response.close()
    assert sent == [1000]  # the second step is on its way and nobody knows how far it came


def under_asgi(source: Source, sent: list[int], *, zero_copy: bool) -> tuple[bytes, list[Any]]:
    """What an ASGI server is given: the body in steps, and the stretches that it sends itself."""
    offered: list[Any] = []

    async def send(message: dict[str, Any]) -> None:
        offered.append((message["offset"], message["count"]))

    async def collect() -> bytes:
        scope: Any = {"type": "http", "method": "GET", "path": "/d/x", "headers": []}
        if zero_copy:
            scope[SEND] = send
        request = ASGIRequest(scope, io.BytesIO())
        response = answer(request, source, on_begin=lambda: None, on_sent=sent.append)
        assert isinstance(response, FileResponse)
        content = b"".join([step async for step in response])
        response.close()
        return content

    return asyncio.run(collect()), offered


def test_without_zero_copy_the_bytes_pass_through_a_thread(source: Source) -> None:
    sent: list[int] = []
    assert under_asgi(source, sent, zero_copy=False) == (CONTENT, [])
    assert sum(sent) == 10240


def test_with_zero_copy_the_server_is_told_which_stretches_to_send(source: Source) -> None:
    sent: list[int] = []
    content, offered = under_asgi(source, sent, zero_copy=True)
    assert content == b""
    assert offered == [(0, 4000), (4000, 4000), (8000, 2240)]
    assert sent == [4000, 4000, 2240]


@pytest.mark.parametrize("offered", [True, False])
def test_zero_copy_is_used_only_where_the_server_offers_it(*, offered: bool) -> None:
    seen: list[Any] = []

    async def application(scope: Any, _receive: Any, _send: Any) -> None:
        seen.append(scope.get(SEND))

    async def send(_message: Any) -> None:
        raise AssertionError("Nothing is sent here.")

    async def receive() -> Any:
        raise AssertionError("Nothing is received here.")

    extensions: dict[str, Any] = {EXTENSION: {}} if offered else {}
    around = offering_zero_copy(application)
    asyncio.run(around({"type": "http", "extensions": extensions}, receive, send))
    assert seen == [send if offered else None]
