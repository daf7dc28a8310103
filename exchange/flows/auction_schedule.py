"""Holding an auction: drafted, announced, and what the exchange may do to it while it runs."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.auctions.actions.drafting import draft_auction
from exchange.auctions.actions.steps import check_source, take_step
from exchange.auctions.errors import AuctionRefused, EndNotLater
from exchange.auctions.models import Auction
from exchange.auctions.queries import clock
from exchange.auctions.queries.auctions import auction_seen_by, subject_of
from exchange.auctions.states import AuctionState, Kind, Move
from exchange.auctions.wishes import AuctionWish
from exchange.catalog import disclosure
from exchange.catalog.lifecycle import ListingState
from exchange.catalog.models import Product
from exchange.catalog.queries import subject_of as product_subject
from exchange.catalog.state_assets import check_path
from exchange.core.refusals import NotFound
from exchange.flows.auction_recording import record_step
from exchange.ledger.entries import micros
from exchange.members import policy
from exchange.members.actors import Actor, Subject, organisation_of, person_of
from exchange.members.permissions import Permission
from exchange.orders.models import LicenceWindow

EXTENSION_MAX = timedelta(days=30)


@transaction.atomic
def draft(*, actor: Actor, wish: AuctionWish, now: datetime) -> Auction:
    """Write an auction that only its organiser sees. Raises AuctionRefused, NotAllowed, NotFound."""
    organiser = Organisation.objects.get(pk=organisation_of(actor))
    if wish.kind is Kind.PROCUREMENT:
        mine = frozenset({organiser.pk})
        policy.require(actor, Permission.QUOTE_ASK, Subject(organisation_id=None, engaged=mine))
        product = None
    else:
        policy.require(actor, Permission.AUCTION_SCHEDULE, Subject.of(organiser))
        check_path(organiser, wish.deal_nature)
        product = _own_product(actor, wish.product_id)
    items = [
        (_own_product(actor, item.product_id), item.count, item.reserve_minor)
        for item in wish.items
    ]
    if wish.exclusive and product is not None:
        _check_free(product, wish.closes_at)
    step = draft_auction(
        wish=wish,
        organiser=organiser,
        product=product,
        items=items,
        by_id=person_of(actor),
        actor=actor.name,
        now=now,
    )
    return record_step(step)


@transaction.atomic
def announce(*, actor: Actor, auction_id: str, now: datetime) -> Auction:
    """Announce a draft: from now on everybody sees it, and its rules never change."""
    auction, _at = _locked(actor, auction_id, organiser=True)
    if auction.closes_at <= now:
        raise AuctionRefused(_("An auction closes in the future."), field="closes_at")
    _check_orderable(auction)
    if auction.exclusive and auction.product_id is not None:
        # Who buys holds the product still; so nobody buys between this look and the announcement.
        product = Product.objects.select_for_update(of=("self",), no_key=True).get(
            pk=auction.product_id
        )
        _check_free(product, auction.closes_at)
    return record_step(
        take_step(
            auction=auction, move=Move.SCHEDULE, actor=actor.name, by_id=actor.user_id, now=now
        )
    )


@transaction.atomic
def schedule(*, actor: Actor, wish: AuctionWish, now: datetime) -> Auction:
    """Draft an auction and announce it at once."""
    drafted = draft(actor=actor, wish=wish, now=now)
    return announce(actor=actor, auction_id=drafted.public_id, now=now)


@transaction.atomic
def pause(*, actor: Actor, auction_id: str, reason: str, now: datetime) -> Auction:
    """As an operator, take no more bids until further notice."""
    auction, at = _locked(actor, auction_id)
    check_source(auction, Move.PAUSE)
    if at >= auction.closes_at:
        raise EndNotLater(_("The auction is over."), closes_at=auction.closes_at.isoformat())
    auction.paused_at = at
    return _by_operator(auction, Move.PAUSE, actor, reason, now)


@transaction.atomic
def resume(*, actor: Actor, auction_id: str, reason: str, now: datetime) -> Auction:
    """As an operator, let bidding go on; the end moves by as long as it was paused."""
    auction, at = _locked(actor, auction_id)
    check_source(auction, Move.RESUME)
    paused_for = at - (auction.paused_at or at)
    auction.closes_at += paused_for
    auction.paused_micros += micros(at) - micros(auction.paused_at or at)
    auction.paused_at = None
    auction.moved_by_hand = True
    return _by_operator(auction, Move.RESUME, actor, reason, now)


@transaction.atomic
def extend(
    *, actor: Actor, auction_id: str, closes_at: datetime, reason: str, now: datetime
) -> Auction:
    """As an operator, move the end to a later moment."""
    auction, at = _locked(actor, auction_id)
    check_source(auction, Move.EXTEND)
    is_over = auction.state == AuctionState.OPEN and at >= auction.closes_at
    if is_over or not auction.closes_at < closes_at <= auction.closes_at + EXTENSION_MAX:
        raise EndNotLater(
            _("The end moves to a later moment, by at most 30 days, and not after it has come."),
            closes_at=auction.closes_at.isoformat(),
        )
    auction.closes_at = closes_at
    auction.moved_by_hand = True
    return _by_operator(auction, Move.EXTEND, actor, reason, now)


@transaction.atomic
def cancel(*, actor: Actor, auction_id: str, reason: str, now: datetime) -> Auction:
    """Cancel an auction: an operator at any time before the close, the organiser before it opens.
    Deposits are given back by the clock at once."""
    seen = auction_seen_by(actor, auction_id)
    early = seen.state in (AuctionState.DRAFT, AuctionState.SCHEDULED)
    own = early and actor.organisation_id == seen.organiser_id
    auction, _at = _locked(actor, auction_id, organiser=own)
    check_source(auction, Move.CANCEL)
    auction.paused_at = None
    return _by_operator(auction, Move.CANCEL, actor, reason, now)


def _by_operator(auction: Auction, move: Move, actor: Actor, reason: str, now: datetime) -> Auction:
    return record_step(
        take_step(
            auction=auction, move=move, actor=actor.name, by_id=actor.user_id, reason=reason,
            now=now,
        )
    )  # fmt: skip


def _locked(actor: Actor, auction_id: str, *, organiser: bool = False) -> tuple[Auction, datetime]:
    """The auction, locked, for an operator or (with `organiser`) for who holds it."""
    seen = auction_seen_by(actor, auction_id)
    permission = Permission.AUCTION_MODERATE
    if organiser:
        is_buying = seen.kind == Kind.PROCUREMENT
        permission = Permission.QUOTE_ASK if is_buying else Permission.AUCTION_SCHEDULE
    subject = subject_of(seen, seen_by=actor)
    if permission is Permission.QUOTE_ASK:
        subject = Subject(organisation_id=None, engaged=frozenset({seen.organiser_id}))
    policy.require(actor, permission, subject)
    return clock.locked(seen.pk)


def _own_product(actor: Actor, product_id: str) -> Product:
    """A listed product of the actor's own. Raises NotFound, AuctionRefused, TrustedSpaceNotOpen."""
    product = Product.objects.select_related("seller").filter(public_id=product_id).first()
    if product is None or product.seller_id != actor.organisation_id:
        raise NotFound(_("There is no such product."))
    policy.require(actor, Permission.OFFER_MAKE, product_subject(product))
    if product.state != ListingState.LISTED:
        raise AuctionRefused(_("Only a listed product can be sold."), field="product")
    disclosure.check_orderable(product)
    return product


def _check_orderable(auction: Auction) -> None:
    """What was drafted may have become a sandbox product since."""
    sold = [item.product for item in auction.items.select_related("product")]
    if auction.product is not None:
        sold.append(auction.product)
    for product in sold:
        disclosure.check_orderable(product)


def _check_free(product: Product, closes_at: datetime) -> None:
    """An exclusive licence needs a time in which nobody else has one."""
    taken = LicenceWindow.objects.filter(
        product=product, freed_at=None, during__endswith__gt=closes_at
    ) | LicenceWindow.objects.filter(product=product, freed_at=None, during__endswith=None)
    if taken.exists():
        raise AuctionRefused(
            _("Others have licences that last beyond the end of the auction."), field="exclusive"
        )
