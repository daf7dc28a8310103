"""A way to the database on which one answer gets lost: the server did it, and nobody heard."""

import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SOCKET = ".s.PGSQL.5432"
CHUNK_BYTES = 65_536
WAIT_SECONDS = 60
# The end of every answer of the server, and the state that says: no transaction is open.
DONE_AND_IDLE = b"Z\x00\x00\x00\x05I"


@contextmanager
def losing_the_answer_to(words: bytes, *, server: Path) -> Iterator[Path]:
    """The folder of a socket that leads to `server`. The answer to the first client's first request
    with `words` in it is awaited and thrown away, and both connections are cut."""
    folder = Path(tempfile.mkdtemp())  # a short path: names of sockets have at most 107 bytes
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(folder / SOCKET))
        door.listen(1)
        over = threading.Event()
        carrier = threading.Thread(target=_carry, args=(door, server, words, over))
        carrier.start()
        try:
            yield folder
        finally:
            over.set()
            with socket.socket(socket.AF_UNIX) as last:  # wakes the carrier
                last.connect(str(folder / SOCKET))
            carrier.join()
            shutil.rmtree(folder)


def _carry(door: socket.socket, server: Path, words: bytes, over: threading.Event) -> None:
    """Serve one client after the other until it is over; the answer is lost on the first."""
    is_lost = False
    while True:
        client, _address = door.accept()
        with client, socket.socket(socket.AF_UNIX) as database:
            if over.is_set():
                return
            for end in (client, database):
                end.settimeout(WAIT_SECONDS)
            database.connect(str(server / SOCKET))
            with suppress(ConnectionError):  # a client may leave without listening
                _pass_on(client, database, None if is_lost else words)
            is_lost = True


def _pass_on(client: socket.socket, database: socket.socket, words: bytes | None) -> None:
    """Requests and answers take turns, until either side closes or the answer has been lost."""
    while request := client.recv(CHUNK_BYTES):
        database.sendall(request)
        answer = _answer(database)
        if words is not None and words in request:
            assert answer.endswith(DONE_AND_IDLE)
            break
        client.sendall(answer)


def _answer(database: socket.socket) -> bytes:
    """All that the server says until it is ready for the next request, or closes."""
    answer = b""
    while part := database.recv(CHUNK_BYTES):
        answer += part
        if answer[-6:-1] == DONE_AND_IDLE[:-1]:
            break
    return answer
