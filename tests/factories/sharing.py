"""Shares of a product's revenue: who receives one, and shares that are proposed and agreed to."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from accounts.models import Organisation
from exchange.catalog import sharing
from exchange.catalog.models import Product, Sharing
from exchange.catalog.sharing import ShareRequest
from exchange.core.lifecycle import Named
from exchange.members.actors import Actor
from exchange.members.roles import Kind
from exchange.payments.distribution_lifecycle import DISTRIBUTION, DistributionTransition
from exchange.payments.models import Distribution, DistributionParty
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


def proposed(
    product: Product, own: str, *shares: ShareRequest, at: datetime = DAY, by_month: bool = False
) -> Sharing:
    return sharing.propose(
        product.public_id, percent=Decimal(own), shares=shares, currency="CNY", by_month=by_month,
        actor=leading(product.seller), now=at,
    )  # fmt: skip


def agreed(
    product: Product, own: str, *shares: ShareRequest, at: datetime = DAY, by_month: bool = False
) -> Sharing:
    return answered(proposed(product, own, *shares, at=at, by_month=by_month), shares, at=at)


def answered(made: Sharing, shares: Sequence[ShareRequest], *, at: datetime = DAY) -> Sharing:
    """Every receiver agrees."""
    for share in shares:
        house = Organisation.objects.get(public_id=share.organisation)
        made = sharing.agree(made.public_id, actor=leading(house), now=at)
    return made


def a_distribution(
    product: Product, parts: Mapping[Organisation, int], *, first_day: date, at: datetime = DAY
) -> Distribution:
    """A calculated distribution without sales."""
    with transaction.atomic():
        made = DISTRIBUTION.transition(
            Distribution(
                product=product, first_day=first_day, currency="CNY", sales_count=1,
                amount_minor=sum(parts.values()), calculated_at=at,
            ),
            DistributionTransition.CALCULATE, actor=Named("test:clock"), now=at,
        )  # fmt: skip
        DistributionParty.objects.bulk_create(
            DistributionParty(
                distribution=made, position=position, organisation=house, currency="CNY",
                amount_minor=minor,
            )
            for position, (house, minor) in enumerate(parts.items())
        )  # fmt: skip
    return made
