"""The process that keeps one private PostgreSQL running while anybody uses it, and stops it after.

Run as `python -m exchange.local.keeper INSTANCE`; prints `ready` once the database answers.
"""

import fcntl
import os
import signal
import subprocess
import sys
import time
from typing import IO, Any

import psycopg
from psycopg import sql

from exchange.local import postgres, processes

LOOK_EVERY_SECONDS = 0.2
STOP_TIMEOUT_SECONDS = 180  # on a busy disk, what was written last is long in coming down
LEFTOVER_SECONDS = 20
RESTART_SECONDS = 0.5
RESTART_MAX_SECONDS = 10.0
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "wal_compression": "on",
    "log_min_messages": "warning",
    "timezone": "UTC",
}


def _make_cluster(instance: postgres.Instance) -> None:
    if (instance.cluster / "PG_VERSION").exists():
        return
    made = subprocess.run(
        [
            instance.programs / "initdb",
            f"--pgdata={instance.cluster}",
            f"--username={postgres.DATABASE}",
            "--auth=trust",  # the socket's folder is 0700 and nothing listens on the network
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
        ],
        user=instance.account,
        extra_groups=None if instance.account is None else [],
        cwd="/",
        check=False,
        capture_output=True,
        text=True,
    )
    if made.returncode != 0:
        raise postgres.ServerDidNotStart(made.stderr)


def _start_server(instance: postgres.Instance) -> subprocess.Popen[bytes]:
    settings = [word for key, value in SETTINGS.items() for word in ("-c", f"{key}={value}")]
    return processes.start(
        [instance.programs / "postgres", "-D", instance.cluster, "-k", instance.sockets, *settings],
        number=signal.SIGINT,  # PostgreSQL's fast shutdown
        log=instance.log,
        account=instance.account,
    )


def _wait_until_ready(instance: postgres.Instance, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + postgres.START_TIMEOUT_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with psycopg.connect(
                host=str(instance.sockets),
                user=postgres.DATABASE,
                dbname="postgres",
                autocommit=True,
            ) as connection:
                name = postgres.DATABASE
                known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
                if known.fetchone() is None:
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
                _make_runtime_role(connection)
        except psycopg.OperationalError:
            time.sleep(0.02)
        else:
            return
    raise postgres.ServerDidNotStart(instance.log.read_text(errors="replace")[-2000:])


def _make_runtime_role(connection: "psycopg.Connection[Any]") -> None:
    """What it may do with tables is granted by `manage.py migrate`, which makes them."""
    role = postgres.RUNTIME_ROLE
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
    if known.fetchone() is None:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER").format(sql.Identifier(role)))


def keep(name: str) -> None:
    """Run the server of instance `name` until no process holds its lease; restart it if it falls.

    One keeper at a time: a second one waits until the first has gone. A server that does not come up
    again, since what the last one left still holds its memory or the disk is full, is tried for as long
    as somebody needs it, at growing distances.
    """
    instance = postgres.locate(name)
    with postgres.keeping(instance), (instance.home / "users.lock").open("w") as users:
        _make_cluster(instance)
        server = _started(instance)
        print("ready", flush=True)
        os.close(sys.stdout.fileno())
        delay = 0.0
        while not _is_unused(users):
            time.sleep(LOOK_EVERY_SECONDS)
            if server.poll() is None:
                delay = 0.0
                continue
            time.sleep(delay)
            delay = min(2 * delay or RESTART_SECONDS, RESTART_MAX_SECONDS)
            server = _restarted(instance)
        stop(server, signal.SIGINT)


def stop(server: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    """End the server and see it gone: who came next would find its lock. One that does not end in
    time is told to leave at once; the next start recovers what it had promised."""
    server.send_signal(number)
    try:
        server.wait(timeout=STOP_TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        server.send_signal(signal.SIGQUIT)
        server.wait(timeout=STOP_TIMEOUT_SECONDS)


def _started(instance: postgres.Instance) -> "subprocess.Popen[bytes]":
    """Start the server; while the one of a keeper that was killed is still ending, try again."""
    began = time.monotonic()
    while True:
        patience = _patience(instance)
        server = _start_server(instance)
        try:
            _wait_until_ready(instance, server)
        except postgres.ServerDidNotStart:
            if time.monotonic() - began > patience:
                raise
            time.sleep(RESTART_SECONDS)
        else:
            return server


def _patience(instance: postgres.Instance) -> float:
    """How many seconds to wait for an earlier server: one that lives is ending, and of a dead one
    a process may hold the memory for a moment."""
    try:
        number = int((instance.cluster / "postmaster.pid").read_text().splitlines()[0])
        os.kill(number, 0)
    except FileNotFoundError:
        return 0
    except (ValueError, IndexError, ProcessLookupError):
        return LEFTOVER_SECONDS
    except PermissionError:
        pass  # it lives, as another account
    return STOP_TIMEOUT_SECONDS


def _is_unused(users: IO[str]) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _restarted(instance: postgres.Instance) -> "subprocess.Popen[bytes]":
    """Start the server anew; one that does not come up is returned dead, its words are in the log."""
    server = _start_server(instance)
    try:
        _wait_until_ready(instance, server)
    except postgres.ServerDidNotStart:
        print(
            "The server did not come up again; it is tried once more.", file=sys.stderr, flush=True
        )
        if server.poll() is None:
            stop(server, signal.SIGQUIT)
    return server


if __name__ == "__main__":
    keep(sys.argv[1])
