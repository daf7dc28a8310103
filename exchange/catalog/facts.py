"""All of a listing at one moment, as gates, reviews and pages look at it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from exchange.catalog.disclosure import is_held
from exchange.catalog.lifecycle import ProductKind
from exchange.catalog.models import Offer, Product, Revision


@dataclass(frozen=True)
class TableFacts:
    """A table of the revision under review: its document and the answers to its findings."""

    position: int
    document: Mapping[str, Any]
    decisions: Mapping[str, Any]

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
        """Columns that the seller confirmed as personal."""
        return [column for column in self.found if self.decisions.get(column, {}).get("personal")]

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
    def is_bundle(self) -> bool:
        return self.product.kind == ProductKind.BUNDLE

    @property
    def score(self) -> Decimal | None:
        """The score of the worst table; None where nothing was measured."""
        return min((table.score for table in self.tables if table.score is not None), default=None)
