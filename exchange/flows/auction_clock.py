"""What time does to auctions: they open, close, are cleared once, and everybody gets what is theirs.

Every step is a transaction of its own and does nothing when it was done before: a program that dies
between two of them, or in the middle of one, leaves an auction that the next sweep goes on with.
"""

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from accounts.models import Organisation
from exchange.auctions.actions.clearing import Opened, Won, clear, open_bids, won
from exchange.auctions.actions.steps import take_step
from exchange.auctions.models import Auction, Award, Bid, Evidence
from exchange.auctions.queries import clock
from exchange.auctions.queries.auctions import due
from exchange.auctions.states import ENDED, AuctionState, Move
from exchange.audit.actions import log
from exchange.catalog.models import Product
from exchange.core.refusals import Refusal
from exchange.flows.auction_awards import settle
from exchange.flows.auction_recording import record_step
from pricing.documents import digest
from pricing.mechanisms.evidence import evidence_bytes

CLOCK = "system:clock"
BATCH_MAX = 100

logger = structlog.get_logger(__name__)


def sweep(*, now: datetime) -> int:
    """Do all that is due; return for how many auctions. One that cannot go on holds up no other."""
    done = 0
    for pk in due(at=clock.now(), limit=BATCH_MAX):
        try:
            done += tend(pk, now=now)
        except Refusal as refusal:
            logger.warning("auctions.auction.waits", auction=pk, code=refusal.code)
        except Exception:
            logger.exception("auctions.auction.stuck", auction=pk)
    return done


def tend(pk: int, *, now: datetime) -> bool:
    """Take one auction as far as it goes now; whether anything was done."""
    moved = False
    while _advance(pk, now=now):
        moved = True
    auction = Auction.objects.get(pk=pk)
    if auction.state in ENDED and auction.settled_at is None:
        moved = settle(auction, actor=CLOCK, now=now) or moved
    return moved


@transaction.atomic
def _advance(pk: int, *, now: datetime) -> bool:
    """The next step that time makes, if it is due."""
    auction, at = clock.locked(pk)
    state = AuctionState(auction.state)
    if state is AuctionState.SCHEDULED and auction.opens_at <= at:
        record_step(take_step(auction=auction, move=Move.OPEN, actor=CLOCK, now=now))
    elif state is AuctionState.OPEN and auction.closes_at <= at:
        record_step(take_step(auction=auction, move=Move.CLOSE, actor=CLOCK, now=now))
    elif state is AuctionState.CLOSED and _has_kept(auction):
        auction.reveal_until = at + timedelta(seconds=auction.reveal_seconds)
        record_step(take_step(auction=auction, move=Move.REVEAL, actor=CLOCK, now=now))
    elif state is AuctionState.CLOSED or (
        state is AuctionState.REVEALING
        and auction.reveal_until is not None
        and auction.reveal_until <= at
    ):
        _clear(auction, now=now)
    else:
        return False
    return True


def _has_kept(auction: Auction) -> bool:
    kept = Bid.objects.filter(auction=auction, withdrawn_at=None, envelope=None)
    return bool(auction.reveal_seconds) and kept.exists()


def _clear(auction: Auction, *, now: datetime) -> None:
    """Open the bids, clear, and keep evidence and awards with the step that says so."""
    opened = open_bids(auction)
    if not opened.rows:
        facts: dict[str, object] = {"why": "no_bids", "voids": len(opened.voids)}
        record_step(take_step(auction=auction, move=Move.FAIL, actor=CLOCK, facts=facts, now=now))
        return
    document = clear(auction, opened)
    winners = won(auction, document["outcome"], opened)
    kept = _keep_evidence(auction, document, opened, now=now)
    _keep_awards(auction, winners, opened)
    price = document["outcome"].get("price")
    if winners and isinstance(price, int):
        auction.price_minor = price
    record_step(
        take_step(
            auction=auction,
            move=Move.AWARD if winners else Move.FAIL,
            actor=CLOCK,
            facts={
                "evidence": kept.digest,
                "winners": len({one.bidder for one in winners}),
                "voids": len(opened.voids),
            },
            now=now,
        )
    )


def _keep_evidence(
    auction: Auction, document: dict[str, object], opened: Opened, *, now: datetime
) -> Evidence:
    content = evidence_bytes(document)
    record_id = log.record(
        event="auctions.evidence.kept",
        actor=CLOCK,
        subject=f"auction:{auction.public_id}",
        facts={"bids": len(opened.rows), "voids": len(opened.voids)},
        documents={"evidence": content},
        at=now,
    )
    return Evidence.objects.create(
        auction=auction,
        document=content,
        digest=digest(document),
        voids=opened.voids,
        record_id=record_id,
        cleared_at=now,
    )


def _keep_awards(auction: Auction, winners: list[Won], opened: Opened) -> None:
    products = Product.objects.in_bulk(
        list({one.product for one in winners}), field_name="public_id"
    )
    organisations = Organisation.objects.in_bulk(
        list({one.bidder for one in winners}), field_name="public_id"
    )
    Award.objects.bulk_create(
        [
            Award(
                auction=auction,
                bidder=organisations[one.bidder],
                by_id=opened.by[one.bidder],
                product=products[one.product],
                quantity=one.quantity,
                payment_minor=one.payment_minor,
            )
            for one in winners
        ],
        batch_size=1000,
    )
