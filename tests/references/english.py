"""The English auction with proxies from its rules: all maxima kept, looked at afresh after each bid."""

from dataclasses import dataclass

from pricing.mechanisms.bids import Bid
from pricing.mechanisms.english import (
    AuctionClosed,
    BidTooLow,
    EnglishTerms,
    SoftClose,
    opened,
    place,
)
from tests.references.comparing import Comparison, Draw


@dataclass(frozen=True)
class Evening:
    """The terms, and bids in the order of time: also such as are too low or too late."""

    terms: EnglishTerms
    bids: list[Bid]


def _draw(draw: Draw) -> Evening:
    random = draw.random
    soft = SoftClose(random.randint(0, 8), random.randint(0, 8), random.choice([None, 24]))
    opening = draw.amount()
    terms = EnglishTerms(
        opening=opening,
        closes_at=20,
        increments=((0, 1), (max(2, opening), random.choice([1, 2, max(1, opening // 10)]))),
        reserve=random.choice([0, draw.amount()]),
        soft_close=random.choice([None, soft]),
    )
    times = sorted(random.randint(10, 30) for _ in range(2 * draw.count()))
    price = opening
    bids = []
    for seq, time in enumerate(times):
        price = random.choice([draw.amount(), price, min(2**53, price + random.randint(1, 3))])
        bids.append(Bid(f"b{random.randint(0, 3)}", price, time=time, seq=seq))
    return Evening(terms, bids)


def _path(evening: Evening) -> list[object]:
    """How the auction stands after each bid; the code of the refusal for a bid that is not taken."""
    standing, path = opened(evening.terms), list[object]()
    for bid in evening.bids:
        try:
            standing = place(evening.terms, standing, bid)
        except (BidTooLow, AuctionClosed) as refusal:
            path.append(refusal.code)
            continue
        met = standing.reserve_met(evening.terms)
        path.append((standing.leader, standing.price, standing.ends_at, met))
    return path


def _path_twin(evening: Evening) -> list[object]:
    """Each bidder's highest maximum and when it was entered; the price from the two best of them."""
    terms = evening.terms
    maxima: dict[str, tuple[int, int]] = {}
    leader: str | None = None
    price, ends_at = 0, terms.closes_at
    path = list[object]()
    for order, bid in enumerate(evening.bids):
        least = terms.opening if leader is None else price + _step(terms, price)
        if leader is not None and bid.bidder == leader:
            least = maxima[leader][0] + 1
        if bid.time >= ends_at or bid.price < least:
            path.append("auction_closed" if bid.time >= ends_at else "bid_too_low")
            continue
        maxima[bid.bidder] = bid.price, order
        best = sorted(maxima, key=lambda name: (-maxima[name][0], maxima[name][1]))
        before = leader, price
        # A leader who raises keeps the lead: nobody else reaches the new maximum.
        leader = best[0]
        price = max(price, _asked(terms, [maxima[name][0] for name in best]))
        if terms.soft_close and before != (leader, price):
            ends_at = _extended(terms.soft_close, ends_at, bid.time)
        path.append((leader, price, ends_at, maxima[leader][0] >= terms.reserve))
    return path


def _step(terms: EnglishTerms, price: int) -> int:
    return [step for start, step in terms.increments if start <= price][-1]


def _asked(terms: EnglishTerms, maxima: list[int]) -> int:
    """One increment above the second maximum, within the first; opening and reached reserve at least."""
    asked = terms.opening
    if len(maxima) > 1:
        asked = max(asked, min(maxima[0], maxima[1] + _step(terms, maxima[1])))
    return max(asked, terms.reserve) if maxima[0] >= terms.reserve else asked


def _extended(soft: SoftClose, ends_at: int, time: int) -> int:
    if time < ends_at - soft.window:
        return ends_at
    moved = time + soft.extension
    if soft.cap is not None:
        moved = min(moved, soft.cap)
    return max(ends_at, moved)


COMPARISONS = (Comparison("english.place", _draw, _path, _path_twin, quick=200),)
