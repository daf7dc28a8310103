"""After the outcome: the losers' deposits go back, and each winner gets its order."""

from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import F

from exchange.auctions.actions.steps import topic_of
from exchange.auctions.models import Auction, Award, Bid, Evidence
from exchange.auctions.notifications import tell_of_award
from exchange.auctions.queries.auctions import is_procurement
from exchange.auctions.states import AuctionState, Kind
from exchange.auctions.wishes import Access
from exchange.audit.actions import log
from exchange.catalog import disclosure
from exchange.catalog.lifecycle import DealNature, OfferKind
from exchange.catalog.offers import OfferWish, reserve_offer
from exchange.core.actions import live
from exchange.core.lifecycle import Named
from exchange.core.refusals import Refusal
from exchange.journeys.checkout import place_agreed
from exchange.orders import placing
from exchange.orders.models import Order
from exchange.payments import deposits
from pricing.money import Money

logger = structlog.get_logger(__name__)


def settle(auction: Auction, *, actor: str, now: datetime) -> bool:
    """Do what follows from an ended auction, as far as it goes; whether anything was done.

    Each part is a transaction and is repeated without harm; `settled_at` says that all are done.
    """
    done = _forfeit_unrevealed(auction, actor=actor, now=now)
    winners = Award.objects.filter(auction=auction)
    buyers = () if is_procurement(auction) else winners.values_list("bidder_id", flat=True)
    if auction.deposit_minor:
        done += deposits.release_all(
            purpose=auction.basis, keep=frozenset(buyers), actor=Named(actor), now=now
        )
    for pk in winners.filter(order_ref="").values_list("pk", flat=True):
        done += _try_order(pk, actor=actor, now=now)
    if winners.filter(order_ref="").exists():
        return done > 0
    unsettled = Auction.objects.filter(pk=auction.pk, settled_at=None)
    if unsettled.update(settled_at=now, version=F("version") + 1):
        auction.refresh_from_db(fields=["version"])
        live.announce(topic=topic_of(auction), version=auction.version)
    return True


def _forfeit_unrevealed(auction: Auction, *, actor: str, now: datetime) -> int:
    """Who kept a bid and did not reveal it loses its deposit: else one could wait and choose."""
    found = Evidence.objects.filter(auction=auction).values_list("voids", flat=True).first()
    if found is None and auction.state == AuctionState.FAILED and auction.reveal_seconds:
        kept = Bid.objects.filter(
            auction=auction, withdrawn_at=None, envelope=None, reveal__isnull=True
        )
        losers = list(kept.values_list("bidder_id", flat=True))
    else:
        names = [one["bid"] for one in found or [] if one["why"] == "not_revealed"]
        losers = list(Bid.objects.filter(public_id__in=names).values_list("bidder_id", flat=True))
    forfeited = [
        deposits.forfeit(
            purpose=auction.basis,
            organisation_id=loser,
            seller=auction.organiser,
            actor=Named(actor),
            now=now,
        )
        for loser in losers
    ]
    return sum(one is not None for one in forfeited)


def _try_order(award_pk: int, *, actor: str, now: datetime) -> int:
    """Place the order of one award; what stands in its way is noted and tried again later."""
    try:
        place_order_of(award_pk, actor=actor, now=now)
    except Refusal as refusal:
        logger.warning("auctions.award.waits", award=award_pk, code=refusal.code)
        Award.objects.filter(pk=award_pk, order_ref="").update(waits_for=refusal.code)
        return 0
    return 1


@transaction.atomic
def place_order_of(award_pk: int, *, actor: str, now: datetime) -> Order | None:
    """Reserve the offer and place the order, for which the winner's deposit is used; None when that
    was done before."""
    award = (
        Award.objects.select_for_update(of=("self",), no_key=True)
        .select_related("auction__organiser", "product", "bidder")
        .get(pk=award_pk)
    )
    if award.order_ref:
        return None
    auction = award.auction
    disclosure.check_orderable(award.product)
    buys, by_id = (award.bidder_id, award.by_id)
    if is_procurement(auction):
        buys, by_id = auction.organiser_id, auction.created_by_id
    offer = reserve_offer(
        product_id=award.product.public_id,
        wish=_wish(award),
        reserved_for_id=buys,
        basis=_basis(award),
        deal_nature=DealNature(auction.deal_nature),
        by_id=auction.created_by_id,
        actor=Named(actor),
        now=now,
    )
    order = place_agreed(
        offer=offer,
        buyer_id=buys,
        by_id=by_id,
        actor=placing.CLOCK,
        exclusive=_is_exclusive(award),
        deposit="" if is_procurement(auction) else auction.basis,
        now=now,
    )
    award.order_ref, award.waits_for = order.public_id, ""
    award.save(update_fields=["order_ref", "waits_for"])
    log.record(
        event="auctions.award.ordered",
        actor=actor,
        subject=f"award:{award.public_id}",
        facts={
            "auction": auction.public_id,
            "bidder": award.bidder.public_id,
            "order": order.public_id,
            "payment_minor": str(award.payment_minor),
            "quantity": award.quantity,
        },
        at=now,
    )
    tell_of_award(award, now=now)
    return order


def _wish(award: Award) -> OfferWish:
    """The offer that the winner takes up: what was auctioned, at the price that was found."""
    auction = award.auction
    access = Access.of(auction.wish)
    return OfferWish(
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


def _is_exclusive(award: Award) -> bool:
    """The winner alone, where the auction is for an exclusive licence and has one winner."""
    alone = Award.objects.filter(auction=award.auction_id).count() == 1
    return award.auction.exclusive and alone
