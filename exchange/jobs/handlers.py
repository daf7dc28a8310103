"""Which handler does the work of which topic."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from exchange.catalog import interest
from exchange.catalog.search import indexing
from exchange.core.outbox import Lease
from exchange.delivery import comparisons
from exchange.jobs import payments
from exchange.notices import inbox, notify
from exchange.vault import file_reading


@dataclass(frozen=True)
class Effect:
    """Work in this database alone. `run` shares one transaction with the completion of its job."""

    run: Callable[[Lease], None]


@dataclass(frozen=True)
class Call:
    """Work that asks somebody outside.

    `ask` runs outside any transaction, passes `lease.idempotency_key` on, returns the outcome and
    raises when the outcome is unknown; it is then asked again with the same key. A definite "no" is
    an outcome. `record` writes the outcome down, in one transaction with the job's completion.

    Work that may take longer than a lease says how long in `minutes_max`: its lease is renewed
    meanwhile, and it never takes all the threads, so that short work does not wait for it.
    """

    ask: Callable[[Lease], Any]
    record: Callable[[Lease, Any], None]
    minutes_max: int = 0


# One line per topic: "members.organisation.invited": Call(ask=…, record=…).
HANDLERS: dict[str, Effect | Call] = {
    inbox.TOPIC_INVITATION: Call(ask=inbox.send_invitation, record=inbox.note_sent),
    indexing.TOPIC: Effect(run=interest.notify_of_change),
    file_reading.TOPIC_READ: Call(
        ask=file_reading.read_by_job,
        record=file_reading.record_job,
        minutes_max=file_reading.MINUTES_MAX,
    ),
    comparisons.TOPIC: Call(
        ask=comparisons.read_by_job,
        record=comparisons.record_job,
        minutes_max=comparisons.MINUTES_MAX,
    ),
    notify.TOPIC_MAIL: Call(ask=inbox.send_notice, record=inbox.note_sent),
    **{topic: Call(ask=ask, record=record) for topic, (ask, record) in payments.CALLS.items()},
}


def long_topics() -> frozenset[str]:
    """The topics whose work may take longer than a lease."""
    return frozenset(
        topic
        for topic, handler in HANDLERS.items()
        if isinstance(handler, Call) and handler.minutes_max
    )
