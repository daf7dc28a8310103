"""The private PostgreSQL lives as long as somebody uses it, and no longer."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from exchange.local import keeper, postgres
from tests.local.processes import running

USE = """
import sys
from exchange.local import postgres
print(postgres.attach(sys.argv[1]), flush=True)
sys.stdin.read()
"""
WAIT_SECONDS = 120  # a busy machine is no failure; this only ends what hangs


@pytest.fixture
def scratch(worker_id: str) -> Iterator[str]:
    name = f"scratch-{os.getpid()}-{worker_id}"
    yield name
    instance = postgres.locate(name)
    eventually(lambda: processes_of(instance) == [])
    # the cluster lies apart from the home where the umask closes it to the server's account
    for folder in (instance.cluster, instance.sockets, instance.home, instance.cluster.parent):
        shutil.rmtree(folder, ignore_errors=True)


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it did not come to hold in time"
        time.sleep(0.02)


def user_of(name: str, project: Path = postgres.PROJECT) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", USE, name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=project,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("postgresql://")
    return process


def end(process: "subprocess.Popen[str]", number: signal.Signals) -> None:
    process.send_signal(number)
    process.communicate()


def processes_of(instance: postgres.Instance) -> list[str]:
    command = f"exchange.local.keeper {instance.home.name}"
    return [
        line
        for line in running().values()
        if str(instance.cluster) in line or line.endswith(command)
    ]


@pytest.mark.fault
def test_the_server_outlives_its_first_user_and_ends_with_its_last(scratch: str) -> None:
    instance = postgres.locate(scratch)
    first, second = user_of(scratch), user_of(scratch)
    end(first, signal.SIGKILL)
    time.sleep(1)  # several looks of the keeper, each of which must leave the server alone
    assert postgres.accepts_connections(instance)
    end(second, signal.SIGKILL)
    eventually(lambda: processes_of(instance) == [])


@pytest.mark.fault
def test_a_server_that_falls_is_started_again_with_what_it_had_promised(scratch: str) -> None:
    instance = postgres.locate(scratch)
    user = user_of(scratch)
    with psycopg.connect(instance.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE promise AS SELECT 1 AS kept")
    server = int((instance.cluster / "postmaster.pid").read_text().splitlines()[0])
    os.kill(server, signal.SIGQUIT)  # PostgreSQL's immediate shutdown: recovery at the next start
    eventually(lambda: _kept(instance))
    end(user, signal.SIGTERM)


@pytest.mark.fault
def test_a_server_that_was_killed_comes_back_although_its_processes_linger(scratch: str) -> None:
    instance = postgres.locate(scratch)
    user = user_of(scratch)
    with psycopg.connect(instance.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE promise AS SELECT 1 AS kept")
        busy = connection.execute("SELECT pg_backend_pid()").fetchone()
        assert busy is not None
        os.kill(busy[0], signal.SIGSTOP)  # holds the shared memory after its server has gone
        server = int((instance.cluster / "postmaster.pid").read_text().splitlines()[0])
        os.kill(server, signal.SIGKILL)
        time.sleep(2)  # a first attempt to start it again, in vain
        os.kill(busy[0], signal.SIGKILL)
        eventually(lambda: _kept(instance))
    end(user, signal.SIGTERM)


@pytest.mark.fault
def test_a_keeper_that_was_killed_is_replaced(scratch: str) -> None:
    instance = postgres.locate(scratch)
    user = user_of(scratch)
    with psycopg.connect(instance.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE promise AS SELECT 1 AS kept")
    assert postgres.revive(scratch)
    command = f"exchange.local.keeper {scratch}"
    [number] = [number for number, line in running().items() if line.endswith(command)]
    os.kill(number, signal.SIGKILL)
    eventually(lambda: not postgres.accepts_connections(instance))
    eventually(lambda: postgres.revive(scratch))
    assert _kept(instance)
    end(user, signal.SIGTERM)


def test_a_keeper_does_not_leave_before_its_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that does not end is told to leave at once: the next one would find its lock."""
    monkeypatch.setattr(keeper, "STOP_TIMEOUT_SECONDS", 0.5)
    deaf = (  # what a shell starts in the background is deaf to both
        "import signal; signal.signal(2, signal.SIG_IGN); signal.signal(3, signal.SIG_DFL);"
        " print('up', flush=True); signal.pause()"
    )
    server = subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE)
    with server:
        assert server.stdout is not None
        assert server.stdout.readline() == b"up\n"
        keeper.stop(server, signal.SIGINT)
    assert server.returncode == -signal.SIGQUIT


def _kept(instance: postgres.Instance) -> bool:
    try:
        with psycopg.connect(instance.url) as connection:
            return connection.execute("SELECT kept FROM promise").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


@pytest.mark.fault
def test_nothing_outside_the_project_changes_owner_or_mode(scratch: str) -> None:
    parents = [*postgres.PROJECT.parents, Path(sys.prefix), Path(sys.executable).resolve().parent]
    before = [(p, p.stat().st_mode, p.stat().st_uid) for p in parents]
    user = user_of(scratch)
    assert [(p, p.stat().st_mode, p.stat().st_uid) for p in parents] == before
    end(user, signal.SIGTERM)


@pytest.mark.fault
@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another account for the server")
def test_a_checkout_in_a_closed_home_runs_without_opening_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    checkout = home / "assay"
    (checkout / "exchange").mkdir(parents=True)
    shutil.copy(postgres.PROJECT / "exchange" / "__init__.py", checkout / "exchange")
    shutil.copytree(postgres.PROJECT / "exchange" / "local", checkout / "exchange" / "local")
    before = {path: path.stat().st_mode for path in (home, *home.parents)}
    user = user_of("closed", project=checkout)
    [(number, server)] = [
        (number, line)
        for number, line in running().items()
        if re.search(r"/var/tmp/assay-[0-9a-f]+/postgres -k", line)
        and _folder_of(_parent_of(number)) == checkout
    ]
    assert {path: path.stat().st_mode for path in before} == before
    end(user, signal.SIGTERM)
    roof = Path(server.split(" -D ")[1].split()[0]).parent
    sockets = Path(server.split(" -k ")[1].split()[0])
    eventually(lambda: not (roof / "postgres" / "postmaster.pid").exists())
    eventually(lambda: number not in running())
    shutil.rmtree(roof)
    shutil.rmtree(sockets)


def _parent_of(number: int) -> int:
    return int(Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()[1])


def _folder_of(number: int) -> Path | None:
    """Where a process runs; the keeper of a server runs in the checkout that asked for it."""
    try:
        return Path(f"/proc/{number}/cwd").readlink()
    except OSError:  # ended meanwhile
        return None
