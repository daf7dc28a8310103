"""What can be bought, on which licence, and with whom what it brings is shared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from exchange.catalog import disclosure
from exchange.catalog.errors import OfferWithdrawn, ProductPaused, ProductWithdrawn
from exchange.catalog.lifecycle import ListingState, OfferState
from exchange.catalog.models import Offer, Product, Sharing, SharingParty, SharingRoyalty
from exchange.core.refusals import NotFound

# Pairs of products and those who get a part of what they bring, the seller among them: now, or once
# all others have agreed. What somebody is offered and did not answer ties nobody.
RECEIVERS = """(
    SELECT sharing.product_id, party.organisation_id
    FROM catalog_sharing AS sharing
    JOIN catalog_sharingparty AS party ON party.sharing_id = sharing.id
    WHERE sharing.state IN ('proposed', 'in_force') AND party.agreed_at IS NOT NULL
        AND (party.percent > 0 OR party.first_minor > 0 OR party.has_royalty)
)"""


def buyable_offer(offer_public_id: str, *, at: datetime, buyer_id: int | None = None) -> Offer:
    """The offer with its product and seller, as long as `buyer_id` can buy it at `at`.

    One that is reserved exists for the organisation that it is reserved for alone.

    Raises NotFound, ProductPaused, ProductWithdrawn, TrustedSpaceNotOpen and OfferWithdrawn; the latter
    names offers that can be bought.
    """
    offer = (
        Offer.objects.select_related("product__seller").filter(public_id=offer_public_id).first()
    )
    if (
        offer is None
        or offer.state == OfferState.PROPOSED
        or offer.reserved_for_id not in {None, buyer_id}
    ):
        raise NotFound(_("There is no such offer."))
    product = offer.product
    check_not_paused(product)
    if product.state != ListingState.LISTED:
        if product.listed_at is None:  # it was never shown to anybody
            raise NotFound(_("There is no such offer."))
        raise ProductWithdrawn(
            _("This product is not offered any more."),
            product=product.public_id,
            state=product.state,
        )
    disclosure.check_orderable(product)
    if not is_open(offer, at=at):
        raise OfferWithdrawn(
            _("This offer has not begun. Look at the product for what is offered now.")
            if offer.valid_from > at
            else _("This offer has ended. Look at the product for what is offered now."),
            offer=offer.public_id,
            product=product.public_id,
            offers=[other.public_id for other in open_offers(product, at=at)],
        )
    return offer


def check_not_paused(product: Product) -> None:
    """Raise ProductPaused while its seller takes nothing new on."""
    if product.state == ListingState.PAUSED:
        raise ProductPaused(
            _(
                "The seller has paused this product. Nothing new can be ordered, asked for or sampled"
                " until it is listed again."
            ),
            product=product.public_id,
        )


def is_over(product: Product) -> bool:
    """Whether everybody could see the product once and it is off the list for good."""
    is_off = product.state in {ListingState.DELISTED, ListingState.ARCHIVED}
    return is_off and product.listed_at is not None


def is_open(offer: Offer, *, at: datetime) -> bool:
    """Whether the offer itself can be taken up."""
    end = ends_at(offer)
    has_begun = offer.state == OfferState.ACTIVE and offer.valid_from <= at
    return has_begun and (end is None or at < end)


def ends_at(offer: Offer) -> datetime | None:
    """When the offer is over, by its own end or because another takes its place; None where neither is known."""
    return min(filter(None, (offer.valid_until, offer.replaced_at)), default=None)


def open_at(at: datetime) -> Q:
    """The same, asked of offers in the database."""
    ends = ("valid_until", "replaced_at")
    until = (Q(**{end: None}) | Q(**{f"{end}__gt": at}) for end in ends)
    return Q(*until, state=OfferState.ACTIVE, valid_from__lte=at)


@dataclass(frozen=True)
class OffersOfDay:
    """What anybody can take up of a product, the cheapest first, and what begins later, the next first."""

    open: Sequence[Offer]
    planned: Sequence[Offer]

    def next_turn(self, *, after: datetime) -> datetime | None:
        """When an offer begins or ends next."""
        ends = map(ends_at, self.open)
        turns = (*ends, *(offer.valid_from for offer in self.planned))
        return min((turn for turn in turns if turn is not None and turn > after), default=None)


def offers_of_day(product: Product, *, at: datetime) -> OffersOfDay:
    """The offers of a product to everybody, as they stand at a moment."""
    offers = list(
        product.offers.filter(state=OfferState.ACTIVE, reserved_for=None).order_by(
            "price_minor", "number"
        )
    )
    planned = [offer for offer in offers if offer.valid_from > at]
    return OffersOfDay(
        open=[offer for offer in offers if is_open(offer, at=at)],
        planned=sorted(planned, key=lambda offer: (offer.valid_from, offer.number)),
    )


def open_offers(product: Product, *, at: datetime) -> Sequence[Offer]:
    """The offers of a product that anybody can take up, the cheapest first."""
    return offers_of_day(product, at=at).open


def licence_document(product: Product) -> dict[str, Any]:
    """The licence by value, as terms freeze it: codes in a fixed order and the seller's own words."""
    licence = product.licence
    return {
        "template": str(licence.get("template", "")),
        "allowed": sorted(map(str, licence.get("allowed", ()))),
        "forbidden": sorted(map(str, licence.get("forbidden", ()))),
        "attribution": bool(licence.get("attribution", False)),
        "text": str(licence.get("text", "")),
    }


def frozen_shares(product: Product, *, at: datetime) -> dict[str, Any]:
    """What terms freeze of the sharing of revenue in force: its id alone, since it is not the buyer's to know
    how the money is shared out. Nothing where the seller keeps all."""
    sharing = sharing_at(product, at=at)
    if sharing is None:
        return {}
    owners = {row.organisation_id for row in sharing.parties.all() if has_part(row)}
    return {} if owners == {product.seller_id} else {"shares": sharing.public_id}


def sharing_at(product: Product, *, at: datetime) -> Sharing | None:
    """The sharing of revenue that held at a moment."""
    held = Q(ended_at=None) | Q(ended_at__gt=at)
    rows = Sharing.objects.filter(held, product=product, effective_at__lte=at)
    return with_parties(rows).select_related("product").order_by("-number").first()


def with_parties(rows: QuerySet[Sharing]) -> QuerySet[Sharing]:
    """The same, each with its parties and royalties in their order."""
    parties = SharingParty.objects.select_related("organisation").order_by("position")
    royalties = SharingRoyalty.objects.select_related("source__seller").order_by("position")
    return rows.prefetch_related(
        Prefetch("parties", queryset=parties), Prefetch("royalties", queryset=royalties)
    )


def receivers_of(product_id: int) -> frozenset[int]:
    """The organisations that get a part of what a product brings, now or once all others have agreed."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT organisation_id FROM {RECEIVERS} AS receiver WHERE product_id = %s",  # noqa: S608 - a constant
            [product_id],
        )
        return frozenset(key for (key,) in cursor)


def receivers_in(terms: Mapping[str, Any]) -> frozenset[int]:
    """The organisations that get a part of an order's money by its frozen terms."""
    if "shares" not in terms:
        return frozenset()
    rows = SharingParty.objects.filter(sharing__public_id=terms["shares"])
    return frozenset(row.organisation_id for row in rows if has_part(row))


def receiver_pairs(*, limit: int) -> list[tuple[int, int]]:
    """Sellers and those who get a part of what a product of theirs brings, each pair once."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT DISTINCT least(product.seller_id, receiver.organisation_id),
                greatest(product.seller_id, receiver.organisation_id)
            FROM {RECEIVERS} AS receiver
            JOIN catalog_product AS product ON product.id = receiver.product_id
            WHERE product.seller_id <> receiver.organisation_id
            ORDER BY 1, 2 LIMIT %s
            """,  # noqa: S608 - a constant
            [limit],
        )
        return [(first, second) for first, second in cursor]


def has_part(row: SharingParty) -> bool:
    """Whether the party gets anything."""
    return bool(row.percent or row.first_minor or row.has_royalty)
