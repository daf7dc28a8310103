"""How the bidding of a round stands: the arithmetic is the pricing library's English auction."""

from typing import Any

from exchange.asset_sales.models import Announcement
from pricing.exact import micros
from pricing.mechanisms import evidence
from pricing.mechanisms.bids import Bid
from pricing.mechanisms.english import EnglishTerms, Standing, least_bid, replay


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
