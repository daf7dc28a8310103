"""A listed product as one document: what its page shows, for programs."""

from datetime import datetime
from typing import Any

from exchange.catalog.models import Product
from exchange.catalog.queries import interest
from exchange.catalog.queries.products import open_offers
from exchange.catalog.search.entries import content_of
from exchange.catalog.states import RevisionState

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
    tables = content.revision.tables.all() if content.revision else ()
    revisions = product.revisions.exclude(state=RevisionState.DRAFT).order_by("-number")
    return {
        "id": product.public_id,
        "seller": product.seller.name,
        "listed_at": product.listed_at,
        **{name: getattr(product, name) for name in _TEXTS},
        "tables": [
            {
                "id": one.table.public_id,
                "document": one.document,
                "has_sample": one.table.sample_id is not None,
            }
            for one in tables
        ],
        "revisions": [
            {
                "id": one.public_id,
                "number": one.number,
                "state": one.state,
                "note": one.note,
                "published_at": one.published_at,
                "difference": one.difference,
            }
            for one in revisions[:REVISIONS_MAX]
        ],
        "offers": [
            {"id": offer.public_id, **{name: getattr(offer, name) for name in _OFFER}}
            for offer in open_offers(product, at=at)
        ],
        "reviews": {"count": opinion.count, "stars": opinion.stars},
    }
