"""Shares of a product's revenue: who receives one, and shares that are proposed and agreed to."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from accounts.models import Organisation
from exchange.catalog import sharing
from exchange.catalog.models import Product, Sharing
from exchange.catalog.sharing import ShareRequest
from exchange.members.actors import Actor
from exchange.members.roles import Kind
from tests.factories import accounts
from tests.factories.members import Exchange, acting
from tests.factories.orders import DAY


def a_receiver(exchange: Exchange, *kinds: Kind, name: str = "Institute") -> Organisation:
    """An admitted organisation that somebody may share with."""
    house = accounts.an_organisation(name=name)
    exchange.admit(house, *(kinds or (Kind.SELLER,)))
    return house


def leading(house: Organisation) -> Actor:
    return acting(accounts.owner_of(house), house)


def part(house: Organisation, percent: str, **fields: object) -> ShareRequest:
    return ShareRequest(house.public_id, Decimal(percent), **fields)  # type: ignore[arg-type]  # a test's own


def proposed(product: Product, own: str, *shares: ShareRequest, at: datetime = DAY) -> Sharing:
    return sharing.propose(
        product.public_id, percent=Decimal(own), shares=shares, currency="CNY",
        actor=leading(product.seller), now=at,
    )  # fmt: skip


def agreed(product: Product, own: str, *shares: ShareRequest, at: datetime = DAY) -> Sharing:
    return answered(proposed(product, own, *shares, at=at), shares, at=at)


def answered(made: Sharing, shares: Sequence[ShareRequest], *, at: datetime = DAY) -> Sharing:
    """Every receiver agrees."""
    for share in shares:
        house = Organisation.objects.get(public_id=share.organisation)
        made = sharing.agree(made.public_id, actor=leading(house), now=at)
    return made
