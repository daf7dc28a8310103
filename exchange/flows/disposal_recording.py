"""What the journeys of a disposal write to the log, and what must be there."""

from exchange.audit.actions import log
from exchange.audit.coverage import must_be_recorded
from exchange.disposals.models import Bidder, Conflict, Disposal, DisposalStep, Document, RoundBid
from exchange.disposals.states import EVENTS, Move


def record_step(step: DisposalStep) -> Disposal:
    """Write the step to the log with the versions of the rules; its reason as a commitment only."""
    disposal = step.disposal
    log.record(
        event=EVENTS[Move(step.move)],
        actor=step.actor,
        subject=f"disposal_step:{step.public_id}",
        facts={
            "disposal": disposal.public_id,
            "seller": disposal.seller.public_id,
            "product": disposal.product.public_id,
            "number": step.number,
            "from": step.source,
            "to": step.target,
            "rules": list(step.rules),
            **step.facts,
        },
        personal={"reason": step.reason} if step.reason else None,
        at=step.at,
    )
    return disposal


def record_document(document: Document, *, actor: str) -> Document:
    """The log keeps the hash of the content, and the name as a commitment."""
    log.record(
        event="disposals.document.added",
        actor=actor,
        subject=f"disposal_document:{document.public_id}",
        facts={
            "disposal": document.disposal.public_id,
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
        event=f"disposals.bidder.{event}",
        actor=actor,
        subject=f"disposal_bidder:{bidder.public_id}",
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
        event="disposals.bid.placed",
        actor=bid.actor,
        subject=f"disposal_bid:{bid.public_id}",
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
        event="disposals.conflict.declared",
        actor=actor,
        subject=f"disposal:{conflict.disposal.public_id}",
        facts={"by": actor},
        personal={"words": conflict.words},
        at=conflict.at,
    )
    return conflict


def declare() -> None:
    """Every row of the room that moves money or rights has its record."""
    must_be_recorded(
        name="disposals.steps",
        rows="SELECT 'disposal_step:' || public_id FROM disposals_disposalstep",
        event=tuple(EVENTS.values()),
    )
    must_be_recorded(
        name="disposals.documents",
        rows="SELECT 'disposal_document:' || public_id FROM disposals_document",
        event="disposals.document.added",
    )
    must_be_recorded(
        name="disposals.bidders",
        rows="SELECT 'disposal_bidder:' || public_id FROM disposals_bidder",
        event="disposals.bidder.registered",
    )
    must_be_recorded(
        name="disposals.bids",
        rows="SELECT 'disposal_bid:' || public_id FROM disposals_roundbid",
        event="disposals.bid.placed",
    )
