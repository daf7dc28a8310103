"""Bidders of a round: registered, examined, and, where there are several, bidding."""

from datetime import datetime

from django.utils.translation import gettext as _

from exchange.asset_sales.actions.steps import check_text
from exchange.asset_sales.errors import (
    BidderDecided,
    BidderNotQualified,
    BiddingClosed,
    DisclosureNeeded,
    OfferBelowFloor,
    RegistrationClosed,
)
from exchange.asset_sales.models import Announcement, AssetSale, Bidder, RoundBid
from exchange.asset_sales.queries import bidding, limits
from exchange.asset_sales.queries.asset_sales import qualified
from exchange.asset_sales.states import AssetSaleState, Standing

OFFER_MINOR_MAX = 10**15
BIDS_MAX = 10_000


def check_registration(
    *,
    asset_sale: AssetSale,
    announcement: Announcement,
    offer_minor: int,
    is_related: bool,
    disclosure: str,
    now: datetime,
) -> None:
    """Raise RegistrationClosed, OfferBelowFloor or DisclosureNeeded unless one may register so."""
    is_last = announcement.number == asset_sale.round
    if not is_last or asset_sale.state != AssetSaleState.ANNOUNCED or now >= announcement.ends_at:
        raise RegistrationClosed(
            _("Nobody can register for this announcement any more."),
            ends_at=announcement.ends_at.isoformat(),
            state=asset_sale.state,
        )
    if not announcement.floor_minor <= offer_minor <= OFFER_MINOR_MAX:
        raise OfferBelowFloor(
            _("Your offer has to reach the floor."),
            least_minor=announcement.floor_minor,
            most_minor=OFFER_MINOR_MAX,
        )
    if is_related and not disclosure.strip():
        raise DisclosureNeeded(
            _("Your organisation is related to the seller: say how, then you bid like others."),
            field="disclosure",
        )


def register_bidder(
    *,
    announcement: Announcement,
    organisation_id: int,
    by_id: int,
    offer_minor: int,
    is_related: bool,
    disclosure: str,
    deposit_ref: str,
    now: datetime,
) -> Bidder:
    """Give the organisation its number. The asset sale is locked and `check_registration` passed."""
    if is_related or disclosure.strip():
        disclosure = check_text(disclosure, "disclosure")
    announcement.bidders_count += 1
    announcement.save(update_fields=["bidders_count"])
    return Bidder.objects.create(
        announcement=announcement,
        organisation_id=organisation_id,
        by_id=by_id,
        number=announcement.bidders_count,
        offer_minor=offer_minor,
        related=is_related,
        disclosure=disclosure,
        deposit_ref=deposit_ref,
        registered_at=now,
    )


def decide_bidder(*, bidder: Bidder, standing: Standing, reason: str, now: datetime) -> Bidder:
    """Qualify a registered bidder, or reject it with a reason. Raises BidderDecided."""
    if bidder.standing != Standing.REGISTERED:
        raise BidderDecided(_("This bidder was decided on before."), standing=bidder.standing)
    bidder.reason = check_text(reason, "reason") if standing is Standing.REJECTED else ""
    bidder.standing, bidder.decided_at = standing, now
    bidder.save(update_fields=["standing", "reason", "decided_at"])
    return bidder


def open_bidding(
    *, announcement: Announcement, actor: str, now: datetime, days: int, step_minor: int
) -> None:
    """Open the bidding among the qualified. Their registered offers bind and are the first bids,
    as far as each still reaches what the ones before it leave open."""
    announcement.bidding_starts_at = now
    announcement.bidding_ends_at = limits.end_of(days, now=now, counting_today=False)
    announcement.step_minor = step_minor
    announcement.save(update_fields=["bidding_starts_at", "bidding_ends_at", "step_minor"])
    for bidder in qualified(announcement):
        standing = bidding.standing_of(announcement)
        if bidder.offer_minor >= bidding.least_for(announcement, standing, bidder.public_id):
            _write(announcement, bidder, bidder.offer_minor, actor, now)


def take_bid(
    *,
    asset_sale: AssetSale,
    announcement: Announcement,
    bidder: Bidder,
    amount_minor: int,
    actor: str,
    now: datetime,
) -> RoundBid:
    """A maximum in the bidding of a locked asset sale.

    Raises BiddingClosed, BidderNotQualified, OfferBelowFloor.
    """
    ends = announcement.bidding_ends_at
    if asset_sale.state != AssetSaleState.BIDDING or ends is None or now >= ends:
        raise BiddingClosed(
            _("No bids are taken now."),
            state=asset_sale.state,
            ends_at=None if ends is None else ends.isoformat(),
        )
    if bidder.standing != Standing.QUALIFIED:
        raise BidderNotQualified(_("Your organisation is not qualified to bid."))
    if announcement.bids_count >= BIDS_MAX:
        raise BiddingClosed(_("No more bids are taken."), most=BIDS_MAX)
    standing = bidding.standing_of(announcement)
    least = bidding.least_for(announcement, standing, bidder.public_id)
    if not least <= amount_minor <= OFFER_MINOR_MAX:
        raise OfferBelowFloor(
            _("The bid is below the next accepted amount."),
            least_minor=least,
            most_minor=OFFER_MINOR_MAX,
        )
    # A clock that was set back must not let a later bid overtake an earlier one.
    last = announcement.bids.order_by("-seq").values_list("at", flat=True).first()
    return _write(announcement, bidder, amount_minor, actor, max(now, last or now))


def _write(
    announcement: Announcement, bidder: Bidder, amount_minor: int, actor: str, at: datetime
) -> RoundBid:
    announcement.bids_count += 1
    announcement.save(update_fields=["bids_count"])
    return RoundBid.objects.create(
        announcement=announcement,
        bidder=bidder,
        seq=announcement.bids_count,
        amount_minor=amount_minor,
        actor=actor,
        at=at,
    )
