"""What becomes of auctions when a party or a product falls away: reactions to admissions and listings.

An auction rests while its organiser may do no new business or a product of it is suspended, and goes on
when both have come back, its end later by that time. It is cancelled, with all deposits given back,
when the organiser leaves or the exchange takes a product off the list; a seller does not get out of an
auction so, and one who pauses a product holds what was announced of it. Bids of a suspended bidder end for good: the highest that is left stands. Who bids agrees to no
part of the product's revenue before the auction is over.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from exchange.auctions import access, mechanism
from exchange.auctions.errors import ProductInAuction
from exchange.auctions.lifecycle import AUCTION, AuctionState, AuctionTransition, Kind
from exchange.auctions.models import Auction, Bid
from exchange.audit import log
from exchange.catalog.lifecycle import LISTING, SHARING, ListingTransition, SharingTransition
from exchange.catalog.models import Product, Sharing
from exchange.core.lifecycle import Change, Doer
from exchange.members import actors
from exchange.members.lifecycle import ADMISSION, AdmissionTransition
from exchange.members.models import Admission
from pricing.exact import micros

RESTS = "party_fell_away"
# Bids count in these until the auction is cleared.
_BEFORE_CLEARING = (
    AuctionState.OPEN, AuctionState.PAUSED, AuctionState.CLOSED, AuctionState.REVEALING,
)  # fmt: skip


def declare() -> None:
    """Add the reactions. For `AppConfig.ready`."""
    ADMISSION.on((AdmissionTransition.SUSPEND, AdmissionTransition.RESTRICT), _organiser_rests)
    ADMISSION.on((AdmissionTransition.SUSPEND, AdmissionTransition.EXIT), _bidder_left)
    ADMISSION.on(AdmissionTransition.RESTORE, _organiser_is_back)
    ADMISSION.on(AdmissionTransition.EXIT, _organiser_left)
    LISTING.on(ListingTransition.SUSPEND, _product_rests)
    LISTING.on((ListingTransition.RESUME, ListingTransition.RESUME_PAUSED), _product_is_back)
    LISTING.on(ListingTransition.DELIST, _product_left)
    SHARING.on(SharingTransition.AGREE, _receiver_joins)


def rest(auction: Auction, *, actor: Doer, reason: str, now: datetime) -> None:
    """Pause a locked auction that takes bids; one that is over goes its way."""
    at = access.now()
    if auction.state != AuctionState.OPEN or at >= auction.closes_at:
        return
    auction.paused_at = at
    AUCTION.transition(
        auction, AuctionTransition.PAUSE, actor=actor, reason=reason, reason_code=RESTS,
        save=("paused_at",), now=now,
    )  # fmt: skip


def go_on(
    auction: Auction, *, actor: Doer, reason: str, now: datetime, reason_code: str = ""
) -> Auction:
    """Let a locked paused auction take bids again; its end moves by as long as it was paused."""
    at = access.now()
    paused_at = auction.paused_at or at
    auction.closes_at += at - paused_at
    auction.paused_micros += micros(at) - micros(paused_at)
    auction.paused_at = None
    auction.moved_by_hand = True
    return AUCTION.transition(
        auction, AuctionTransition.RESUME, actor=actor, reason=reason, now=now,
        save=("closes_at", "paused_micros", "paused_at", "moved_by_hand"), reason_code=reason_code,
    )  # fmt: skip


def running_of(product_pk: int) -> list[int]:
    """Keys of the announced auctions that sell the product and have not come to their award."""
    rows = Auction.objects.filter(
        Q(product_id=product_pk) | Q(items__product_id=product_pk),
        state__in=[*access.RUNNING, AuctionState.CLOSED, AuctionState.REVEALING],
    )
    return sorted(set(rows.values_list("pk", flat=True)))


def bids_end(auction: Auction, bidder_id: int, change: Change, reason: str) -> int:
    """Withdraw all bids of a bidder from a locked auction before it is cleared; how many."""
    if auction.state not in _BEFORE_CLEARING:
        return 0
    at = access.now()
    bids = list(Bid.objects.filter(auction=auction, bidder_id=bidder_id, withdrawn_at=None))
    for bid in bids:
        bid.withdrawn_at, bid.withdrawal_reason = at, reason
        bid.save(update_fields=["withdrawn_at", "withdrawal_reason"])
        log.record(
            event="auctions.bid.withdrawn",
            actor=change.actor,
            subject=f"bid:{bid.public_id}",
            facts={"auction": auction.public_id, "by_the_exchange": True},
            personal={"reason": reason},
            at=change.at,
        )
    if bids:
        mechanism.stand_anew(auction)
        auction.moved_by_hand = auction.moved_by_hand or auction.kind == Kind.ENGLISH
        # Who computes the winners at this moment does it anew, without these bids.
        auction.clearing_since = auction.clearing_until = None
        auction.version += 1
        auction.save(
            update_fields=[
                "leader", "top_minor", "second_minor", "price_minor", "taken", "moved_by_hand",
                "clearing_since", "clearing_until", "version",
            ]
        )  # fmt: skip
        AUCTION.announce(auction, facts=mechanism.shown_at_once(auction))
    return len(bids)


def _organiser_rests(admission: Admission, change: Change) -> None:
    reason = _("The organiser may do no new business at the exchange at the moment.")
    for auction in _locked(_held_by(admission)):
        rest(auction, actor=change.doer, reason=reason, now=change.at)


def _organiser_is_back(admission: Admission, change: Change) -> None:
    for auction in _locked(_held_by(admission)):
        _try_to_go_on(auction, change)


def _organiser_left(admission: Admission, change: Change) -> None:
    for auction in _locked(_held_by(admission)):
        if AUCTION.may(auction, AuctionTransition.CANCEL):
            _cancel(auction, change, _("The organiser left the exchange."))


def _bidder_left(admission: Admission, change: Change) -> None:
    if change.transition == AdmissionTransition.EXIT:
        reason = _("The bidder left the exchange.")
    else:
        reason = _("The bidder is suspended at the exchange.")
    keys = Auction.objects.filter(
        bids__bidder_id=admission.organisation_id,
        bids__withdrawn_at=None,
        state__in=_BEFORE_CLEARING,
    )
    for auction in _locked(keys.values_list("pk", flat=True)):
        bids_end(auction, admission.organisation_id, change, reason)


def _product_rests(product: Product, change: Change) -> None:
    for auction in _locked(running_of(product.pk)):
        reason = _("A product of this auction is suspended.")
        rest(auction, actor=change.doer, reason=reason, now=change.at)


def _product_is_back(product: Product, change: Change) -> None:
    for auction in _locked(running_of(product.pk)):
        _try_to_go_on(auction, change)


def _product_left(product: Product, change: Change) -> None:
    """The exchange may take a product off the list with its auctions; its seller cancels those that
    have not opened first, and is bound by those that have."""
    keys = running_of(product.pk)
    if not keys:
        return
    if change.by_id is None or not actors.is_operator(user_id=change.by_id, at=change.at):
        auction = Auction.objects.filter(pk__in=keys).order_by("closes_at")[0]
        raise ProductInAuction(
            _("An auction of this product runs: cancel it before it opens, or wait for its end."),
            auction=auction.public_id,
            closes_at=auction.closes_at.isoformat(),
        )
    for auction in _locked(keys):
        if AUCTION.may(auction, AuctionTransition.CANCEL):
            _cancel(auction, change, _("A product of this auction was taken off the list."))


def _receiver_joins(sharing: Sharing, _change: Change) -> None:
    for auction in _locked(running_of(sharing.product_id)):
        access.check_bidders(auction)


def _cancel(auction: Auction, change: Change, reason: str) -> None:
    """Its deposits are given back by the clock at once."""
    auction.paused_at = None
    AUCTION.transition(
        auction, AuctionTransition.CANCEL, actor=change.doer, reason=reason, reason_code=RESTS,
        save=("paused_at",), now=change.at,
    )  # fmt: skip


def _try_to_go_on(auction: Auction, change: Change) -> None:
    if auction.state != AuctionState.PAUSED or not access.may_run(auction):
        return
    last = auction.steps.filter(transition=AuctionTransition.PAUSE).order_by("-number").first()
    if last is None or last.reason_code != RESTS:  # the exchange paused it for a reason of its own
        return
    reason = _("What the auction was paused for is settled.")
    go_on(auction, actor=change.doer, reason=reason, now=change.at, reason_code=RESTS)


def _held_by(admission: Admission) -> Iterable[int]:
    """Keys of the organiser's auctions that were announced and are not over. Whether one is to be moved
    is asked under its lock: a resumption that has not committed yet shows it paused. A draft is left
    alone: who announces it holds the admission while it has that draft locked."""
    held = Auction.objects.filter(
        organiser_id=admission.organisation_id, state__in=sorted(access.RUNNING)
    )
    return held.values_list("pk", flat=True)


def _locked(keys: Iterable[int]) -> Iterable[Auction]:
    """One after the other, in one order for all."""
    for key in sorted(set(keys)):
        yield AUCTION.lock_key(key)
