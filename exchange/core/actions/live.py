"""Telling open pages that what they show has changed: a topic, its new version, and perhaps a few facts.

Readers fetch the content anew, through the door that asks whether they may. Losing an announcement
loses only time: whoever connects again names the version it has seen.
"""

import json
from collections.abc import Mapping, Sequence
from functools import partial

from django.db import connection, transaction

from exchange.core import journal
from exchange.core.actions import live_sql


def announce(*, topic: str, version: int, facts: Mapping[str, str | int] | None = None) -> None:
    """After this transaction commits, say that `topic` (printable, no spaces) has `version`.

    `facts` are shown at once: everybody who may open the topic may know them. Within a use case only
    the newest version of a topic is announced.

    In a statement of its own: a NOTIFY inside the transaction would take a lock at its commit on
    which all notifying commits queue.
    """
    payload = f"{topic} {version}"
    if facts:
        payload += " " + json.dumps(facts, separators=(",", ":"))
    if journal.is_gathering():
        journal.add("live", (topic, payload))
    else:
        transaction.on_commit(partial(_notify, [payload]), robust=True)


def _after_commit(gathered: Sequence[tuple[str, str]]) -> None:
    newest = dict(gathered)
    transaction.on_commit(partial(_notify, list(newest.values())), robust=True)


def _notify(payloads: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(live_sql.ANNOUNCE, {"channel": live_sql.CHANNEL, "payloads": payloads})


journal.declare("live", rank=9, write=_after_commit)
