"""Records and logs for tests."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from django.db import connection, transaction

from exchange.audit import log, sequencer
from exchange.audit.log import Json

NOON = datetime(2026, 3, 2, 12, 0, 0, 250, tzinfo=UTC)


def record(
    number: int = 1,
    *,
    subject: str | None = None,
    event: str = "orders.auction.closed",
    facts: Mapping[str, Json] | None = None,
    personal: Mapping[str, str] | None = None,
    at: datetime = NOON,
) -> str:
    """One committed record; its public id."""
    with transaction.atomic():
        return log.record(
            event=event,
            actor=f"user:usr_{number}",
            subject=subject or f"auction:auc_{number}",
            facts={"number": number} if facts is None else facts,
            personal=personal,
            at=at,
        )


def sequenced(count: int, *, batches: int = 1) -> list[str]:
    """A log of `count` records in as many batches; their public ids by index."""
    ids = list[str]()
    for batch in range(batches):
        size = count // batches + (batch < count % batches)
        ids += [record(len(ids) + number) for number in range(size)]
        sequencer.sequence_batch(NOON)
    return ids


@contextmanager
def without_guards() -> Iterator[None]:
    """What an intruder with the database's superuser can do: no trigger fires, no key is checked."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what was honest so far is checked now
        cursor.execute("SET session_replication_role = replica")
        try:
            yield
        finally:
            cursor.execute("SET session_replication_role = DEFAULT")


def execute(statement: str, values: Mapping[str, object] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, dict(values or {}))  # type: ignore[arg-type]  # tests pass what fits


def tamper(statement: str, **values: object) -> None:
    """One statement of such an intruder."""
    with without_guards():
        execute(statement, values)
