"""A use case: one function that asks the permission, locks, checks, changes and records; and its journal.

The decorator opens the transaction and the journal, locks the subject and asks the permission that
stands on the function. A use case called inside another joins its transaction without a savepoint,
shares its journal, and asks its own permission of the same actor.

Steps, log records, notices and live updates are gathered in the journal while use cases run and
written together, one statement a kind, when the outermost one ends, before COMMIT. The journal is the
connection's own list of things to do on commit: what was gathered inside a savepoint that is rolled
back is forgotten with it, and a transaction that fails leaves nothing. Outside a use case an entry is
written at once. A kind has one writer, declared by the room that owns the table. Kinds are written in
the order of their rank, entries of a kind in the order in which they came.

A live update names a topic and its new version. Readers fetch the content anew, through the door that
asks whether they may. Losing one loses only time: whoever connects again names the version it has seen.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from threading import local
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, overload

from django.db import connection, models, transaction

if TYPE_CHECKING:
    from exchange.core.lifecycle import Lifecycle

M = TypeVar("M", bound=models.Model)
P = ParamSpec("P")
R = TypeVar("R")

Ask = Callable[..., object]


class _Declared:
    """Filled by the members' room in its `AppConfig.ready`: how a permission is asked."""

    ask: Ask


def declare(*, ask: Ask) -> None:
    """Say who answers whether an actor has a permission: `ask(actor, permission, subject)` raises."""
    _Declared.ask = staticmethod(ask)


@overload
def use_case(
    permission: object = None,
    *,
    locks: Lifecycle[M],
    about: Callable[..., Any] | None = None,
    before: Callable[[M | str], None] | None = None,
) -> Callable[[Callable[Concatenate[M, P], R]], Callable[Concatenate[M | str, P], R]]: ...
@overload
def use_case(
    permission: object = None, *, about: Callable[..., Any] | None = None
) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
def use_case(
    permission: object = None,
    *,
    locks: Lifecycle[Any] | None = None,
    about: Callable[..., Any] | None = None,
    before: Callable[[Any], None] | None = None,
) -> Any:
    """Make a function a use case. It is called with `actor=` and `now=`.

    With `locks`, its first argument is the subject or its public id: it is locked (once in a
    transaction), after `before` was called with it, which locks what comes before it in the order of
    locks. What the permission is asked of says `about`, called with the function's own
    arguments, or else `locks.concerns`. Without a permission the function is for the
    exchange's own work, or asks one in its body where it depends on what it finds.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def run(*args: Any, **kwargs: Any) -> Any:
            if is_gathering():
                return _run(function, permission, locks, about, before, args, kwargs)
            with transaction.atomic(), gathering():
                return _run(function, permission, locks, about, before, args, kwargs)

        run.permission, run.locks, run.about = permission, locks, about  # type: ignore[attr-defined]
        return run

    return decorate


def _run(
    function: Callable[..., Any],
    permission: object,
    locks: Lifecycle[Any] | None,
    about: Callable[..., Any] | None,
    before: Callable[[Any], None] | None,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    if before is not None:
        before(args[0])
    if locks is not None:
        args = (locked(locks, args[0]), *args[1:])
    if permission is not None:
        subject = None
        if about is not None:
            subject = about(*args, **kwargs)
        elif locks is not None and locks.concerns is not None:
            subject = locks.concerns(args[0])
        _Declared.ask(kwargs["actor"], permission, subject)
    return function(*args, **kwargs)


def locked(lifecycle: Lifecycle[M], subject: M | str) -> M:
    """The subject, locked in this transaction: one that a caller has locked already is taken as it
    is, so that what was changed on it is not read over."""
    if isinstance(subject, str):
        return lifecycle.lock(subject)
    if subject._state.adding:
        return subject
    if getattr(subject, "locked_during", None) is current():
        return subject
    return lifecycle.lock_again(subject)


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


def declare_writer(kind: str, *, rank: int, write: Write) -> None:
    """Say, in `AppConfig.ready`, how entries of `kind` are written. Again replaces it."""
    _writers[kind] = _Writer(rank=rank, write=write)


def gather(kind: str, value: object) -> None:
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


def _taken() -> list[_Entry]:
    """The entries that still stand, taken off the connection's list."""
    hooks = connection.run_on_commit
    pending = [row[1] for row in hooks if isinstance(row[1], _Entry)]
    if pending:
        connection.run_on_commit = [row for row in hooks if not isinstance(row[1], _Entry)]
    return pending


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
        gather("live", (topic, version, facts))
    else:
        _notify_after_commit([(topic, version, facts)])


def _notify_after_commit(gathered: Sequence[tuple[str, int, Facts | None]]) -> None:
    newest = {topic: _payload(topic, version, facts) for topic, version, facts in gathered}

    def tell() -> None:  # named: Django logs a robust hook that fails by its __qualname__
        _notify(list(newest.values()))

    transaction.on_commit(tell, robust=True)


def _payload(topic: str, version: int, facts: Facts | None) -> str:
    shown = " " + json.dumps(facts, separators=(",", ":")) if facts else ""
    return f"{topic} {version}{shown}"


def _notify(payloads: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(ANNOUNCE, {"channel": CHANNEL, "payloads": payloads})


declare_writer("step", rank=0, write=write_rows)
declare_writer("live", rank=9, write=_notify_after_commit)
