"""A history of the attack: so many rounds from one seed, what is found on the way, and the report."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from django.db import transaction

from tests.attack import invariants
from tests.attack.acting import Step
from tests.attack.engine import Attack, NothingThere, running, tell_time
from tests.attack.refills import REFILL
from tests.attack.steps import LEARNED, steps
from tests.attack.steps_doors import CLOCK, WORKER

BOOKS_EVERY = 250
FAVOURED = 20
REFILL_FROM = 150  # what the town was built with lasts so long
DRAWS_MAX = 20  # steps that are drawn until there is something that one can be tried on


@dataclass(frozen=True)
class Pace:
    """After how many rounds the clock and the workers have their turn, and people trade as they should."""

    clock: int
    refill: int


OFTEN = Pace(clock=8, refill=33)
SELDOM = Pace(clock=16, refill=75)  # of a long run: each refill comes often enough all the same


@dataclass
class History:
    """What a run of rounds came to."""

    attack: Attack
    findings: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        """The share of rounds that succeeded."""
        return self.attack.good / max(1, self.attack.steps)

    def report(self) -> str:
        """Each use case with its successes, those without first."""
        done = self.attack.succeeded
        names = sorted(self.attack.cases, key=lambda name: (done[name], name))
        lines = [f"{done[name]:7d}  {name}" for name in names]
        refusals = [f"{count:7d}  {code}" for code, count in self.attack.refused.most_common(25)]
        return "\n".join(
            [
                f"{self.attack.steps} rounds, {self.share:.0%} succeeded",
                *lines,
                "refused most often:",
                *refusals,
                *[f"FOUND {one}" for one in self.findings],
            ]
        )


def play(
    seed: int,
    rounds: int,
    *,
    stop_at_finding: bool = True,
    favour: Sequence[str] = (),
    pace: Pace = OFTEN,
) -> History:
    """So many rounds from this seed, in a transaction that is rolled back. The steps of `favour` come
    more often."""
    with transaction.atomic():
        with attacked(seed) as (attack, tried):
            history = History(attack)
            with attack.locks.watching(inside=1):  # a step is a savepoint
                for number in range(1, rounds + 1):
                    history.findings += _round(history, tried, favour, pace)
                    if number % BOOKS_EVERY == 0 and not invariants.books_are_sound():
                        history.findings.append("the books do not balance")
                    if history.findings and stop_at_finding:
                        break
            if not invariants.books_are_sound():
                history.findings.append("the books do not balance at the end")
        transaction.set_rollback(True)
    return history


@contextmanager
def attacked(seed: int) -> Iterator[tuple[Attack, dict[str, Step]]]:
    """A town under attack, and the steps."""
    LEARNED.clear()
    with running(seed) as attack:
        yield attack, steps(dict(attack.cases))


def _round(
    history: History, tried: dict[str, Step], favour: Sequence[str], pace: Pace
) -> list[str]:
    """One step, and what is wrong after it."""
    attack, names = history.attack, list(tried)
    weights = [FAVOURED if name in favour else attack.weight(name) for name in names]
    before = invariants.marks()
    drawn = attack.random.choices(names, weights, k=DRAWS_MAX)
    if attack.steps > REFILL_FROM and attack.steps % pace.refill == 0:
        drawn.insert(0, REFILL)
    elif attack.steps % pace.clock == 0:
        drawn.insert(0, CLOCK)
    elif attack.steps % pace.clock == pace.clock // 2:
        drawn.insert(0, WORKER)
    for name in drawn:
        attack.locks.label = name
        tell_time(attack)
        with suppress(NothingThere):
            succeeded = attack.tried(name, tried[name])
            break
    else:
        return []
    if not succeeded:
        faults, attack.faults = attack.faults, []
        return [f"round {attack.steps}, {one}" for one in faults]
    after = invariants.marks()
    return [f"round {attack.steps}, {name}: {one}" for one in invariants.broken(before, after)]
