"""What has run dry is there again: from time to time people whom nobody meddled with trade as they should.

Their houses are admitted for it, and anew once somebody joined them, took a role or changed their standing.
Each refill leaves things behind in the states that others act on, and plays what takes several people in
turn to its end. A refusal ends one thing of it and no other.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from accounts.models import Membership
from exchange.catalog.models import Product
from exchange.members.actors import Actor
from exchange.members.lifecycle import Standing
from exchange.members.models import Admission, RelatedParty, RoleGrant
from exchange.members.roles import Kind, Role
from tests.attack.acting import own
from tests.attack.arguments import fresh
from tests.attack.engine import REFUSALS, Attack
from tests.attack.town import EVERY_ROLE, FUNDS_YUAN, Person, leader, member
from tests.factories import listings
from tests.factories.payments import fund_wallet

REFILL = "town.refill"


@dataclass
class Supply:
    """Who trades in the refills of one history."""

    attack: Attack
    people: dict[str, Person] = field(default_factory=dict)

    @property
    def who(self) -> dict[str, Any]:
        return {"now": self.attack.now}

    def actor(self, name: str) -> Actor:
        return self.people[name].acting(self.attack.now)

    def doing(self, name: str) -> dict[str, Any]:
        """What each use case is told: who and when."""
        return {"actor": self.actor(name), "now": self.attack.now}

    def operating(self, number: int = 1) -> dict[str, Any]:
        exchange = self.attack.town.exchange
        actor = exchange.proposer if number == 1 else exchange.approver
        return {"actor": actor, "now": self.attack.now}

    def asking(self) -> dict[str, Any]:
        """Finance of the exchange, who asks for what a second one approves."""
        exchange = self.attack.town.exchange
        return {"actor": exchange.acting_as(Role.EXCHANGE_FINANCE), "now": self.attack.now}

    def counting(self) -> dict[str, Any]:
        """Finance of the exchange, for what a first one asked for."""
        return {"actor": self.attack.town.exchange.cashier, "now": self.attack.now}

    def listing(self, seller: str = "seller", **fields: Any) -> Product:
        house = self.people[seller].organisation
        title = fresh(self.attack, "Supply")
        return listings.a_listing(seller=house, **{"price_minor": 10_000, "title": title, **fields})

    @contextmanager
    def thing(self, word: str) -> Iterator[None]:
        """One thing of a refill: what is refused of it is counted, and the next goes on."""
        try:
            yield
        except REFUSALS as refusal:
            self.attack.refused[f"{REFILL} {word}: {refusal.code}"] += 1


Script = Callable[[Supply], None]
REFILLS: list[Script] = []


def refills(script: Script) -> Script:
    """A refill, played in turn with the others."""
    REFILLS.append(script)
    return script


@own(REFILL)
def refill(attack: Attack) -> None:
    """The next refill."""
    supply = Supply(attack, supplied(attack))
    REFILLS[(attack.tries[REFILL] - 1) % len(REFILLS)](supply)


def supplied(attack: Attack) -> dict[str, Person]:
    """The houses of the last refill, or new ones where one of them is no longer as it was."""
    if attack.supply and _marks(attack.supply) == attack.supply_marks:
        return attack.supply
    town, word = attack.town, attack.steps
    people = {
        "seller": leader(town, f"Supply {word}", Kind.SELLER, *EVERY_ROLE),
        "state": leader(town, f"State supply {word}", Kind.SELLER, *EVERY_ROLE, kind="state_owned"),
        "buyer": leader(town, f"Demand {word}", Kind.BUYER, Role.BUYER_AGENT, Role.LEGAL_OFFICER),
        "second": leader(town, f"Second demand {word}", Kind.BUYER, Role.BUYER_AGENT),
        "poor": leader(town, f"Poor demand {word}", Kind.BUYER, Role.BUYER_AGENT),
    }  # fmt: skip
    for name, house, role in (
        ("agent", "buyer", Role.BUYER_AGENT),
        ("finance", "buyer", Role.FINANCE),
        ("committee", "state", Role.COMMITTEE),
    ):
        organisation = people[house].organisation
        assert organisation is not None
        people[name] = member(organisation, role)
    for name in ("buyer", "second"):
        organisation = people[name].organisation
        assert organisation is not None
        fund_wallet(town.exchange, organisation, FUNDS_YUAN, at=attack.now)
    attack.supply, attack.supply_marks = people, _marks(people)
    attack.refresh()
    return people


def _marks(people: dict[str, Person]) -> list[object]:
    """What changes when somebody meddles with the houses."""
    keys = sorted({one.organisation.pk for one in people.values() if one.organisation is not None})
    users = [one.user.pk for one in people.values()]
    ended = {"ended_at": None}
    rows = (
        Admission.objects.filter(organisation__in=keys, standing=Standing.ACTIVE),
        Membership.objects.filter(organisation__in=keys),
        Membership.objects.filter(user__in=users),
        RoleGrant.objects.filter(organisation__in=keys, valid_until=None),
        RelatedParty.objects.filter(organisation__in=keys, **ended),
        RelatedParty.objects.filter(other__in=keys, **ended),
    )
    return [keys, *(sorted(some.values_list("pk", flat=True)) for some in rows)]
