"""What came out of an auction: its evidence, who won, and the curve of what was asked for."""

import json
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from exchange.auctions.errors import NotDrawn
from exchange.auctions.models import Auction, Award, Evidence
from exchange.auctions.states import Kind

POINTS_MAX = 400


def evidence_of(auction: Auction) -> Evidence:
    """The evidence. Raises NotDrawn before there is one."""
    found = Evidence.objects.filter(auction=auction).first()
    if found is None:
        raise NotDrawn(_("This auction has no evidence yet."), state=auction.state)
    return found


def document_of(evidence: Evidence) -> dict[str, Any]:
    """The evidence as a document."""
    document: dict[str, Any] = json.loads(bytes(evidence.document))
    return document


def awards_of(auction: Auction) -> QuerySet[Award]:
    """Who won what, in the order of the evidence."""
    return Award.objects.filter(auction=auction).select_related("bidder", "product").order_by("pk")


@dataclass(frozen=True)
class DemandCurve:
    """Steps (price, units asked for at that price or above), highest price first; in a procurement
    (price, offers at that price or below), lowest first. `price_minor` and `sold` are where it
    cleared; None where nothing was sold or each pays another price."""

    points: list[tuple[int, int]]
    price_minor: int | None
    sold: int
    supply: int


def demand_curve(auction: Auction) -> DemandCurve | None:
    """The curve of a cleared auction of units; None before, and for bundles, which have no curve."""
    found = Evidence.objects.filter(auction=auction).first()
    if found is None or auction.kind == Kind.PACKAGES:
        return None
    document = document_of(found)
    rows = [_asked(row) for row in document["auction"]["bids"]]
    rising = auction.kind == Kind.PROCUREMENT
    outcome = document["outcome"]
    price = outcome.get("price")
    return DemandCurve(
        points=_cumulated(rows, rising=rising)[:POINTS_MAX],
        price_minor=price if isinstance(price, int) and price else None,
        sold=sum(award.quantity for award in Award.objects.filter(auction=auction)),
        supply=auction.quantity,
    )


def _asked(row: dict[str, Any]) -> tuple[int, int]:
    """Price and quantity of one bid of any shape."""
    if "values" in row:
        return int(row["values"][0]), 1
    if "spend" in row:
        units = Fraction(row["quantity"])
        return int(Fraction(row["spend"]) / units), max(1, round(units))
    return int(row["price"]), int(row["quantity"])


def _cumulated(rows: list[tuple[int, int]], *, rising: bool) -> list[tuple[int, int]]:
    points: list[tuple[int, int]] = []
    total = 0
    for price, units in sorted(rows, key=lambda row: row[0] if rising else -row[0]):
        total += units
        if points and points[-1][0] == price:
            points[-1] = (price, total)
        else:
            points.append((price, total))
    return points
