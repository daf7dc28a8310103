"""The attacker: seeded rounds of steps through the real use cases, and a count of what succeeded.

A round is one use case, called by somebody who is likely to be allowed (three of four times) or by
anybody. It runs in a savepoint of one transaction; time goes on between rounds. What a use case of a
lifecycle is told is made from the names of its parameters (`arguments.py`), others have a step of
their own (`steps.py`). Calls inside calls count too: a use case is known by its module and name.
"""

import inspect
import pkgutil
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from importlib import import_module
from random import Random
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

import exchange
from accounts.models import Membership, Organisation, User
from accounts.refusals import AccountRefusal
from exchange.auctions import access
from exchange.core import clock
from exchange.core import use_case as machinery
from exchange.core.lifecycle import Lifecycle
from exchange.core.refusals import Refusal
from exchange.members import actors, policy
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import PERMISSION_RULES, Permission, Reach
from pricing.refusals import PricingRefusal
from tests.architecture.lock_order import Recorder
from tests.attack import town
from tests.attack.town import Person, Town

LIKELY = 0.85  # how often the actor is one who is allowed, if anybody is
ASKED_MAX = 12  # people who are asked for that
REFUSALS = (Refusal, PricingRefusal, AccountRefusal)


@dataclass(frozen=True)
class UseCase:
    """A use case as it is declared."""

    name: str
    call: Callable[..., Any]
    permission: Permission | None
    lifecycle: Lifecycle[Any] | None
    parameters: tuple[str, ...]
    actor: object

    @property
    def acts(self) -> bool:
        """Whether somebody acts in it: others are done by the exchange itself, or inside others."""
        return self.actor is Actor and not self.name.rpartition(".")[2].startswith("_")

    @cached_property
    def sources(self) -> frozenset[str]:
        """The states from which the transition of its name leads, where there is one."""
        rows = self.lifecycle.transitions.values() if self.lifecycle else ()
        return frozenset(
            str(state.value)
            for row in rows
            if self.makes(str(row.name))
            for state in row.sources
            if state is not None
        )

    def makes(self, transition: str) -> bool:
        """Whether it is named for the transition."""
        word = self.name.rpartition(".")[2]
        return word == transition or word.startswith(f"{transition}_")


def use_cases() -> Mapping[str, UseCase]:
    """All use cases of the exchange, by `room.module.name`."""
    for found_at in pkgutil.walk_packages(exchange.__path__, "exchange."):
        if not any(part in found_at.name for part in (".migrations", ".settings", "asgi", "wsgi")):
            import_module(found_at.name)
    found = {}
    for name, module in sorted(sys.modules.items()):
        if not name.startswith("exchange."):
            continue
        for word, thing in vars(module).items():
            declared = hasattr(thing, "permission") and hasattr(thing, "__wrapped__")
            if declared and thing.__module__ == name:
                key = f"{name}.{word}".removeprefix("exchange.")
                taken = inspect.signature(thing).parameters
                actor = taken["actor"].annotation if "actor" in taken else None
                permission = thing.permission if isinstance(thing.permission, Permission) else None
                found[key] = UseCase(key, thing, permission, thing.locks, tuple(taken), actor)
    return found


@dataclass
class Attack:
    """One run: who is there, what time it is, what succeeded."""

    random: Random
    town: Town
    now: datetime
    cases: Mapping[str, UseCase]
    succeeded: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    tries: Counter[str] = field(default_factory=Counter)
    went: Counter[str] = field(default_factory=Counter)
    people: list[tuple[User, Organisation]] = field(default_factory=list)
    steps: int = 0
    good: int = 0
    faults: list[str] = field(default_factory=list)
    clients: dict[str, Client] = field(default_factory=dict)
    supply: dict[str, Person] = field(default_factory=dict)  # who trades in refills
    supply_marks: list[object] = field(default_factory=list)
    locks: Recorder = field(default_factory=Recorder)

    def refresh(self) -> None:
        """Read anew who is a member where."""
        rows = Membership.objects.select_related("user", "organisation").order_by("pk")
        self.people = [(row.user, row.organisation) for row in rows]

    def anybody(self) -> Actor:
        """Any person, acting for any of their organisations."""
        return self.acting(*self.random.choice(self.people))

    def acting(self, user: User, organisation: Organisation) -> Actor:
        return actors.actor_from(
            user=user, organisation_id=organisation.pk, second_factor=True, at=self.now
        )

    def somebody(
        self, permission: Permission | None, subject: Subject | None, *, is_whole: bool = False
    ) -> Actor:
        """Whoever of the houses that it concerns may do it, most of the time; or anybody. `is_whole`: the
        subject is the one that the use case asks of, with its conflicts of interest."""
        if self.random.random() > LIKELY:
            return self.anybody()
        reach = None if permission is None else PERMISSION_RULES[permission].reach
        wanted: set[int | None] = set()
        if reach is Reach.EXCHANGE:
            wanted = {self.town.exchange.organisation.pk}
        elif subject is not None:
            wanted = {subject.organisation_id, *subject.engaged}
        fitting = [one for one in self.people if not wanted or one[1].pk in wanted]
        self.random.shuffle(fitting)
        for user, organisation in fitting[:ASKED_MAX]:
            actor = self.acting(user, organisation)
            asked = subject if is_whole else None
            if permission is None or policy.allowed(actor, permission, asked):
                return actor
        return self.anybody()

    def pick(self, rows: Any) -> Any:
        """Any row of a query, newer ones more often."""
        keys = list(rows.order_by("-pk").values_list("pk", flat=True)[:40])
        if not keys:
            raise NothingThere(rows.model.__name__)
        place = min(int(self.random.expovariate(0.15)), len(keys) - 1)
        return rows.model._default_manager.get(pk=keys[place])

    def tried(self, name: str, step: Callable[["Attack"], object]) -> bool:
        """One step; whether it succeeded. What is no refusal is an error of ours and goes on. Raises
        NothingThere, which is no round."""
        self.steps += 1
        self.tries[name] += 1
        self.now += timedelta(seconds=self.random.choice((1, 60, 600, 3_600)))
        try:
            with transaction.atomic():
                step(self)
        except NothingThere:
            self.steps -= 1
            self.tries[name] -= 1
            raise
        except REFUSALS as refusal:
            self.refused[f"{name}: {refusal.code}"] += 1
            return False
        except Exception as fault:  # noqa: BLE001 - an error of ours is a finding
            where = traceback.extract_tb(fault.__traceback__)[-1]
            words = " ".join(str(fault).split())[:160]
            self.faults.append(f"{name}: {type(fault).__name__} at {where.name}: {words}")
            return False
        finally:
            connection.run_on_commit = []
        self.good += 1
        self.went[name] += 1
        return True

    def weight(self, name: str) -> float:
        """How soon a step is tried again: those that go well, and those that went rarely so far."""
        rate = (self.went[name] + 1) / (self.tries[name] + 2)
        return float(rate / (1 + max(self.succeeded[name], self.went[name])))


class NothingThere(LookupError):
    """There is nothing that the step could be tried on."""


@contextmanager
def _within_one_transaction() -> Iterator[None]:
    """What is durable elsewhere, as a job's end is, is a savepoint here."""
    begin = transaction.Atomic.__init__

    def within(self: transaction.Atomic, using: str | None, savepoint: bool, durable: bool) -> None:  # noqa: FBT001 - Django's own
        begin(self, using, savepoint, durable=False)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transaction.Atomic, "__init__", within)
        yield


@contextmanager
def running(seed: int) -> Iterator[Attack]:
    """A fresh town under attack, in the caller's transaction; use cases are counted, time is ours."""
    locks = Recorder(label="the town")
    with _within_one_transaction(), locks.watching():
        made = town.build()
    chance = Random(seed)  # noqa: S311 - a seed that gives the same rounds again
    attack = Attack(chance, made, made.now + timedelta(hours=3), use_cases(), locks=locks)
    attack.refresh()
    run = machinery._run

    def counting(function: Callable[..., Any], *rest: Any) -> Any:
        result = run(function, *rest)
        attack.succeeded[
            f"{function.__module__}.{function.__name__}".removeprefix("exchange.")
        ] += 1
        return result

    with _within_one_transaction(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(machinery, "_run", counting)
        patch.setattr(clock, "now", lambda: attack.now)
        patch.setattr(access, "NOW", "current_setting('attack.now')::timestamptz")
        yield attack


def tell_time(attack: Attack) -> None:
    """Auctions read the time of the database: here, that of the attack."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('attack.now', %s, true)", [attack.now.isoformat()])
