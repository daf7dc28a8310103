"""Award to order: an auction ends, deposits go back, and what was won becomes an order like any other."""

from datetime import datetime
from functools import partial

import structlog

from exchange.auctions import awards, scheduled
from exchange.auctions.bidding import CLOCK
from exchange.auctions.lifecycle import ENDED
from exchange.auctions.models import Auction
from exchange.core.refusals import Refusal
from exchange.core.scheduled import BATCH_MAX, attempts
from exchange.core.use_case import use_case
from exchange.journeys.checkout import place_agreed
from exchange.members import standing
from exchange.members.standing import Business
from exchange.orders.models import Order

log = structlog.get_logger(__name__)


def run_due(*, now: datetime) -> int:
    """Do all that is due; return for how many auctions."""
    keys = scheduled.due(limit=BATCH_MAX)
    return sum(attempts("auctions.auction", keys, partial(run_auction, now=now)))


def run_auction(pk: int, *, now: datetime) -> bool:
    """Take one auction as far as it goes now; whether anything was done."""
    moved = False
    while scheduled.advance(pk, now=now):
        moved = True
    auction = Auction.objects.select_related("organiser").get(pk=pk)
    if auction.state in ENDED and auction.settled_at is None:
        moved = settle(auction, now=now) or moved
    return moved


def settle(auction: Auction, *, now: datetime) -> bool:
    """Do what follows from an ended auction, as far as it goes; whether anything was done.

    Each part is a transaction and is repeated without harm; `settled_at` says that all are done.
    """
    done = awards.return_deposits(auction, now=now)
    for award_pk in awards.waiting(auction).values_list("pk", flat=True):
        done += _try_order(award_pk, now=now)
    if awards.waiting(auction).exists():
        return done > 0
    awards.return_unbound(auction, now=now)
    awards.finish(auction, now=now)
    return True


def _try_order(award_pk: int, *, now: datetime) -> int:
    """Place the order of one award; what stands in its way is noted and tried again later."""
    try:
        place_order(award_pk, now=now)
    except Refusal as refusal:
        log.warning("auctions.award.waits", award=award_pk, code=refusal.code)
        awards.note_obstacle(award_pk, refusal.code)
        return 0
    return 1


@use_case()
def place_order(award_pk: int, *, now: datetime) -> Order | None:
    """Reserve the offer and place the order, for which the winner's deposit is used; None when that
    was done before."""
    standing.hold(*awards.parties_of(award_pk), business=Business.RUNNING)
    reserved = awards.reserve(award_pk, now=now)
    if reserved is None:
        return None
    award, offer = reserved
    buyer_id, by_id = awards.buyer_of(award)
    order = place_agreed(
        offer,
        buyer_id=buyer_id,
        by_id=by_id,
        actor=CLOCK,
        exclusive=awards.is_exclusive(award),
        deposit=awards.deposit_of(award),
        now=now,
    )
    awards.note_order(award, order, now=now)
    return order
