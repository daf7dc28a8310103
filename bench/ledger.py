"""The books against pgbench's TPC-B-like script on the same server.

TPC-B at scale 1 is the fair peer: each of its transactions updates one branch row that all clients
share, as each posting here updates two accounts that all clients share. The postings go through
`postings.post`, with every guard of the database in place.
"""

import itertools
import os
from datetime import UTC, datetime
from functools import partial
from multiprocessing.synchronize import Event

from django.db import transaction

from bench import measure
from bench.measure import Measurement
from exchange.ledger import books
from exchange.ledger.entries import EntryRequest, Posting
from exchange.ledger.models import Transfer
from exchange.ledger.models.accounts import AccountKind, Guard
from pricing.money import Money

BATCH = 1000
BATCH_CLIENTS = 2
SHORT_HISTORY = 10_000
LONG_HISTORY = int(os.environ.get("BENCH_HISTORY", "1000000"))
PEER = "pgbench TPC-B, scale 1, 8 clients, tx/s"
MOVE = EntryRequest(debit="bench:clearing", credit="bench:wallet", amount=Money(1, "CNY"))
_runs = itertools.count()


@transaction.atomic
def _open_accounts() -> None:
    now = datetime.now(UTC)
    for code, kind, guard in (
        (MOVE.debit, AccountKind.ASSET, Guard.NONE),
        (MOVE.credit, AccountKind.LIABILITY, Guard.CREDIT),
    ):
        books.open_account(
            code=code, kind=kind, currency="CNY", guard=guard, actor="bench", now=now
        )


def _post_singly(run: int, number: int, stop: Event) -> int:
    done = 0
    while not stop.is_set():
        books.write(
            [
                Posting(
                    scope="bench",
                    key=f"single:{run}:{number}:{done}",
                    kind="bench.single",
                    transfers=[MOVE],
                )
            ],
            actor="bench",
            now=datetime.now(UTC),
        )[0]
        done += 1
    return done


def _post_batch(run: str, first: int) -> None:
    requests = [
        Posting(scope="bench", key=f"batch:{run}:{first + i}", kind="bench.batch", transfers=[MOVE])
        for i in range(BATCH)
    ]
    books.post_many(requests, actor="bench", now=datetime.now(UTC))


def _post_in_batches(run: int, number: int, stop: Event) -> int:
    done = 0
    while not stop.is_set():
        _post_batch(f"{run}:{number}", done)
        done += BATCH
    return done


def _singles_per_second() -> float:
    return measure.per_second(partial(_post_singly, next(_runs)))


def single() -> Measurement:
    """Guarded single postings, 8 clients on two hot accounts."""
    _open_accounts()
    value, peer = measure.in_turns(_singles_per_second, measure.pgbench_tpcb)
    return Measurement("ledger.single", value, "postings/s", PEER, peer, goal=1.0)


def batch() -> Measurement:
    """Settlement batches of 1000 postings on two hot accounts."""
    _open_accounts()

    def per_second() -> float:
        client = partial(_post_in_batches, next(_runs))
        return measure.per_second(client, clients=BATCH_CLIENTS)

    value, peer = measure.in_turns(per_second, measure.pgbench_tpcb)
    return Measurement("ledger.batch", value, "postings/s", PEER, peer, goal=20.0)


def history() -> Measurement:
    """Single postings when the books hold a million transfers (BENCH_HISTORY), against ten thousand.

    The two figures cannot be taken in turns, since history only grows. Each is therefore divided by
    the peer's figure of its own moment, which takes out what the machine does meanwhile.
    """
    _open_accounts()
    figures: list[float] = []
    for length in (SHORT_HISTORY, LONG_HISTORY):
        _grow_to(length)
        ours, peer = measure.in_turns(_singles_per_second, measure.pgbench_tpcb)
        figures.append(ours / peer)
    short, long = figures
    return Measurement(
        "ledger.history",
        long,
        "× pgbench",
        f"the same at {SHORT_HISTORY:,} transfers",
        short,
        goal=0.8,
    )


def _grow_to(length: int) -> None:
    for first in range(Transfer.objects.count(), length, BATCH):
        _post_batch(f"grow:{length}", first)


BENCHES = {"ledger.single": single, "ledger.batch": batch, "ledger.history": history}
