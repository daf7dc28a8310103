"""Deadlines in working days, reckoned again when the holidays of a year become known or are corrected.

A deadline that somebody was promised never becomes shorter. One that the rules of its lifecycle gave is
moved to the later day, with a record; one that was named otherwise stays, unless its room says how it is
reckoned. So does one that a correction would have made shorter: from then on no calendar gives it.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db.models import Model
from django.utils import timezone

from exchange.audit import log
from exchange.core.calendar import WorkingCalendar, working_deadline
from exchange.core.lifecycle import Lifecycle, lifecycles
from exchange.core.use_case import use_case
from exchange.members.actors import Actor

DUE = "due_at"
# How a room reckons what its table does not: `(subject, calendar)` gives the deadline, or None.
Reckoning = Callable[[Any, WorkingCalendar], datetime | None]
Write = Callable[[Any, datetime], object]
_declared: dict[str, tuple[Reckoning, Write]] = {}


def declare(lifecycle: Lifecycle[Any], reckoning: Reckoning, *, write: Write) -> None:
    """Say how deadlines of the lifecycle are reckoned that its transitions do not name, and what else
    is written when one moves."""
    _declared[lifecycle.name] = reckoning, write


@use_case()
def reckon_again(
    *, year: int, before: WorkingCalendar, after: WorkingCalendar, actor: Actor, now: datetime
) -> int:
    """Move each open deadline of the year, or later, that is later by the new calendar; return how
    many."""
    begins = timezone.make_aware(datetime(year, 1, 1))  # noqa: DTZ001 - made aware
    moved = 0
    for lifecycle in lifecycles():
        for key in _open(lifecycle, since=max(begins, now)):
            subject = lifecycle.lock_key(key)
            moved += _move(lifecycle, subject, before, after, actor=actor, now=now)
    return moved


def _open(lifecycle: Lifecycle[Any], *, since: datetime) -> Iterable[int]:
    columns = {field.name for field in lifecycle.model._meta.get_fields()}
    if DUE not in columns:
        return ()
    ended = [str(state.value) for state in lifecycle.ended]
    rows = lifecycle.model._default_manager.filter(due_at__gte=since)
    rows = rows.exclude(**{f"{lifecycle.state_field}__in": ended})
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _move(
    lifecycle: Lifecycle[Any],
    subject: Any,
    before: WorkingCalendar,
    after: WorkingCalendar,
    *,
    actor: Actor,
    now: datetime,
) -> bool:
    was = subject.due_at
    reckoning, write = _declared.get(lifecycle.name, (_by_table(lifecycle), None))
    if reckoning(subject, before) != was:
        return False  # it was named by somebody, or moved before
    at = reckoning(subject, after)
    if at is None or at <= was:
        return False
    columns = [name for name in _columns(subject) if getattr(subject, name) == was]
    for name in columns:
        setattr(subject, name, at)
    subject.save(update_fields=columns)
    if write is not None:
        write(subject, at)
    log.record(
        event="core.deadline.moved",
        actor=actor.name,
        subject=f"{lifecycle.thing}:{subject.public_id}",
        facts={"from": was.isoformat(), "to": at.isoformat()},
        at=now,
    )
    lifecycle.announce(subject)
    return True


def _columns(subject: Model) -> tuple[str, ...]:
    """`due_at`, and what else of the row names the same end."""
    return getattr(subject, "DEADLINE_COLUMNS", (DUE,))


def _by_table(lifecycle: Lifecycle[Any]) -> Reckoning:
    def reckoning(subject: Any, calendar: WorkingCalendar) -> datetime | None:
        if lifecycle.steps_model is None:
            return None
        steps = lifecycle.steps_model._default_manager.filter(**{lifecycle.step_link: subject})
        for name, at in steps.order_by("-number").values_list("transition", "at"):
            row = lifecycle.transitions[name]
            if row.turn is not None:
                known = isinstance(row.term, str)
                return (
                    working_deadline(key=str(row.term), now=at, calendar=calendar)
                    if known
                    else None
                )
        return None

    return reckoning
