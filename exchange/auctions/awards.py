"""After the outcome: the losers' deposits go back, and of each award its offer and its order."""

from datetime import datetime

from django.db.models import QuerySet

from exchange.auctions.bidding import CLOCK
from exchange.auctions.lifecycle import AUCTION, AuctionState, Kind
from exchange.auctions.models import Auction, Award, Bid, Evidence
from exchange.auctions.notifications import notify_of_award
from exchange.auctions.requests import Access
from exchange.audit import log
from exchange.catalog import disclosure
from exchange.catalog.lifecycle import DealNature, OfferKind
from exchange.catalog.models import Offer
from exchange.catalog.offers import OfferRequest, reserve_offer
from exchange.core.use_case import use_case
from exchange.orders.models import Order
from exchange.payments import deposits
from pricing.money import Money


def return_deposits(auction: Auction, *, now: datetime) -> int:
    """Forfeit the deposits of who did not reveal, and give all others free but the winners'; return
    how many. Repeated without harm."""
    done = _forfeit_unrevealed(auction, now=now)
    if not auction.deposit_minor:
        return done
    winners = Award.objects.filter(auction=auction).values_list("bidder_id", flat=True)
    keep = frozenset(() if auction.kind == Kind.PROCUREMENT else winners)
    return done + deposits.release_all(purpose=auction.basis, keep=keep, actor=CLOCK, now=now)


def _forfeit_unrevealed(auction: Auction, *, now: datetime) -> int:
    """Who kept a bid and did not reveal it loses its deposit: else one could wait and choose."""
    voids = Evidence.objects.filter(auction=auction).values_list("voids", flat=True).first()
    if voids is None and auction.state == AuctionState.FAILED and auction.reveal_seconds:
        unrevealed = Bid.objects.filter(
            auction=auction, withdrawn_at=None, envelope=None, reveal__isnull=True
        )
    else:
        names = [void["bid"] for void in voids or [] if void["why"] == "not_revealed"]
        unrevealed = Bid.objects.filter(public_id__in=names)
    forfeited = [
        deposits.forfeit(
            purpose=auction.basis,
            organisation_id=bidder_id,
            seller=auction.organiser,
            actor=CLOCK,
            now=now,
        )
        for bidder_id in unrevealed.values_list("bidder_id", flat=True)
    ]
    return sum(amount is not None for amount in forfeited)


def parties_of(award_pk: int) -> tuple[int, int]:
    """Who holds the auction of an award, and who won."""
    keys = Award.objects.values_list("auction__organiser_id", "bidder_id").get(pk=award_pk)
    return keys[0], keys[1]


def waiting(auction: Auction) -> QuerySet[Award]:
    """The awards that have no order yet."""
    return Award.objects.filter(auction=auction, order=None)


@use_case()
def reserve(award_pk: int, *, now: datetime) -> tuple[Award, Offer] | None:
    """Lock an award and reserve its offer; None when its order was placed before."""
    award = (
        Award.objects.select_for_update(of=("self",), no_key=True)
        .select_related("auction__organiser", "product", "bidder")
        .get(pk=award_pk)
    )
    if award.order_id is not None:
        return None
    auction = award.auction
    disclosure.check_orderable(award.product)
    offer = reserve_offer(
        product_id=award.product.public_id,
        command=_command(award),
        reserved_for_id=buyer_of(award)[0],
        basis=_basis(award),
        deal_nature=DealNature(auction.deal_nature),
        by_id=auction.created_by_id,
        actor=CLOCK,
        now=now,
    )
    return award, offer


@use_case()
def note_order(award: Award, order: Order, *, now: datetime) -> None:
    """Bind a locked award to its order, for good, and tell the winner."""
    award.order, award.waits_for = order, ""
    award.save(update_fields=["order", "waits_for"])
    log.record(
        event="auctions.award.ordered",
        actor=CLOCK.name,
        subject=f"award:{award.public_id}",
        facts={
            "auction": award.auction.public_id,
            "bidder": award.bidder.public_id,
            "order": order.public_id,
            "payment_minor": str(award.payment_minor),
            "quantity": award.quantity,
        },
        at=now,
    )
    notify_of_award(award, now=now)


@use_case()
def note_obstacle(award_pk: int, code: str) -> None:
    """Keep the code of what stands in the way of an award's order."""
    Award.objects.filter(pk=award_pk, order=None).update(waits_for=code)


def return_unbound(auction: Auction, *, now: datetime) -> None:
    """Give the deposits free of winners who pay nothing, once all orders are placed. Not under the lock of
    the auction: who registers holds accounts, and waits for it."""
    deposits.release_unbound(purpose=auction.basis, actor=CLOCK, now=now)


@use_case(locks=AUCTION)
def finish(auction: Auction, *, now: datetime) -> None:
    """Note that everybody has what is theirs."""
    if auction.settled_at is None:
        auction.settled_at = now
        auction.version += 1
        auction.save(update_fields=["settled_at", "version"])
        AUCTION.announce(auction)


def buyer_of(award: Award) -> tuple[int, int]:
    """The organisation that buys, and the person who answers for it: in a procurement the organiser."""
    auction = award.auction
    if auction.kind == Kind.PROCUREMENT:
        return auction.organiser_id, auction.created_by_id
    return award.bidder_id, award.by_id


def deposit_of(award: Award) -> str:
    """The purpose of the deposit that turns into the price: who sells has placed one too, but not for that."""
    return "" if award.auction.kind == Kind.PROCUREMENT else award.auction.basis


def is_exclusive(award: Award) -> bool:
    """The winner alone, where the auction is for an exclusive licence and has one winner."""
    is_alone = Award.objects.filter(auction=award.auction_id).count() == 1
    return award.auction.exclusive and is_alone


def _command(award: Award) -> OfferRequest:
    """The offer that the winner takes up: what was auctioned, at the price that was found."""
    auction = award.auction
    access = Access.of(auction.access)
    return OfferRequest(
        name=auction.title[:100],
        kind=OfferKind.ONE_OFF if award.payment_minor else OfferKind.FREE,
        price=Money(award.payment_minor, auction.currency),
        access_days=access.access_days,
        history=access.history,
        history_count=access.history_count,
        future=access.future,
    )


def _basis(award: Award) -> str:
    """Of a bundle each product has an offer of its own."""
    if award.auction.kind == Kind.PACKAGES:
        return f"{award.auction.basis}:{award.product.public_id}"
    return award.auction.basis
