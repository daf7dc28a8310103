"""A seller's journey from nothing to a listing: begin, describe, offer, submit, and end it again.

Each flow asks policy, acts, writes the log and lets the search follow, in one transaction. What
operators do is in `review_listing`, revisions are in `publish_revision`.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from exchange.audit.actions import log
from exchange.catalog.actions import offers, products, review
from exchange.catalog.actions.listing import NOTHING, Said
from exchange.catalog.actions.offers import OfferWish, wish_like
from exchange.catalog.models import Offer, Product
from exchange.catalog.models.products import TITLE_CHARS_MAX
from exchange.catalog.plans import Priced
from exchange.catalog.queries.listings import (
    details_of,
    offers_of,
    product_named,
    subject_of,
)
from exchange.catalog.states import Move, ProductKind
from exchange.core.refusals import NotFound
from exchange.flows.listing_recording import record_offer, record_step
from exchange.members import policy
from exchange.members.actors import Actor, Subject, organisation_of
from exchange.members.permissions import Permission

COPY_MARK = " (2)"


@transaction.atomic
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
    seller_id = organisation_of(actor)
    policy.require(actor, Permission.OFFER_MAKE, Subject(organisation_id=seller_id))
    step = products.draft_product(
        seller_id=seller_id,
        kind=kind,
        values=values or {},
        actor=actor.name,
        by_id=actor.user_id,
        now=now,
        synthetic=synthetic,
        origin=origin,
    )
    return record_step(step)


@transaction.atomic
def save_draft(
    *, actor: Actor, product_id: str, values: Mapping[str, object], now: datetime
) -> Product:
    """Save what is said of a product: at once before it is listed, else as a change to propose.

    Drafts are not in the log; what they become is, when they are submitted.
    """
    permitted(actor, Permission.OFFER_MAKE, product_id)
    return products.save_details(product_id=product_id, values=values, now=now)


@transaction.atomic
def duplicate(*, actor: Actor, product_id: str, now: datetime) -> Product:
    """A new draft that says what the product says, with its offers and without its data."""
    product = permitted(actor, Permission.OFFER_MAKE, product_id)
    values = details_of(product)
    kept = product.title[: TITLE_CHARS_MAX - len(COPY_MARK)]
    values["title"] = f"{kept}{COPY_MARK}" if kept else ""
    copied = draft_product(actor=actor, kind=ProductKind(product.kind), values=values, now=now)
    for offer in offers_of(product):
        add_offer(actor=actor, product_id=copied.public_id, wish=wish_like(offer), now=now)
    return copied


@transaction.atomic
def add_offer(
    *, actor: Actor, product_id: str, wish: OfferWish, now: datetime
) -> tuple[Offer, Priced]:
    """Offer a product, and say what the linter thinks of the price plan."""
    permitted(actor, Permission.OFFER_MAKE, product_id)
    offer, price = offers.add_offer(product_id=product_id, wish=wish, by_id=actor.user_id, now=now)
    record_offer(offer, event="catalog.offer.made", actor=actor.name, now=now)
    return offer, price


@transaction.atomic
def withdraw_offer(*, actor: Actor, offer_id: str, now: datetime) -> Offer:
    """End an offer. What was bought on it stays as agreed."""
    offer = Offer.objects.select_related("product").filter(public_id=offer_id).first()
    if offer is None:
        raise NotFound(_("There is no such offer."))
    policy.require(actor, Permission.LISTING_END, subject_of(offer.product))
    withdrawn = offers.withdraw_offer(offer_id=offer_id, now=now)
    return record_offer(withdrawn, event="catalog.offer.withdrawn", actor=actor.name, now=now)


@transaction.atomic
def submit(*, actor: Actor, product_id: str, now: datetime) -> Product:
    """Hand the product to the exchange. Raises GatesShut with what is still missing."""
    permitted(actor, Permission.OFFER_MAKE, product_id)
    step = review.submit(product_id=product_id, actor=actor.name, by_id=actor.user_id, now=now)
    return record_step(step)


@transaction.atomic
def recall(*, actor: Actor, product_id: str, now: datetime) -> Product:
    """Take a product back from review, to work on it."""
    permitted(actor, Permission.LISTING_END, product_id)
    return _move(actor, product_id, Move.RECALL, now)


@transaction.atomic
def delist(*, actor: Actor, product_id: str, said: Said, now: datetime) -> Product:
    """Take a product off the list. Buyers keep what they bought; nobody new can buy."""
    permitted(actor, Permission.LISTING_END, product_id)
    return _move(actor, product_id, Move.DELIST, now, said)


@transaction.atomic
def archive(*, actor: Actor, product_id: str, now: datetime) -> Product:
    """Put a product away that is not listed."""
    permitted(actor, Permission.LISTING_END, product_id)
    return _move(actor, product_id, Move.ARCHIVE, now)


@transaction.atomic
def propose_change(*, actor: Actor, product_id: str, now: datetime) -> Product:
    """Ask the exchange to accept what was changed of a listed product."""
    permitted(actor, Permission.OFFER_MAKE, product_id)
    step = products.propose_change(
        product_id=product_id, actor=actor.name, by_id=actor.user_id, now=now
    )
    return record_step(step)


@transaction.atomic
def take_change_back(*, actor: Actor, product_id: str, now: datetime) -> Product:
    """Work on a proposed change again."""
    permitted(actor, Permission.LISTING_END, product_id)
    step = products.take_change_back(
        product_id=product_id, actor=actor.name, by_id=actor.user_id, now=now
    )
    return record_step(step)


@transaction.atomic
def discard_change(*, actor: Actor, product_id: str, now: datetime) -> Product:
    """Throw a change away that was not submitted, and leave the listing as it is."""
    permitted(actor, Permission.OFFER_MAKE, product_id)
    product = products.discard_change(product_id=product_id, now=now)
    log.record(
        event="catalog.change.forgotten",
        actor=actor.name,
        subject=f"product:{product.public_id}",
        facts={},
        at=now,
    )
    return product


def seen_by(actor: Actor, product_id: str) -> Product:
    """A product that the actor may see as its seller does; operators see everybody's."""
    return permitted(actor, Permission.PRODUCT_SEE, product_id)


def permitted(actor: Actor, permission: Permission, product_id: str) -> Product:
    """The product, if the actor may do this to it. Raises NotFound or NotAllowed."""
    product = product_named(product_id)
    policy.require(actor, permission, subject_of(product))
    return product


def _move(
    actor: Actor, product_id: str, move: Move, now: datetime, said: Said = NOTHING
) -> Product:
    step = review.move_listing(
        product_id=product_id,
        move=move,
        actor=actor.name,
        by_id=actor.user_id,
        now=now,
        said=said,
    )
    return record_step(step)
