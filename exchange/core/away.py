"""A circuit breaker for the database: while it is away, nobody waits to hear so.

A request that needs the database waits for a connection until the pool's time is over. After one has
waited in vain, the others are told at once; now and then one is let through to look again.
"""

import time

from django.db import DatabaseError, Error, InterfaceError, OperationalError, connection

RETRY_AFTER_SECONDS = 5
# SQLSTATE classes of a connection that failed and of a server that goes down or comes up.
CONNECTION_CLASSES = ("08", "57P")


def is_unavailable(error: BaseException | None) -> bool:
    """Whether the database could not answer, as against having answered with a refusal."""
    return isinstance(error, OperationalError | InterfaceError)


def answers() -> bool:
    """Whether the database answers on this thread's connection, or on a new one."""
    try:
        connection.ensure_connection()
    except Error as error:
        DATABASE.note_failure(error)
        return False
    return connection.is_usable()


class Breaker:
    """Closed while requests reach the database; open for RETRY_AFTER_SECONDS after one did not."""

    def __init__(self) -> None:
        self._opens_at: float | None = None

    def lets_through(self) -> bool:
        """Whether a request may try. When the time is over one may, and the time begins anew."""
        now = time.monotonic()
        if self._opens_at is None:
            return True
        if now < self._opens_at:
            return False
        self._opens_at = now + RETRY_AFTER_SECONDS
        return True

    def note_failure(self, error: BaseException | None) -> None:
        """A request failed: open if it was for want of a connection."""
        if is_unavailable(error) and _is_connection_lost(error):
            self._opens_at = time.monotonic() + RETRY_AFTER_SECONDS

    def note_success(self) -> None:
        """A request was served."""
        self._opens_at = None


def _is_connection_lost(error: BaseException | None) -> bool:
    cause = error.__cause__ if isinstance(error, DatabaseError | InterfaceError) else None
    state = getattr(cause, "sqlstate", None)
    return state is None or str(state).startswith(CONNECTION_CLASSES)


DATABASE = Breaker()
