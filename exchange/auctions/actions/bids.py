"""Taking bids: the auction is locked, then the clock is read, then the rules are asked."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from exchange.auctions.actions import intake_sql
from exchange.auctions.actions.steps import topic_of
from exchange.auctions.errors import (
    AuctionEnded,
    AuctionNotOpen,
    BidExists,
    BidTooLow,
    PriceMoved,
    SoldOut,
)
from exchange.auctions.mechanism import dutch_clock, english_terms, standing_of
from exchange.auctions.models import Auction, Bid
from exchange.auctions.states import AuctionState, Kind
from exchange.core.actions import live
from exchange.ledger.entries import micros
from pricing.mechanisms.bids import Bid as PricedBid
from pricing.mechanisms.english import least_bid, place
from pricing.money import Money, exponent

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OVER = frozenset(
    {AuctionState.CLOSED, AuctionState.REVEALING, AuctionState.AWARDED, AuctionState.FAILED}
)


@dataclass(frozen=True)
class Incoming:
    """A bid on its way in: who bids, by whom, and the record of it in the log."""

    public_id: str
    bidder_id: int
    bidder: str
    by_id: int
    actor: str
    record_id: str


def check_takes_bids(auction: Auction, at: datetime) -> None:
    """Raise AuctionEnded or AuctionNotOpen unless the locked auction takes bids at `at`."""
    if auction.state in OVER or (auction.state == AuctionState.OPEN and at >= auction.closes_at):
        raise AuctionEnded(
            _("The auction has closed."),
            server_time=at.isoformat(),
            closes_at=auction.closes_at.isoformat(),
        )
    if auction.state != AuctionState.OPEN:
        raise AuctionNotOpen(
            _("The auction takes no bids at the moment."),
            state=auction.state,
            server_time=at.isoformat(),
            opens_at=auction.opens_at.isoformat(),
        )


def take_live_bid(
    *, auction: Auction, at: datetime, incoming: Incoming, amount_minor: int, quantity: int
) -> Bid:
    """A bid in an auction whose price everybody sees. The auction is locked, `at` read after that.

    Raises AuctionEnded, AuctionNotOpen, BidTooLow, PriceMoved, SoldOut.
    """
    check_takes_bids(auction, at)
    bid = _bid(auction, at, incoming)
    bid.amount_minor, bid.quantity = amount_minor, quantity
    if auction.kind == Kind.ENGLISH:
        _stand(auction, bid)
    else:
        _accept(auction, bid)
    return _written(auction, bid)


def take_sealed_bid(
    *, auction: Auction, at: datetime, incoming: Incoming, commitment: str, envelope: bytes | None
) -> Bid:
    """A bid that nobody reads before the close. Raises AuctionEnded, AuctionNotOpen, BidExists."""
    check_takes_bids(auction, at)
    bid = _bid(auction, at, incoming)
    bid.commitment, bid.envelope = commitment, envelope
    try:
        with transaction.atomic():
            return _written(auction, bid)
    except IntegrityError as error:
        if "bid_sealed_is_one_per_bidder" not in str(error):
            raise
        raise BidExists(
            _("Your organisation has a bid in this auction. Withdraw it to place another.")
        ) from None


def _bid(auction: Auction, at: datetime, incoming: Incoming) -> Bid:
    # A clock that was set back must not let a later bid overtake an earlier one.
    received = max(at, auction.last_bid_at) if auction.last_bid_at else at
    return Bid(
        public_id=incoming.public_id,
        auction=auction,
        bidder_id=incoming.bidder_id,
        by_id=incoming.by_id,
        actor=incoming.actor,
        seq=auction.bids_count + 1,
        received_at=received,
        clock_micros=micros(received) - auction.paused_micros * (auction.kind == Kind.DUTCH),
        record_id=incoming.record_id,
    )


def _stand(auction: Auction, bid: Bid) -> None:
    """Let the bid change how an English auction stands."""
    terms, standing = english_terms(auction), standing_of(auction)
    name, amount = str(bid.bidder_id), bid.amount_minor or 0
    least = least_bid(terms, standing, name)
    if amount < least:
        raise BidTooLow(
            _("Bid at least %(least)s.") % {"least": _money(least, auction)},
            least_minor=least,
            price_minor=auction.price_minor,
            currency=auction.currency,
        )
    after = place(terms, standing, PricedBid(name, amount, time=bid.clock_micros, seq=bid.seq))
    auction.leader_id = None if after.leader is None else int(after.leader)
    auction.top_minor, auction.second_minor = after.top, after.second
    auction.price_minor = after.price
    auction.closes_at = _EPOCH + timedelta(microseconds=after.ends_at)
    bid.price_after_minor = after.price


def _accept(auction: Auction, bid: Bid) -> None:
    """Accept what the falling clock shows."""
    shown = dutch_clock(auction).price_at(bid.clock_micros)
    if bid.amount_minor != shown:
        raise PriceMoved(
            _("The price is %(price)s now.") % {"price": _money(shown, auction)},
            price_minor=shown,
            server_time=bid.received_at.isoformat(),
        )
    left = auction.quantity - auction.taken
    if bid.quantity > left:
        raise SoldOut(_("Only %(left)d are left.") % {"left": left}, left=left)
    auction.taken += bid.quantity
    auction.price_minor = shown
    bid.price_after_minor = shown


def _written(auction: Auction, bid: Bid) -> Bid:
    auction.bids_count += 1
    auction.last_bid_at = bid.received_at
    auction.version += 1
    intake_sql.write(bid, auction)
    live.announce(topic=topic_of(auction), version=auction.version, facts=_facts(auction))
    return bid


def _facts(auction: Auction) -> dict[str, str | int]:
    """What every page of a rising auction shows at once; of other kinds, nothing."""
    if auction.kind != Kind.ENGLISH:
        return {}
    currency = auction.currency
    return {
        "price_minor": auction.price_minor,
        "currency": currency,
        "digits": exponent(currency),
    }


def _money(minor: int, auction: Auction) -> str:
    return str(Money(minor, auction.currency))
