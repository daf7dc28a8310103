"""Refills that go where nobody may: each is refused to who is near to it, whatever else happens."""

from typing import Any

from exchange.catalog import review
from exchange.catalog.lifecycle import Delivery, Grade
from exchange.delivery import entitlements, fetching
from exchange.delivery.lifecycle import Form
from exchange.members.roles import Kind, Role
from exchange.orders.models import Order
from tests.attack.arguments import fresh
from tests.attack.refills import Supply, refills
from tests.attack.refills_deals import bought, paid, submitted
from tests.attack.town import EVERY_ROLE, leader
from tests.factories import accounts
from tests.factories.delivery import a_revision
from tests.factories.members import acting
from tests.factories.vault import a_read_file, csv_of


@refills
def take_out_what_stays(supply: Supply) -> None:
    """What is worked with in the trusted space is bought and asked for as a file."""
    with supply.thing("trusted space"):
        product = supply.listing(delivery=Delivery.SANDBOX, grade=Grade.IMPORTANT)
        a_revision(product, a_read_file(product.seller, content=csv_of(3)))
        _fetched(supply, paid(supply, bought(supply, product)))


def _fetched(supply: Supply, order: Order) -> None:
    right = entitlements.entitlement_of_order(order)
    assert right is not None
    table = order.product.revisions.get().tables.get().table.public_id
    asking = supply.doing("agent")
    fetching.fetch(right.public_id, table=table, form=Form.CSV, **asking).begin()


@refills
def judge_own_house(supply: Supply) -> None:
    """An operator who joined a house takes up what that house submits, acting for the exchange."""
    with supply.thing("own listing"):
        word = fresh(supply.attack, "Judged")
        judged = leader(supply.attack.town, word, Kind.SELLER, *EVERY_ROLE)
        assert judged.organisation is not None
        exchange = supply.attack.town.exchange
        person = exchange.staff(Role.OPERATOR, 3)
        accounts.a_member(judged.organisation, user=person)
        selling: dict[str, Any] = {
            "actor": judged.acting(supply.attack.now),
            "now": supply.attack.now,
        }
        product = submitted(supply, who=selling)
        judge = acting(person, exchange.organisation)
        review.take_up(product, actor=judge, now=supply.attack.now)
