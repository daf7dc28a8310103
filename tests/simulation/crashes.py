"""Processes that die: at a labelled point the step ends there and then, and nothing that was not committed
is left.

The points are those at which it matters: before and after each request to the provider, when a job is
about to be completed, and before a use case commits. Between two of them a process only thinks.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from exchange.core import outbox
from exchange.core import use_case as machinery
from exchange.payments.gateway.sandbox import server
from tests.factories import outbox as jobs


class Crash(BaseException):
    """The process is gone. No handler of errors may catch it, as none catches a kill."""


@dataclass
class Crashes:
    """Which point of the running step kills it, counted from now; 0 for none."""

    points_left: int = 0

    def pass_by(self, label: str) -> None:
        """A labelled point. Raises Crash at the one that was chosen."""
        if self.points_left == 1:
            self.points_left = 0
            raise Crash(label)
        self.points_left = max(0, self.points_left - 1)


@contextmanager
def points(crashes: Crashes) -> Iterator[None]:
    """Have the labelled points ask whether they kill."""
    answer, run, complete = server.answer, machinery._run, outbox.complete
    depth = 0

    def answering(request: server.Request) -> server.Answer:
        label = f"{request.method} {request.path}"
        crashes.pass_by(f"{label} not sent")
        said = answer(request)
        crashes.pass_by(f"{label} answered")
        return said

    def running(function: Callable[..., Any], *rest: Any) -> Any:
        nonlocal depth
        depth += 1
        try:
            result = run(function, *rest)
        finally:
            depth -= 1
        if not depth:
            crashes.pass_by(f"{function.__module__}.{function.__name__} not committed")
        return result

    def completing(**job: int) -> None:
        complete(**job)
        crashes.pass_by("job not completed")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "answer", answering)
        patch.setattr(machinery, "_run", running)
        patch.setattr(outbox, "complete", completing)
        yield


def restart() -> None:
    """What a process that comes back finds: leases of the dead one that have run out."""
    jobs.let_leases_run_out()
