"""Files sent by the kernel, through a real uvicorn."""

import http.client
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from exchange.local.zero_copy import EXTENSION, ZeroCopyProtocol

# More than the buffers of a connection hold: who does not read stops the sender.
CONTENT = os.urandom(24_000_000)
SLICE = 8_000_000


class Application:
    """Sends a file in three slices, with or without saying its length before."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.ended = threading.Event()
        self.error: BaseException | None = None

    async def __call__(self, scope: Any, _receive: Any, send: Any) -> None:
        assert EXTENSION in scope["extensions"]
        length = [(b"content-length", str(len(CONTENT)).encode())]
        headers = length if scope["path"] == "/known" else []
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        try:
            with self.path.open("rb") as file:
                for offset in range(0, len(CONTENT), SLICE):
                    await send(
                        {
                            "type": EXTENSION,
                            "file": file,
                            "offset": offset,
                            "count": SLICE,
                            "more_body": True,
                        }
                    )
            await send({"type": "http.response.body", "body": b""})
        except OSError as error:
            self.error = error
        finally:
            self.ended.set()


@contextmanager
def serving(application: Any) -> Iterator[int]:
    """A server on a port of its own, in a thread."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen(16)  # who comes before the server is up waits here
        config = uvicorn.Config(
            application, http=ZeroCopyProtocol, ws="none", lifespan="off", log_config=None
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
        thread.start()
        try:
            yield door.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def application(tmp_path: Path) -> Application:
    path = tmp_path / "content"
    path.write_bytes(CONTENT)
    return Application(path)


@pytest.mark.parametrize("address", ["/known", "/unknown"])
def test_the_content_arrives_whole_twice_on_one_connection(
    application: Application, address: str
) -> None:
    with serving(application) as port:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        for _time in range(2):
            client.request("GET", address)
            assert client.getresponse().read() == CONTENT
        client.close()


def test_a_reader_who_leaves_ends_the_sending(application: Application) -> None:
    with serving(application) as port:
        with socket.socket() as client:
            client.settimeout(30)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(("127.0.0.1", port))
            client.sendall(b"GET /known HTTP/1.1\r\nHost: x\r\n\r\n")
            assert client.recv(12) == b"HTTP/1.1 200"
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        assert application.ended.wait(timeout=30)
    assert isinstance(application.error, ConnectionResetError)
