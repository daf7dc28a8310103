"""What the journeys of an asset sale write to the log, and what must be there."""

from exchange.asset_sales.models import (
    AssetSale,
    AssetSaleStep,
    Bidder,
    Conflict,
    Document,
    RoundBid,
)
from exchange.asset_sales.states import EVENTS, Move
from exchange.audit.actions import log
from exchange.audit.coverage import must_be_recorded


def record_step(step: AssetSaleStep) -> AssetSale:
    """Write the step to the log with the versions of the rules; its reason as a commitment only."""
    asset_sale = step.asset_sale
    log.record(
        event=EVENTS[Move(step.move)],
        actor=step.actor,
        subject=f"asset_sale_step:{step.public_id}",
        facts={
            "asset_sale": asset_sale.public_id,
            "seller": asset_sale.seller.public_id,
            "product": asset_sale.product.public_id,
            "number": step.number,
            "from": step.source,
            "to": step.target,
            "rules": list(step.rules),
            **step.facts,
        },
        personal={"reason": step.reason} if step.reason else None,
        at=step.at,
    )
    return asset_sale


def record_document(document: Document, *, actor: str) -> Document:
    """The log keeps the hash of the content, and the name as a commitment."""
    log.record(
        event="asset_sales.document.added",
        actor=actor,
        subject=f"asset_sale_document:{document.public_id}",
        facts={
            "asset_sale": document.asset_sale.public_id,
            "kind": document.kind,
            "sha256": document.sha256,
            "size_bytes": document.size_bytes,
        },
        personal={"name": document.name},
        at=document.at,
    )
    return document


def record_bidder(bidder: Bidder, event: str, *, actor: str) -> Bidder:
    """Registered, qualified or rejected. The offer is a commitment: it is nobody's to know yet."""
    personal = {"offer_minor": str(bidder.offer_minor)} if event == "registered" else {}
    if bidder.reason:
        personal["reason"] = bidder.reason
    log.record(
        event=f"asset_sales.bidder.{event}",
        actor=actor,
        subject=f"asset_sale_bidder:{bidder.public_id}",
        facts={
            "announcement": bidder.announcement.public_id,
            "organisation": bidder.organisation.public_id,
            "number": bidder.number,
            "related": bidder.related,
            "deposit": bidder.deposit_ref,
        },
        personal=personal or None,
        at=bidder.decided_at or bidder.registered_at,
    )
    return bidder


def record_bid(bid: RoundBid) -> RoundBid:
    """Maxima are commitments until the bidding record is drawn up."""
    log.record(
        event="asset_sales.bid.placed",
        actor=bid.actor,
        subject=f"asset_sale_bid:{bid.public_id}",
        facts={
            "announcement": bid.announcement.public_id,
            "bidder": bid.bidder.public_id,
            "number": bid.seq,
        },
        personal={"amount_minor": str(bid.amount_minor)},
        at=bid.at,
    )
    return bid


def record_conflict(conflict: Conflict, *, actor: str) -> Conflict:
    log.record(
        event="asset_sales.conflict.declared",
        actor=actor,
        subject=f"asset_sale:{conflict.asset_sale.public_id}",
        facts={"by": actor},
        personal={"words": conflict.words},
        at=conflict.at,
    )
    return conflict


def declare() -> None:
    """Every row of the room that moves money or rights has its record."""
    must_be_recorded(
        name="asset_sales.steps",
        rows="SELECT 'asset_sale_step:' || public_id FROM asset_sales_assetsalestep",
        event=tuple(EVENTS.values()),
    )
    must_be_recorded(
        name="asset_sales.documents",
        rows="SELECT 'asset_sale_document:' || public_id FROM asset_sales_document",
        event="asset_sales.document.added",
    )
    must_be_recorded(
        name="asset_sales.bidders",
        rows="SELECT 'asset_sale_bidder:' || public_id FROM asset_sales_bidder",
        event="asset_sales.bidder.registered",
    )
    must_be_recorded(
        name="asset_sales.bids",
        rows="SELECT 'asset_sale_bid:' || public_id FROM asset_sales_roundbid",
        event="asset_sales.bid.placed",
    )
