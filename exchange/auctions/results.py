"""What was bid, without names until the close and with names afterwards, and what came out: evidence,
who won, and the curve of what was asked for."""

import json
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from exchange.auctions.errors import NotDrawn
from exchange.auctions.lifecycle import LIVE, NAMED, Kind
from exchange.auctions.models import Auction, Award, Bid, Evidence

POINTS_MAX = 400
HISTORY_MAX = 500


@dataclass(frozen=True)
class BidFact:
    """One bid. `bidder_number` is how the others know its bidder; `name` only after the close,
    and for the parties.

    `price_minor` is the standing price that it led to; `amount_minor` what was bid: one's own, and
    for the parties everybody's once the auction is over. Sealed bids show neither until then.
    """

    seq: int
    at: datetime
    bidder_number: int
    name: str | None
    is_mine: bool
    price_minor: int | None
    amount_minor: int | None
    quantity: int
    commitment: str
    is_withdrawn: bool


def history(auction: Auction, *, organisation_id: int | None, is_party: bool) -> list[BidFact]:
    """The newest bids, newest first, at most HISTORY_MAX. Names and amounts of others are for the
    parties, after the close."""
    bids = Bid.objects.filter(auction=auction).select_related("bidder").order_by("-seq")
    numbers = dict(auction.bidders.values_list("organisation_id", "number"))
    named = is_party and auction.state in NAMED
    return [
        BidFact(
            seq=bid.seq,
            at=bid.received_at,
            bidder_number=numbers.get(bid.bidder_id, 0),
            name=bid.bidder.name if named else None,
            is_mine=bid.bidder_id == organisation_id,
            price_minor=bid.price_after_minor,
            amount_minor=bid.amount_minor if named or bid.bidder_id == organisation_id else None,
            quantity=bid.quantity,
            commitment=bid.commitment,
            is_withdrawn=bid.withdrawn_at is not None,
        )
        for bid in bids[:HISTORY_MAX]
    ]


def price_path(auction: Auction) -> list[tuple[datetime, int]]:
    """The standing price over time, oldest first: one point for each bid of a live auction."""
    if auction.kind not in LIVE:
        return []
    rows = Bid.objects.filter(auction=auction).order_by("-seq")
    points = rows.values_list("received_at", "price_after_minor", "amount_minor")[:HISTORY_MAX]
    return [(at, price or amount or 0) for at, price, amount in reversed(points)]


@dataclass(frozen=True)
class Rung:
    """One step of the bid ladder: the highest of one bidder, best first."""

    bidder_number: int
    name: str | None
    is_mine: bool
    amount_minor: int
    is_leading: bool


def ladder(auction: Auction, *, organisation_id: int | None, is_party: bool) -> list[Rung]:
    """The bidders of an English auction by what is known of their maxima, best first.

    While it runs nobody's maximum is shown but one's own: the leader stands at the standing price,
    the others at their maxima, which the leader has passed.
    """
    named = is_party and auction.state in NAMED
    tops: dict[int, tuple[int, Bid]] = {}
    bids = Bid.objects.filter(auction=auction, amount_minor__isnull=False, withdrawn_at=None)
    for bid in bids.select_related("bidder").order_by("seq"):
        amount = bid.amount_minor or 0
        if bid.bidder_id not in tops or amount > tops[bid.bidder_id][0]:
            tops[bid.bidder_id] = (amount, bid)
    numbers = dict(auction.bidders.values_list("organisation_id", "number"))
    rungs = [
        Rung(
            bidder_number=numbers.get(bidder_id, 0),
            name=bid.bidder.name if named else None,
            is_mine=bidder_id == organisation_id,
            amount_minor=amount
            if named or bidder_id == organisation_id
            else min(amount, auction.price_minor),
            is_leading=bidder_id == auction.leader_id,
        )
        for bidder_id, (amount, bid) in tops.items()
    ]
    return sorted(rungs, key=lambda rung: (not rung.is_leading, -rung.amount_minor))


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
    awards = Award.objects.filter(auction=auction).order_by("pk")
    return awards.select_related("bidder", "product", "order")


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
