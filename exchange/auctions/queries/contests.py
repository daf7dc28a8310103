"""Cleared single auctions as the screens for bid rings take them."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from exchange.auctions.models import Award, Evidence
from exchange.auctions.queries.results import document_of
from exchange.auctions.states import Kind
from pricing.mechanisms.screens import Contest

SCREENED = (Kind.FIRST_PRICE, Kind.SECOND_PRICE, Kind.PROCUREMENT)
CONTESTS_MAX = 5000


def contests_since(since: datetime) -> Mapping[int, list[Contest]]:
    """The sealed auctions of one item cleared since then, by organiser, in the order of time.

    Distances are shares of the reserve or, where there is none, of the best bid. At most
    CONTESTS_MAX, the newest.
    """
    found = list(
        Evidence.objects.filter(auction__kind__in=SCREENED, cleared_at__gte=since)
        .select_related("auction")
        .order_by("-cleared_at", "-pk")[:CONTESTS_MAX]
    )
    winners = dict(
        Award.objects.filter(auction__in=[one.auction_id for one in found]).values_list(
            "auction_id", "bidder__public_id"
        )
    )
    contests: dict[int, list[Contest]] = defaultdict(list)
    for evidence in reversed(found):
        contest = _contest(evidence, winners.get(evidence.auction_id))
        if contest is not None:
            contests[evidence.auction.organiser_id].append(contest)
    return contests


def _contest(evidence: Evidence, winner: str | None) -> Contest | None:
    auction = evidence.auction
    bids = {row["bidder"]: int(row["price"]) for row in document_of(evidence)["auction"]["bids"]}
    if not bids:
        return None
    lowest_wins = auction.kind == Kind.PROCUREMENT
    best = (min if lowest_wins else max)(bids.values())
    floor = auction.options.get("minimum") if lowest_wins else auction.reserve_minor
    return Contest(
        reference=auction.public_id,
        bids=bids,
        winner=winner,
        reserve=auction.reserve_minor or best,
        floor=floor or None,
        lowest_wins=lowest_wins,
    )
