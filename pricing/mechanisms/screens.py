"""Screens for bid rings: figures that a person should look at, never a verdict.

Each compares what happened with what independent bidders would do. A high figure has innocent
explanations; a low one clears nobody.

Sources: missing bids near the winner, Chassang, Kawai, Nakabayashi and Ortner, "Robust Screens for
Noncompetitive Bidding in Procurement Auctions" (Econometrica 2022); relative distance and variation,
Imhof, Karagök and Rutz, "Screening for Bid Rigging: Does It Work?" (2018); alternation, the runs test
of Wald and Wolfowitz (1940). All from memory.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, pairwise
from statistics import fmean, stdev

from scipy.stats import binomtest, norm

from pricing.mechanisms.bids import check_count

NEAR = Fraction(2, 1000)
ABOVE_FLOOR = Fraction(5, 1000)
BIDDERS_MAX = 200
BIDS_FOR_DISTANCE = 3


@dataclass(frozen=True, slots=True)
class Contest:
    """One sealed sale or procurement that had bids: what each bidder offered, who won (None: nobody),
    and the bounds. Amounts in minor units of one currency; `lowest_wins` in a procurement."""

    reference: str
    bids: Mapping[str, int]
    winner: str | None
    reserve: int
    floor: int | None = None
    lowest_wins: bool = True


@dataclass(frozen=True, slots=True)
class Missing:
    """How many bids lie within `near` of the best rival bid, as a share of the reserve, and how many
    a smooth density would put there. `p_value`: the chance of so few."""

    near_count: int
    expected: float
    beside_count: int
    p_value: float


@dataclass(frozen=True, slots=True)
class Rotation:
    """Two bidders who met often and took turns more than chance would have it.

    `runs` is how often the winner of the two changed, plus one; `p_value` is the chance of as many in
    a random order of the same wins, times the number of pairs looked at (Bonferroni).
    """

    first: str
    second: str
    first_wins: int
    second_wins: int
    runs: int
    expected_runs: float
    p_value: float


@dataclass(frozen=True, slots=True)
class Clustering:
    """Bids at or just above the floor, against those in the next band of the same width."""

    just_above: int
    next_above: int
    below: int
    p_value: float


@dataclass(frozen=True, slots=True)
class Cover:
    """How one contest's bids lie: `variation` is their standard deviation by their mean; `distance`
    is the gap from the winner's bid to the best of the losing ones, by the standard deviation of the
    losing ones. A low variation with a high distance is what covering bids look like. None where
    nobody won, or the losing bids are all the same."""

    reference: str
    variation: float
    distance: float | None


def missing_near(contests: Iterable[Contest], *, near: Fraction = NEAR) -> Missing:
    """Bids close to the best rival one, against the bands of twice that width beside them."""
    near_count = beside_count = 0
    for contest in contests:
        for gap in _gaps(contest):
            if abs(gap) < near:
                near_count += 1
            elif abs(gap) < 3 * near:
                beside_count += 1
    seen = near_count + beside_count
    p_value = binomtest(near_count, seen, 1 / 3, alternative="less").pvalue if seen else 1.0
    return Missing(near_count, beside_count / 2, beside_count, float(p_value))


def rotations(
    contests: Sequence[Contest], *, meetings_min: int = 8, p_max: float = 0.05
) -> list[Rotation]:
    """Pairs who took turns, the least likely by chance first. `contests` in the order of time.

    Only pairs who met `meetings_min` times; of a single meeting nothing can be said. Raises BadValue.
    """
    check_count(meetings_min, "meetings_min")
    meetings: dict[tuple[str, str], list[str]] = defaultdict(list)
    for contest in contests:
        if contest.winner is None:
            continue
        for pair in combinations(sorted(contest.bids)[:BIDDERS_MAX], 2):
            if contest.winner in pair:
                meetings[pair].append(contest.winner)
    often = {pair: wins for pair, wins in meetings.items() if len(wins) >= meetings_min}
    found = [_rotation(pair, wins, len(often)) for pair, wins in often.items()]
    return sorted(
        (one for one in found if one.p_value <= p_max),
        key=lambda one: (one.p_value, one.first, one.second),
    )


def clustering(contests: Iterable[Contest], *, band: Fraction = ABOVE_FLOOR) -> Clustering:
    """Bids by their distance to the floor, in bands of `band` of the floor."""
    counts = {"just": 0, "next": 0, "below": 0}
    for contest in contests:
        if not contest.floor:
            continue
        for bid in contest.bids.values():
            beyond = Fraction(bid - contest.floor, contest.floor)
            if beyond < 0:
                counts["below"] += 1
            elif beyond < 2 * band:
                counts["just" if beyond < band else "next"] += 1
    seen = counts["just"] + counts["next"]
    p_value = binomtest(counts["just"], seen, 0.5, alternative="greater").pvalue if seen else 1.0
    return Clustering(counts["just"], counts["next"], counts["below"], float(p_value))


def cover(contest: Contest) -> Cover | None:
    """How the bids of a contest lie; None with fewer than three."""
    bids = list(contest.bids.values())
    if len(bids) < BIDS_FOR_DISTANCE or fmean(bids) == 0:
        return None
    return Cover(contest.reference, stdev(bids) / fmean(bids), _distance(contest))


def _distance(contest: Contest) -> float | None:
    if contest.winner is None or contest.winner not in contest.bids:
        return None
    losing = [bid for name, bid in contest.bids.items() if name != contest.winner]
    best = min(losing) if contest.lowest_wins else max(losing)
    spread = stdev(losing)
    return abs(best - contest.bids[contest.winner]) / spread if spread else None


def _gaps(contest: Contest) -> list[Fraction]:
    """Each bid's distance to the best of the others, as a share of the reserve; negative: better."""
    if len(contest.bids) < 2 or contest.reserve <= 0:  # noqa: PLR2004 - a rival
        return []
    sign = 1 if contest.lowest_wins else -1
    ranked = sorted(sign * bid for bid in contest.bids.values())
    best, second = ranked[0], ranked[1]
    return [
        Fraction(bid - (second if place == 0 else best), contest.reserve)
        for place, bid in enumerate(ranked)
    ]


def _rotation(pair: tuple[str, str], wins: Sequence[str], looked_at: int) -> Rotation:
    first_wins = sum(winner == pair[0] for winner in wins)
    second_wins = len(wins) - first_wins
    runs = 1 + sum(before != after for before, after in pairwise(wins))
    both, total = 2 * first_wins * second_wins, len(wins)
    expected = 1 + both / total
    variance = both * (both - total) / (total**2 * (total - 1)) if total > 1 else 0
    # Half a run off, since runs are counted and the curve is not.
    z = (runs - 0.5 - expected) / math.sqrt(variance) if variance > 0 else -math.inf
    p_value = min(1.0, float(norm.sf(z)) * looked_at)
    return Rotation(pair[0], pair[1], first_wins, second_wins, runs, expected, p_value)
