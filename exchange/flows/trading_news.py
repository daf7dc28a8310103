"""Who is told of what happens outside of the shop: in negotiations, state-asset sales and auctions."""

from datetime import datetime

from django.db.models import F

from exchange.asset_sales.models import Bidder
from exchange.auctions.models import Auction, Award, Bid
from exchange.auctions.queries.auctions import is_procurement
from exchange.auctions.states import AuctionState, Kind
from exchange.core.titles import Title
from exchange.members.roles import Role
from exchange.negotiation.models import NegotiationStep
from exchange.negotiation.states import NegotiationState, Turn
from exchange.notices.actions.tell import tell_organisation
from pricing.money import Money

DEALERS = (Role.BUYER_AGENT, Role.DATA_OWNER, Role.DATA_OPERATOR)
BIDDERS = (Role.BUYER_AGENT,)
SIGNERS = (*DEALERS, Role.LEGAL_OFFICER)
AUCTIONS_MAX = 100
S = NegotiationState
KINDS = {
    S.REQUESTED: "negotiation.turn",
    S.OFFERED: "negotiation.turn",
    S.APPROVING: "negotiation.to_approve",
    S.ACCEPTED: "contracts.to_sign",
    S.DECLINED: "negotiation.ended",
    S.WITHDRAWN: "negotiation.ended",
    S.EXPIRED: "negotiation.ended",
}


def tell_of_negotiation(step: NegotiationStep) -> None:
    """Tell the side whose turn it is; both that they sign; and the other side that it has ended. The
    order tells of itself."""
    negotiation, state = step.negotiation, NegotiationState(step.target)
    kind = KINDS.get(state)
    if kind is None:
        return
    both = {negotiation.buyer_id, negotiation.seller_id}
    sides = {
        Turn.BUYER: {negotiation.buyer_id},
        Turn.SELLER: {negotiation.seller_id},
        Turn.BOTH: both,
        Turn.NOBODY: both - {step.organisation_id},
    }[Turn(negotiation.turn)]
    until = {} if negotiation.due_at is None else {"until": negotiation.due_at}
    for organisation_id in sorted(sides):
        tell_organisation(
            organisation_id=organisation_id,
            roles=SIGNERS if state is S.ACCEPTED else DEALERS,
            kind=kind,
            facts={"product": Title.of(negotiation.product), **until},
            url=f"/negotiations/{negotiation.public_id}/",
            dedupe=f"negotiation_step:{step.public_id}:{organisation_id}",
            now=step.at,
        )


def tell_bidder(bidder: Bidder, *, now: datetime) -> None:
    """Tell a bidder for a state asset that the exchange has decided on it."""
    asset_sale = bidder.announcement.asset_sale
    tell_organisation(
        organisation_id=bidder.organisation_id,
        roles=BIDDERS,
        kind=f"asset_sales.bidder.{bidder.standing}",
        facts={"product": Title.of(asset_sale.product)},
        url=f"/announcements/{bidder.announcement.public_id}/",
        dedupe=f"asset_sale_bidder:{bidder.public_id}:{bidder.standing}",
        now=now,
    )


def tell_of_award(award: Award, *, now: datetime) -> None:
    """Tell a bidder that it has won."""
    auction = award.auction
    tell_organisation(
        organisation_id=award.bidder_id,
        roles=DEALERS if is_procurement(auction) else BIDDERS,
        kind="auctions.award.won",
        facts={
            "auction": auction.title,
            "price": Money(award.payment_minor, auction.currency),
        },
        url=f"/auctions/{auction.public_id}/",
        dedupe=f"award:{award.public_id}",
        now=now,
    )


def tell_outbid(*, now: datetime) -> int:
    """Tell those who lead a running English auction no more, once for each bid of theirs; for how
    many auctions. It is done beside the bids, which wait for nobody's inbox."""
    moved = Auction.objects.filter(
        kind=Kind.ENGLISH, state=AuctionState.OPEN, version__gt=F("told_version")
    )
    done = 0
    for auction in moved.order_by("pk")[:AUCTIONS_MAX]:
        newest = Bid.objects.filter(auction=auction).order_by("bidder_id", "-seq")
        for bid in newest.distinct("bidder_id"):
            if bid.bidder_id != auction.leader_id:
                _tell_outbid(auction, bid, now)
        Auction.objects.filter(pk=auction.pk).update(told_version=auction.version)
        done += 1
    return done


def _tell_outbid(auction: Auction, bid: Bid, now: datetime) -> None:
    tell_organisation(
        organisation_id=bid.bidder_id,
        roles=BIDDERS,
        kind="auctions.bid.outbid",
        facts={"auction": auction.title, "until": auction.closes_at},
        url=f"/auctions/{auction.public_id}/",
        dedupe=f"outbid:{bid.public_id}",
        now=now,
    )
