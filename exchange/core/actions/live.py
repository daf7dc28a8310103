"""Telling open pages that what they show has changed: a topic and its new version, nothing more.

Readers fetch the content anew, through the door that asks whether they may. Losing an announcement
loses only time: whoever connects again names the version it has seen.
"""

from functools import partial

from django.db import connection, transaction

from exchange.core.actions import live_sql


def announce(*, topic: str, version: int) -> None:
    """After this transaction commits, say that `topic` (printable, no spaces) has `version`.

    In a statement of its own: a NOTIFY inside the transaction would take a lock at its commit on
    which all notifying commits queue.
    """
    transaction.on_commit(partial(_notify, topic, version), robust=True)


def _notify(topic: str, version: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            live_sql.ANNOUNCE, {"channel": live_sql.CHANNEL, "payload": f"{topic} {version}"}
        )
