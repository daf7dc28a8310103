"""What a seller does with a product: begin and describe it, hand it in, change it, end it."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from exchange.audit import log
from exchange.catalog import listing, offers
from exchange.catalog.buyable import open_offers
from exchange.catalog.details import check_details
from exchange.catalog.errors import ChangeMissing, ChangePending, LimitReached
from exchange.catalog.facts import details_of, draft_revision, tables_of
from exchange.catalog.lifecycle import (
    AMENDABLE,
    EDITABLE,
    LISTING,
    Delivery,
    ListingState,
    ListingTransition,
    ProductKind,
)
from exchange.catalog.listing import HOLD_SELLER, Said, check_change, check_editable
from exchange.catalog.models import Product
from exchange.catalog.models.products import TITLE_CHARS_MAX
from exchange.catalog.offers import add_offer, command_like
from exchange.catalog.queries import own_organisation
from exchange.catalog.revisions import keep_tables
from exchange.core.use_case import use_case
from exchange.members.actors import Actor, organisation_of
from exchange.members.permissions import Permission

DRAFTS_MAX = 200
COPY_MARK = " (2)"
# How a kind is delivered unless its seller says otherwise.
DELIVERIES: Mapping[ProductKind, Delivery] = {
    ProductKind.DATASET: Delivery.FILE,
    ProductKind.API: Delivery.API,
    ProductKind.REPORT: Delivery.FILE,
    ProductKind.MODEL: Delivery.FILE,
    ProductKind.PORTRAIT: Delivery.API,
    ProductKind.SERVICE: Delivery.SERVICE,
    ProductKind.BUNDLE: Delivery.SERVICE,
}


@use_case(Permission.OFFER_MAKE, about=own_organisation)
def draft_product(
    *,
    actor: Actor,
    kind: ProductKind,
    values: Mapping[str, object] | None = None,
    now: datetime,
    synthetic: bool = False,
    origin: str | None = None,
) -> Product:
    """Begin a product of the organisation acted for."""
    return begin(
        seller_id=organisation_of(actor), kind=kind, values=values or {}, synthetic=synthetic,
        origin=origin, actor=actor, now=now,
    )  # fmt: skip


@use_case()
def begin(
    *,
    seller_id: int,
    kind: ProductKind,
    values: Mapping[str, object],
    actor: Actor,
    now: datetime,
    synthetic: bool = False,
    origin: str | None = None,
) -> Product:
    """Begin a product as a draft. `origin` names where it was imported from, once in the exchange."""
    drafts = Product.objects.filter(seller_id=seller_id, state=ListingState.DRAFT)
    if origin is None and drafts.count() >= DRAFTS_MAX:
        raise LimitReached(
            _("You may have at most %(limit)d drafts at once.") % {"limit": DRAFTS_MAX},
            limit=DRAFTS_MAX,
        )
    product = Product(
        seller_id=seller_id,
        kind=kind,
        delivery=DELIVERIES[kind],
        synthetic=synthetic,
        origin=origin,
        created_by_id=actor.user_id,
        created_at=now,
    )
    for field, value in check_details(values).items():
        setattr(product, field, value)
    return listing.transition(product, ListingTransition.DRAFT, actor=actor, now=now)


@use_case(Permission.OFFER_MAKE, locks=LISTING)
def save_draft(
    product: Product,
    *,
    actor: Actor,  # noqa: ARG001 - who is asked for the permission
    values: Mapping[str, object],
    now: datetime,
) -> Product:
    """Change what is said of a product: before the listing at once; while it stands, in the change
    that an operator has to accept. Nothing else of it changes, and nothing is logged.
    """
    cleaned = check_details(values)
    check_editable(product)
    if "delivery" in cleaned:
        offers.check_meters(product, delivery=str(cleaned["delivery"]))
    if product.state in EDITABLE:
        for field, value in cleaned.items():
            setattr(product, field, value)
    else:
        listed = details_of(product)
        wanted = {**(product.amendment or {}), **cleaned}
        product.amendment = {
            field: value for field, value in wanted.items() if value != listed[field]
        }
        listing.end_change(product)
    product.updated_at = now
    product.save()
    return product


@use_case(Permission.OFFER_MAKE, locks=LISTING)
def duplicate(product: Product, *, actor: Actor, now: datetime) -> Product:
    """A new draft that says what the product says, with what is on offer now and without its data."""
    values = details_of(product)
    kept = product.title[: TITLE_CHARS_MAX - len(COPY_MARK)]
    values["title"] = f"{kept}{COPY_MARK}" if kept else ""
    copied = draft_product(actor=actor, kind=ProductKind(product.kind), values=values, now=now)
    for offer in open_offers(product, at=now):
        add_offer(copied, command_like(offer), actor=actor, now=now)
    return copied


@use_case(Permission.OFFER_MAKE, locks=LISTING)
def submit(product: Product, *, actor: Actor, now: datetime) -> Product:
    """Hand the product to the exchange. Its tables are kept now: what is reviewed is published.

    Raises GatesShut with what is still missing.
    """
    draft = draft_revision(product)
    if draft is not None and tables_of(draft):
        keep_tables(draft)
    return listing.transition(product, ListingTransition.SUBMIT, actor=actor, now=now)


@use_case(Permission.LISTING_END, locks=LISTING)
def recall(product: Product, *, actor: Actor, now: datetime) -> Product:
    """Take a product back from review, to work on it."""
    return listing.transition(product, ListingTransition.RECALL, actor=actor, now=now)


@use_case(Permission.LISTING_END, locks=LISTING)
def pause(product: Product, *, actor: Actor, now: datetime) -> Product:
    """Take nothing new on for a while: the product leaves the lists until its seller lists it again. What
    buyers have begun goes on: orders, subscriptions with their renewals, contracts, negotiations, auctions."""
    return listing.transition(product, ListingTransition.PAUSE, actor=actor, now=now)


@use_case(Permission.LISTING_END, locks=LISTING, before=HOLD_SELLER)
def relist(product: Product, *, actor: Actor, now: datetime) -> Product:
    """List a paused product again as buyers knew it, without a review: what was changed meanwhile has gone
    its own way, or waits. Raises GatesShut where it lacks what a listing needs, and PartyNotInStanding."""
    return listing.transition(product, ListingTransition.RELIST, actor=actor, now=now)


@use_case(Permission.LISTING_END, locks=LISTING)
def delist(product: Product, *, actor: Actor, said: Said, now: datetime) -> Product:
    """Take a product off the list. Buyers keep what they bought; nobody new can buy."""
    return listing.transition(product, ListingTransition.DELIST, actor=actor, said=said, now=now)


@use_case(Permission.LISTING_END, locks=LISTING)
def archive(product: Product, *, actor: Actor, now: datetime) -> Product:
    """Put a product away that is not listed."""
    return listing.transition(product, ListingTransition.ARCHIVE, actor=actor, now=now)


@use_case(Permission.OFFER_MAKE, locks=LISTING)
def propose_change(product: Product, *, actor: Actor, now: datetime) -> Product:
    """Ask the exchange to accept what was changed. The listing stays as it is meanwhile."""
    if product.amendment is None:
        raise ChangeMissing(_("Nothing was changed that the exchange would have to look at."))
    if product.change_proposed:
        raise ChangePending(_("The exchange has your change already."))
    product.change_proposed = True
    return listing.transition(product, ListingTransition.PROPOSE_CHANGE, actor=actor, now=now)


def hand_in(product: Product, *, actor: Actor, now: datetime) -> Product:
    """Submit what there is to submit: the product, or the change of one that stands."""
    submitting = propose_change if product.state in AMENDABLE else submit
    return submitting(product, actor=actor, now=now)


@use_case(Permission.LISTING_END, locks=LISTING)
def take_change_back(product: Product, *, actor: Actor, now: datetime) -> Product:
    """Work on a change again that the exchange has not decided on."""
    check_change(product)
    product.change_proposed = False
    listing.recall_revision(product)
    listing.end_change(product)
    return listing.transition(product, ListingTransition.TAKE_CHANGE_BACK, actor=actor, now=now)


@use_case(Permission.OFFER_MAKE, locks=LISTING)
def discard_change(product: Product, *, actor: Actor, now: datetime) -> Product:
    """Throw away what was changed and never submitted, offers too, and leave the listing as it is."""
    check_editable(product)
    offers.withdraw_proposed(product, actor=actor, now=now)
    product.amendment = None
    product.updated_at = now
    product.save(update_fields=["amendment", "updated_at"])
    log.record(
        event="catalog.change.forgotten",
        actor=actor.name,
        subject=f"product:{product.public_id}",
        facts={},
        at=now,
    )
    return product
