"""A use case: one function that asks the permission, locks, checks, changes and records.

The decorator opens the transaction and the journal, locks the subject and asks the permission that
stands on the function. A use case called inside another joins its transaction without a savepoint,
shares its journal, and asks its own permission of the same actor.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, overload

from django.db import models, transaction

from exchange.core import journal
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
    permission: object = None, *, locks: Lifecycle[M], about: Callable[..., Any] | None = None
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
) -> Any:
    """Make a function a use case. It is called with `actor=` and `now=`.

    With `locks`, its first argument is the subject or its public id: it is locked (once in a
    transaction). What the permission is asked of says `about`, called with the function's own
    arguments, or else `locks.concerns`. Without a permission the function is for the
    exchange's own work, or asks one in its body where it depends on what it finds.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def run(*args: Any, **kwargs: Any) -> Any:
            if journal.is_gathering():
                return _run(function, permission, locks, about, args, kwargs)
            with transaction.atomic(), journal.gathering():
                return _run(function, permission, locks, about, args, kwargs)

        run.permission = permission  # type: ignore[attr-defined]
        return run

    return decorate


def _run(
    function: Callable[..., Any],
    permission: object,
    locks: Lifecycle[Any] | None,
    about: Callable[..., Any] | None,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
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
    if getattr(subject, "locked_during", None) is journal.current():
        return subject
    return lifecycle.lock_again(subject)
