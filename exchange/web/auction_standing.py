"""How an auction stands, as its page shows it: the clock, the falling price, the deposit."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.auctions.models import Auction
from exchange.auctions.queries.standing import AuctionFacts
from exchange.auctions.states import ENDED, NAMED, AuctionState, Kind
from exchange.flows import deposits, wallets
from exchange.ledger.entries import micros
from exchange.web import auction_words
from pricing.money import Money, exponent


@dataclass(frozen=True)
class Clock:
    """The moment that the page counts down to, and what time it was when it was drawn."""

    label: str
    ends_at: datetime
    now: str
    ends: str
    left: str
    days: str
    reloads: bool


@dataclass(frozen=True)
class Fall:
    """What the page needs to let the price fall as the clock does; amounts in minor units, the
    opening in milliseconds since 1970 with pauses added."""

    start: int
    step: int
    every: int
    floor: int
    opened: int
    digits: int


@dataclass(frozen=True)
class DepositView:
    """The deposit asked for; `missing` is what the wallet lacks, None where it is placed or there."""

    amount: Money
    is_placed: bool
    state: str
    available: Money
    missing: Money | None


def by_the_clock(auction: Auction, at: datetime) -> Auction:
    """The auction as it is at `at`: one whose time has come takes bids, though the sweep that writes
    it down may still be on its way. Changes nothing that is kept."""
    if auction.state == AuctionState.SCHEDULED and auction.opens_at <= at < auction.closes_at:
        auction.state = AuctionState.OPEN
    return auction


def price_label_of(auction: Auction, state: AuctionState, kind: Kind) -> str:
    if state in NAMED:
        return _("Final price")
    if kind is Kind.DUTCH:
        return _("Price now")
    if kind is Kind.ENGLISH and auction.bids_count:
        return _("Standing price")
    return _("Opening price")


def reserve_words_of(auction: Auction, found: AuctionFacts) -> str:
    if found.reserve_met is not None and auction.state not in ENDED:
        return _("The reserve is met.") if found.reserve_met else _("The reserve is not met yet.")
    return ""


def fall_of(auction: Auction) -> Fall | None:
    if auction.kind != Kind.DUTCH or auction.state != AuctionState.OPEN:
        return None
    return Fall(
        start=auction.opening_minor,
        step=auction.options["step_minor"],
        every=auction.options["every_seconds"],
        floor=auction.reserve_minor,
        opened=(micros(auction.opens_at) + auction.paused_micros) // 1000,
        digits=exponent(auction.currency),
    )


def clock_of(auction: Auction, state: AuctionState, at: datetime) -> Clock | None:
    label, ends_at = {
        AuctionState.DRAFT: (_("Opens in"), auction.opens_at),
        AuctionState.SCHEDULED: (_("Opens in"), auction.opens_at),
        AuctionState.OPEN: (_("Time left"), auction.closes_at),
        AuctionState.REVEALING: (_("Time left to reveal"), auction.reveal_until),
    }.get(state, ("", None))
    if ends_at is None:
        return None
    return Clock(
        label=label,
        ends_at=ends_at,
        now=at.isoformat(timespec="milliseconds"),
        ends=ends_at.isoformat(timespec="milliseconds"),
        left=auction_words.left_words(max(0, int((ends_at - at).total_seconds()))),
        days=auction_words.days_pattern(),
        reloads=state is not AuctionState.DRAFT and ends_at > at,
    )


def deposit_of(auction: Auction, organisation_id: int | None) -> DepositView | None:
    if organisation_id is None:
        return None
    mine = Organisation.objects.get(pk=organisation_id)
    placed = deposits.deposit_of(auction.basis, mine.pk)
    available = wallets.available_in(mine, auction.currency)
    lacks = placed is None and available < auction.deposit
    return DepositView(
        amount=auction.deposit,
        is_placed=placed is not None,
        state=placed.get_state_display() if placed else "",
        available=available,
        missing=auction.deposit - available if lacks else None,
    )
