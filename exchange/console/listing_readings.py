"""A listing as an operator reviews it: gates, differences, data, findings, offers; one dataclass."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from exchange.catalog.difference_words import (
    Change,
    changes_in_words,
    offer_changes,
    words_of,
)
from exchange.catalog.differences import document_difference, revision_difference
from exchange.catalog.disclosure import Asker, Disclosed, disclosed, leaving
from exchange.catalog.exposures import exposures_of
from exchange.catalog.facts import (
    TableFacts,
    approved_snapshot,
    details_of,
    draft_revision,
    last_published,
    listing_of,
    snapshot_of,
    tables_of,
)
from exchange.catalog.gates import answers, score_of
from exchange.catalog.models import Product
from exchange.console.actors import person_shown
from exchange.core.formatting import money_shown


@dataclass(frozen=True)
class GateRow:
    sentence: str
    is_open: bool
    blocks: bool


@dataclass(frozen=True)
class FindingRow:
    """A finding of personal data and what the seller says to it."""

    column: str
    kind: str
    share: str
    example: str
    answer: str
    why: str


@dataclass(frozen=True)
class TableRow:
    name: str
    rows: str
    columns: int
    score: str
    described: int
    findings: tuple[FindingRow, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class OfferRow:
    name: str
    kind: str
    price: str
    period: str


@dataclass(frozen=True)
class Review:
    """Everything that a decision rests on, in one read."""

    score: int
    gates: tuple[GateRow, ...]
    was_approved: bool
    changes: tuple[Change, ...]
    data_changes: tuple[str, ...]
    exposures: tuple[str, ...]
    tables: tuple[TableRow, ...]
    offers: tuple[OfferRow, ...]
    first_approved_by: str
    page_url: str


def review_of(product: Product, *, at: datetime) -> Review:
    """The listing as its seller wants it, beside the one that was approved."""
    listing = listing_of(product, at=at, with_changes=product.change_proposed)
    given = answers(listing)
    approved = approved_snapshot(product)
    before = details_of(product) if product.change_proposed else approved
    after = details_of(listing.product) if product.change_proposed else snapshot_of(listing)
    old = [row.document for row in tables_of(last_published(product))]
    return Review(
        score=score_of(given),
        gates=tuple(
            GateRow(str(one.gate.sentence), one.is_open, bool(one.gate.blocks)) for one in given
        ),
        was_approved=approved is not None,
        changes=() if before is None else _changes(product, before, after),
        data_changes=words_of(revision_difference(old, [one.document for one in listing.tables])),
        exposures=_exposures(product),
        tables=tuple(
            _table(
                one,
                disclosed(one.document, leaving(listing.product, asker=Asker.OPERATOR), one.hidden),
            )
            for one in listing.tables
        ),
        offers=tuple(
            OfferRow(
                one.name,
                one.get_kind_display(),
                money_shown(one.price),
                one.get_period_display() if one.period else "",
            )
            for one in listing.offers
        ),
        first_approved_by=person_shown(product.first_approved_by),
        page_url=reverse("web:product", args=[product.public_id]),
    )


def _changes(
    product: Product, before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[Change, ...]:
    return (*changes_in_words(document_difference(before, after)), *offer_changes(product))


def _exposures(product: Product) -> tuple[str, ...]:
    """What the next revision shows that nobody has looked at."""
    draft = draft_revision(product)
    return () if draft is None else tuple(one.sentence for one in exposures_of(product, draft))


def _table(table: TableFacts, document: Disclosed) -> TableRow:
    columns = document["columns"]
    return TableRow(
        name=str(document["name"]),
        rows=f"{int(document['rows']):,}",
        columns=len(columns),
        score="–" if table.score is None else str(table.score),
        described=sum(1 for column in columns if column.get("description")),
        findings=tuple(_finding(one, table.decisions) for one in document.get("findings") or ()),
        notes=tuple(str(note["text"]) for note in document.get("notes") or ()),
    )


def _finding(finding: dict[str, str], decisions: object) -> FindingRow:
    said = decisions.get(finding["column"], {}) if isinstance(decisions, dict) else {}
    answer = "" if "personal" not in said else "personal" if said["personal"] else "not personal"
    return FindingRow(
        column=finding["column"],
        kind=finding["kind"],
        share=str(finding["share"]),
        example=str(finding.get("example") or ""),
        answer=answer,
        why=str(said.get("why") or ""),
    )
