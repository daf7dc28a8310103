"""Who acts in the attacker's steps, and where each step is kept under the use case it is for."""

from collections.abc import Callable
from typing import Any

from exchange.catalog.lifecycle import ListingState
from exchange.catalog.models import Product
from exchange.members.actors import Subject
from exchange.members.permissions import Permission
from tests.attack.engine import Attack

P = Permission
# On whose trade the town lives.
HOUSES = ("seller", "other_seller", "state_seller", "buyer", "other_buyer", "third_buyer")
Step = Callable[[Attack], object]
OWN: dict[str, Step] = {}


def own(*names: str) -> Callable[[Step], Step]:
    """A step of these use cases."""

    def keep(step: Step) -> Step:
        for name in names:
            OWN[name] = step
        return step

    return keep


def listed(attack: Attack, **which: Any) -> Product:
    found: Product = attack.pick(Product.objects.filter(state=ListingState.LISTED, **which))
    return found


def buying(attack: Attack, permission: Permission = P.TRADE_BUY) -> Any:
    """Somebody who may buy, likely: any buyer's agent."""
    names = ("buyer", "other_buyer", "third_buyer", "agent", "restricted", "two_hats")
    house = attack.town.house(attack.random.choice(names))
    return attack.somebody(permission, Subject(organisation_id=house.pk))


def selling(attack: Attack, seller_id: int | None = None) -> Any:
    names = ("seller", "other_seller", "state_seller", "suspended")
    house = seller_id or attack.town.house(attack.random.choice(names)).pk
    return attack.somebody(P.OFFER_MAKE, Subject(organisation_id=house))


def operating(attack: Attack, permission: Permission = P.PAYMENTS_RUN) -> Any:
    """Somebody with the permission; for money by hand a cashier who approves what another asked for."""
    if permission is P.PAYMENTS_RUN:
        return attack.town.exchange.cashier
    return attack.somebody(permission, None)
