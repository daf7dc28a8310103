"""What time does to auctions: they open, close, and are cleared once.

The database's clock decides, read once the auction is locked. Every step is a transaction of its own
and does nothing when it was done before: a program that dies between two of them, or in the middle of
one, leaves an auction that the next run goes on with.
"""

from datetime import datetime, timedelta

from django.db.models import Case, Q, When
from django.utils.translation import gettext as _

from exchange.auctions import access, clearing, parties
from exchange.auctions.bidding import CLOCK
from exchange.auctions.lifecycle import AUCTION, ENDED, AuctionState, AuctionTransition
from exchange.auctions.models import Auction
from exchange.core.use_case import use_case


def due(*, limit: int) -> list[int]:
    """Keys of auctions for which the clock, or unfinished work, has something to do; those last that
    somebody is to be computed the winners of."""
    at = access.now()
    free = Q(clearing_until=None) | Q(clearing_until__lte=at)
    waiting = Q(settled_at__isnull=True) & (
        Q(state=AuctionState.SCHEDULED, opens_at__lte=at)
        | Q(state=AuctionState.OPEN, closes_at__lte=at)
        | (free & Q(state=AuctionState.REVEALING, reveal_until__lte=at))
        | (free & Q(state=AuctionState.CLOSED))
        | Q(state__in=sorted(ENDED))
    )
    is_cleared = Case(
        When(state__in=[AuctionState.CLOSED, AuctionState.REVEALING], then=1), default=0
    )
    auctions = Auction.objects.filter(waiting).order_by(is_cleared, "closes_at")
    return list(auctions.values_list("pk", flat=True)[:limit])


def advance(pk: int, *, now: datetime) -> bool:
    """Make the next transition that is due; whether there was one. Winners are computed between two
    transactions, while nobody's lock is held."""
    return _step(pk, now=now) or clearing.clear(pk, now=now)


@use_case()
def _step(pk: int, *, now: datetime) -> bool:
    """Make the next transition that takes no computing, if one is due."""
    auction, at = access.locked(pk)
    state = AuctionState(auction.state)
    if state is AuctionState.SCHEDULED and auction.opens_at <= at:
        AUCTION.transition(auction, AuctionTransition.OPEN, actor=CLOCK, now=now)
        if not access.may_run(auction):
            reason = _("Its organiser or a product is suspended or restricted at the moment.")
            parties.rest(auction, actor=CLOCK, reason=reason, now=now)
    elif state is AuctionState.OPEN and auction.closes_at <= at:
        AUCTION.transition(auction, AuctionTransition.CLOSE, actor=CLOCK, now=now)
    elif state is AuctionState.CLOSED and clearing.has_unrevealed(auction):
        auction.reveal_until = at + timedelta(seconds=auction.reveal_seconds)
        AUCTION.transition(
            auction, AuctionTransition.REVEAL, actor=CLOCK, save=("reveal_until",), now=now
        )
    else:
        return False
    return True
