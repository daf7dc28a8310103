"""What every bench needs: a database of its own, peers, clients in processes of their own, medians.

A bench module offers `BENCHES: dict[str, Bench]`. Both sides of a comparison run on the same server
with the same durability (fsync and synchronous_commit on), in turns, and the median of the turns
counts, so that a machine that slows down slows both.
"""

import multiprocessing
import os
import statistics
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from exchange.local import postgres

# A bench runs in a process of its own, on the server of the process that started it.
INSTANCE = os.environ.setdefault("BENCH_INSTANCE", f"bench-{os.getpid()}")
PGBENCH_DATABASE = "pgbench"
CLIENTS = 8
TURNS = int(os.environ.get("BENCH_TURNS", "5"))
TURN_SECONDS = float(os.environ.get("BENCH_TURN_SECONDS", "4"))


@dataclass(frozen=True)
class Measurement:
    """One figure beside its peer's. `goal` bounds value ÷ peer_value: from below, or from above."""

    name: str
    value: float
    unit: str
    peer: str
    peer_value: float
    goal: float
    lower_is_better: bool = False

    @property
    def ratio(self) -> float:
        return self.value / self.peer_value

    @property
    def reached(self) -> bool:
        return self.ratio <= self.goal if self.lower_is_better else self.ratio >= self.goal


Bench = Callable[[], Measurement | Iterable[Measurement]]
Client = Callable[[int, Event], int]


@contextmanager
def empty_server() -> Iterator[None]:
    """A server for this run alone, with Django set up on it; removed afterwards.

    The settings are those of the test suite: no pool, one connection for each process.
    """
    os.environ["DATABASE_URL"] = postgres.attach(INSTANCE)
    os.environ["DJANGO_SETTINGS_MODULE"] = "exchange.settings.test"
    import django  # noqa: PLC0415 - Django reads the environment made just before
    from django.db import connections  # noqa: PLC0415 - for the same reason

    try:
        django.setup()
        yield
    finally:
        connections.close_all()
        postgres.discard(INSTANCE)


def migrate() -> None:
    """Make the tables in the server's first database, which `fresh_database` copies."""
    from django.core.management import call_command  # noqa: PLC0415 - only after django.setup()
    from django.db import connections  # noqa: PLC0415 - for the same reason

    call_command("migrate", verbosity=0, interactive=False)
    connections.close_all()  # a database is copied only while nobody is connected to it


@contextmanager
def scratch_server() -> Iterator[None]:
    """A server for this run alone, migrated, with Django set up on it; removed afterwards."""
    with empty_server():
        migrate()
        yield


@contextmanager
def fresh_database(name: str) -> Iterator[str]:
    """A migrated database that nobody has used, on the scratch server: its address. It goes afterwards.

    It is copied from the one that was migrated, to which nobody may be connected.
    """
    instance = postgres.locate(INSTANCE)
    database, template = sql.Identifier(name), sql.Identifier(postgres.DATABASE)
    place = f"host={instance.sockets} user={postgres.DATABASE} dbname=postgres"
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(database)
    with psycopg.connect(place, autocommit=True) as connection:
        connection.execute(drop)
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(database, template))
        try:
            yield instance.url.replace(f"/{postgres.DATABASE}?", f"/{name}?")
        finally:
            connection.execute(drop)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of `values` that at least `share` (0 to 1) of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * round(share * 1000) // 1000) - 1)]


def in_turns(*contestants: Callable[[], float], turns: int = TURNS) -> tuple[float, ...]:
    """The median figure of each contestant when they run one after the other, `turns` times."""
    figures: list[list[float]] = [[] for _ in contestants]
    for _ in range(turns):
        for figure, contestant in zip(figures, contestants, strict=True):
            figure.append(contestant())
    return tuple(statistics.median(figure) for figure in figures)


def _pgbench(*words: str) -> str:
    instance = postgres.locate(INSTANCE)
    command: list[str | Path] = [instance.programs / "pgbench", "-h", instance.sockets]
    return subprocess.run(
        [*command, "-U", postgres.DATABASE, *words, PGBENCH_DATABASE],
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def pgbench_tpcb(*, seconds: float = TURN_SECONDS, clients: int = CLIENTS) -> float:
    """Transactions per second of pgbench's own TPC-B-like script at scale 1, on a fresh table set."""
    instance = postgres.locate(INSTANCE)
    place: list[str | Path] = [instance.programs / "psql", "-h", instance.sockets]
    for statement in (
        f"DROP DATABASE IF EXISTS {PGBENCH_DATABASE}",
        f"CREATE DATABASE {PGBENCH_DATABASE}",
    ):
        subprocess.run(
            [*place, "-U", postgres.DATABASE, "-q", "-c", statement, postgres.DATABASE],
            check=True,
            capture_output=True,
        )
    _pgbench("--initialize", "--scale=1", "--quiet")
    said = _pgbench(f"--client={clients}", "--jobs=2", f"--time={max(1, round(seconds))}")
    line = next(line for line in said.splitlines() if line.startswith("tps = "))
    return float(line.split()[2])


def _serve(client: Client, number: int, start: Any, stop: Event, counts: Any) -> None:
    from django.db import connections  # noqa: PLC0415 - only after django.setup()

    connections.close_all()  # the parent's connection is not ours
    start.wait()
    counts.put(client(number, stop))
    connections.close_all()


def per_second(client: Client, *, clients: int = CLIENTS, seconds: float = TURN_SECONDS) -> float:
    """Units of work per second of `clients` processes that each run `client(number, stop)`.

    A client works until `stop` is set and returns how many units it did. The processes are forked
    from this one, so that starting Django is not measured.
    """
    from django.db import connections  # noqa: PLC0415 - only after django.setup()

    connections.close_all()
    context = multiprocessing.get_context("fork")
    start, stop, counts = context.Barrier(clients + 1), context.Event(), context.Queue()
    workers = [
        context.Process(target=_serve, args=(client, number, start, stop, counts))
        for number in range(clients)
    ]
    for worker in workers:
        worker.start()
    start.wait()
    begun = time.perf_counter()
    time.sleep(seconds)
    stop.set()
    done: int = sum(counts.get(timeout=60) for _ in workers)
    elapsed = time.perf_counter() - begun
    for worker in workers:
        worker.join()
        if worker.exitcode != 0:
            raise RuntimeError(f"A client ended with code {worker.exitcode}.")
    return done / elapsed
