"""The pictures of an auction: price over time, bid ladder, demand with the clearing point."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString

from exchange.auctions.models import Auction
from exchange.auctions.queries.history import ladder as rungs_of
from exchange.auctions.queries.history import price_path
from exchange.auctions.queries.results import demand_curve
from exchange.auctions.states import NAMED, SINGLE, Kind
from exchange.web.auction_results import bidder_name
from exchange.web.charts import bidding
from pricing.money import Money

NOTHING = SafeString("")


@dataclass(frozen=True)
class Pictures:
    """Each is empty where there is nothing to draw."""

    prices: SafeString = NOTHING
    ladder: SafeString = NOTHING
    demand: SafeString = NOTHING


def pictures_of(
    auction: Auction, *, organisation_id: int | None, names_seen: bool, at: datetime
) -> Pictures:
    """What may be drawn of the auction at `at`."""
    if not auction.bids_count:
        return Pictures()
    return Pictures(
        prices=bidding.price_over_time(
            price_path(auction),
            currency=auction.currency,
            begins=auction.opens_at,
            ends=min(at, auction.closes_at),
        ),
        ladder=_ladder(auction, organisation_id, names_seen=names_seen),
        demand=_demand(auction),
    )


def _ladder(auction: Auction, organisation_id: int | None, *, names_seen: bool) -> SafeString:
    if auction.kind != Kind.ENGLISH:
        return NOTHING
    return bidding.ladder(
        [
            (
                bidder_name(
                    one.bidder_number, one.name if names_seen else None, is_mine=one.is_mine
                ),
                Money(one.amount_minor, auction.currency),
                one.is_mine,
            )
            for one in rungs_of(auction, organisation_id=organisation_id)
        ]
    )


def _demand(auction: Auction) -> SafeString:
    if auction.state not in NAMED:
        return NOTHING
    curve = demand_curve(auction)
    if curve is None:
        return NOTHING
    return bidding.demand(
        curve.points,
        currency=auction.currency,
        price_minor=curve.price_minor or (auction.price_minor if auction.kind in SINGLE else None),
        sold=curve.sold,
        supply=auction.quantity,
    )
