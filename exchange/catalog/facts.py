"""All of a listing at one moment, as gates, reviews and pages look at it, and how it is read."""

import copy
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from exchange.catalog.buyable import open_offers
from exchange.catalog.details import FIELDS
from exchange.catalog.disclosure import flag_key, is_held, personal_columns
from exchange.catalog.lifecycle import (
    FlagState,
    ListingTransition,
    OfferState,
    ProductKind,
    RevisionState,
)
from exchange.catalog.models import ColumnFlag, Offer, Product, Revision, RevisionTable
from exchange.core.rules import rule
from exchange.vault.lifecycle import FileState

QUALITY_MIN = "list.quality_score"
_APPROVING = (ListingTransition.APPROVE, ListingTransition.ACCEPT_CHANGE)

Document = Mapping[str, Any]


@dataclass(frozen=True)
class TableFacts:
    """A table of the revision under review: its document, the answers to its findings, and the
    columns of which no value is shown."""

    position: int
    document: Mapping[str, Any]
    decisions: Mapping[str, Any]
    hidden: frozenset[str]

    @property
    def score(self) -> Decimal | None:
        report = self.document.get("quality") or {}
        return Decimal(str(report["score"])) if report.get("score") is not None else None

    @property
    def unanswered(self) -> list[str]:
        """Columns in which personal data was found and nothing was said about it."""
        return [column for column in self.found if column not in self.decisions]

    @property
    def personal(self) -> list[str]:
        """Columns that are held back as personal, but for those that wait for an answer."""
        return sorted(self.hidden - set(self.unanswered))

    @property
    def found(self) -> list[str]:
        """Columns in which personal data was found."""
        findings = self.document.get("findings") or []
        return list(dict.fromkeys(str(finding["column"]) for finding in findings))


@dataclass(frozen=True)
class Listing:
    """A product with its revision, tables and offers. `revision` is the draft, else the newest.

    `part_states` are the states of the products that a bundle names, by public id; a product of
    somebody else or of nobody is missing there.
    """

    product: Product
    revision: Revision | None
    tables: Sequence[TableFacts]
    offers: Sequence[Offer]
    quality_min: Decimal
    part_states: Mapping[str, str]

    @property
    def carries_file(self) -> bool:
        """Whether the product is data that the exchange holds."""
        return is_held(self.product.delivery)

    @property
    def questions(self) -> list[bool]:
        """Of each question about how its file is read, whether it is open."""
        file = self.revision.file if self.carries_file and self.revision is not None else None
        return [] if file is None else [not one["is_answered"] for one in file.questions]

    @property
    def is_bundle(self) -> bool:
        return self.product.kind == ProductKind.BUNDLE

    @property
    def score(self) -> Decimal | None:
        """The score of the worst table; None where nothing was measured."""
        return min((table.score for table in self.tables if table.score is not None), default=None)


def draft_revision(product: Product) -> Revision | None:
    """The revision that is being prepared."""
    rows = product.revisions.filter(state=RevisionState.DRAFT).select_related("file__blob")
    return rows.first()


def newest_revision(product: Product) -> Revision | None:
    """The newest revision that buyers get."""
    rows = product.revisions.filter(state=RevisionState.PUBLISHED).select_related("file")
    return rows.order_by("-number").first()


def last_published(product: Product) -> Revision | None:
    """The last revision that was published, revoked or not: what the next one is compared with."""
    rows = product.revisions.exclude(state=RevisionState.DRAFT)
    return rows.order_by("-number").first()


def tables_of(revision: Revision | None) -> list[RevisionTable]:
    """The tables of a revision. While a draft was never corrected they are those of its file as read,
    described as they were before it was read again, or else as in the revision before, and not saved.
    """
    if revision is None:
        return []
    saved = list(revision.tables.select_related("table").order_by("position"))
    if saved or revision.state != RevisionState.DRAFT or revision.file is None:
        return saved
    if revision.file.state != FileState.READY:
        return []
    known = [(one["document"], one["decisions"]) for one in revision.described]
    if not known:
        last = last_published(revision.product)
        before = [] if last is None else list(last.tables.order_by("position"))
        known = [(row.document, row.decisions) for row in before]
    return [
        RevisionTable(
            revision=revision,
            table=table,
            position=table.position,
            **inherited(table.document, known),
        )
        for table in revision.file.tables.order_by("position")
    ]


def hidden_columns(row: RevisionTable, flags: Iterable[ColumnFlag]) -> frozenset[str]:
    """The columns of a revision's table of which no value is shown to anybody."""
    return personal_columns(
        row.document, row.decisions, flags, published_at=row.revision.published_at
    )


def personal_keys(rows: Iterable[RevisionTable], flags: Collection[ColumnFlag]) -> frozenset[str]:
    """By which keys the columns are known that are held back in these tables."""
    return frozenset(
        flag_key(column)
        for row in rows
        for hidden in [hidden_columns(row, flags)]
        for column in row.document["columns"]
        if column["name"] in hidden
    ) | {flag.column for flag in flags if flag.state != FlagState.LIFTED}


def amended(product: Product) -> Product:
    """The product as its seller wants it: with the changes that are not accepted yet."""
    wanted = copy.copy(product)
    for field, value in (product.amendment or {}).items():
        setattr(wanted, field, value)
    return wanted


def listing_of(
    product: Product, *, at: datetime, with_changes: bool = False, with_draft: bool = True
) -> Listing:
    """Everything of a listing. `with_changes` applies what the seller wants changed; without `with_draft`
    the data is what buyers get, whatever revision is being prepared."""
    seen = amended(product) if with_changes else product
    revision = (draft_revision(product) if with_draft else None) or newest_revision(product)
    flags = list(product.flags.all())
    return Listing(
        product=seen,
        revision=revision,
        tables=[
            TableFacts(
                position=row.position,
                document=row.document,
                decisions=row.decisions,
                hidden=hidden_columns(row, flags),
            )
            for row in tables_of(revision)
        ],
        offers=open_offers(product, at=at),
        quality_min=rule(key=QUALITY_MIN, at=at).as_decimal(),
        part_states=_part_states(seen),
    )


def offers_of(product: Product) -> list[Offer]:
    """The offers that stand for everybody, in their order."""
    return list(
        product.offers.filter(state=OfferState.ACTIVE, reserved_for=None).order_by("number")
    )


def proposed_offers(product: Product) -> QuerySet[Offer]:
    """The offers of a standing listing that the exchange has not accepted yet."""
    return product.offers.filter(state=OfferState.PROPOSED, reserved_for=None).order_by("number")


def details_of(product: Product) -> dict[str, Any]:
    """The fields in which the product is described, by value."""
    return {field: copy.deepcopy(getattr(product, field)) for field in FIELDS}


def snapshot_of(listing: Listing) -> dict[str, Any]:
    """The listing as it is approved: details, tables and offers, to compare the next with."""
    return {
        "details": details_of(listing.product),
        "tables": {
            str(table.document["name"]): {
                "rows": table.document["rows"],
                "score": None if table.score is None else str(table.score),
                "columns": {
                    column["name"]: [
                        column["type"],
                        column.get("unit") or "",
                        column.get("description") or "",
                    ]
                    for column in table.document["columns"]
                },
            }
            for table in listing.tables
        },
        "offers": {
            offer.public_id: {
                "name": offer.name,
                "kind": offer.kind,
                "price": f"{offer.price_minor} {offer.currency}",
                "period": offer.period,
            }
            for offer in listing.offers
        },
    }


def approved_snapshot(product: Product) -> Mapping[str, Any] | None:
    """The listing as it was approved last; None where it never was."""
    steps = product.steps.filter(transition__in=_APPROVING, snapshot__isnull=False)
    found = steps.order_by("-number").values_list("snapshot", flat=True).first()
    return found if isinstance(found, Mapping) else None


def rename_columns(document: dict[str, Any], names: Mapping[str, str]) -> None:
    """Put new names wherever the document names a column. `original_name` keeps that of the data."""
    for column in document["columns"]:
        column["name"] = names.get(str(column["name"]), column["name"])
    for finding in document.get("findings") or []:
        finding["column"] = names.get(str(finding["column"]), finding["column"])
    preview = document.get("preview")
    if preview:
        preview["columns"] = [names.get(str(one), one) for one in preview["columns"]]
    coverage = document.get("coverage") or {}
    if coverage.get("time"):
        time = coverage["time"]
        time["column"] = names.get(str(time["column"]), time["column"])
    if coverage.get("region"):
        region = coverage["region"]
        region["columns"] = [names.get(str(one), one) for one in region["columns"]]
    series = document.get("series")
    for named in (series, *series["means"]) if series else ():
        named["column"] = names.get(str(named["column"]), named["column"])


def inherited(
    read: Document, before: Sequence[tuple[Document, Mapping[str, Any]]]
) -> dict[str, Any]:
    """`document` and `decisions` of a table that was read, with the names, units, descriptions and
    answers that the tables before gave to columns of the same name in the data and the same type.
    """
    known = {
        (flag_key(column), column["type"]): (column, decisions.get(column["name"]))
        for document, decisions in before
        for column in document["columns"]
    }
    document = copy.deepcopy(dict(read))
    names: dict[str, str] = {}
    decisions: dict[str, Any] = {}
    found = {str(finding["column"]) for finding in document.get("findings") or []}
    for column in document["columns"]:
        old, decision = known.get((flag_key(column), column["type"]), (None, None))
        if old is None:
            continue
        column["description"] = old.get("description") or column.get("description") or ""
        column["unit"] = old.get("unit") or column.get("unit")
        names[str(column["name"])] = str(old["name"])
        if decision is not None and (decision.get("personal") or column["name"] in found):
            decisions[str(old["name"])] = decision
    taken = [names.get(str(one["name"]), str(one["name"])) for one in document["columns"]]
    if len(set(taken)) == len(taken):
        rename_columns(document, names)
    return {"document": document, "decisions": decisions}


def _part_states(product: Product) -> dict[str, str]:
    named = [part["product"] for part in product.parts if part.get("kind") == "product"]
    if not named:
        return {}
    own = Product.objects.filter(seller_id=product.seller_id, public_id__in=named)
    return dict(own.exclude(pk=product.pk).values_list("public_id", "state"))
