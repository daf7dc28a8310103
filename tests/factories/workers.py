"""Real worker processes, the messages between them, and the marks that their effects leave."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import conninfo

from exchange.local import processes

PROJECT = Path(__file__).resolve().parents[2]
START_SECONDS = 60


def database_url() -> str:
    """The address of the database that this test uses."""
    parameters = connection.get_connection_params()
    person = ":".join(quote(parameters[it]) for it in ("user", "password") if parameters.get(it))
    where = "&".join(
        f"{it}={quote(str(parameters[it]), safe='')}" for it in ("host", "port") if it in parameters
    )
    return f"postgresql://{person}@/{parameters['dbname']}?{where}"


def connect(url: str | None = None) -> "psycopg.Connection[tuple[object, ...]]":
    """A connection of the test's own, outside Django."""
    return psycopg.connect(conninfo.make_conninfo(url or database_url()), autocommit=True)


def instance_name() -> str:
    """The workers' own instance, one for each test process: brokers on files must not meet."""
    return f"{settings.INSTANCE_DIR.name}-worker-{os.getpid()}"


@contextmanager
def worker(
    *arguments: str, folder: Path, url: str | None = None, **environment: str
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run `python -m …` as a worker on the test's database; nothing of it is left at the end."""
    process = processes.start(
        [sys.executable, "-m", *arguments],
        number=signal.SIGKILL,
        log=folder / "worker.log",
        environment={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "exchange.settings.test",
            "DATABASE_URL": url or database_url(),
            "ASSAY_INSTANCE": instance_name(),
            "REDIS_URL": "",
            "PROBE_LOOPS": "",
            "OUTBOX_LEASE_SECONDS": "2",
            "OUTBOX_SWEEP_SECONDS": "1",
            "LOG_JSON": "true",
            "PYTHONWARNINGS": "ignore",
            **environment,
        },
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)
        shutil.rmtree(settings.INSTANCE_DIR.with_name(instance_name()), True)


def celery_worker_words() -> tuple[str, ...]:
    """The worker of the demo, with the probe's handlers."""
    return (
        "celery", "-A", "tests.jobs.probe", "worker", "--pool", "threads", "--concurrency", "2",
        "--loglevel", "WARNING",
    )  # fmt: skip


def await_marks(ears: "psycopg.Connection[tuple[object, ...]]", count: int) -> list[str]:
    """Wait until `count` marks are there, woken by each; return whose they are."""
    ears.execute("LISTEN probe_mark")
    deadline = time.monotonic() + START_SECONDS
    while True:
        rows = ears.execute("SELECT job FROM probe_mark ORDER BY job").fetchall()
        if len(rows) >= count:
            return [str(row[0]) for row in rows]
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError(f"{len(rows)} of {count} marks")
        for _word in ears.notifies(timeout=remaining, stop_after=1):
            break


def is_group_gone(process: "subprocess.Popen[bytes]", within_seconds: float = 5) -> bool:
    """Whether no process of the worker's group is left; the kernel takes a moment to tell them."""
    deadline = time.monotonic() + within_seconds
    while time.monotonic() < deadline:
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


@contextmanager
def redis_server(folder: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """A private Redis on a free port; its address and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = processes.start(
        [
            "redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "",
            "--appendonly", "no", "--dir", str(folder),
        ],
        number=signal.SIGKILL,
        log=folder / "redis.log",
    )  # fmt: skip
    try:
        _await_port(port)
        yield f"redis://127.0.0.1:{port}/0", server
    finally:
        server.kill()
        server.wait(timeout=10)


def _await_port(port: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.01)
    raise TimeoutError(f"Nothing listens on port {port}.")
