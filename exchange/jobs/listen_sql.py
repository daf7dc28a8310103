"""A connection of its own that hears the outbox's pokes."""

from typing import TYPE_CHECKING

import psycopg
from django.db import connection

from exchange.core.outbox import CHANNEL

if TYPE_CHECKING:
    from psycopg.rows import TupleRow


def listen() -> "psycopg.Connection[TupleRow]":
    """Open a connection that listens; close it when done. Outside the pool, whose other users
    would inherit the subscription. Raises psycopg.OperationalError while the database is away.
    """
    ears = psycopg.connect(**connection.get_connection_params(), autocommit=True)
    ears.execute(f"LISTEN {CHANNEL}")
    return ears
