"""The library against its slow twins, on the machine it runs on: `python -m pricing selfcheck`."""

import importlib
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from heapq import heappop, heapreplace
from math import isfinite
from multiprocessing import get_context
from multiprocessing.queues import Queue
from queue import Empty
from typing import Any

from pricing.exact import refuse
from pricing.refusals import PricingRefusal

TWINS = "tests.references.registry"
COMPARING = "tests.references.comparing"
SECONDS_MAX = 7 * 86_400
WORKERS_MAX = 64
PULSE_SECONDS = 2.0  # how often progress is reported

Counts = Counter[tuple[str, str]]  # function, scale
Report = Callable[[int], None]


class NoTwins(PricingRefusal):
    """The twins lie beside the library in a checkout; an installed package does not carry them."""

    code = "no_twins"


class UnknownTwin(PricingRefusal):
    """No function that has a twin begins with the name given."""

    code = "unknown_twin"


@dataclass
class Checked:
    """How many inputs were compared, by function and scale, and a sentence for each difference."""

    counts: Counts = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)

    @property
    def by_function(self) -> dict[str, dict[str, int]]:
        """Counts by scale of each function, in the order of names and of scales."""
        found: dict[str, dict[str, int]] = {}
        for function, scale in sorted(self.counts):
            found.setdefault(function, {})[scale] = self.counts[function, scale]
        return found

    def add(self, other: "Checked") -> None:
        """Take in what another worker compared; one difference of a function is enough."""
        self.counts += other.counts
        known = {sentence.partition(" ")[0] for sentence in self.differences}
        self.differences += [
            sentence for sentence in other.differences if sentence.partition(" ")[0] not in known
        ]


def twins() -> tuple[Any, ...]:
    """All comparisons of `tests/references`. Raises NoTwins outside a checkout."""
    try:
        return tuple(importlib.import_module(TWINS).ALL)
    except ModuleNotFoundError as missing:
        if not (missing.name or "").startswith("tests"):
            raise
        raise NoTwins(
            "The slow twins are not here. Run this from the folder of a checkout of the project."
        ) from None


def selfcheck(
    *,
    seconds: float,
    first_seed: int,
    only: str = "",
    workers: int = 1,
    report: Report = lambda _compared: None,
) -> Checked:
    """Compare inputs until the time is over, of which every function has the same part.

    A function that differed is not tried further. `only` is the beginning of the functions' names. Worker w of
    n takes the seeds first + w, first + w + n, …, in a process of its own where there are several.
    `report` is called every few seconds with how many inputs have been compared. Raises NoTwins,
    UnknownTwin, BadValue.
    """
    _check(seconds, only, workers)
    if workers == 1:
        return _compare(seconds, only, first_seed, 1, report)
    context = get_context("spawn")
    queue: Queue[int | Checked] = context.Queue()
    processes = [
        context.Process(target=_work, args=(seconds, only, first_seed + w, workers, queue))
        for w in range(workers)
    ]
    for process in processes:
        process.start()
    checked, done, compared = Checked(), 0, 0
    while done < workers:
        with suppress(Empty):
            news = queue.get(timeout=PULSE_SECONDS)
            if isinstance(news, Checked):
                done += 1
                checked.add(news)
            else:
                compared += news
                report(compared)
            continue
        _check_alive(processes, done)
    for process in processes:
        process.join()
    return checked


def _check_alive(processes: list[Any], done: int) -> None:
    """Raise where a worker ended without its answer, killed from outside for instance."""
    failed = [process.exitcode for process in processes if process.exitcode]
    if failed and len(failed) + done >= len(processes):
        raise RuntimeError(f"a worker ended with exit code {failed[0]}")


def _check(seconds: float, only: str, workers: int) -> None:
    if not isfinite(seconds) or not 0 < seconds <= SECONDS_MAX:
        refuse("seconds", str(seconds), f"a number above 0, at most {SECONDS_MAX}")
    if not 1 <= workers <= WORKERS_MAX:
        refuse("workers", workers, f"a whole number from 1 to {WORKERS_MAX}")
    names = [twin.function for twin in twins()]
    if not any(name.startswith(only) for name in names):
        raise UnknownTwin(
            f"No function with a twin begins with {only!r}; accepted is the beginning of one of"
            f" {', '.join(sorted(names))}.",
            field="only",
            value=only,
            accepted=sorted(names),
        )


def _work(
    seconds: float, only: str, first: int, stride: int, queue: "Queue[int | Checked]"
) -> None:
    reported = 0

    def report(compared: int) -> None:
        nonlocal reported
        queue.put(compared - reported)
        reported = compared

    queue.put(_compare(seconds, only, first, stride, report))


def _compare(seconds: float, only: str, first: int, stride: int, report: Report) -> Checked:
    """Give every function the same time: next is the one that has had the least, with its next seed."""
    compared = importlib.import_module(COMPARING).compared
    chosen = [twin for twin in twins() if twin.function.startswith(only)]
    waiting = [(0.0, place, first) for place in range(len(chosen))]
    checked = Checked()
    started = time.monotonic()
    ends, pulse = started + seconds, started + PULSE_SECONDS
    while waiting:
        had, place, seed = waiting[0]
        before, differs = time.monotonic(), False
        if before > ends:
            return checked
        if before > pulse:
            report(checked.counts.total())
            pulse = before + PULSE_SECONDS
        for scale in chosen[place].scales:
            checked.counts[chosen[place].function, str(scale)] += 1
            if difference := compared(chosen[place], scale, seed):
                checked.differences.append(str(difference))
                differs = True
                break
        if differs:
            heappop(waiting)
        else:
            heapreplace(waiting, (had + time.monotonic() - before, place, seed + stride))
    return checked
