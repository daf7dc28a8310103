"""A listed product as one document: what its page shows, for programs."""

from datetime import datetime
from typing import Any

from exchange.catalog.disclosure import disclosed_difference, leaving, order_obstacle
from exchange.catalog.lifecycle import RevisionState
from exchange.catalog.models import Product
from exchange.catalog.queries import interest
from exchange.catalog.queries.products import open_offers
from exchange.catalog.search.entries import content_of

REVISIONS_MAX = 20
_TEXTS = (
    "kind", "title", "title_zh", "summary", "summary_zh", "description", "description_zh",
    "industry", "region", "rhythm", "scenarios", "keywords", "licence", "refund_policy",
    "source_statement", "personal_statement", "grade", "delivery", "synthetic",
)  # fmt: skip
_OFFER = (
    "name", "kind", "currency", "price_minor", "period", "access_days", "history",
    "history_count", "future", "plan",
)  # fmt: skip


def product_document(product: Product, *, at: datetime) -> dict[str, Any]:
    """The document of a listed product. The caller has checked that it may be seen."""
    content = content_of(product)
    opinion = interest.opinion_of(product)
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
                "difference": disclosed_difference(one.difference, parts),
            }
            for one in revisions[:REVISIONS_MAX]
        ],
        "offers": [
            {"id": offer.public_id, **{name: getattr(offer, name) for name in _OFFER}}
            for offer in open_offers(product, at=at)
        ],
        "reviews": {"count": opinion.count, "stars": opinion.stars},
    }
