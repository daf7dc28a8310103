"""The attacker's steps at the doors, and those of the clock."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from django.db import transaction

from exchange.catalog import scheduled as offer_time
from exchange.contracts import performance as contract_time
from exchange.core.refusals import Refusal
from exchange.jobs import runner
from exchange.journeys import awards, billing, renewals, scheduled
from exchange.members import proposals
from exchange.members.lifecycle import AdmissionTransition, Standing
from exchange.members.models import Admission
from exchange.negotiation import deciding
from exchange.payments import reactions
from tests.attack import visitors
from tests.attack.acting import HOUSES, own
from tests.attack.arguments import WORDS, fresh
from tests.attack.doors_api import API
from tests.attack.doors_web import WEB
from tests.attack.engine import LIKELY, Attack
from tests.attack.knocking import address_of, knock

OVER_HTTP, CLOCK, WORKER = "http.any", "core.scheduled._run_one", "jobs.runner.drain"
JOBS_MAX = 20
CHANGING = [door for door in (*WEB, *API) if door.method != "get"]


@own(OVER_HTTP)
def over_http(attack: Attack) -> None:
    """Somebody sends a form or a call that its owner's is answered with."""
    if not attack.clients:
        attack.clients = visitors.clients_of(attack.town)
        return  # who is refused next is refused alone: the sessions stay
    door = attack.random.choice(CHANGING)
    likely = attack.random.random() < LIKELY
    who = door.owner if likely else attack.random.choice(sorted(attack.clients))
    fresh_token = {"Idempotency-Key": fresh(attack, "key")}
    door = replace(door, headers={**door.headers, **fresh_token})
    address = address_of(attack.town, door)
    answer = knock(attack.town, attack.clients[who], door, address, keep=True)
    if not answer.is_in:
        raise Shut(f"{answer.status}")


class Shut(Refusal):
    """The door did not open."""

    code = "door_shut"


@own(WORKER)
def work_off(attack: Attack) -> None:
    """A worker does the jobs that are due."""
    runner.drain(worker="attack", limit=JOBS_MAX, without=["catalog.product.indexed"])


@own(CLOCK)
def time_goes_on(attack: Attack) -> None:
    """The sweeps of the clock, hours later; and the exchange lifts what it held against one of those on
    whose trade the town lives."""
    attack.now += timedelta(hours=attack.random.choice((1, 4, 12)))
    if attack.random.random() < LIKELY:
        with suppress(Refusal), transaction.atomic():
            _restore(attack)
    sweeps: tuple[Callable[..., object], ...] = (
        awards.run_due, scheduled.run_orders, scheduled.run_asset_sales, renewals.run_due,
        contract_time.run_due, deciding.run_due, billing.run_due, reactions.run_due,
        offer_time.run_due,
    )  # fmt: skip
    for sweep in attack.random.sample(sweeps, 3):
        sweep(now=attack.now)


def _restore(attack: Attack) -> None:
    exchange = attack.town.exchange
    resting = Admission.objects.filter(
        standing__in=(Standing.RESTRICTED, Standing.SUSPENDED),
        organisation_id__in=[attack.town.house(name).pk for name in HOUSES],
    ).exclude(proposals__decision="open")
    for admission in resting.order_by("pk")[:1]:
        proposal = proposals.propose(
            admission.public_id, transition=AdmissionTransition.RESTORE, actor=exchange.proposer,
            reason=WORDS, now=attack.now,
        )  # fmt: skip
        exchange.approve(proposal, now=attack.now)
