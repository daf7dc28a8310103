"""A bid's journey: who may bid, the deposit, the record, and the bid itself, in one transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.auctions import sealing
from exchange.auctions.actions import bids
from exchange.auctions.actions.bids import Incoming
from exchange.auctions.actions.registering import register_bidder
from exchange.auctions.actions.steps import take_step
from exchange.auctions.errors import (
    BidAboveLimit,
    BidRefused,
    CommitmentDiffers,
    DepositGone,
    WrongCurrency,
)
from exchange.auctions.mechanism import is_live
from exchange.auctions.models import Auction, Bid, Bidder
from exchange.auctions.queries import clock
from exchange.auctions.rows import AMOUNT_MINOR_MAX, PRODUCT, checked_rows, worth_of
from exchange.auctions.states import AuctionState, Kind, Move
from exchange.auctions.wishes import BidWish
from exchange.catalog import disclosure
from exchange.catalog.lifecycle import ListingState
from exchange.catalog.models import Product
from exchange.core.ids import new_id
from exchange.flows.auction_entry import Entry, check_limit, enter
from exchange.flows.auction_recording import record_bid, record_step
from exchange.members.actors import Actor
from exchange.payments import deposits
from exchange.payments.lifecycle import DepositState

CLOCK = "system:clock"
COMMITMENT_CHARS = 71


@dataclass(frozen=True)
class Receipt:
    """A bid that was taken: the auction as it stands after it, and by the clock that decided.

    `nonce` is what a bidder needs, with the rows, to check the commitment; None for live bids.
    """

    bid: Bid
    auction: Auction
    server_time: datetime
    nonce: str | None = None


@transaction.atomic
def register(*, actor: Actor, auction_id: str, now: datetime) -> Bidder:
    """Register the actor's organisation for an auction, with its deposit. Again: the same bidder."""
    entry = enter(actor=actor, auction_id=auction_id)
    seen = entry.auction
    known = Bidder.objects.filter(auction=seen, organisation=entry.organisation).first()
    if known is not None:
        return known
    deposit = _deposit(entry, now)
    auction, _at = clock.locked(seen.pk)
    return _registered(auction, entry, deposit, now)


@transaction.atomic
def place_bid(*, actor: Actor, auction_id: str, wish: BidWish, now: datetime) -> Receipt:
    """Bid for the actor's organisation. Its first bid registers it and places the deposit.

    Whether the bid is in time is decided by the database's clock once the auction is locked, not by
    `now`. Raises AuctionEnded, AuctionNotOpen, BidTooLow, PriceMoved, SoldOut, BidExists,
    WrongCurrency, BidRefused, BidAboveLimit, BidderRelated, CommitmentDiffers, DepositGone,
    InsufficientFunds, NotAllowed; nothing is kept then.
    """
    entry = enter(actor=actor, auction_id=auction_id)
    seen = entry.auction
    if wish.currency != seen.currency:
        raise WrongCurrency(
            _("Bids in this auction are in %(currency)s.") % {"currency": seen.currency},
            accepted=seen.currency,
        )
    deposit = ""
    if not entry.is_registered:
        deposit = _deposit(entry, now)
    take = _place_live if is_live(seen) else _place_sealed
    return take(entry, wish, deposit, now)


def _place_live(entry: Entry, wish: BidWish, deposit: str, now: datetime) -> Receipt:
    seen, amount = entry.auction, wish.amount_minor
    if not isinstance(amount, int) or not 0 < amount * max(1, wish.quantity) <= AMOUNT_MINOR_MAX:
        raise BidRefused(_("Give an amount above zero."), field="amount_minor")
    if wish.quantity < 1 or (seen.kind == Kind.ENGLISH and wish.quantity != 1) or wish.rows:
        raise BidRefused(_("Give an amount, and on a falling clock a quantity."), field="quantity")
    check_limit(entry, amount * wish.quantity, now)
    incoming = _incoming(entry, now, personal={"amount_minor": str(amount)})
    auction, at = _opened(entry, deposit, now)
    bid = bids.take_live_bid(
        auction=auction, at=at, incoming=incoming, amount_minor=amount, quantity=wish.quantity
    )
    if auction.kind == Kind.DUTCH and auction.taken == auction.quantity:
        record_step(take_step(auction=auction, move=Move.CLOSE, actor=CLOCK, now=now))
    return Receipt(bid=bid, auction=auction, server_time=at)


def _place_sealed(entry: Entry, wish: BidWish, deposit: str, now: datetime) -> Receipt:
    seen, bidder = entry.auction, entry.organisation.public_id
    if wish.amount_minor is not None:
        raise BidRefused(_("A sealed bid is made of rows."), field="amount_minor")
    if wish.rows:
        nonce = wish.nonce or sealing.new_nonce()
        rows = checked_rows(seen, wish.rows)
        _check_product(seen, entry.organisation, rows)
        if seen.kind != Kind.PROCUREMENT:
            check_limit(entry, worth_of(rows), now)
        commitment = sealing.commitment(
            auction_id=seen.public_id, bidder=bidder, rows=rows, nonce=nonce
        )
        if wish.commitment and wish.commitment != commitment:
            raise CommitmentDiffers(
                _("The bid does not give the commitment that you sent."), expected=commitment
            )
        sealer = sealing.Sealer(auction_id=seen.public_id, sealed_key=seen.sealed_key)
        envelope: bytes | None = sealer.seal(bidder=bidder, rows=rows, nonce=nonce)
    else:
        commitment, envelope, nonce = _kept(entry, wish), None, ""
    incoming = _incoming(entry, now, facts={"commitment": commitment})
    auction, at = _opened(entry, deposit, now)
    bid = bids.take_sealed_bid(
        auction=auction, at=at, incoming=incoming, commitment=commitment, envelope=envelope
    )
    return Receipt(bid=bid, auction=auction, server_time=at, nonce=nonce or None)


def _kept(entry: Entry, wish: BidWish) -> str:
    """The commitment to a bid that the bidder keeps until the close."""
    well_formed = (
        len(wish.commitment) == COMMITMENT_CHARS
        and wish.commitment.startswith("sha256:")
        and not set(wish.commitment[7:]) - set("0123456789abcdef")
    )
    if not entry.auction.reveal_seconds or not well_formed:
        raise BidRefused(
            _(
                "Send the rows of the bid; only an auction with a time to reveal takes a commitment."
            ),
            field="rows",
        )
    if entry.limit_minor is not None:
        raise BidAboveLimit(
            _("Your organisation has a buying limit: its bids cannot be kept until the close."),
            limit_minor=entry.limit_minor,
        )
    return wish.commitment


def _check_product(seen: Auction, bidder: Organisation, rows: list[dict[str, Any]]) -> None:
    """In a procurement each bid names a listed product of the bidder."""
    if seen.kind != Kind.PROCUREMENT:
        return
    own = Product.objects.filter(
        public_id=rows[0][PRODUCT], seller=bidder, state=ListingState.LISTED
    ).first()
    if own is None:
        raise BidRefused(_("Name the listed product of yours that you offer."), field="product")
    disclosure.check_orderable(own)


def _deposit(entry: Entry, now: datetime) -> str:
    """The id of the bidder's deposit, placed when there is none. Before the lock: the books have
    locks of their own."""
    seen = entry.auction
    if not seen.deposit_minor:
        return ""
    deposit = deposits.place(
        purpose=seen.basis,
        organisation=entry.organisation,
        amount=seen.deposit,
        by_id=entry.by_id,
        actor=entry.actor,
        now=now,
    )
    if deposit.state != DepositState.HELD:
        raise DepositGone(_("The deposit for this auction has ended."), state=deposit.state)
    return deposit.public_id


def _incoming(
    entry: Entry,
    now: datetime,
    *,
    facts: dict[str, Any] | None = None,
    personal: dict[str, str] | None = None,
) -> Incoming:
    """Record the bid before the auction is locked: what is refused afterwards takes it back."""
    bid_id, bidder = new_id("bid"), entry.organisation.public_id
    record_id = record_bid(
        "placed",
        bid_id=bid_id,
        auction=entry.auction,
        bidder=bidder,
        actor=entry.actor.name,
        now=now,
        facts=facts or {},
        personal=personal,
    )
    return Incoming(
        public_id=bid_id,
        bidder_id=entry.organisation.pk,
        bidder=bidder,
        by_id=entry.by_id,
        actor=entry.actor.name,
        record_id=record_id,
    )


def _opened(entry: Entry, deposit: str, now: datetime) -> tuple[Auction, datetime]:
    """The auction, locked; opened now if its time has come, and the bidder registered."""
    auction, at = clock.locked(entry.auction.pk)
    if auction.state == AuctionState.SCHEDULED and auction.opens_at <= at:
        record_step(take_step(auction=auction, move=Move.OPEN, actor=CLOCK, now=now))
    bids.check_takes_bids(auction, at)
    if not entry.is_registered:
        _registered(auction, entry, deposit, now)
    return auction, at


def _registered(auction: Auction, entry: Entry, deposit: str, now: datetime) -> Bidder:
    return register_bidder(
        auction=auction, organisation_id=entry.organisation.pk, deposit_ref=deposit, now=now
    )
