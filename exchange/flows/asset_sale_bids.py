"""Who wants to buy a state asset: registered with a deposit, examined by the exchange, bidding."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.asset_sales.actions import bidding
from exchange.asset_sales.actions.steps import check_source, locked, take_step
from exchange.asset_sales.errors import OfferAboveLimit
from exchange.asset_sales.models import Announcement, AssetSale, Bidder, RoundBid
from exchange.asset_sales.notifications import tell_bidder
from exchange.asset_sales.queries import bidding as standings
from exchange.asset_sales.queries import limits
from exchange.asset_sales.queries.asset_sales import (
    announcement_named,
    qualified,
    round_of,
    subject_of,
)
from exchange.asset_sales.states import AssetSaleState, Move, Standing
from exchange.core.queries.rules import rule
from exchange.core.refusals import NotFound
from exchange.flows import asset_sale_recording as recording
from exchange.members import policy
from exchange.members.actors import Actor, Subject, organisation_of, person_of
from exchange.members.permissions import Permission
from exchange.members.relations import are_related
from exchange.orders.limits import limit_of
from exchange.payments import deposits
from pricing.money import Money

CLOCK = "system:clock"


@transaction.atomic
def register(
    *, actor: Actor, announcement_id: str, offer_minor: int, disclosure: str = "", now: datetime
) -> Bidder:
    """Register the actor's organisation with a binding price and its deposit. Again: the same bidder.

    Raises NotAllowed, RegistrationClosed, OfferBelowFloor, DisclosureNeeded, OfferAboveLimit,
    InsufficientFunds.
    """
    seen = announcement_named(announcement_id)
    mine = organisation_of(actor)
    policy.require(actor, Permission.ASSET_SALE_BID, _dealing(seen, mine))
    known = seen.bidders.filter(organisation_id=mine).first()
    if known is not None:
        return known
    is_related = are_related(seen.asset_sale.seller_id, mine, at=now)
    checked: dict[str, Any] = {
        "offer_minor": offer_minor,
        "is_related": is_related,
        "disclosure": disclosure,
        "now": now,
    }
    bidding.check_registration(asset_sale=seen.asset_sale, announcement=seen, **checked)
    _check_limit(mine, offer_minor, seen.asset_sale.currency, now)
    # Before the lock: the books have their own order of locks.
    deposit = _deposit(seen, mine, actor, now)
    asset_sale = locked(seen.asset_sale.public_id)
    running = Announcement.objects.get(pk=seen.pk)
    known = running.bidders.filter(organisation_id=mine).first()
    if known is not None:  # the same registration was quicker
        return known
    bidding.check_registration(asset_sale=asset_sale, announcement=running, **checked)
    bidder = bidding.register_bidder(
        announcement=running,
        organisation_id=mine,
        by_id=person_of(actor),
        deposit_ref=deposit,
        **checked,
    )
    return recording.record_bidder(bidder, "registered", actor=actor.name)


@transaction.atomic
def examine(
    *, actor: Actor, bidder_id: str, standing: Standing, reason: str, now: datetime
) -> Bidder:
    """As the exchange, qualify a bidder or reject it with a reason. When the announcement is over and
    all are decided, the path goes on by itself."""
    found = Bidder.objects.select_related(
        "announcement__asset_sale__product", "organisation"
    ).filter(public_id=bidder_id)
    bidder = found.first()
    if bidder is None:
        raise NotFound(_("There is no such bidder."))
    asset_sale = locked(bidder.announcement.asset_sale.public_id)
    policy.require(actor, Permission.ASSET_SALE_MODERATE, subject_of(asset_sale))
    policy.require(
        actor, Permission.ASSET_SALE_MODERATE, _dealing(bidder.announcement, bidder.organisation_id)
    )
    bidder.refresh_from_db(fields=["standing"])
    bidding.decide_bidder(bidder=bidder, standing=standing, reason=reason, now=now)
    recording.record_bidder(bidder, standing.value, actor=actor.name)
    tell_bidder(bidder, now=now)
    if standing is Standing.REJECTED:
        deposits.release_all(
            purpose=bidder.announcement.basis,
            keep=_others(bidder),
            actor=actor,
            now=now,
        )
    find_buyers(asset_sale, now=now)
    return bidder


@transaction.atomic
def bid(*, actor: Actor, announcement_id: str, amount_minor: int, now: datetime) -> RoundBid:
    """As a qualified bidder, give the most that one would pay.

    Raises BiddingClosed, BidderNotQualified, OfferBelowFloor, OfferAboveLimit.
    """
    seen = announcement_named(announcement_id)
    mine = organisation_of(actor)
    policy.require(actor, Permission.ASSET_SALE_BID, _dealing(seen, mine))
    asset_sale = locked(seen.asset_sale.public_id)
    running = Announcement.objects.get(pk=seen.pk)
    bidder = running.bidders.filter(organisation_id=mine).first()
    if bidder is None:
        raise NotFound(_("Your organisation is not registered for this announcement."))
    _check_limit(mine, amount_minor, asset_sale.currency, now)
    taken = bidding.take_bid(
        asset_sale=asset_sale, announcement=running, bidder=bidder, amount_minor=amount_minor,
        actor=actor.name, now=now,
    )  # fmt: skip
    return recording.record_bid(taken)


def find_buyers(asset_sale: AssetSale, *, now: datetime) -> bool:
    """Once the announcement is over and every bidder is decided on: nobody, one, or several to bid.
    Whether the locked asset sale moved."""
    if asset_sale.state != AssetSaleState.QUALIFYING:
        return False
    ended = round_of(asset_sale)
    if ended.bidders.filter(standing=Standing.REGISTERED).exists():
        return False
    found = qualified(ended)
    if len(found) > 1:
        return _open_bidding(asset_sale, ended, now)
    move = Move.FIND_ONE if found else Move.FIND_NONE
    step = take_step(
        asset_sale=asset_sale, move=move, actor=CLOCK, now=now, facts={"bidders": len(found)}
    )
    recording.record_step(step)
    return True


def _open_bidding(asset_sale: AssetSale, ended: Announcement, now: datetime) -> bool:
    check_source(asset_sale, Move.FIND_MANY)
    days = rule(key="soe.bidding_days", at=now)
    rise = limits.bidding_step(ended.floor_minor, at=now)
    bidding.open_bidding(
        announcement=ended, actor=CLOCK, now=now, days=days.as_int(), step_minor=rise.value
    )
    for first in ended.bids.select_related("announcement", "bidder").order_by("seq"):
        recording.record_bid(first)
    step = take_step(
        asset_sale=asset_sale,
        move=Move.FIND_MANY,
        actor=CLOCK,
        now=now,
        rules=(days, *rise.rules),
        facts={
            "bidders": len(qualified(ended)),
            "standing_minor": str(standings.standing_of(ended).price),
        },
        due_at=ended.bidding_ends_at,
    )
    recording.record_step(step)
    return True


def _others(bidder: Bidder) -> list[int]:
    others = bidder.announcement.bidders.exclude(standing=Standing.REJECTED)
    return list(others.values_list("organisation_id", flat=True))


def _deposit(seen: Announcement, mine: int, actor: Actor, now: datetime) -> str:
    if not seen.deposit_minor:
        return ""
    placed = deposits.place(
        purpose=seen.basis,
        organisation=Organisation.objects.get(pk=mine),
        amount=Money(seen.deposit_minor, seen.asset_sale.currency),
        by_id=person_of(actor),
        actor=actor,
        now=now,
    )
    return placed.public_id


def _check_limit(organisation_id: int, amount_minor: int, currency: str, now: datetime) -> None:
    """Bids bind at once, so nobody may bid alone what the buyer lets nobody spend alone."""
    limit = limit_of(organisation_id=organisation_id, currency=currency)
    rate = rule(key="fee.vat_rate", at=now).as_decimal()
    if limit is not None and amount_minor * (1 + rate) > limit.minor:
        raise OfferAboveLimit(
            _("This is above what one person of your organisation may spend alone."),
            limit_minor=limit.minor,
        )


def _dealing(announcement: Announcement, bidder_id: int) -> Subject:
    seller = announcement.asset_sale.seller_id
    return Subject(organisation_id=seller, engaged=frozenset({bidder_id}))
