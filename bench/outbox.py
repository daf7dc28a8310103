"""From the commit of a promise to its committed effect, against PostgreSQL's bare notification.

The peer is a round trip: a NOTIFY, heard by another process, answered by a NOTIFY, heard here. Ours
takes the same way with the work in between: a transaction promises a job and commits, a real Celery
worker hears of it, leases it, runs its handler and completes it in one durable transaction, whose
NOTIFY is heard here. The clock starts when the commit has returned, before the poke is sent.
"""

import multiprocessing
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection, transaction

from bench import measure
from bench.measure import Measurement
from exchange.core import outbox
from exchange.jobs.listen_sql import listen
from tests.factories import workers
from tests.jobs import probe

ROUNDS = 200
WAIT_SECONDS = 30
PEER = "LISTEN/NOTIFY round trip, ms"


def _hear(ears: "psycopg.Connection[Any]") -> None:
    for _word in ears.notifies(timeout=WAIT_SECONDS, stop_after=1):
        return
    raise TimeoutError("No notification came.")


def _answer(ready: Any) -> None:
    """The peer's other side: answer each `bench_ask` with a `bench_reply`, in a process of its own."""
    with listen() as mouth:
        mouth.execute("LISTEN bench_ask")
        ready.set()
        while True:
            _hear(mouth)
            mouth.execute("NOTIFY bench_reply")


def _median_ms(say: Callable[[], float], ears: "psycopg.Connection[Any]") -> float:
    """The median time from the instant that `say` returns to the answer's arrival."""
    times: list[float] = []
    for _round in range(ROUNDS):
        begun = say()
        _hear(ears)
        times.append(time.perf_counter() - begun)
    return statistics.median(times) * 1000


def _notify(mouth: "psycopg.Connection[Any]") -> float:
    begun = time.perf_counter()
    mouth.execute("NOTIFY bench_ask")
    return begun


def _promise() -> float:
    committed: list[float] = []
    with transaction.atomic():
        transaction.on_commit(lambda: committed.append(time.perf_counter()))
        key = str(time.perf_counter_ns())
        outbox.emit(topic=probe.MARK, key=key, payload={})
    return committed[0]


@contextmanager
def _peer() -> Iterator[None]:
    connection.close()  # a forked process must not share it
    context = multiprocessing.get_context("fork")
    ready = context.Event()
    answering = context.Process(target=_answer, args=(ready,), daemon=True)
    answering.start()
    ready.wait(WAIT_SECONDS)
    try:
        yield
    finally:
        answering.terminate()
        answering.join()


def _latency(broker: str) -> Measurement:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS probe_mark, probe_outside")
        cursor.execute(probe.TABLES)
    with (
        tempfile.TemporaryDirectory() as name,
        _broker(broker, Path(name)) as url,
        _peer(),
        workers.worker(
            *workers.celery_worker_words(),
            folder=Path(name), REDIS_URL=url, PROBE_LOOPS="dispatcher,sequencer",
        ),
        workers.connect() as ears, workers.connect() as mouth,
    ):  # fmt: skip
        _promise()
        workers.await_marks(ears, 1)  # it has started
        ears.execute("LISTEN bench_reply")
        ears.execute("UNLISTEN probe_mark")

        def bare() -> float:
            return _median_ms(partial(_notify, mouth), ears)

        def ours() -> float:
            ears.execute("LISTEN probe_mark")
            figure = _median_ms(_promise, ears)
            ears.execute("UNLISTEN probe_mark")
            return figure

        value, peer_value = measure.in_turns(ours, bare)
    return Measurement(
        name=f"outbox.latency.{broker}", value=value, unit="ms", peer=PEER,
        peer_value=peer_value, goal=3 if broker == "redis" else 10, lower_is_better=True,
    )  # fmt: skip


@contextmanager
def _broker(broker: str, folder: Path) -> Iterator[str]:
    if broker == "filesystem":
        yield ""
        return
    with workers.redis_server(folder) as (url, _server):
        yield url


BENCHES: dict[str, measure.Bench] = {"outbox.latency.filesystem": partial(_latency, "filesystem")}
if shutil.which("redis-server") is not None:
    BENCHES["outbox.latency.redis"] = partial(_latency, "redis")
