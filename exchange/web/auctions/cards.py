"""An auction as one card, wherever auctions are shown."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from exchange.auctions.lifecycle import LIVE, AuctionState, Kind
from exchange.auctions.models import Auction
from exchange.core.titles import title_of
from exchange.web.auctions import labels
from pricing.money import Money

S = AuctionState
TABS = {
    "open": (S.OPEN, S.PAUSED, S.CLOSED, S.REVEALING),
    "coming": (S.SCHEDULED, S.DRAFT),
    "ended": (S.AWARDED, S.FAILED, S.CANCELLED),
}


@dataclass(frozen=True)
class Card:
    auction: Auction
    title: str
    tone: str
    price_label: str
    price: Money | None
    when_label: str
    when: datetime
    mine: str
    mine_tone: str


def card_of(auction: Auction, mine: int, *, is_bidder: bool) -> Card:
    """An auction as its reader's organisation sees it in a list; `is_bidder` whether that registered for it."""
    state = AuctionState(auction.state)
    label, moment = {
        AuctionState.SCHEDULED: (_("Opens"), auction.opens_at),
        AuctionState.DRAFT: (_("Opens"), auction.opens_at),
        AuctionState.OPEN: (_("Closes"), auction.closes_at),
        AuctionState.PAUSED: (_("Closes"), auction.closes_at),
    }.get(state, (pgettext("auction moment", "Closed"), auction.ended_at))
    said, tone = _mine(auction, mine, is_bidder=is_bidder)
    price_label, price = _price(auction)
    return Card(
        auction=auction,
        title=title_of(auction),
        tone=labels.TONES.get(state, "neutral"),
        price_label=price_label,
        price=price,
        when_label=label,
        when=moment,
        mine=said,
        mine_tone=tone,
    )


def _price(auction: Auction) -> tuple[str, Money | None]:
    if auction.state in TABS["ended"]:
        return _("Final price"), auction.price if auction.price_minor else None
    if auction.kind not in LIVE:
        return _("Sealed bids"), None
    if auction.kind == Kind.DUTCH:
        return _("Starts at"), auction.opening
    if auction.price_minor:
        return _("Standing price"), auction.price
    return _("Opening price"), auction.opening


def _mine(auction: Auction, mine: int, *, is_bidder: bool) -> tuple[str, str]:
    """How the reader stands, without another query."""
    if auction.organiser_id == mine:
        return _("Yours"), "info"
    if not is_bidder:
        return "", "neutral"
    if auction.kind == Kind.ENGLISH and auction.state in TABS["open"] and auction.bids_count:
        leads = auction.leader_id == mine
        return (_("You lead"), "good") if leads else (_("Outbid"), "warn")
    return _("You take part"), "info"
