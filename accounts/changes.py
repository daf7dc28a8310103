"""What accounts tells of its changes. It knows no log and sends no mail: whoever does, listens.

A listener is called in the transaction of the change; a failure of it undoes the change.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar, Protocol

from django.utils import timezone

from accounts.models import Organisation


class Listener(Protocol):
    """Takes one change: what happened, who did it to what, and its facts; `personal` values are not
    to be kept in the clear."""

    def __call__(
        self,
        *,
        event: str,
        actor: str,
        subject: str,
        facts: Mapping[str, Any],
        personal: Mapping[str, str] | None,
        at: datetime,
    ) -> object: ...


class _Declared:
    """Filled by the exchange in its `AppConfig.ready`: whose clock decides when a change was."""

    now: ClassVar[Callable[[], datetime]] = timezone.now


def use_clock(now: Callable[[], datetime]) -> None:
    """Have changes dated by this clock from now on, in place of the process's own."""
    _Declared.now = staticmethod(now)


def now() -> datetime:
    """What time it is by the declared clock."""
    return _Declared.now()


_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Have `listener` called of every change from now on. Called in `AppConfig.ready`."""
    if listener not in _listeners:
        _listeners.append(listener)


def announce(
    event: str,
    *,
    actor: str,
    of: Organisation | str,
    at: datetime,
    facts: Mapping[str, Any],
    personal: Mapping[str, str] | None = None,
) -> None:
    """Tell every listener of a change of an organisation, or of the person that `of` names."""
    subject = of if isinstance(of, str) else f"organisation:{of.public_id}"
    for listener in _listeners:
        listener(event=event, actor=actor, subject=subject, facts=facts, personal=personal, at=at)
