"""A history: its steps drawn from one seed, the end at which everything comes to rest, and what is wrong.

Each step has a chance of its own, made of the seed and its number. So a history can be played without
some of its steps, which is how one that fails is made short.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from exchange.core import outbox
from exchange.core.models import OutboxJob
from exchange.jobs import runner
from exchange.payments import payment_webhooks, reconciliation
from exchange.payments.gateway.sandbox import clock as provider_clock
from exchange.payments.gateway.sandbox import outgoing
from tests.factories import outbox as jobs
from tests.factories import payments as money
from tests.simulation import acts_cards, acts_money, acts_sales, acts_trade, laws  # noqa: F401 - they fill the table
from tests.simulation.acts import ACTS
from tests.simulation.acts_money import SWEEPS, WITHOUT
from tests.simulation.world import CNY, World, living

STEPS = 60
DRAWS_MAX = 10  # acts that are drawn until there is something to do
DAYS_OF_REST = (3, 3, 6, 6, 6)  # so long between the rounds: all of what waits longest is over
JOBS_MAX = 200


@dataclass
class History:
    """What was done, step by step, and what is wrong."""

    seed: int
    told: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    went_well: int = 0

    def __str__(self) -> str:
        return "\n".join([f"seed {self.seed}", *self.told, *(f"WRONG {one}" for one in self.wrong)])


def play(world: World, seed: int, *, steps: int = STEPS, without: Collection[int] = ()) -> History:
    """The history of this seed, in a transaction that is rolled back, without some of its steps."""
    history, began = History(seed), world.now
    world.events = world.lines = world.went_well = 0
    with living(world):
        for number in range(steps):
            if number not in without:
                history.told.append(f"{number:4d} {_step(world, seed, number)}")
                history.wrong = laws.after_step()
            if history.wrong:
                break
        else:
            come_to_rest(world)
            history.wrong = laws.at_rest(world)
    history.went_well = world.went_well
    world.now = began
    return history


def shortest(world: World, failing: History, *, steps: int = STEPS) -> History:
    """The failing history without every step that it fails without, in the same law."""
    law = _law(failing)
    left_out: set[int] = set()
    size = steps // 2
    while size:
        for start in range(0, steps, size):
            some = set(range(start, start + size)) - left_out
            tried = play(world, failing.seed, steps=steps, without=left_out | some)
            if some and tried.wrong and _law(tried) == law:
                left_out |= some
                failing = tried
        size //= 2
    return failing


def _law(history: History) -> str:
    return history.wrong[0].partition(":")[0]


def _step(world: World, seed: int, number: int) -> str:
    chance = Random(f"{seed}:{number}")  # noqa: S311 - a history, not a secret
    world.pass_time(timedelta(seconds=chance.choice([1, 60, 600])))
    weights = [one.weight for one in ACTS.values()]
    for act in chance.choices(list(ACTS.values()), weights, k=DRAWS_MAX):
        deed = act.choose(world, chance)
        if deed is not None:
            return f"{act.name}: {world.perform(deed, chance, is_repeatable=act.is_repeatable)}"
    return "nothing to do"


def come_to_rest(world: World) -> None:
    """No more faults; days go by, the clock's work is done, messages arrive, and somebody tries dead jobs
    again, as the console's people do."""
    switches = provider_clock.switchboard()
    switches.faults, switches.copies = [], 1
    switches.save()
    for days in DAYS_OF_REST:
        world.pass_time(timedelta(days=days))
        for sweep in SWEEPS:
            sweep(world)
        reconciliation.reconcile(currency=CNY, now=world.now)
        payment_webhooks.take_up_untold(now=world.now)
        for job in OutboxJob.objects.filter(state="dead").order_by("pk"):
            outbox.retry_dead(
                job_id=job.pk, actor=world.exchange.proposer, reason="Again.", now=world.now
            )
        _hear_and_work()
        outgoing.decide_payouts()
    _hear_and_work()  # what banks decided in the last night


def _hear_and_work() -> None:
    money.deliver_messages()
    jobs.let_leases_run_out()
    jobs.make_ready_jobs_due()
    runner.drain(worker="rest", limit=JOBS_MAX, without=WITHOUT)
