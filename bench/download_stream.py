"""A signed download through our own server, against nginx sending the same file on the same loopback.

nginx (Debian's package) sends with `sendfile`, one worker, no log. Our side is the whole way: the
link is checked against the database, the request counted, the file sent by the kernel. Afterwards
50 readers at once fetch a part each while the server's memory is watched.
"""

import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import RawIOBase
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, cast

from bench import measure
from bench.measure import Measurement

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
FILE_BYTES = int(os.environ.get("BENCH_DOWNLOAD_BYTES", "1000000000"))
READERS = 50
READER_BYTES = 64 * 2**20
MEMORY_BYTES_MAX = 100 * 2**20
RECEIVE_BYTES = 2**20
START_SECONDS = 60

CONFIGURATION = """
daemon off; worker_processes 1; pid {home}/nginx.pid; error_log {home}/nginx.log;
events {{ worker_connections 256; }}
http {{
    access_log off; sendfile on; tcp_nopush on;
    client_body_temp_path {home}/1; proxy_temp_path {home}/2; fastcgi_temp_path {home}/3;
    uwsgi_temp_path {home}/4; scgi_temp_path {home}/5;
    server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


class _Noise(RawIOBase):
    """So many bytes that no two of which repeat the last ones: one random megabyte, turned."""

    def __init__(self, size_bytes: int) -> None:
        self._left = size_bytes
        self._block = secrets.token_bytes(2**20)

    def read(self, size: int = -1) -> bytes:
        length = min(self._left, size if size >= 0 else self._left, len(self._block))
        self._left -= length
        return self._block[:length]


def _store() -> tuple[str, str]:
    """A large file that a buyer may fetch: the address of its link, and its place in the store."""
    from django.urls import reverse  # noqa: PLC0415 - only after django.setup()
    from django.utils import timezone  # noqa: PLC0415 - for the same reason

    from exchange.catalog.lifecycle import Delivery  # noqa: PLC0415 - for the same reason
    from exchange.delivery import links  # noqa: PLC0415 - for the same reason
    from exchange.delivery.lifecycle import Form  # noqa: PLC0415 - for the same reason
    from exchange.vault import files  # noqa: PLC0415 - for the same reason
    from exchange.vault.models import DataTable  # noqa: PLC0415 - for the same reason
    from exchange.vault.store import content_name  # noqa: PLC0415 - for the same reason
    from tests.factories import delivery, listings, vault  # noqa: PLC0415 - for the same reason
    from tests.factories.orders import a_market  # noqa: PLC0415 - for the same reason

    now = timezone.now()
    market = a_market()
    seller = market.seller
    file = files.keep(
        actor=vault.keeper(seller.pk),
        name="large.bin",
        content=cast("IO[bytes]", _Noise(FILE_BYTES)),
        now=now,
    ).file
    table = DataTable.objects.create(
        file=file, position=0, name="large", rows=1, parquet=file.blob, document={}
    )
    product = listings.a_listing(seller=seller, delivery=Delivery.FILE)
    delivery.a_revision(product, file)
    right = delivery.an_entitlement(product, market.buyer, now=now)
    link = links.make(
        right, table=table, form=Form.PARQUET, spend_max_minor=None, actor=market.buying, now=now
    )
    address = reverse("web:download", args=[links.sign(link)])
    return address, content_name(file.blob.sha256)


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


@contextmanager
def _running(command: list[str], port: int) -> Iterator[int]:
    """A server as a process of its own, from when it answers; its process id."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=10)


def _fetch(port: int, address: str, *, part: str = "") -> int:
    """Fetch and throw away; how many bytes the body had."""
    asked = f"GET {address} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{part}\r\n"
    buffer = memoryview(bytearray(RECEIVE_BYTES))
    with socket.create_connection(("127.0.0.1", port), timeout=120) as client:
        client.sendall(asked.encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(4096)
        headers, _gap, body = head.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", headers, re.IGNORECASE)
        if not headers.startswith(b"HTTP/1.1 20") or length is None:
            raise RuntimeError(headers.decode(errors="replace"))
        left = int(length[1]) - len(body)
        while left > 0:
            received = client.recv_into(buffer)
            if not received:
                raise RuntimeError(f"{left} bytes are missing.")
            left -= received
    return int(length[1])


def _speed(port: int, address: str) -> Callable[[], float]:
    def measured() -> float:
        begun = time.perf_counter()
        return _fetch(port, address) / (time.perf_counter() - begun) / 10**6

    return measured


def _peak_bytes(pid: int) -> int:
    """The most memory that the process ever held at once."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def _watch_memory(pid: int, port: int, address: str) -> None:
    """50 readers at once: what the server held more for them must stay bounded."""
    before = _peak_bytes(pid)
    with ThreadPoolExecutor(READERS) as pool:
        part = f"Range: bytes=0-{min(READER_BYTES, FILE_BYTES) - 1}\r\n"
        list(pool.map(lambda _number: _fetch(port, address, part=part), range(READERS)))
    grown = _peak_bytes(pid) - before
    print(f"  {READERS} downloads at once took {grown / 2**20:.1f} MB more", flush=True)
    assert grown < MEMORY_BYTES_MAX, f"{grown} bytes for {READERS} readers"


def stream() -> Measurement:
    """Megabytes per second of one download."""
    with TemporaryDirectory() as home:
        from django.conf import settings  # noqa: PLC0415 - only after django.setup()

        root = Path(home) / "vault"
        Path(home).chmod(0o755)
        os.environ["VAULT_ROOT"] = settings.VAULT_ROOT = str(root)
        os.environ["DELIVERY_LINK_SECONDS"] = "3600"
        settings.DELIVERY_LINK_SECONDS = 3600
        address, place = _store()
        for entry in (root, *root.rglob("*")):  # nginx's worker may be another account
            entry.chmod(0o755 if entry.is_dir() else 0o444)
        ours, theirs = _free_port(), _free_port()
        text = CONFIGURATION.format(home=home, port=theirs, root=root)
        configuration = Path(home) / "nginx.conf"
        configuration.write_text(text)
        os.environ["DJANGO_SETTINGS_MODULE"] = "exchange.settings.demo"
        server = [
            sys.executable, "-m", "uvicorn", "exchange.asgi:application", "--port", str(ours),
            "--no-access-log", "--log-level", "warning",
            "--http", "exchange.local.zero_copy:ZeroCopyProtocol",
        ]  # fmt: skip
        with (
            _running(server, ours) as pid,
            _running([str(NGINX), "-c", str(configuration)], theirs),
        ):
            speeds = measure.in_turns(_speed(ours, address), _speed(theirs, f"/{place}"))
            _watch_memory(pid, ours, address)
    return Measurement(
        name="download.stream",
        value=speeds[0],
        unit="MB/s",
        peer="nginx sending the same file with sendfile, MB/s",
        peer_value=speeds[1],
        goal=0.8,
    )


BENCHES: dict[str, measure.Bench] = {"download.stream": stream} if NGINX else {}
if not NGINX:
    print("download.stream is left out: there is no nginx (Debian: apt install nginx-light).")
