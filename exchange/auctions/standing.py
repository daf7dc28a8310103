"""How an auction stands for one who looks at it, by the clock that decides."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from exchange.auctions.lifecycle import LIVE, NAMED, AuctionState, Kind
from exchange.auctions.mechanism import dutch_clock, english_terms, standing_of
from exchange.auctions.models import Auction, Award, Bid, Bidder
from pricing.exact import micros
from pricing.mechanisms.english import least_bid


class BidderStatus(TextChoices):
    """How the organisation that looks stands in the auction."""

    OUTSIDE = "outside", _("Not bidding")
    REGISTERED = "registered", _("Registered, no bid yet")
    LEADING = "leading", _("Leading")
    OUTBID = "outbid", _("Outbid")
    SEALED = "sealed", _("Sealed bid placed")
    TO_REVEAL = "to_reveal", _("Bid to be revealed")
    TAKEN = "taken", _("Accepted")
    WON = "won", _("Won")
    LOST = "lost", _("Not won")


@dataclass(frozen=True)
class AuctionFacts:
    """What a page or a program shows of an auction at one moment. None: not to be shown, or there
    is none. Amounts are whole minor units, net of tax. `seconds_left` is 0 after the end."""

    server_time: datetime
    closes_at: datetime
    seconds_left: int
    state: str
    is_live: bool
    takes_bids: bool
    version: int
    price_minor: int | None
    reserve_minor: int | None
    reserve_met: bool | None
    least_minor: int | None
    left: int
    bids_count: int
    bidders_count: int
    my_status: BidderStatus
    my_number: int | None
    my_maximum_minor: int | None


def state_at(auction: Auction, at: datetime) -> AuctionState:
    """Where the auction stands at `at`: one whose time has come takes bids, though the sweep that
    writes it down may still be on its way."""
    if auction.state == AuctionState.SCHEDULED and auction.opens_at <= at < auction.closes_at:
        return AuctionState.OPEN
    return AuctionState(auction.state)


def facts(auction: Auction, *, organisation_id: int | None, at: datetime) -> AuctionFacts:
    """How the auction stands for the organisation (None: for nobody in particular) at `at`, which
    is the time of `access.now()`."""
    bidder = _bidder(auction, organisation_id)
    last = _last_bid(auction, bidder)
    english = auction.kind == Kind.ENGLISH
    state = state_at(auction, at)
    taking = state is AuctionState.OPEN and auction.opens_at <= at < auction.closes_at
    return AuctionFacts(
        server_time=at,
        closes_at=auction.closes_at,
        seconds_left=max(0, int((auction.closes_at - at).total_seconds())),
        state=state,
        is_live=auction.kind in LIVE,
        takes_bids=taking,
        version=auction.version,
        price_minor=price_at(auction, at),
        reserve_minor=auction.reserve_minor if auction.reserve_shown else None,
        reserve_met=_reserve_met(auction),
        least_minor=least_of(auction, organisation_id) if english else None,
        left=auction.quantity - auction.taken,
        bids_count=auction.bids_count,
        bidders_count=auction.bidders_count,
        my_status=_status(auction, bidder, last),
        my_number=bidder.number if bidder else None,
        my_maximum_minor=last.amount_minor if last and english else None,
    )


def price_at(auction: Auction, at: datetime) -> int | None:
    """The standing price, or what the falling clock shows; None while bids are sealed, or before the
    first bid or the opening."""
    if auction.kind == Kind.ENGLISH:
        return auction.price_minor or None
    if auction.kind == Kind.DUTCH and state_at(auction, at) in {
        AuctionState.OPEN,
        AuctionState.PAUSED,
    }:
        moment = auction.paused_at or at
        return dutch_clock(auction).price_at(
            max(micros(moment) - auction.paused_micros, micros(auction.opens_at))
        )
    return auction.price_minor or None


def least_of(auction: Auction, organisation_id: int | None) -> int:
    """The lowest maximum that the organisation may enter now in an English auction."""
    bidder = "" if organisation_id is None else str(organisation_id)
    return least_bid(english_terms(auction), standing_of(auction), bidder)


def _reserve_met(auction: Auction) -> bool | None:
    if auction.kind != Kind.ENGLISH or not auction.reserve_minor or auction.leader_id is None:
        return None
    return auction.top_minor >= auction.reserve_minor


def _bidder(auction: Auction, organisation_id: int | None) -> Bidder | None:
    if organisation_id is None:
        return None
    return Bidder.objects.filter(auction=auction, organisation_id=organisation_id).first()


def _last_bid(auction: Auction, bidder: Bidder | None) -> Bid | None:
    if bidder is None:
        return None
    own = Bid.objects.filter(auction=auction, bidder_id=bidder.organisation_id, withdrawn_at=None)
    return own.order_by("-seq").first()


def _status(auction: Auction, bidder: Bidder | None, last: Bid | None) -> BidderStatus:
    if bidder is None:
        return BidderStatus.OUTSIDE
    if auction.state in NAMED:
        won = Award.objects.filter(auction=auction, bidder_id=bidder.organisation_id).exists()
        return BidderStatus.WON if won else BidderStatus.LOST
    return BidderStatus.REGISTERED if last is None else _status_of_bid(auction, last)


def _status_of_bid(auction: Auction, last: Bid) -> BidderStatus:
    if auction.kind == Kind.ENGLISH:
        leads = auction.leader_id == last.bidder_id
        return BidderStatus.LEADING if leads else BidderStatus.OUTBID
    if auction.kind == Kind.DUTCH:
        return BidderStatus.TAKEN
    kept = last.envelope is None and not hasattr(last, "reveal")
    if auction.state == AuctionState.REVEALING and kept:
        return BidderStatus.TO_REVEAL
    return BidderStatus.SEALED
