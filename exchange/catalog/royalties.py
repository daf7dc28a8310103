"""Royalties of products that are made of products: what a sale of one owes to those that it is made of.

A version of a product's sharing names its sources, each with a part of the net of every sale, an amount of every
sale of its own, or both. Sellers of sources agree to it as all parties of a sharing do. What a source receives
so is what it brings: it goes on to its own sources and to those who share in it, by the sharing that it has in
force then. The amounts are those of `pricing.worth.proceeds.royalties`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from django.db import connection
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.catalog.buyable import sharing_at
from exchange.catalog.lifecycle import ListingState
from exchange.catalog.models import Product, Sharing, SharingRoyalty
from exchange.catalog.models.sharing import PERCENT_MAX, SOURCES_MAX
from exchange.core.inputs import checked_amount
from exchange.core.refusals import Invalid, NotFound
from pricing.money import Money
from pricing.worth import proceeds
from pricing.worth.proceeds import Use

# The product that is sold: its seller may share in a source of it, too.
SOLD = "sold"
PRODUCTS_MAX = 100
LOCK = "SELECT pg_advisory_xact_lock(hashtext('catalog_royalties'))"
HUNDRED = Decimal(PERCENT_MAX)


class RoyaltyRefused(Invalid):
    """A source is not one, its royalty is no part, or the product is made of itself; `field` names it."""

    code = "royalty_refused"


@dataclass(frozen=True)
class RoyaltyRequest:
    """What a product owes to a source of it. `source` is the source's public id; `field` is what a refusal
    names."""

    source: str
    percent: Decimal
    each_minor: int = 0
    field: str = "royalties"


def checked(
    product: Product, asked: Sequence[RoyaltyRequest], currency: str
) -> list[SharingRoyalty]:
    """The royalties, not written yet. Raises RoyaltyRefused and NotFound."""
    if len(asked) > SOURCES_MAX:
        raise RoyaltyRefused(
            _("Name at most %(limit)d products that this one is made of.") % {"limit": SOURCES_MAX},
            limit=SOURCES_MAX,
        )
    found: dict[int, SharingRoyalty] = {}
    for position, one in enumerate(asked):
        source = Product.objects.select_related("seller").filter(public_id=one.source).first()
        if source is None or source.state != ListingState.LISTED:
            raise NotFound(_("There is no listed product with this id."), field=one.field)
        if source.seller_id == product.seller_id or source.pk in found:
            raise RoyaltyRefused(_("Name each product of another seller once."), field=one.field)
        if not one.percent and not one.each_minor:
            raise RoyaltyRefused(_("Give a percentage, an amount or both."), field=one.field)
        checked_amount(one.each_minor, currency, least_minor=0, field=one.field)
        found[source.pk] = SharingRoyalty(
            source=source, position=position, percent=one.percent, currency=currency,
            each_minor=one.each_minor,
        )  # fmt: skip
    if sum(one.percent for one in asked) > HUNDRED:
        raise RoyaltyRefused(
            _("Royalties are at most 100 percent of the net together."), field=asked[-1].field
        )
    return list(found.values())


def check_no_circle(product: Product, sources: Sequence[Product], *, at: datetime) -> None:
    """Raise RoyaltyRefused where a product would be made, somewhere upstream, of itself, or of too many. Until
    the transaction ends nobody else adds a royalty."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
    known: set[int] = set()
    waiting = list(sources)
    while waiting:
        source = waiting.pop()
        if source.pk in known:
            continue
        known.add(source.pk)
        if source.pk == product.pk:
            raise RoyaltyRefused(
                _("A product cannot be made of itself, nor of what is made of it.")
            )
        if len(known) > PRODUCTS_MAX:
            raise RoyaltyRefused(
                _("A product is made of at most %(limit)d products, upstream ones among them.")
                % {"limit": PRODUCTS_MAX},
                limit=PRODUCTS_MAX,
            )
        in_force = sharing_at(source, at=at)
        waiting += [] if in_force is None else [row.source for row in in_force.royalties.all()]


@dataclass(frozen=True)
class Upstream:
    """Everybody who gets a royalty of a sale, in the order of their ids, and the products that it goes through."""

    owners: tuple[Organisation, ...]
    sold: Sharing
    products: tuple[proceeds.Product, ...]

    def of(self, net: Money) -> Mapping[str, Money]:
        """What each owner gets of a sale, by its public id. Amounts of every sale are of their own currency
        alone, and give way to the percentages where a sale is too small for both."""
        royalties = list(self.sold.royalties.all())
        left = net.minor - sum(_ceiling(one.percent * net.minor / HUNDRED) for one in royalties)
        uses = []
        for one in royalties:
            each = max(min(one.each_minor, left), 0) if one.currency == net.currency else 0
            left -= each
            uses.append(Use(one.source.public_id, _share(one.percent), Fraction(each)))
        sold = proceeds.Product(SOLD, SOLD, tuple(uses))
        paid = proceeds.royalties((sold, *self.products), SOLD, net).owners
        return {owner.public_id: paid[owner.public_id] for owner in self.owners}


def upstream_of(sharing: Sharing, *, at: datetime) -> Upstream | None:
    """Who gets royalties of a sale under a sharing, by the sharings of the sources that hold at a moment. None
    where it is made of nothing."""
    owners: dict[str, Organisation] = {}
    products: dict[str, proceeds.Product] = {}
    waiting = [row.source for row in sharing.royalties.all()]
    while waiting:
        source = waiting.pop()
        if source.public_id in products:
            continue
        in_force = sharing_at(source, at=at)
        for product, owner in _passing_on(source, in_force):
            products[product.name] = product
            owners[owner.public_id] = owner
        waiting += [] if in_force is None else [row.source for row in in_force.royalties.all()]
    if not products:
        return None
    return Upstream(tuple(owners[key] for key in sorted(owners)), sharing, tuple(products.values()))


def _passing_on(
    source: Product, sharing: Sharing | None
) -> Iterator[tuple[proceeds.Product, Organisation]]:
    """A source as the pricing library knows it, and one of its name for each party that shares in it."""
    seller, name = source.seller, source.public_id
    if sharing is None:
        yield proceeds.Product(name, seller.public_id), seller
        return
    uses = [Use(row.source.public_id, _share(row.percent)) for row in sharing.royalties.all()]
    rest = 1 - sum((use.share for use in uses), Fraction(0))
    for row in sharing.parties.all():
        if row.percent and row.organisation_id != seller.pk:
            owner = row.organisation
            part = f"{name}/{owner.public_id}"
            uses.append(Use(part, rest * _share(row.percent)))
            yield proceeds.Product(part, owner.public_id), owner
    yield proceeds.Product(name, seller.public_id, tuple(uses)), seller


def _share(percent: Decimal) -> Fraction:
    return Fraction(percent) / PERCENT_MAX


def _ceiling(exact: Decimal) -> int:
    return -int(-exact // 1)
