"""Who wants to buy a state asset: registered with a deposit, examined by the exchange, bidding."""

import math
from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.asset_sales import bidding
from exchange.asset_sales.errors import (
    BidderDecided,
    DisclosureNeeded,
    OfferAboveLimit,
    OfferBelowFloor,
    RegistrationClosed,
)
from exchange.asset_sales.lifecycle import (
    ASSET_SALE,
    BIDDER,
    AssetSaleState,
    AssetSaleTransition,
    BidderTransition,
    Standing,
)
from exchange.asset_sales.models import Announcement, AssetSale, Bidder, RoundBid
from exchange.asset_sales.preparing import CLOCK, check_text, usable_until
from exchange.asset_sales.queries import announcement_named, qualified, round_of, subject_of
from exchange.catalog.buyable import receivers_of
from exchange.core.inputs import checked_amount
from exchange.core.lifecycle import Change
from exchange.core.refusals import NotFound
from exchange.core.rules import rule
from exchange.core.use_case import use_case
from exchange.members import policy
from exchange.members import standing as parties
from exchange.members.actors import Actor, Subject, commit, organisation_of, person_of
from exchange.members.conflicts import are_related
from exchange.members.permissions import Permission
from exchange.members.roles import Role
from exchange.notices import notify
from exchange.notices.notify import notify_organisation
from exchange.orders.placing import limit_of
from exchange.payments import deposits
from exchange.payments.models import Deposit
from pricing.money import Money

BIDDERS = (Role.BUYER_AGENT,)


@use_case()
def register(
    announcement_id: str, *, offer_minor: int, disclosure: str = "", actor: Actor, now: datetime
) -> Bidder:
    """Register the actor's organisation with a binding price and its deposit. Again: the same bidder.

    Raises NotAllowed, RegistrationClosed, OfferBelowFloor, DisclosureNeeded, OfferAboveLimit,
    InsufficientFunds.
    """
    seen, mine = _announced_to(actor, announcement_id)
    running = _locked(seen)
    known = running.bidders.filter(organisation_id=mine).first()
    if known is not None:
        return known
    bidder = Bidder(
        announcement=running,
        organisation=Organisation.objects.get(pk=mine),
        offer_minor=offer_minor,
        related=any(are_related(party, mine) for party in _sellers(seen.asset_sale)),
        disclosure=disclosure.strip(),
        registered_at=now,
    )
    _check_registration(bidder, now=now)
    bidder.by_id = person_of(actor)
    bidder.deposit = _placed_deposit(bidder, actor, now)
    running.bidders_count += 1
    running.save(update_fields=["bidders_count"])
    bidder.number = running.bidders_count
    return BIDDER.transition(
        bidder,
        BidderTransition.REGISTER,
        actor=actor,
        # The offer is a commitment: it is nobody's to know yet.
        personal={"offer_minor": str(offer_minor)},
        now=now,
    )


@use_case(Permission.ASSET_SALE_MODERATE, locks=BIDDER)
def examine(
    bidder: Bidder, *, standing: Standing, reason: str, actor: Actor, now: datetime
) -> Bidder:
    """As the exchange, qualify a bidder or reject it with a reason: its deposit goes back. When the
    announcement is over and all are decided, the path goes on by itself. Raises BidderDecided."""
    rejects = standing is Standing.REJECTED
    decision = BidderTransition.REJECT if rejects else BidderTransition.QUALIFY
    if not BIDDER.may(bidder, decision):
        raise BidderDecided(_("This bidder was decided on before."), standing=bidder.standing)
    asset_sale = ASSET_SALE.lock_again(bidder.announcement.asset_sale)
    bidder.reason = BIDDER.checked_reason(decision, reason) if rejects else ""
    bidder.decided_at = now
    BIDDER.transition(
        bidder, decision, actor=actor, reason=bidder.reason, save=("reason", "decided_at"), now=now
    )
    if rejects:
        others = bidder.announcement.bidders.exclude(standing=Standing.REJECTED)
        deposits.release_all(
            purpose=bidder.announcement.basis,
            keep=list(others.values_list("organisation_id", flat=True)),
            actor=actor,
            now=now,
        )
    find_buyers(asset_sale, now=now)
    return bidder


@use_case()
def bid(announcement_id: str, *, amount_minor: int, actor: Actor, now: datetime) -> RoundBid:
    """As a qualified bidder, give the most that one would pay.

    Raises BiddingClosed, BidderNotQualified, OfferBelowFloor, OfferAboveLimit.
    """
    seen, mine = _announced_to(actor, announcement_id)
    running = _locked(seen)
    bidder = running.bidders.filter(organisation_id=mine).first()
    if bidder is None:
        raise NotFound(_("Your organisation is not registered for this announcement."))
    total = _check_limit(mine, amount_minor, running.asset_sale.currency, now)
    commit(actor, subject=f"announcement:{running.public_id}", amount=total, now=now)
    return bidding.take_bid(running, bidder, amount_minor, actor=actor, now=now)


def find_buyers(asset_sale: AssetSale, *, now: datetime) -> None:
    """Once the announcement of a locked asset sale is over and every bidder is decided on: nobody, one,
    or several to bid."""
    if asset_sale.state != AssetSaleState.QUALIFYING:
        return
    ended = round_of(asset_sale)
    if ended.bidders.filter(standing=Standing.REGISTERED).exists():
        return
    found = qualified(ended)
    if len(found) > 1:
        bidding.open_bidding(asset_sale, ended, found, now=now)
        return
    ASSET_SALE.transition(
        asset_sale,
        AssetSaleTransition.FIND_ONE if found else AssetSaleTransition.FIND_NONE,
        actor=CLOCK,
        facts={"bidders": len(found)},
        due_at=None if found else usable_until(asset_sale, now=now),
        now=now,
    )


def concerns(bidder: Bidder) -> Subject:
    """The bidder as permissions see it: a matter of the sale, whose other side it is."""
    of_sale = subject_of(bidder.announcement.asset_sale)
    return replace(of_sale, other_side=frozenset({bidder.organisation_id}))


def _sellers(asset_sale: AssetSale) -> frozenset[int]:
    """The seller, and who gets a part of the price."""
    return receivers_of(asset_sale.product_id) | {asset_sale.seller_id}


def dealing(announcement: Announcement, bidder_id: int) -> Subject:
    """A sale as permissions see it for an organisation that would buy."""
    seller_id = announcement.asset_sale.seller_id
    return Subject(organisation_id=seller_id, engaged=frozenset({bidder_id}))


def tell(bidder: Bidder, change: Change) -> None:
    """Tell a bidder that the exchange has decided on it. A reaction."""
    announcement = bidder.announcement
    notify_organisation(
        organisation_id=bidder.organisation_id,
        roles=BIDDERS,
        kind=f"asset_sales.bidder.{change.target}",
        facts={"product": announcement.asset_sale.product},
        url=notify.path("announcement", announcement.public_id),
        dedupe=f"asset_sale_bidder:{bidder.public_id}:{change.target}",
        now=change.at,
    )


def _announced_to(actor: Actor, announcement_id: str) -> tuple[Announcement, int]:
    """The announcement and the actor's organisation, which may bid for it; both parties stand until this
    transaction ends."""
    seen = announcement_named(announcement_id)
    mine = organisation_of(actor)
    policy.require(actor, Permission.ASSET_SALE_BID, dealing(seen, mine))
    parties.hold(seen.asset_sale.seller_id, mine)
    return seen, mine


def _locked(seen: Announcement) -> Announcement:
    """The announcement as it stands once its sale is locked."""
    asset_sale = ASSET_SALE.lock_again(seen.asset_sale)
    running = Announcement.objects.get(pk=seen.pk)
    running.asset_sale = asset_sale
    return running


def _check_registration(bidder: Bidder, *, now: datetime) -> None:
    """Raise RegistrationClosed, OfferBelowFloor, DisclosureNeeded or OfferAboveLimit unless one may
    register so."""
    announcement, asset_sale = bidder.announcement, bidder.announcement.asset_sale
    is_last = announcement.number == asset_sale.round
    if not is_last or asset_sale.state != AssetSaleState.ANNOUNCED or now >= announcement.ends_at:
        raise RegistrationClosed(
            _("Nobody can register for this announcement any more."),
            ends_at=announcement.ends_at.isoformat(),
            state=asset_sale.state,
        )
    if bidder.offer_minor < announcement.floor_minor:
        raise OfferBelowFloor(
            _("Your offer has to reach the floor."), least_minor=announcement.floor_minor
        )
    checked_amount(bidder.offer_minor, asset_sale.currency, field="offer_minor")
    if bidder.related and not bidder.disclosure:
        raise DisclosureNeeded(
            _("Your organisation is related to the seller: say how, then you bid like others."),
            field="disclosure",
        )
    if bidder.disclosure:
        check_text(bidder.disclosure, "disclosure")
    _check_limit(bidder.organisation_id, bidder.offer_minor, asset_sale.currency, now)


def _check_limit(organisation_id: int, amount_minor: int, currency: str, now: datetime) -> Money:
    """Bids bind at once, so nobody may bid alone what the buyer lets nobody spend alone. The amount with
    tax, rounded up."""
    limit = limit_of(organisation_id=organisation_id, currency=currency)
    rate = rule(key="fee.vat_rate", at=now).as_decimal()
    total = Money(math.ceil(amount_minor * (1 + rate)), currency)
    if limit is not None and total.minor > limit.minor:
        raise OfferAboveLimit(
            _("This is above what one person of your organisation may spend alone."),
            limit_minor=limit.minor,
        )
    return total


def _placed_deposit(bidder: Bidder, actor: Actor, now: datetime) -> Deposit | None:
    announcement = bidder.announcement
    if not announcement.deposit_minor:
        return None
    return deposits.place(
        purpose=announcement.basis,
        organisation=bidder.organisation,
        amount=Money(announcement.deposit_minor, announcement.asset_sale.currency),
        by_id=bidder.by_id,
        actor=actor,
        now=now,
    )
