"""The result of an auction, with its pictures."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from exchange.auctions.lifecycle import ENDED, NAMED, SINGLE, AuctionState, Kind
from exchange.auctions.models import Auction, Evidence
from exchange.auctions.results import awards_of, demand_curve, price_path
from exchange.auctions.results import ladder as rungs_of
from exchange.audit import queries
from exchange.audit.queries import NotYetInTheLog
from exchange.core.titles import title_of
from exchange.members.actors import Actor
from exchange.web.charts import markets
from pricing.money import Money

AWARDS_SHOWN = 100
NOTHING = SafeString("")


@dataclass(frozen=True)
class Winner:
    """`order_url` is there for those whose order it is."""

    name: str
    product: str
    quantity: int
    payment: Money
    is_mine: bool
    order_url: str


@dataclass(frozen=True)
class ResultView:
    outcome: str
    tone: str
    reason: str
    names_seen: bool
    winners: tuple[Winner, ...]
    winners_count: int
    digest: str
    record_url: str
    evidence_url: str


def result_of(auction: Auction, actor: Actor, *, is_party: bool) -> ResultView | None:
    """The result; None before there is one. Names are for the parties and the exchange."""
    if auction.state not in ENDED:
        return None
    kept = Evidence.objects.filter(auction=auction).first()
    last = auction.steps.order_by("-number").first()
    is_house = actor.organisation_id == auction.organiser_id
    awards = awards_of(auction)
    numbers = dict(
        auction.bidders.filter(organisation__in=awards.values("bidder")).values_list(
            "organisation_id", "number"
        )[:AWARDS_SHOWN]
    )
    winners = tuple(
        Winner(
            name=bidder_name(
                numbers.get(one.bidder_id, 0),
                one.bidder.name if is_party else None,
                is_mine=one.bidder_id == actor.organisation_id,
            ),
            product=title_of(one.product),
            quantity=one.quantity,
            payment=Money(one.payment_minor, auction.currency),
            is_mine=one.bidder_id == actor.organisation_id,
            order_url=reverse("web:order", args=[one.order.public_id])
            if one.order and (is_house or one.bidder_id == actor.organisation_id)
            else "",
        )
        for one in awards[:AWARDS_SHOWN]
    )
    outcome, tone = _outcome(AuctionState(auction.state), winners)
    return ResultView(
        outcome=outcome,
        tone=tone,
        reason=last.reason if last and auction.state == AuctionState.CANCELLED else "",
        names_seen=is_party,
        winners=winners,
        winners_count=awards.count() if len(winners) == AWARDS_SHOWN else len(winners),
        digest=kept.digest if kept else "",
        record_url=_record_url(kept),
        evidence_url=reverse("web:auction_evidence", args=[auction.public_id])
        if kept and is_party
        else "",
    )


def _record_url(kept: Evidence | None) -> str:
    """Where the log has the hash of the evidence; empty until it is sealed there."""
    if kept is None:
        return ""
    try:
        return reverse("web:log_entry", args=[queries.leaf_of(kept.record_id).index])
    except NotYetInTheLog:
        return ""


def bidder_name(number: int, name: str | None, *, is_mine: bool) -> str:
    """How a bidder is called on the page: by number until the names are known."""
    if is_mine:
        return _("Your organisation")
    return name or _("Bidder %(number)d") % {"number": number}


def _outcome(state: AuctionState, winners: tuple[Winner, ...]) -> tuple[str, str]:
    if state is AuctionState.CANCELLED:
        return _("The auction was cancelled. All deposits are given back."), "bad"
    if not winners:
        return _("Nothing was sold. All deposits are given back."), "neutral"
    mine = any(one.is_mine for one in winners)
    return (_("Your organisation won."), "good") if mine else (_("Sold."), "info")


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
        prices=markets.price_over_time(
            price_path(auction),
            currency=auction.currency,
            begins=auction.opens_at,
            ends=min(at, auction.ended_at),
        ),
        ladder=_ladder(auction, organisation_id, names_seen=names_seen),
        demand=_demand(auction) if names_seen else NOTHING,
    )


def _ladder(auction: Auction, organisation_id: int | None, *, names_seen: bool) -> SafeString:
    if auction.kind != Kind.ENGLISH:
        return NOTHING
    return markets.ladder(
        [
            (
                bidder_name(one.bidder_number, one.name, is_mine=one.is_mine),
                Money(one.amount_minor, auction.currency),
                one.is_mine,
            )
            for one in rungs_of(auction, organisation_id=organisation_id, is_party=names_seen)
        ]
    )


def _demand(auction: Auction) -> SafeString:
    if auction.state not in NAMED:
        return NOTHING
    curve = demand_curve(auction)
    if curve is None:
        return NOTHING
    return markets.demand(
        curve.points,
        currency=auction.currency,
        price_minor=curve.price_minor or (auction.price_minor if auction.kind in SINGLE else None),
        sold=curve.sold,
        supply=auction.quantity,
    )
