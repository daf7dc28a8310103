"""Listed products for tests of finding: straight into the tables, with the steps that led there.

How a listing comes about is tested where that is the matter.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.db import transaction

from accounts.models import Organisation
from exchange.catalog.lifecycle import (
    Delivery,
    Grade,
    ListingState,
    ListingTransition,
    ProductKind,
    RevisionState,
)
from exchange.catalog.models import ListingStep, Offer, Product, Revision, RevisionTable
from exchange.catalog.search.indexing import index_product
from exchange.vault.models import Blob, DataFile, DataTable
from pricing.charges.plans import read_plan
from tests.factories import accounts
from tests.factories.accounts import NOON

_numbers = count(1)
Road = tuple[tuple[ListingTransition, str, str], ...]
_ROAD: Road = (
    (ListingTransition.DRAFT, "", "draft"),
    (ListingTransition.SUBMIT, "draft", "submitted"),
    (ListingTransition.TAKE_UP, "submitted", "compliance_review"),
    (ListingTransition.PASS_COMPLIANCE, "compliance_review", "quality_review"),
    (ListingTransition.PASS_QUALITY, "quality_review", "price_review"),
    (ListingTransition.APPROVE, "price_review", "approved"),
    (ListingTransition.LIST, "approved", "listed"),
)
LICENCE = {
    "template": "commercial",
    "allowed": ["internal_use", "derive"],
    "forbidden": ["reidentify"],
    "attribution": True,
    "text": "",
}


@transaction.atomic
def a_draft(*, seller: Organisation | None = None, **fields: Any) -> Product:
    """A product that its seller has begun."""
    product = Product.objects.create(
        seller=seller or accounts.an_organisation(),
        **{
            "kind": ProductKind.DATASET,
            "title": "Meter readings",
            "summary": "Quarter-hourly readings.",
            "delivery": Delivery.EXTERNAL,
            "refund_policy": "none",
            "grade": Grade.GENERAL_1,
            "licence": LICENCE,
            "state": ListingState.DRAFT,
            "turn": "seller",
            **fields,
        },
    )
    _walk(product, _ROAD[:1])
    return product


@transaction.atomic
def a_listing(
    *,
    price_minor: int | None = 0,
    period: str = "",
    listed_at: datetime = NOON,
    document: dict[str, Any] | None = None,
    has_sample: bool = False,
    **fields: Any,
) -> Product:
    """A listed and indexed product with one offer (none for a price of None)."""
    product = a_draft(**fields)
    _walk(product, _ROAD[1:])
    product.state = ListingState.LISTED
    product.turn = "nobody"
    product.listed_at = listed_at
    product.save(update_fields=["state", "turn", "listed_at"])
    if price_minor is not None:
        an_offer(product, price_minor=price_minor, period=period)
    if document is not None:
        a_revision(product, document=document, has_sample=has_sample)
    index_product(product=product)
    return product


@transaction.atomic
def many_listings(products: Sequence[Product]) -> None:
    """Products that were never saved, each listed with one free offer and indexed, in few statements."""
    for product in products:
        product.state, product.turn, product.listed_at = ListingState.LISTED, "nobody", NOON
        product.steps_count = len(_ROAD)
    Product.objects.bulk_create(products)
    ListingStep.objects.bulk_create(
        step for one in products for step in _steps(one, _ROAD, first=1)
    )
    free = {"number": 1, "name": "Free", "kind": "free", "currency": "CNY", "price_minor": 0}
    since = NOON - timedelta(days=1)
    Offer.objects.bulk_create(
        Offer(product=one, plan={}, plan_digest="", valid_from=since, **free) for one in products
    )
    for product in products:
        index_product(product=product)


@transaction.atomic
def taken_off(product: Product, *, state: ListingState) -> Product:
    """The product in a state in which strangers see it no longer, by the steps that lead there."""
    source = ListingState(product.state)
    if state == ListingState.ARCHIVED and source == ListingState.LISTED:
        taken_off(product, state=ListingState.DELISTED)
        source = ListingState.DELISTED
    move = {
        ListingState.DELISTED: ListingTransition.DELIST,
        ListingState.ARCHIVED: ListingTransition.ARCHIVE,
        ListingState.SUSPENDED: ListingTransition.SUSPEND,
    }[state]
    _walk(product, ((move, source, state),))
    product.state, product.turn = state, "seller" if state == ListingState.SUSPENDED else "nobody"
    product.save(update_fields=["state", "turn"])
    index_product(product=product)
    return product


def an_offer(product: Product, *, price_minor: int = 0, period: str = "", **fields: Any) -> Offer:
    """One more offer at a price per purchase or period."""
    plan = {
        "format": "assay.plan/1",
        "plan": "test",
        "version": 1,
        "currency": "CNY",
        "charges": [
            {"name": "price", "model": "flat", "amount": f"{price_minor / 100:.2f}"},
        ],
    }
    kind = "subscription" if period else "one_off" if price_minor else "free"
    return Offer.objects.create(
        product=product,
        number=product.offers.count() + 1,
        **{
            "name": "Standard",
            "kind": kind,
            "plan": plan,
            "plan_digest": read_plan(plan).digest,
            "currency": "CNY",
            "price_minor": price_minor,
            "period": period,
            "valid_from": NOON - timedelta(days=1),
            **fields,
        },
    )


def a_revision(product: Product, *, document: dict[str, Any], has_sample: bool = False) -> Revision:
    """The next published revision, with one table."""
    number = product.revisions.count() + 1
    revision = Revision.objects.create(product=product, number=number)
    table = a_table(product.seller, document=document, has_sample=has_sample)
    RevisionTable.objects.create(revision=revision, table=table, position=0, document=document)
    revision.state = RevisionState.PUBLISHED
    revision.published_at = NOON + timedelta(days=number)
    revision.save(update_fields=["state", "published_at"])
    return revision


def a_table(
    organisation: Organisation, *, document: dict[str, Any], has_sample: bool = False
) -> DataTable:
    """A table that the vault read, without its content."""
    blob = a_blob()
    file = DataFile.objects.create(
        organisation=organisation,
        name="readings.csv",
        blob=blob,
        format="csv",
        state="ready",
        read_at=NOON,
    )
    return DataTable.objects.create(
        file=file,
        position=0,
        name=document["name"],
        rows=document["rows"],
        parquet=a_blob(),
        sample=a_blob() if has_sample else None,
        document=document,
    )


def a_blob() -> Blob:
    """A content that was stored once, known by its hash alone."""
    return Blob.objects.create(sha256=f"{next(_numbers):064x}", size_bytes=10)


def a_column(name: str, **facts: Any) -> dict[str, Any]:
    """A column of a table's document."""
    return {
        "name": name,
        "original_name": name,
        "type": "decimal",
        "unit": "kWh",
        "description": "",
        "example": "1.5",
        "nulls": 0,
        "distinct": 90,
        "distinct_is_estimate": False,
        "min": "0.0",
        "max": "9.5",
        "mean": "4.2",
        "quantiles": None,
        "top": [["1.5", 12], ["2.0", 8]],
        "histogram": {"edges": ["0", "5", "10"], "counts": [60, 40]},
        "mixed": None,
        **facts,
    }


def a_document(*columns: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """A table's document as the vault writes it."""
    shown = columns or (a_column("energy"), a_column("station", type="text", histogram=None))
    return {
        "name": "readings",
        "rows": 100,
        "columns": list(shown),
        "coverage": {
            "time": {
                "column": "at",
                "from": "2025-01-01T00:00:00",
                "until": "2025-12-31T23:45:00",
                "rhythm_seconds": 900,
            },
            "region": {"columns": ["lon", "lat"], "box": [116.0, 39.0, 117.5, 40.5], "values": []},
        },
        "quality": {
            "score": "95.85",
            "grade": "A",
            "dimensions": [
                {
                    "dimension": name,
                    "value": value,
                    "weight": weight,
                    "rule": "Cells that are not empty ÷ all cells.",
                    "numerator": 98,
                    "denominator": 100,
                }
                for name, value, weight in (
                    ("normativity", "0.98", "0.15"),
                    ("completeness", "0.95", "0.20"),
                    ("accuracy", "0.97", "0.25"),
                    ("consistency", "0.96", "0.15"),
                    ("timeliness", "0.90", "0.15"),
                    ("accessibility", "1.00", "0.10"),
                )
            ],
        },
        "findings": [],
        "preview": {"columns": ["energy", "station"], "rows": [["1.5", "S1"], [None, "=cmd()"]]},
        "notes": [],
        **facts,
    }


def _walk(product: Product, road: Road) -> None:
    """The steps of the road, one after the other."""
    ListingStep.objects.bulk_create(_steps(product, road, first=product.steps_count + 1))
    product.steps_count += len(road)
    product.save(update_fields=["steps_count"])


def _steps(product: Product, road: Road, *, first: int) -> list[ListingStep]:
    return [
        ListingStep(
            product=product,
            number=number,
            transition=move,
            source=source,
            target=target,
            actor="system:test",
            sensitive=False,
            at=NOON,
        )
        for number, (move, source, target) in enumerate(road, first)
    ]
