"""What the clock does: the transitions that are due, each subject in a transaction of its own."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import structlog

from exchange.core.lifecycle import Lifecycle
from exchange.core.refusals import Refusal
from exchange.core.use_case import use_case

log = structlog.get_logger(__name__)

BATCH_MAX = 100

T = TypeVar("T")
Deed = Callable[..., object]


def run_due(
    lifecycle: Lifecycle[Any], deeds: Mapping[str, Deed], *, now: datetime, limit: int = BATCH_MAX
) -> dict[str, int]:
    """For each subject whose `due_at` has come, call the deed of its state's `when_due` transition
    as `deed(subject, now=now)` with the subject locked; return how many of each.

    One that refuses waits, one that fails is logged, and neither holds up another.
    """
    done = dict.fromkeys(deeds, 0)
    keys = lifecycle.due(now=now, limit=limit)
    for name in attempts(lifecycle.name, keys, partial(_run_one, lifecycle, deeds, now=now)):
        if name:
            done[name] += 1
    return done


def attempts(name: str, keys: Iterable[int], deed: Callable[[int], T]) -> Iterator[T]:
    """Call the deed with each key and yield what it gives. One that refuses waits, one that fails is
    logged, and neither holds up another."""
    for key in keys:
        try:
            outcome = deed(key)
        except Refusal as refusal:  # its money is on the way, for one
            log.info("lifecycle.waits", lifecycle=name, key=key, code=refusal.code)
        except Exception:
            log.exception("lifecycle.stuck", lifecycle=name, key=key)
        else:
            yield outcome


@use_case()
def _run_one(
    lifecycle: Lifecycle[Any], deeds: Mapping[str, Deed], key: int, *, now: datetime
) -> str:
    """Which transition was due, once the subject is locked; empty when somebody was quicker."""
    subject = lifecycle.lock_key(key)
    name = lifecycle.when_due.get(lifecycle.state_of(subject), "")
    if name not in deeds or subject.due_at is None or subject.due_at > now:
        return ""
    deeds[name](subject, now=now)
    return name
