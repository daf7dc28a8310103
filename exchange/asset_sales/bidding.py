"""The bidding of a round among its qualified bidders: the arithmetic is the pricing library's English
auction, and its record is everything from which anybody clears it again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from exchange.asset_sales import limits
from exchange.asset_sales.errors import BidderNotQualified, BiddingClosed, OfferBelowFloor
from exchange.asset_sales.lifecycle import (
    ASSET_SALE,
    AssetSaleState,
    AssetSaleTransition,
)
from exchange.asset_sales.lifecycle import Standing as Examined
from exchange.asset_sales.models import Announcement, AssetSale, Bidder, RoundBid
from exchange.asset_sales.preparing import CLOCK
from exchange.audit import log
from exchange.core.inputs import checked_amount
from exchange.core.rules import rule
from exchange.members.actors import Actor
from pricing.exact import micros
from pricing.mechanisms import evidence
from pricing.mechanisms.bids import Bid
from pricing.mechanisms.english import EnglishTerms, Standing, least_bid, replay

BIDS_MAX = 10_000


def open_bidding(
    asset_sale: AssetSale, ended: Announcement, found: Sequence[Bidder], *, now: datetime
) -> None:
    """Open the bidding of a locked asset sale among those `found` to be qualified. Their registered
    offers bind and are the first bids, as far as each still reaches what the ones before leave open."""
    ASSET_SALE.check(asset_sale, AssetSaleTransition.FIND_MANY)
    days = rule(key="soe.bidding_days", at=now)
    rise = limits.bidding_step(ended.floor_minor, at=now)
    ended.bidding_starts_at = now
    ended.bidding_ends_at = limits.end_of(days.as_int(), now=now, counting_today=False)
    ended.step_minor = rise.value
    ended.save(update_fields=["bidding_starts_at", "bidding_ends_at", "step_minor"])
    for bidder in found:
        if bidder.offer_minor >= least_for(ended, standing_of(ended), bidder.public_id):
            _write(ended, bidder, bidder.offer_minor, actor=CLOCK, at=now)
    ASSET_SALE.transition(
        asset_sale,
        AssetSaleTransition.FIND_MANY,
        actor=CLOCK,
        facts={
            "bidders": len(found),
            "standing_minor": str(standing_of(ended).price),
            "rules": limits.versions((days, *rise.rules)),
        },
        due_at=ended.bidding_ends_at,
        now=now,
    )


def take_bid(
    running: Announcement, bidder: Bidder, amount_minor: int, *, actor: Actor, now: datetime
) -> RoundBid:
    """A maximum in the bidding of a locked asset sale.

    Raises BiddingClosed, BidderNotQualified, OfferBelowFloor.
    """
    state, ends = running.asset_sale.state, running.bidding_ends_at
    if state != AssetSaleState.BIDDING or ends is None or now >= ends:
        raise BiddingClosed(
            _("No bids are taken now."),
            state=state,
            ends_at=None if ends is None else ends.isoformat(),
        )
    if bidder.standing != Examined.QUALIFIED:
        raise BidderNotQualified(_("Your organisation is not qualified to bid."))
    if running.bids_count >= BIDS_MAX:
        raise BiddingClosed(_("No more bids are taken."), most=BIDS_MAX)
    least = least_for(running, standing_of(running), bidder.public_id)
    if amount_minor < least:
        raise OfferBelowFloor(_("The bid is below the next accepted amount."), least_minor=least)
    checked_amount(amount_minor, running.asset_sale.currency, field="amount_minor")
    # A clock that was set back must not let a later bid overtake an earlier one.
    last = running.bids.order_by("-seq").values_list("at", flat=True).first()
    return _write(running, bidder, amount_minor, actor=actor, at=max(now, last or now))


def terms_of(announcement: Announcement) -> EnglishTerms:
    """Opening and reserve are the floor. Raises ValueError before the bidding is opened."""
    starts, ends = announcement.bidding_starts_at, announcement.bidding_ends_at
    if starts is None or ends is None:
        raise ValueError("no bidding in this round")
    return EnglishTerms(
        opening=announcement.floor_minor,
        reserve=announcement.floor_minor,
        opens_at=micros(starts),
        closes_at=micros(ends),
        increments=((0, announcement.step_minor),),
    )


def bids_of(announcement: Announcement) -> list[Bid]:
    """All maxima in the order of arrival; the bidder's name is its id in this round."""
    rows = announcement.bids.select_related("bidder").order_by("seq")
    return [
        Bid(
            bidder=one.bidder.public_id,
            price=one.amount_minor,
            quantity=1,
            time=micros(one.at),
            seq=one.seq,
        )
        for one in rows
    ]


def standing_of(announcement: Announcement) -> Standing:
    """Who leads, and what the leader would pay now."""
    return replay(terms_of(announcement), bids_of(announcement))[-1]


def least_for(announcement: Announcement, standing: Standing, bidder: str) -> int:
    """The lowest maximum that this bidder may enter now."""
    return least_bid(terms_of(announcement), standing, bidder)


def record_of(announcement: Announcement) -> dict[str, Any]:
    """The bidding record: everything from which anybody clears the bidding again."""
    terms = terms_of(announcement)
    return evidence.clear(
        {
            "mechanism": "english",
            "terms": {
                "opening": terms.opening,
                "reserve": terms.reserve,
                "opens_at": terms.opens_at,
                "closes_at": terms.closes_at,
                "increments": [list(row) for row in terms.increments],
            },
            "bids": [
                {
                    "bidder": bid.bidder, "price": bid.price, "quantity": 1,
                    "time": bid.time, "seq": bid.seq,
                }
                for bid in bids_of(announcement)
            ],
        }
    )  # fmt: skip


def _write(
    announcement: Announcement, bidder: Bidder, amount_minor: int, *, actor: Actor, at: datetime
) -> RoundBid:
    """Keep a bid. Maxima are commitments in the log until the bidding record is drawn up."""
    announcement.bids_count += 1
    announcement.save(update_fields=["bids_count"])
    bid = RoundBid.objects.create(
        announcement=announcement,
        bidder=bidder,
        seq=announcement.bids_count,
        amount_minor=amount_minor,
        actor=actor.name,
        at=at,
    )
    log.record(
        event="asset_sales.bid.placed",
        actor=actor.name,
        subject=f"asset_sale_bid:{bid.public_id}",
        facts={
            "announcement": announcement.public_id,
            "bidder": bidder.public_id,
            "number": bid.seq,
        },
        personal={"amount_minor": str(amount_minor)},
        at=at,
    )
    return bid
