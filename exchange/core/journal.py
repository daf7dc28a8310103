"""What a transaction writes beside its subjects, gathered and written once before COMMIT.

Steps, log records, notices and live updates are added while use cases run and written together, one
statement a kind, when the outermost use case ends. The list is the connection's own list of things
to do on commit: what was added inside a savepoint that is rolled back is forgotten with it, and a
transaction that fails leaves nothing. Outside a use case an entry is written at once.

A kind has one writer, declared by the room that owns the table. Kinds are written in the order of
their rank, entries of a kind in the order in which they were added.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import local
from typing import Any

from django.db import connection, models, transaction

Write = Callable[[Sequence[Any]], None]


@dataclass(frozen=True)
class _Writer:
    rank: int
    write: Write


@dataclass(eq=False)
class _Entry:
    """One thing to write. It lies in the connection's list of commit hooks, and does nothing there."""

    kind: str
    value: object

    def __call__(self) -> None:
        return


_writers: dict[str, _Writer] = {}
_running = local()


def declare(kind: str, *, rank: int, write: Write) -> None:
    """Say, in `AppConfig.ready`, how entries of `kind` are written. Again replaces it."""
    _writers[kind] = _Writer(rank=rank, write=write)


def add(kind: str, value: object) -> None:
    """Have `value` written with all others of its kind, at once outside a use case.

    Raises TransactionManagementError outside a transaction: what is written beside a change is
    written with it or not at all.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "What is written beside a change belongs to its transaction; open atomic() first."
        )
    if is_gathering():
        transaction.on_commit(_Entry(kind, value))
    else:
        _writers[kind].write([value])


def flush() -> None:
    """Write what was gathered. For the end of a use case, and before reading what is in it."""
    while pending := _taken():
        for kind in sorted({entry.kind for entry in pending}, key=lambda kind: _writers[kind].rank):
            _writers[kind].write([entry.value for entry in pending if entry.kind == kind])


@contextmanager
def gathering() -> Iterator[None]:
    """Gather until the block ends, then write. Inner blocks leave the writing to the outermost."""
    if is_gathering():
        yield
        return
    _running.work = object()
    try:
        yield
        flush()
    finally:
        _running.work = None


def is_gathering() -> bool:
    """Whether a use case runs in this thread."""
    return current() is not None


def current() -> object | None:
    """What stands for the running outermost use case, or None."""
    return getattr(_running, "work", None)


def write_rows(rows: Sequence[models.Model]) -> None:
    """Write new rows of any models, one INSERT a table."""
    for model in dict.fromkeys(type(row) for row in rows):
        model._default_manager.bulk_create([row for row in rows if type(row) is model])


declare("step", rank=0, write=write_rows)


def _taken() -> list[_Entry]:
    """The entries that still stand, taken off the connection's list."""
    hooks = connection.run_on_commit
    pending = [row[1] for row in hooks if isinstance(row[1], _Entry)]
    if pending:
        connection.run_on_commit = [row for row in hooks if not isinstance(row[1], _Entry)]
    return pending
