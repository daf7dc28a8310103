"""The entry of a product: its words, its facets and the card that lists show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from exchange.catalog.models import Offer, Product, Revision, SearchEntry
from exchange.catalog.models.search import FACET_CHARS_MAX, PRICELESS
from exchange.catalog.queries.products import open_offers
from exchange.catalog.search import words
from exchange.catalog.states import ListingState, OfferKind, RevisionState

UNMEASURED = Decimal(-1)
WORDED_COLUMNS_MAX = 300


@dataclass(frozen=True)
class Content:
    """What is published of a product: its newest revision and the tables in it."""

    revision: Revision | None
    documents: Sequence[Mapping[str, Any]]
    formats: Sequence[str]
    has_sample: bool

    @property
    def quality(self) -> tuple[Decimal, str]:
        """Score and grade of the worst table; UNMEASURED and "" where none has one."""
        reports = [document["quality"] for document in self.documents if document.get("quality")]
        if not reports:
            return UNMEASURED, ""
        worst = min(reports, key=lambda report: Decimal(report["score"]))
        return Decimal(worst["score"]), str(worst["grade"])


def entry_of(product: Product, *, at: datetime) -> SearchEntry | None:
    """The entry of a listed product; None for any other."""
    if product.state != ListingState.LISTED or product.listed_at is None:
        return None
    offers = open_offers(product, at=at)
    content = content_of(product)
    score, _grade = content.quality
    return SearchEntry(
        product=product,
        title_terms=words.vector(("A", product.title), ("A", product.title_zh)),
        text_terms=words.vector(
            ("A", product.title),
            ("A", product.title_zh),
            ("B", " ".join(product.keywords)),
            ("B", product.seller.name),
            ("C", f"{product.summary}\n{product.summary_zh}"),
            ("D", f"{product.description}\n{product.description_zh}"),
            ("D", "\n".join(map(str, product.scenarios))),
            ("D", _columns(content.documents)),
        ),
        facets=_facets(product, offers, content),
        price_order=min((offer.price_minor for offer in _at_one_price(offers)), default=PRICELESS),
        quality_score=score,
        listed_at=product.listed_at,
        card=_card(product, offers, content),
    )


def content_of(product: Product) -> Content:
    """The newest published revision with its tables; of a product never listed that under review."""
    seen = [RevisionState.PUBLISHED]
    if product.listed_at is None:
        seen.append(RevisionState.DRAFT)
    revision = (
        product.revisions.filter(state__in=seen)
        .prefetch_related("tables__table__file")
        .order_by("-number")
        .first()
    )
    tables = list(revision.tables.all()) if revision else []
    return Content(
        revision=revision,
        documents=[table.document for table in tables],
        formats=sorted({table.table.file.format for table in tables} - {""}),
        has_sample=any(table.table.sample_id is not None for table in tables),
    )


def _columns(documents: Sequence[Mapping[str, Any]]) -> str:
    """Names and descriptions of columns: who looks for `soc_percent` finds the table with it."""
    columns = [column for document in documents for column in document["columns"]]
    return "\n".join(
        f"{column['name'].replace('_', ' ')} {column.get('description', '')}"
        for column in columns[:WORDED_COLUMNS_MAX]
    )


def _facets(product: Product, offers: Sequence[Offer], content: Content) -> list[str]:
    values: dict[str, list[str]] = {
        "kind": [product.kind],
        "industry": [product.industry],
        "pricing": [offer.kind for offer in offers],
        "delivery": [product.delivery],
        "format": [one.lower() for one in content.formats],
        "rhythm": [product.rhythm],
        "region": [product.region],
        "use": [str(code) for code in product.licence.get("allowed", [])],
        "quality": [content.quality[1]],
        "sample": ["yes"] if content.has_sample else [],
    }
    return sorted(
        {
            f"{name}:{value}"[:FACET_CHARS_MAX]
            for name, listed in values.items()
            for value in listed
            if value
        }
    )


def _at_one_price(offers: Sequence[Offer]) -> list[Offer]:
    """Those that cost what they cost at once: what is paid by use has no price before it."""
    return [offer for offer in offers if offer.kind != OfferKind.METERED]


def _card(product: Product, offers: Sequence[Offer], content: Content) -> dict[str, Any]:
    score, grade = content.quality
    cheapest = next(iter(_at_one_price(offers)), None)
    return {
        "id": product.public_id,
        "title": product.title,
        "title_zh": product.title_zh,
        "summary": product.summary,
        "summary_zh": product.summary_zh,
        "seller": product.seller.name,
        "kind": product.kind,
        "industry": product.industry,
        "region": product.region,
        "rhythm": product.rhythm,
        "delivery": product.delivery,
        "formats": list(content.formats),
        "allowed": list(product.licence.get("allowed", [])),
        "score": None if score == UNMEASURED else str(score),
        "grade": grade,
        "rows": sum(int(document["rows"]) for document in content.documents) or None,
        "columns": sum(len(document["columns"]) for document in content.documents) or None,
        "price_minor": cheapest.price_minor if cheapest else None,
        "currency": cheapest.currency if cheapest else None,
        "period": cheapest.period if cheapest else "",
        "by_use": any(offer.kind == OfferKind.METERED for offer in offers),
        "offers": len(offers),
        "has_sample": content.has_sample,
        "synthetic": product.synthetic,
        "revision": content.revision.number if content.revision else None,
        "listed_at": product.listed_at.isoformat() if product.listed_at else None,
    }
