"""Sealed auctions as an operator should look at them: what independent bidders would hardly do.

Nothing here acts: the figures have innocent explanations too, and a person decides.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from exchange.auctions.lifecycle import Kind
from exchange.auctions.models import Award, Evidence
from exchange.auctions.results import document_of
from exchange.core.rules import rule
from exchange.core.use_case import use_case
from exchange.members.actors import Actor
from exchange.members.permissions import Permission
from pricing.mechanisms import screens
from pricing.mechanisms.screens import Clustering, Contest, Missing, Rotation

RING_DAYS = "fair.ring_days"
P_MAX = 0.01
SCREENED = (Kind.FIRST_PRICE, Kind.SECOND_PRICE, Kind.PROCUREMENT)
CONTESTS_MAX = 5000


@dataclass(frozen=True)
class Rings:
    """The screens over the sealed auctions of one organiser."""

    organiser_id: int
    contests_count: int
    missing: Missing
    clustering: Clustering
    rotations: Sequence[Rotation]

    @property
    def is_conspicuous(self) -> bool:
        """Whether a screen finds what chance would do at most once in a hundred times."""
        least = min(self.missing.p_value, self.clustering.p_value)
        return least <= P_MAX or bool(self.rotations)


@use_case(Permission.CONSOLE_OPEN)
def look(*, actor: Actor, now: datetime) -> list[Rings]:  # noqa: ARG001 - who looks is asked by the decorator
    """Per organiser, the conspicuous first. Changes nothing."""
    since = now - timedelta(days=rule(key=RING_DAYS, at=now).as_int())
    found = [
        Rings(
            organiser_id=organiser,
            contests_count=len(contests),
            missing=screens.missing_near(contests),
            clustering=screens.clustering(contests),
            rotations=screens.rotations(contests, p_max=P_MAX),
        )
        for organiser, contests in contests_since(since).items()
    ]
    return sorted(
        found, key=lambda one: (not one.is_conspicuous, -one.contests_count, one.organiser_id)
    )


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
