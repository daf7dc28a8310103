"""What the log says of an auction beside its steps, and what of this room must be in it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Min

from exchange.auctions import parties
from exchange.auctions.lifecycle import AUCTION, AuctionState, AuctionTransition
from exchange.auctions.models import Auction, AuctionStep, Award, Bid
from exchange.audit import agreement, public
from exchange.audit.coverage import require_record, subjects


def declare() -> None:
    """Every row of the room that moves money or rights has its record. For `AppConfig.ready`."""
    parties.declare()
    AUCTION.record_facts = lambda auction, change: {
        "closes_at": auction.closes_at.isoformat(),
        **(_rules(auction) if change.transition == AuctionTransition.SCHEDULE else {}),
    }
    _declare_rows()
    public.seal("auctions", _bidding_since)
    require_record(
        name="auctions.steps",
        rows=subjects("auction_step", AuctionStep.objects.all()),
        event=AUCTION.events,
    )
    require_record(
        name="auctions.bids",
        rows=subjects("bid", Bid.objects.all()),
        event="auctions.bid.placed",
    )
    require_record(
        name="auctions.bids.withdrawn",
        rows=subjects("bid", Bid.objects.exclude(withdrawn_at=None)),
        event="auctions.bid.withdrawn",
    )
    require_record(
        name="auctions.evidence",
        rows=subjects("auction", Auction.objects.filter(evidence__isnull=False)),
        event="auctions.evidence.kept",
    )
    require_record(
        name="auctions.awards",
        rows=subjects("award", Award.objects.exclude(order=None)),
        event="auctions.award.ordered",
    )


def _bidding_since() -> datetime | None:
    """When the oldest auction opened that still takes bids or has them sealed."""
    under_way = (
        AuctionState.OPEN,
        AuctionState.PAUSED,
        AuctionState.CLOSED,
        AuctionState.REVEALING,
    )
    since: datetime | None = Auction.objects.filter(state__in=under_way).aggregate(
        since=Min("opens_at")
    )["since"]
    return since


def _declare_rows() -> None:
    """Say where the subjects of this room's records stand, and what they repeat."""
    of_both = (
        "JOIN auctions_auction AS auction ON auction.id = row.auction_id"
        " JOIN accounts_organisation AS bidder ON bidder.id = row.bidder_id"
    )
    parties = {"auction": "auction.public_id", "bidder": "bidder.public_id"}
    agreement.rows_of(
        "auction",
        "auctions_auction AS row LEFT JOIN auctions_evidence AS kept ON kept.auction_id = row.id",
        facts={"evidence": "encode(sha256(kept.document), 'hex')"},
        is_recorded=False,
    )
    agreement.facts_of_steps(
        "auction",
        facts={"kind": "row.kind", "currency": "row.currency", "exclusive": "row.exclusive"},
    )
    agreement.rows_of(
        "bid",
        f"auctions_bid AS row {of_both}",
        facts={**parties, "amount_minor": "row.amount_minor::text"},
    )
    agreement.rows_of(
        "award",
        f"auctions_award AS row {of_both} LEFT JOIN orders_order AS o ON o.id = row.order_id",
        facts={
            **parties,
            "order": "o.public_id",
            "payment_minor": "row.payment_minor::text",
            "quantity": "row.quantity",
        },
        is_recorded=False,  # until it has its order
    )


def _rules(auction: Auction) -> Mapping[str, Any]:
    """What the first public record says of the auction. Amounts are strings: JSON readers round
    large ones."""
    return {
        "organiser": auction.organiser.public_id,
        "product": auction.product.public_id if auction.product else None,
        "kind": auction.kind,
        "currency": auction.currency,
        "opening_minor": str(auction.opening_minor),
        "reserve_minor": str(auction.reserve_minor) if auction.reserve_shown else None,
        "quantity": auction.quantity,
        "deposit_minor": str(auction.deposit_minor),
        "exclusive": auction.exclusive,
        "opens_at": auction.opens_at.isoformat(),
        "seed": auction.options.get("commitment"),
    }
