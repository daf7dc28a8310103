"""Telling open pages that what they show has changed: a topic, its new version, and perhaps a few facts.

Readers fetch the content anew, through the door that asks whether they may. Losing an announcement
loses only time: whoever connects again names the version it has seen.
"""

import json
from collections.abc import Mapping, Sequence
from functools import partial

from django.db import connection, transaction

from exchange.core import journal

CHANNEL = "assay_live"
ANNOUNCE = "SELECT pg_notify(%(channel)s, payload) FROM unnest(%(payloads)s::text[]) AS payload"

Facts = Mapping[str, str | int]


def announce(*, topic: str, version: int, facts: Facts | None = None) -> None:
    """After this transaction commits, say that `topic` (printable, no spaces) has `version`.

    `facts` are shown at once: everybody who may open the topic may know them. Within a use case only
    the newest version of a topic is announced.

    In a statement of its own: a NOTIFY inside the transaction would take a lock at its commit on
    which all notifying commits queue.
    """
    if connection.in_atomic_block:
        journal.add("live", (topic, version, facts))
    else:
        _after_commit([(topic, version, facts)])


def _after_commit(gathered: Sequence[tuple[str, int, Facts | None]]) -> None:
    newest = {topic: _payload(topic, version, facts) for topic, version, facts in gathered}
    transaction.on_commit(partial(_notify, list(newest.values())), robust=True)


def _payload(topic: str, version: int, facts: Facts | None) -> str:
    shown = " " + json.dumps(facts, separators=(",", ":")) if facts else ""
    return f"{topic} {version}{shown}"


def _notify(payloads: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(ANNOUNCE, {"channel": CHANNEL, "payloads": payloads})


journal.declare("live", rank=9, write=_after_commit)
