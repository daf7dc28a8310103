"""The entry of a product: its words, its facets and the card that lists show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from exchange.catalog.buyable import offers_of_day
from exchange.catalog.disclosure import Asker, Disclosed, Part, disclosed, leaving, lies_elsewhere
from exchange.catalog.facts import hidden_columns, personal_keys
from exchange.catalog.lifecycle import ListingState, OfferKind, RevisionState
from exchange.catalog.models import Offer, Product, Revision, RevisionTable, SearchEntry
from exchange.catalog.models.search import FACET_CHARS_MAX, PRICELESS
from exchange.catalog.search import words
from exchange.vault.models import Blob

UNMEASURED = Decimal(-1)
WORDED_COLUMNS_MAX = 300


@dataclass(frozen=True)
class ShownTable:
    """A table with what may be seen of it. `has_sample` only where the sample may be given away."""

    public_id: str
    document: Disclosed
    has_sample: bool


@dataclass(frozen=True)
class Sample:
    """A sample as it is stored, and which of its columns, by position, are masked on the way out."""

    blob: Blob
    hidden: Sequence[bool]


@dataclass(frozen=True)
class Content:
    """What is published of a product: its newest revision and what may be seen of its tables.

    `personal` are the keys of columns that are held back, in this revision or by a flag.
    """

    revision: Revision | None
    tables: Sequence[ShownTable]
    formats: Sequence[str]
    personal: frozenset[str]

    @property
    def documents(self) -> Sequence[Disclosed]:
        return [table.document for table in self.tables]

    @property
    def has_sample(self) -> bool:
        return any(table.has_sample for table in self.tables)

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
    today = offers_of_day(product, at=at)
    offers = today.open
    content = content_of(product)
    score, _grade = content.quality
    return SearchEntry(
        product=product,
        title_terms=words.vector(("A", product.title), ("A", product.title_zh)),
        text_terms=words.vector(
            ("A", product.title),
            ("A", product.title_zh),
            ("B", " ".join(product.keywords)),
            ("C", f"{product.summary}\n{product.summary_zh}"),
            ("D", f"{product.description}\n{product.description_zh}"),
            ("D", "\n".join(map(str, product.scenarios))),
            ("D", _columns(content.documents)),
            ("D", product.seller.name),
        ),
        facets=_facets(product, offers, content),
        price_order=min((offer.price_minor for offer in _at_one_price(offers)), default=PRICELESS),
        quality_score=score,
        listed_at=product.listed_at,
        is_local=not _is_elsewhere(product, offers),
        card=_card(product, offers, content),
        stale_at=today.next_turn(after=at),
    )


def content_of(product: Product, *, asker: Asker = Asker.ANYBODY) -> Content:
    """The newest published revision with its tables, as `asker` may see them; of a product never
    listed the revision under review."""
    seen = [RevisionState.PUBLISHED]
    if product.listed_at is None:
        seen.append(RevisionState.DRAFT)
    revision = (
        product.revisions.filter(state__in=seen)
        .prefetch_related("tables__table__file")
        .order_by("-number")
        .first()
    )
    rows = list(revision.tables.all()) if revision else []
    parts = leaving(product, asker=asker)
    flags = list(product.flags.all()) if rows else []
    return Content(
        revision=revision,
        tables=[
            ShownTable(
                public_id=row.table.public_id,
                document=disclosed(row.document, parts, hidden_columns(row, flags)),
                has_sample=Part.SAMPLE in parts and row.table.sample_id is not None,
            )
            for row in rows
        ],
        formats=sorted({row.table.file.format for row in rows} - {""}),
        personal=personal_keys(rows, flags),
    )


def sample_of(product: Product, table_id: str) -> Sample | None:
    """The free sample of a table in a published revision; None where there is none to give away."""
    if Part.SAMPLE not in leaving(product):
        return None
    row = (
        RevisionTable.objects.filter(
            revision__product=product,
            revision__state=RevisionState.PUBLISHED,
            table__public_id=table_id,
        )
        .select_related("table__sample", "revision")
        .order_by("-revision__number")
        .first()
    )
    if row is None or row.table.sample is None:
        return None
    hidden = hidden_columns(row, product.flags.all())
    return Sample(
        row.table.sample, tuple(column["name"] in hidden for column in row.document["columns"])
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
        "currency": [offer.currency for offer in _at_one_price(offers)[:1]],
        "delivery": [product.delivery],
        "format": [one.lower() for one in content.formats],
        "rhythm": [product.rhythm],
        "region": [product.region],
        "use": [str(code) for code in product.licence.get("allowed", [])],
        "quality": [content.quality[1]],
        "sample": ["yes"] if content.has_sample else [],
        "seller": [product.seller.public_id],
    }
    return sorted(
        {
            f"{name}:{value}"[:FACET_CHARS_MAX]
            for name, listed in values.items()
            for value in listed
            if value
        }
    )


def _is_elsewhere(product: Product, offers: Sequence[Offer]) -> bool:
    """Whether it is free open data that its owner keeps."""
    is_free = {offer.kind for offer in offers} == {OfferKind.FREE}
    return is_free and lies_elsewhere(product.delivery)


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
        "seller_id": product.seller.public_id,
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
