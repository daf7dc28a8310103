"""Products as doors ask for them: by address and permission, in lists, and as one document."""

from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from exchange.catalog.buyable import ends_at, offers_of_day, receivers_of
from exchange.catalog.disclosure import disclosed_difference, leaving, order_obstacle
from exchange.catalog.lifecycle import ListingState, RevisionState, Turn
from exchange.catalog.models import ListingStep, Offer, Product
from exchange.catalog.search.entries import content_of
from exchange.core.refusals import NotFound
from exchange.members import policy
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission

REVISIONS_MAX = 20
TO_CORRECT = (ListingState.RETURNED, ListingState.SUSPENDED)
_TEXTS = (
    "kind", "title", "title_zh", "summary", "summary_zh", "description", "description_zh",
    "industry", "region", "rhythm", "scenarios", "keywords", "licence", "refund_policy",
    "source_statement", "personal_statement", "grade", "delivery", "synthetic",
)  # fmt: skip
_OFFER = (
    "name", "kind", "currency", "price_minor", "period", "access_days", "history",
    "history_count", "future", "plan", "valid_from",
)  # fmt: skip


def product_named(public_id: str) -> Product:
    """The product of an address with its seller. Raises NotFound."""
    found = Product.objects.select_related("seller").filter(public_id=public_id).first()
    if found is None:
        raise NotFound(_("There is no such product."))
    return found


def subject_of(product: Product) -> Subject:
    """What policy needs to know of a product: whose it is, who made it, and who gets a part of what it
    brings."""
    made_by = () if product.created_by_id is None else (product.created_by_id,)
    return Subject(
        organisation_id=product.seller_id,
        made_by=frozenset(made_by),
        receivers=partial(receivers_of, product.pk),
    )


def own_organisation(*, actor: Actor, **_request: object) -> Subject | None:
    """Whoever acts for an organisation begins, asks and answers for that one."""
    own = actor.organisation_id
    return None if own is None else Subject(organisation_id=own)


def permitted(actor: Actor, permission: Permission, product_id: str) -> Product:
    """The product, if the actor may do this to it. Raises NotFound or NotAllowed."""
    product = product_named(product_id)
    policy.require(actor, permission, subject_of(product))
    return product


def seen_by(actor: Actor, product_id: str) -> Product:
    """A product that the actor may see as its seller does; operators see everybody's."""
    return permitted(actor, Permission.PRODUCT_SEE, product_id)


def products_of(actor: Actor) -> QuerySet[Product]:
    """The products of the organisation acted for: what waits for the seller first."""
    return (
        Product.objects.filter(seller_id=actor.organisation_id)
        .exclude(state=ListingState.ARCHIVED)
        .order_by("-id")
    )


def to_correct(actor: Actor) -> QuerySet[Product]:
    """Those of them that the exchange gave back or took off, and waits for."""
    return products_of(actor).filter(state__in=TO_CORRECT)


def steps_of(product: Product) -> list[ListingStep]:
    """What happened to the listing, the newest first."""
    return list(product.steps.select_related("by", "approved_by").order_by("-number"))


def review_queue() -> QuerySet[Product]:
    """What waits for the exchange, the most urgent first."""
    return (
        Product.objects.filter(turn=Turn.OPERATOR)
        .select_related("seller")
        .order_by(F("due_at").asc(nulls_last=True), "pk")
    )


def product_document(product: Product, *, at: datetime) -> dict[str, Any]:
    """The document of a listed product. The caller has checked that it may be seen."""
    content, offers = content_of(product), offers_of_day(product, at=at)
    parts, obstacle = leaving(product), order_obstacle(product.delivery)
    revisions = product.revisions.exclude(state=RevisionState.DRAFT).order_by("-number")
    return {
        "id": product.public_id,
        "seller": product.seller.name,
        "listed_at": product.listed_at,
        "order_obstacle": "" if obstacle is None else obstacle.code,
        **{name: getattr(product, name) for name in _TEXTS},
        "tables": [
            {
                "id": one.public_id,
                "document": one.document,
                "has_sample": one.has_sample,
            }
            for one in content.tables
        ],
        "revisions": [
            {
                "id": one.public_id,
                "number": one.number,
                "state": one.state,
                "note": one.note,
                "published_at": one.published_at,
                "difference": disclosed_difference(one.difference, parts, content.personal),
            }
            for one in revisions[:REVISIONS_MAX]
        ],
        "offers": [_offer_document(offer) for offer in offers.open],
        "planned_offers": [_planned_document(offer) for offer in offers.planned],
    }


def _offer_document(offer: Offer) -> dict[str, Any]:
    return {
        "id": offer.public_id,
        **{name: getattr(offer, name) for name in _OFFER},
        "valid_until": ends_at(offer),
    }


def _planned_document(offer: Offer) -> dict[str, Any]:
    replaced = offer.supersedes
    return {
        **_offer_document(offer),
        "supersedes": None if replaced is None else replaced.public_id,
    }
