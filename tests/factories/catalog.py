"""Products for tests: drafts that lack nothing, and listings that came about by use cases."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from accounts.models import Organisation
from exchange.catalog import offers, products, review, revisions
from exchange.catalog.lifecycle import OfferKind, OfferState, ProductKind
from exchange.catalog.listing import Said
from exchange.catalog.models import Offer, Product
from exchange.catalog.offers import OfferRequest
from exchange.catalog.reasons import CHECKLISTS
from exchange.members.actors import Actor
from exchange.members.roles import Kind, Role
from exchange.vault.lifecycle import FileState
from exchange.vault.models import Blob, DataFile, DataTable
from pricing.money import Money
from tests.factories import accounts
from tests.factories.members import NOON, Exchange, a_role, acting, an_exchange, minutes

DAY = NOON + minutes(120)
ALL_POINTS = tuple(point.code for points in CHECKLISTS.values() for point in points)
CONFIRMED = Said(checklist=ALL_POINTS)
BECAUSE = Said(reason="Because it has to be.")
DETAILS: Mapping[str, object] = {
    "title": "Pressure of trunk lines",
    "summary": "Hourly pressure and flow of three trunk lines.",
    "industry": "oil_gas",
    "region": "CN-SN",
    "rhythm": "hourly",
    "scenarios": ["Forecast the demand for gas."],
    "licence": {"template": "commercial", "allowed": ["internal_use", "commercial_use"]},
    "refund_policy": "inspection",
    "source_statement": "Measured by our own stations.",
    "grade": "general_1",
}
_numbers = count(1)


def a_column(name: str, **fields: Any) -> dict[str, Any]:
    return {
        "name": name,
        "original_name": name,
        "type": "decimal",
        "unit": None,
        "description": "",
        "example": "1.5",
        "nulls": 0,
        "distinct": 100,
        "distinct_is_estimate": False,
        "min": "0",
        "max": "10",
        "mean": "5",
        "quantiles": None,
        "top": [],
        "histogram": {"edges": [0, 5, 10], "counts": [50, 50]},
        "mixed": None,
        **fields,
    }


def a_document(*columns: dict[str, Any], rows: int = 100, **fields: Any) -> dict[str, Any]:
    """What the vault says of a table of good data."""
    named = list(columns) or [a_column("at", type="datetime", histogram=None), a_column("bar")]
    return {
        "name": "pressure",
        "rows": rows,
        "columns": named,
        "coverage": {"time": None, "region": None},
        "quality": {"score": "95.85", "grade": "A", "dimensions": []},
        "findings": [],
        "preview": {"columns": [one["name"] for one in named], "rows": []},
        "notes": [],
        **fields,
    }


def a_finding(column: str) -> dict[str, Any]:
    return {
        "column": column,
        "kind": "phone",
        "share": "0.99",
        "basis": "values",
        "example": "138****0000",
    }


def a_ready_file(seller: Organisation, *documents: dict[str, Any], **fields: Any) -> DataFile:
    """A file whose reading is done, without the reading: its tables are the given documents."""
    number = next(_numbers)
    file = DataFile.objects.create(
        organisation=seller,
        name=f"pressure-{number}.csv",
        blob=_a_blob(f"file {number}"),
        format="csv",
        state=FileState.READY,
        read_at=DAY,
        **fields,
    )
    for position, document in enumerate(documents or (a_document(),)):
        DataTable.objects.create(
            file=file,
            position=position,
            name=document["name"],
            rows=document["rows"],
            parquet=_a_blob(f"table {number} {position}"),
            document=document,
        )
    return file


@dataclass(frozen=True)
class Stall:
    """A founded exchange and a seller with somebody who may offer its data."""

    exchange: Exchange
    seller: Organisation
    selling: Actor

    @property
    def reviewing(self) -> Actor:
        return self.exchange.proposer

    @property
    def second(self) -> Actor:
        return self.exchange.approver

    def draft(self, kind: ProductKind = ProductKind.DATASET, **details: object) -> Product:
        return products.draft_product(
            actor=self.selling, kind=kind, values={**DETAILS, **details}, now=DAY
        )

    def attach(self, product: Product, *documents: dict[str, Any]) -> DataFile:
        file = a_ready_file(self.seller, *documents)
        revisions.attach_file(
            product.public_id, actor=self.selling, file_id=file.public_id, now=DAY
        )
        return file

    def offer(self, product: Product, *, yuan: int = 100, **fields: Any) -> Offer:
        """A one-off offer, or a free one when it costs nothing; of a listed product it is accepted."""
        command = OfferRequest(
            **{
                "name": "Once" if yuan else "Free",
                "kind": OfferKind.ONE_OFF if yuan else OfferKind.FREE,
                "price": Money(yuan * 100, "CNY"),
                **fields,
            }
        )
        offer = offers.add_offer(product.public_id, actor=self.selling, command=command, now=DAY)[0]
        if offer.state == OfferState.PROPOSED:
            products.propose_change(product.public_id, actor=self.selling, now=DAY)
            self.accept_change(product)
            offer.refresh_from_db()
        return offer

    def accept_change(self, product: Product) -> Product:
        return review.accept_change(product.public_id, actor=self.reviewing, now=DAY)

    def complete(self, *documents: dict[str, Any], **details: object) -> Product:
        """A draft of a data set that every gate lets pass."""
        product = self.draft(ProductKind.DATASET, **details)
        self.attach(product, *documents)
        self.offer(product)
        product.refresh_from_db()
        return product

    def submit(self, product: Product) -> Product:
        return products.submit(product.public_id, actor=self.selling, now=DAY)

    def approve(self, product: Product) -> Product:
        """The whole review, by one operator."""
        return review.pass_whole_review(
            product.public_id, actor=self.reviewing, checklist=ALL_POINTS, now=DAY
        )

    def list(self, *documents: dict[str, Any], **details: object) -> Product:
        """A listed data set."""
        return self.approve(self.submit(self.complete(*documents, **details)))


def a_stall() -> Stall:
    exchange = an_exchange()
    seller = accounts.an_organisation(name="Pipeline Data")
    exchange.admit(seller, Kind.SELLER)
    person = accounts.a_member(seller, user=accounts.a_user(name="Chen Jie"))
    a_role(seller, person, Role.DATA_OWNER)
    return Stall(exchange=exchange, seller=seller, selling=acting(person, seller))


def _a_blob(text: str) -> Blob:
    content = f"{text} {next(_numbers)}".encode()
    return Blob.objects.create(sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content))
