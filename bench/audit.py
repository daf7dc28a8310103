"""The transparency log: from insert to signed head, against bare inserts of the same rows.

Both sides write one record in each transaction from eight processes. The log's side uses the public
call, with the sequencer beside it in a process of its own as in production, and a client is done
only when its records stand under a signed head. The peer inserts rows of the same shape into a
table with the same columns and indexes and does nothing else.
"""

import itertools
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from multiprocessing.synchronize import Event

from django.db import connection, connections, transaction

from bench import measure
from bench.measure import Measurement
from exchange.audit import log, sequencer
from exchange.audit.log import Json
from exchange.audit.models import Pending

LOOK_SECONDS = 0.01
PEER = "bare inserts of the same rows, 8 clients, rows/s"
EVENT, ACTOR = "payments.trade.settled", "user:usr_01m82nk9cs7db43t8m8qtyf7bg"
FACTS: dict[str, Json] = {
    "amount_minor": 125_000,
    "buyer": "organisation:org_01m82nk9cvdn28gqz2ygvjqkrw",
    "currency": "CNY",
    "rule": "fees/2026-01",
}
BARE_TABLE = """
DROP TABLE IF EXISTS bare_record;
CREATE TABLE bare_record (LIKE audit_record INCLUDING IDENTITY INCLUDING INDEXES)
"""
BARE_INSERT = """
INSERT INTO bare_record (public_id, event, actor, subject, at, canonical)
VALUES (%s, %s, %s, %s, %s, %s)
"""
_runs = itertools.count()


def _subject(number: int) -> str:
    return f"trade:trd_{number:026d}"


def _insert(run: int, client: int, stop: Event) -> int:
    """The peer's client. Its rows differ in their ids alone, so that making them costs nothing."""
    at = datetime.now(UTC)
    content = log.encode(
        {"v": 1, "id": f"rec_{0:026d}", "event": EVENT, "actor": ACTOR, "subject": _subject(0),
         "at": log.timestamp(at), "facts": FACTS}
    )  # fmt: skip
    done = 0
    while not stop.is_set():
        public_id = f"rec_{run:04d}{client:04d}{done:018d}"
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(BARE_INSERT, [public_id, EVENT, ACTOR, _subject(done), at, content])
        done += 1
    return done


def _record(_client: int, stop: Event) -> int:
    """The log's client. It ends when nothing waits for a signed head any more."""
    done = 0
    while not stop.is_set():
        with transaction.atomic():
            log.record(
                event=EVENT,
                actor=ACTOR,
                subject=_subject(done),
                facts=FACTS,
                at=datetime.now(UTC),
            )
        done += 1
    while Pending.objects.exists():
        time.sleep(LOOK_SECONDS)
    return done


def _sequence(stop: Event) -> None:
    connections.close_all()  # the parent's connection is not ours
    sequencer.run_sequencer(stop)


@contextmanager
def _sequencer_running() -> Iterator[None]:
    connections.close_all()
    context = multiprocessing.get_context("fork")
    stop = context.Event()
    process = context.Process(target=_sequence, args=(stop,))
    process.start()
    try:
        yield
    finally:
        stop.set()
        process.join()


def _bare_per_second() -> float:
    with connection.cursor() as cursor:
        cursor.execute(BARE_TABLE)
    return measure.per_second(partial(_insert, next(_runs)))


def _records_per_second() -> float:
    with _sequencer_running():
        return measure.per_second(_record)


def append() -> Measurement:
    """Records per second, 8 clients, from insert to signed head."""
    value, peer = measure.in_turns(_records_per_second, _bare_per_second)
    return Measurement("audit.append", value, "records/s", PEER, peer, goal=0.5)


BENCHES: dict[str, measure.Bench] = {"audit.append": append}
