"""The server is killed under load: what it acknowledged is there, once, and the books are sound."""

import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import IO, cast

import psycopg
import pytest
from django.conf import settings

from exchange.local import postgres
from tests import depth
from tests.faults.ledger_load import AWAY, SCOPE

pytestmark = [pytest.mark.fault, pytest.mark.deep, depth.ONLY_DEEP]
CLIENTS = 3
KILLS = 2
ACKNOWLEDGED_BETWEEN_KILLS = 40


class Client:
    """A process that posts until it is told to stop, and what it was told is in the books."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.keys: list[str] = []
        self.times_away = 0
        self.said = cast("IO[str]", process.stdout)  # a pipe was asked for

    def read(self, keys_count: int) -> None:
        """Wait for so many more keys."""
        wanted = len(self.keys) + keys_count
        while len(self.keys) < wanted:
            line = self.said.readline()
            assert line, f"the client ended with {self.process.wait()}"
            self.note(line)

    def stop(self) -> int:
        """Let it finish its key, read the rest of what it says, and return its exit code."""
        cast("IO[str]", self.process.stdin).close()
        for line in self.said:
            self.note(line)
        return self.process.wait()

    def note(self, line: str) -> None:
        if line.strip() == AWAY:
            self.times_away += 1
        else:
            self.keys.append(line.strip())


@contextmanager
def client(number: int, environment: Mapping[str, str]) -> Iterator[Client]:
    """A running client; nothing of it is left at the end, however the test ends."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.ledger_load", "post", str(number)],
        cwd=postgres.PROJECT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Client(process)
        finally:
            process.kill()


@pytest.fixture
def server() -> Iterator[postgres.Instance]:
    """A server of its own, gone without a trace afterwards."""
    name = f"{settings.INSTANCE_DIR.name}-killed"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # its keeper is meant to run on
        postgres.attach(name)
    try:
        yield postgres.locate(name)
    finally:
        postgres.discard(name)


def test_nothing_acknowledged_is_missing_after_the_server_was_killed_under_load(
    server: postgres.Instance,
) -> None:
    environment = {
        **os.environ,
        "DATABASE_URL": server.url,
        "DJANGO_SETTINGS_MODULE": "exchange.settings.test",
        "PYTHONWARNINGS": "ignore",
    }
    subprocess.run(
        [sys.executable, "-m", "tests.faults.ledger_load", "prepare"],
        cwd=postgres.PROJECT,
        env=environment,
        check=True,
    )
    with ExitStack() as stack:
        clients = [stack.enter_context(client(number, environment)) for number in range(CLIENTS)]
        for _kill in range(KILLS):
            _await_more(clients)
            _kill_at_once(server)
        _await_more(clients)
        assert [one.stop() for one in clients] == [os.EX_OK] * CLIENTS

    # Every client was cut off by every kill, and asked again under the same key until it was told.
    assert all(one.times_away >= KILLS for one in clients)
    acknowledged = sorted(key for one in clients for key in one.keys)
    with psycopg.connect(server.url) as books:
        stored = books.execute(
            "SELECT key FROM ledger_journalentry WHERE scope = %s", [SCOPE]
        ).fetchall()
        assert sorted(key for (key,) in stored) == acknowledged
        spent = books.execute("SELECT dr_minor FROM ledger_account WHERE code = 'wallet:1'")
        assert spent.fetchone() == (len(acknowledged),)
    subprocess.run(
        [sys.executable, "manage.py", "check_ledger", "--skip-checks"],
        cwd=postgres.PROJECT,
        env=environment,
        check=True,
        capture_output=True,
    )


def _await_more(clients: list[Client]) -> None:
    for one in clients:
        one.read(ACKNOWLEDGED_BETWEEN_KILLS)


def _kill_at_once(server: postgres.Instance) -> None:
    """As `pg_ctl stop -m immediate` and a loss of power do: no checkpoint. The keeper restarts it."""
    postmaster = int((server.cluster / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGQUIT)
