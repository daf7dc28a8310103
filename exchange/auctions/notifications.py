"""Who is told of bids and awards."""

from datetime import datetime

from django.db.models import F

from exchange.auctions.lifecycle import AuctionState, Kind
from exchange.auctions.models import Auction, Award, Bid
from exchange.members.roles import Role
from exchange.notices import notify
from exchange.notices.notify import notify_organisation
from pricing.money import Money

SUPPLIERS = (Role.BUYER_AGENT, Role.DATA_OWNER, Role.DATA_OPERATOR)
BIDDERS = (Role.BUYER_AGENT,)
AUCTIONS_MAX = 100


def notify_of_award(award: Award, *, now: datetime) -> None:
    """Tell a bidder that it has won."""
    auction = award.auction
    notify_organisation(
        organisation_id=award.bidder_id,
        roles=SUPPLIERS if auction.kind == Kind.PROCUREMENT else BIDDERS,
        kind="auctions.award.won",
        facts={
            "auction": auction.title,
            "price": Money(award.payment_minor, auction.currency),
        },
        url=notify.path("auction", auction.public_id),
        dedupe=f"award:{award.public_id}",
        now=now,
    )


def notify_outbid(*, now: datetime) -> int:
    """Tell those who lead a running English auction no more, once for each bid of theirs; for how
    many auctions. It is done beside the bids, which wait for nobody's inbox."""
    moved = Auction.objects.filter(
        kind=Kind.ENGLISH, state=AuctionState.OPEN, version__gt=F("told_version")
    )
    done = 0
    for auction in moved.order_by("pk")[:AUCTIONS_MAX]:
        newest = Bid.objects.filter(auction=auction, withdrawn_at=None).order_by(
            "bidder_id", "-seq"
        )
        for bid in newest.distinct("bidder_id"):
            if bid.bidder_id != auction.leader_id:
                _tell_outbid(auction, bid, now)
        Auction.objects.filter(pk=auction.pk).update(told_version=auction.version)
        done += 1
    return done


def _tell_outbid(auction: Auction, bid: Bid, now: datetime) -> None:
    notify_organisation(
        organisation_id=bid.bidder_id,
        roles=BIDDERS,
        kind="auctions.bid.outbid",
        facts={"auction": auction.title, "until": auction.closes_at},
        url=notify.path("auction", auction.public_id),
        dedupe=f"outbid:{bid.public_id}",
        now=now,
    )
