"""Requests that never come to their end: closed in time, while others are served. Case M1."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import Any

import pytest

from exchange.local import slow_requests
from exchange.local.slow_requests import PatientProtocol
from tests.local.test_zero_copy import serving


async def answer(scope: Any, receive: Any, send: Any) -> None:
    """Reads the body to its end and says how much there was."""
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message["body"]), message["more_body"]
    body = str(size).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(slow_requests, "HEADER_SECONDS", 0.6)
    monkeypatch.setattr(slow_requests, "BODY_SECONDS", 0.6)
    with serving(answer) as number:
        yield number
    assert not PatientProtocol.unfinished


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=20)


def heard(line: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    said = b""
    try:
        while step := line.recv(4096):
            said += step
    except ConnectionResetError:
        return said
    return said


def ask(port: int, *, body: bytes = b"") -> bytes:
    with connected(port) as line:
        line.sendall(
            b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b"
            % (len(body), body)
        )
        return heard(line)


def test_three_hundred_half_open_requests_hinder_nobody_and_end(port: int) -> None:
    with ExitStack() as stack:
        lines = [stack.enter_context(connected(port)) for _number in range(300)]
        for line in lines:
            line.sendall(b"POST /accounts/login/ HTTP/1.1\r\nHost: x\r\nX-")
        before = time.monotonic()
        assert b"200 OK" in ask(port, body=b"12345")
        assert time.monotonic() - before < 5
        assert all(heard(line).startswith(b"HTTP/1.1 408 ") for line in lines)


def test_headers_that_drip_do_not_buy_time(port: int) -> None:
    with connected(port) as line:
        before = time.monotonic()
        line.sendall(b"GET / HTTP/1.1\r\n")
        with suppress(OSError):
            while time.monotonic() - before < 10:
                line.sendall(b"X-A: b\r\n")
                time.sleep(0.1)
        assert time.monotonic() - before < 5


def test_a_body_that_does_not_come_is_not_waited_for(port: int) -> None:
    with connected(port) as line:
        line.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nabc")
        assert heard(line) == b""


def test_a_body_that_comes_is_waited_for_however_long_it_is(port: int) -> None:
    with connected(port) as line:
        size = 8 * 5000
        line.sendall(
            b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % size
        )
        for _piece in range(8):
            line.sendall(b"x" * 5000)
            time.sleep(0.25)
        assert heard(line).endswith(str(size).encode())


def test_a_connection_that_is_kept_may_ask_again(port: int) -> None:
    with connected(port) as line:
        for _time in range(2):
            line.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab")
            said = b""
            while not said.endswith(b"\r\n\r\n2"):
                said += line.recv(4096)
            time.sleep(0.9)
        line.sendall(b"POST / HTT")
        assert heard(line).startswith(b"HTTP/1.1 408 ")


def test_one_client_has_only_so_many_unfinished(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow_requests, "UNFINISHED_MAX", 5)
    with ExitStack() as stack:
        lines = [stack.enter_context(connected(port)) for _number in range(8)]
        before = time.monotonic()
        assert [bool(heard(line)) for line in lines[5:]] == [False] * 3
        assert time.monotonic() - before < 0.5
