"""What the log says of an auction beside its steps, and what of this room must be in it."""

from collections.abc import Mapping
from typing import Any

from exchange.auctions import parties
from exchange.auctions.lifecycle import AUCTION, AuctionTransition
from exchange.auctions.models import Auction, AuctionStep, Award, Bid
from exchange.audit.coverage import require_record, subjects


def declare() -> None:
    """Every row of the room that moves money or rights has its record. For `AppConfig.ready`."""
    parties.declare()
    AUCTION.record_facts = lambda auction, change: {
        "closes_at": auction.closes_at.isoformat(),
        **(_rules(auction) if change.transition == AuctionTransition.SCHEDULE else {}),
    }
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
