"""What the journeys of an auction write to the log, and what must be there."""

from collections.abc import Mapping
from datetime import datetime

from exchange.auctions.models import Auction, AuctionStep
from exchange.auctions.states import EVENTS, Move
from exchange.audit.actions import log
from exchange.audit.canonical import Json
from exchange.audit.coverage import must_be_recorded


def record_step(step: AuctionStep) -> Auction:
    """Write the step to the log, its reason and a secret reserve as commitments only."""
    auction = step.auction
    personal = {"reason": step.reason} if step.reason else {}
    facts: dict[str, Json] = {}
    if step.move == Move.SCHEDULE:
        facts = _whole(auction)
        if not auction.reserve_shown:
            personal["reserve_minor"] = str(auction.reserve_minor)
    log.record(
        event=EVENTS[Move(step.move)],
        actor=step.actor,
        subject=f"auction_step:{step.public_id}",
        facts={
            "auction": auction.public_id,
            "number": step.number,
            "from": step.source,
            "to": step.target,
            "closes_at": auction.closes_at.isoformat(),
            **facts,
            **step.facts,
        },
        personal=personal or None,
        at=step.at,
    )
    return auction


def record_bid(
    event: str,
    *,
    bid_id: str,
    auction: Auction,
    bidder: str,
    actor: str,
    now: datetime,
    facts: Mapping[str, Json],
    personal: Mapping[str, str] | None = None,
) -> str:
    """Write one record of a bid; return its id. Amounts are commitments until the evidence."""
    return log.record(
        event=f"auctions.bid.{event}",
        actor=actor,
        subject=f"bid:{bid_id}",
        facts={"auction": auction.public_id, "bidder": bidder, **facts},
        personal=personal,
        at=now,
    )


def declare() -> None:
    """Every row of the room that moves money or rights has its record."""
    must_be_recorded(
        name="auctions.steps",
        rows="SELECT 'auction_step:' || public_id FROM auctions_auctionstep",
        event=tuple(EVENTS.values()),
    )
    must_be_recorded(
        name="auctions.bids",
        rows="SELECT 'bid:' || public_id FROM auctions_bid",
        event="auctions.bid.placed",
    )
    must_be_recorded(
        name="auctions.bids.withdrawn",
        rows="SELECT 'bid:' || public_id FROM auctions_bid WHERE withdrawn_at IS NOT NULL",
        event="auctions.bid.withdrawn",
    )
    must_be_recorded(
        name="auctions.evidence",
        rows="SELECT 'auction:' || a.public_id FROM auctions_evidence AS e"
        " JOIN auctions_auction AS a ON a.id = e.auction_id",
        event="auctions.evidence.kept",
    )
    must_be_recorded(
        name="auctions.awards",
        rows="SELECT 'award:' || public_id FROM auctions_award WHERE order_ref <> ''",
        event="auctions.award.ordered",
    )


def _whole(auction: Auction) -> dict[str, Json]:
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
