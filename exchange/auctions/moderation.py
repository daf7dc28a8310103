"""What the exchange may do to an auction while it runs, and who may cancel it; each with a reason."""

from dataclasses import replace
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from exchange.auctions import access, parties, scheduling
from exchange.auctions.errors import AuctionNotOpen, EndNotLater
from exchange.auctions.lifecycle import AUCTION, AuctionState, AuctionTransition
from exchange.auctions.models import Auction, Bidder
from exchange.catalog.buyable import receivers_of
from exchange.core.use_case import use_case
from exchange.members import policy, standing
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission

EXTENSION_MAX = timedelta(days=30)


def _seen(auction: Auction, *, actor: Actor, **_given: object) -> Subject:
    """The auction with all who bid in it or get a part of what it brings: nobody tied to one moderates it."""
    bidders = Bidder.objects.filter(auction=auction).values_list("organisation_id", flat=True)
    sold = [row.product_id for row in auction.items.all()]
    sold += [] if auction.product_id is None else [auction.product_id]
    return replace(
        access.subject_of(auction, seen_by=actor),
        other_side=frozenset(bidders),
        receivers=lambda: frozenset().union(*map(receivers_of, sold)),
    )


@use_case(Permission.AUCTION_MODERATE, locks=AUCTION, about=_seen)
def pause(auction: Auction, *, actor: Actor, reason: str, now: datetime) -> Auction:
    """As an operator, take no more bids until further notice."""
    AUCTION.check(auction, AuctionTransition.PAUSE)
    at = access.now()
    if at >= auction.closes_at:
        raise EndNotLater(_("The auction is over."), closes_at=auction.closes_at.isoformat())
    auction.paused_at = at
    return AUCTION.transition(
        auction, AuctionTransition.PAUSE, actor=actor, reason=reason, save=("paused_at",), now=now
    )


@use_case(Permission.AUCTION_MODERATE, locks=AUCTION, about=_seen)
def resume(auction: Auction, *, actor: Actor, reason: str, now: datetime) -> Auction:
    """As an operator, let bidding go on; the end moves by as long as it was paused."""
    AUCTION.check(auction, AuctionTransition.RESUME)
    standing.check(auction.organiser_id)
    if not access.may_run(auction):
        raise AuctionNotOpen(
            _("A product of this auction is not listed now. List it again first."),
            state=auction.state,
        )
    return parties.go_on(auction, actor=actor, reason=reason, now=now)


@use_case(Permission.AUCTION_MODERATE, locks=AUCTION, about=_seen)
def extend(
    auction: Auction, *, actor: Actor, closes_at: datetime, reason: str, now: datetime
) -> Auction:
    """As an operator, move the end to a later moment."""
    AUCTION.check(auction, AuctionTransition.EXTEND)
    is_over = auction.state == AuctionState.OPEN and access.now() >= auction.closes_at
    if is_over or not auction.closes_at < closes_at <= auction.closes_at + EXTENSION_MAX:
        raise EndNotLater(
            _("The end moves to a later moment, by at most 30 days, and not after it has come."),
            closes_at=auction.closes_at.isoformat(),
        )
    auction.closes_at = closes_at
    auction.moved_by_hand = True
    return AUCTION.transition(
        auction, AuctionTransition.EXTEND, actor=actor, reason=reason, now=now,
        save=("closes_at", "moved_by_hand"),
    )  # fmt: skip


@use_case(locks=AUCTION)
def cancel(auction: Auction, *, actor: Actor, reason: str, now: datetime) -> Auction:
    """Cancel an auction: an operator at any time before the close, the organiser before it opens.
    Deposits are given back by the clock at once."""
    is_early = auction.state in (AuctionState.DRAFT, AuctionState.SCHEDULED)
    if is_early and actor.organisation_id == auction.organiser_id:
        scheduling.require_organiser(auction, actor)
    else:
        policy.require(actor, Permission.AUCTION_SEE, _seen(auction, actor=actor))
        policy.require(actor, Permission.AUCTION_MODERATE, _seen(auction, actor=actor))
    auction.paused_at = None
    return AUCTION.transition(
        auction, AuctionTransition.CANCEL, actor=actor, reason=reason, save=("paused_at",), now=now
    )
