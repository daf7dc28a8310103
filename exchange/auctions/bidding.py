"""Bidding: who takes part with which deposit, and a bid in the open or sealed.

The auction is locked, then the clock is read, then the rules are asked. What has locks of its own (the
books) or is written beside the bid (the record) comes before that, so that bidders wait for each other
as short as may be.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.auctions import access, sealing
from exchange.auctions.access import Entry
from exchange.auctions.errors import (
    AuctionEnded,
    AuctionNotOpen,
    BidAboveLimit,
    BidExists,
    BidRefused,
    CommitmentDiffers,
    DepositGone,
    WrongCurrency,
)
from exchange.auctions.lifecycle import (
    AUCTION,
    OVER,
    AuctionState,
    AuctionTransition,
    Kind,
)
from exchange.auctions.mechanism import is_live, micros_of, shown_at_once, take_live
from exchange.auctions.models import COMMITMENT_CHARS, Auction, Bid, Bidder
from exchange.auctions.requests import (
    PRODUCT,
    BidRequest,
    checked_rows,
    worth_of,
)
from exchange.audit import log
from exchange.catalog import disclosure
from exchange.catalog.lifecycle import ListingState
from exchange.catalog.models import Product
from exchange.core.inputs import checked_amount
from exchange.core.use_case import flush, use_case
from exchange.members.actors import Actor, person_of, system_actor
from exchange.payments import deposits
from exchange.payments.lifecycle import DepositState
from exchange.payments.models import Deposit

CLOCK = system_actor("clock")
# One statement writes a bid and how its auction stands after it.
WRITE = """
WITH written AS (
    INSERT INTO auctions_bid (
        public_id, auction_id, bidder_id, by_id, actor, seq, received_at, clock_micros,
        amount_minor, quantity, price_after_minor, commitment, envelope, record_id,
        withdrawal_reason
    ) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, '')
    RETURNING id
), stands AS (
    UPDATE auctions_auction SET
        leader_id = %s, top_minor = %s, second_minor = %s, price_minor = %s, taken = %s,
        bids_count = %s, last_bid_at = %s, closes_at = %s, version = %s
    WHERE id = %s
)
SELECT id FROM written
"""


@dataclass(frozen=True)
class Receipt:
    """A bid that was taken: the auction as it stands after it, and by the clock that decided.

    `nonce` is what a bidder needs, with the rows, to check the commitment; None for live bids.
    """

    bid: Bid
    auction: Auction
    server_time: datetime
    nonce: str | None = None


@use_case()
def register(auction_id: str, *, actor: Actor, now: datetime) -> Bidder:
    """Register the actor's organisation for an auction, with its deposit. Again: the same bidder."""
    entry = access.enter(auction_id, actor=actor)
    known = Bidder.objects.filter(auction=entry.auction, organisation=entry.organisation).first()
    if known is not None:
        return known
    deposit = _deposit(entry, now)
    auction, _at = access.locked(entry.auction.pk)
    return _registered(auction, entry, deposit, now)


@use_case()
def place(auction_id: str, request: BidRequest, *, actor: Actor, now: datetime) -> Receipt:
    """Bid for the actor's organisation. Its first bid registers it and places the deposit.

    Whether the bid is in time is decided by the database's clock once the auction is locked, not by
    `now`. Raises AuctionEnded, AuctionNotOpen, BidTooLow, PriceMoved, SoldOut, BidExists,
    WrongCurrency, BidRefused, BidAboveLimit, BidderRelated, CommitmentDiffers, DepositGone,
    InsufficientFunds, NotAllowed; nothing is kept then.
    """
    entry = access.enter(auction_id, actor=actor)
    if request.currency != entry.auction.currency:
        raise WrongCurrency(
            _("Bids in this auction are in %(currency)s.") % {"currency": entry.auction.currency},
            accepted=entry.auction.currency,
        )
    deposit = None if entry.is_registered else _deposit(entry, now)
    take = _place_live if is_live(entry.auction) else _place_sealed
    return take(entry, request, deposit, now)


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


def _place_live(
    entry: Entry, request: BidRequest, deposit: Deposit | None, now: datetime
) -> Receipt:
    amount, quantity = request.amount_minor, request.quantity
    if not isinstance(amount, int) or amount < 1:
        raise BidRefused(_("Give an amount above zero."), field="amount_minor")
    checked_amount(amount * max(1, quantity), entry.auction.currency, field="amount_minor")
    is_english = entry.auction.kind == Kind.ENGLISH
    if quantity < 1 or (is_english and quantity != 1) or request.rows:
        raise BidRefused(_("Give an amount, and on a falling clock a quantity."), field="quantity")
    access.check_limit(entry, amount * quantity, now=now)
    bid = _recorded(entry, now, personal={"amount_minor": str(amount)})
    bid.amount_minor, bid.quantity = amount, quantity
    auction, at = _arrive(bid, entry, deposit, now)
    take_live(auction, bid)
    _write(bid, auction)
    if auction.kind == Kind.DUTCH and auction.taken == auction.quantity:
        AUCTION.transition(auction, AuctionTransition.CLOSE, actor=CLOCK, now=now)
    return Receipt(bid=bid, auction=auction, server_time=at)


def _place_sealed(
    entry: Entry, request: BidRequest, deposit: Deposit | None, now: datetime
) -> Receipt:
    if request.amount_minor is not None:
        raise BidRefused(_("A sealed bid is made of rows."), field="amount_minor")
    if request.rows:
        nonce = request.nonce or sealing.new_nonce()
        commitment, envelope = _sealed(entry, request, nonce, now)
    else:
        commitment, envelope, nonce = _kept(entry, request), None, ""
    bid = _recorded(entry, now, facts={"commitment": commitment})
    bid.commitment, bid.envelope = commitment, envelope
    auction, at = _arrive(bid, entry, deposit, now)
    try:
        with transaction.atomic():
            _write(bid, auction)
    except IntegrityError as error:
        if "bid_sealed_is_one_per_bidder" not in str(error):
            raise
        raise BidExists(
            _("Your organisation has a bid in this auction. Withdraw it to place another.")
        ) from None
    return Receipt(bid=bid, auction=auction, server_time=at, nonce=nonce or None)


def _sealed(
    entry: Entry, request: BidRequest, nonce: str, now: datetime
) -> tuple[str, bytes | None]:
    """The commitment to the rows, and the envelope with them."""
    auction, bidder = entry.auction, entry.organisation
    rows = checked_rows(auction, request.rows)
    if auction.kind == Kind.PROCUREMENT:
        _check_product(bidder, rows[0][PRODUCT])
    else:
        access.check_limit(entry, worth_of(rows), now=now)
    commitment = sealing.commitment(
        auction_id=auction.public_id, bidder=bidder.public_id, rows=rows, nonce=nonce
    )
    if request.commitment and request.commitment != commitment:
        raise CommitmentDiffers(
            _("The bid does not give the commitment that you sent."), expected=commitment
        )
    sealer = sealing.Sealer(auction_id=auction.public_id, sealed_key=auction.sealed_key)
    return commitment, sealer.seal(bidder=bidder.public_id, rows=rows, nonce=nonce)


def _kept(entry: Entry, request: BidRequest) -> str:
    """The commitment to a bid that the bidder keeps until the close."""
    commitment = request.commitment
    well_formed = (
        len(commitment) == COMMITMENT_CHARS
        and commitment.startswith("sha256:")
        and not set(commitment[7:]) - set("0123456789abcdef")
    )
    if not entry.auction.reveal_seconds or not well_formed:
        raise BidRefused(
            _(
                "Send the rows of the bid; only an auction with a time to reveal takes a commitment."
            ),
            field="rows",
        )
    person_of(entry.actor)  # no program binds its organisation to what its key's limit cannot see
    if entry.limit_minor is not None:
        raise BidAboveLimit(
            _("Your organisation has a buying limit: its bids cannot be kept until the close."),
            limit_minor=entry.limit_minor,
        )
    return commitment


def _check_product(bidder: Organisation, product_id: str) -> None:
    """In a procurement each bid names a listed product of the bidder."""
    own = Product.objects.filter(
        public_id=product_id, seller=bidder, state=ListingState.LISTED
    ).first()
    if own is None:
        raise BidRefused(_("Name the listed product of yours that you offer."), field="product")
    disclosure.check_orderable(own)


def _deposit(entry: Entry, now: datetime) -> Deposit | None:
    """The bidder's deposit, placed when there is none; None where none is asked for."""
    auction = entry.auction
    if not auction.deposit_minor:
        return None
    deposit = deposits.place(
        purpose=auction.basis,
        organisation=entry.organisation,
        amount=auction.deposit,
        by_id=entry.by_id,
        actor=entry.actor,
        now=now,
    )
    if deposit.state != DepositState.HELD:
        raise DepositGone(_("The deposit for this auction has ended."), state=deposit.state)
    return deposit


def _recorded(
    entry: Entry,
    now: datetime,
    *,
    facts: Mapping[str, Any] | None = None,
    personal: Mapping[str, str] | None = None,
) -> Bid:
    """A bid on its way in, and its record: what is refused afterwards takes it back."""
    bid = Bid(bidder=entry.organisation, by_id=entry.by_id, actor=entry.actor.name)
    bid.record_id = log.record(
        event="auctions.bid.placed",
        actor=bid.actor,
        subject=f"bid:{bid.public_id}",
        facts={
            "auction": entry.auction.public_id,
            "bidder": entry.organisation.public_id,
            **(facts or {}),
        },
        personal=personal,
        at=now,
    )
    return bid


def _arrive(
    bid: Bid, entry: Entry, deposit: Deposit | None, now: datetime
) -> tuple[Auction, datetime]:
    """Lock the auction, opened now if its time has come, register the bidder, and number the bid."""
    flush()
    auction, at = access.locked(entry.auction.pk)
    is_due = auction.state == AuctionState.SCHEDULED and auction.opens_at <= at
    if is_due and access.may_run(auction):
        AUCTION.transition(auction, AuctionTransition.OPEN, actor=CLOCK, now=now)
    check_takes_bids(auction, at)
    if not entry.is_registered:
        _registered(auction, entry, deposit, now)
    bid.auction, bid.seq = auction, auction.bids_count + 1
    # A clock that was set back must not let a later bid overtake an earlier one.
    bid.received_at = max(at, auction.last_bid_at) if auction.last_bid_at else at
    bid.clock_micros = micros_of(auction, bid.received_at)
    return auction, at


def _registered(auction: Auction, entry: Entry, deposit: Deposit | None, now: datetime) -> Bidder:
    """Give the organisation its number in a locked auction; registered before, it keeps it."""
    known = Bidder.objects.filter(auction=auction, organisation=entry.organisation).first()
    if known is not None:
        return known
    if auction.state not in access.RUNNING:
        raise AuctionNotOpen(
            _("Nobody can register for this auction any more."), state=auction.state
        )
    auction.bidders_count += 1
    auction.save(update_fields=["bidders_count"])
    bidder = Bidder.objects.create(
        auction=auction,
        organisation=entry.organisation,
        number=auction.bidders_count,
        deposit=deposit,
        registered_at=now,
    )
    access.check_bidders(auction)  # it may have got a part of the revenue before the lock was held
    return bidder


def _write(bid: Bid, auction: Auction) -> None:
    """Write the bid, and of the locked auction what a bid may change; tell open pages of it."""
    auction.bids_count += 1
    auction.last_bid_at = bid.received_at
    auction.version += 1
    with connection.cursor() as cursor:
        cursor.execute(
            WRITE,
            [
                bid.public_id, auction.pk, bid.bidder_id, bid.by_id, bid.actor, bid.seq,
                bid.received_at, bid.clock_micros, bid.amount_minor, bid.quantity,
                bid.price_after_minor, bid.commitment,
                None if bid.envelope is None else bytes(bid.envelope), bid.record_id,
                auction.leader_id, auction.top_minor, auction.second_minor, auction.price_minor,
                auction.taken, auction.bids_count, auction.last_bid_at, auction.closes_at,
                auction.version, auction.pk,
            ],
        )  # fmt: skip
        bid.pk = cursor.fetchone()[0]
    AUCTION.announce(auction, facts=shown_at_once(auction))
