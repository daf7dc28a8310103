"""Telling open pages that what they show has changed: a topic, its new version, and perhaps a few facts.

Readers fetch the content anew, through the door that asks whether they may. Losing an announcement
loses only time: whoever connects again names the version it has seen.
"""

import json
from collections.abc import Mapping
from functools import partial

from django.db import connection, transaction

from exchange.core.actions import live_sql


def announce(*, topic: str, version: int, facts: Mapping[str, str | int] | None = None) -> None:
    """After this transaction commits, say that `topic` (printable, no spaces) has `version`.

    `facts` are shown at once: everybody who may open the topic may know them.

    In a statement of its own: a NOTIFY inside the transaction would take a lock at its commit on
    which all notifying commits queue.
    """
    payload = f"{topic} {version}"
    if facts:
        payload += " " + json.dumps(facts, separators=(",", ":"))
    transaction.on_commit(partial(_notify, payload), robust=True)


def _notify(payload: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(live_sql.ANNOUNCE, {"channel": live_sql.CHANNEL, "payload": payload})
