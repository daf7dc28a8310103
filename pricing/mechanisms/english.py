"""English auction with proxy bids, a table of increments, a secret reserve and a soft close."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pricing.exact import refuse
from pricing.laws import law
from pricing.mechanisms.bids import Bid, check_count, check_floor, check_price
from pricing.refusals import PricingRefusal


class BidTooLow(PricingRefusal):
    """A bid does not reach what the auction accepts next."""

    code = "bid_too_low"


class AuctionClosed(PricingRefusal):
    """A bid came before the opening or after the end."""

    code = "auction_closed"


class OwnAuction(PricingRefusal):
    """The seller bids in its own auction."""

    code = "own_auction"


@dataclass(frozen=True, slots=True)
class SoftClose:
    """A bid within `window` of the end that changes price or leader moves the end to `extension`
    after the bid, up to `cap`.

    A leader who raises the secret maximum changes nothing that anybody sees: an end that moved would
    tell rivals of it, and the leader could keep the auction open alone.
    """

    window: int
    extension: int
    cap: int | None = None


@dataclass(frozen=True, slots=True)
class EnglishTerms:
    """`increments` are (from price, step) rows, rising; all prices in ticks, all times in one unit."""

    opening: int
    closes_at: int
    increments: tuple[tuple[int, int], ...] = ((0, 1),)
    reserve: int = 0
    opens_at: int = 0
    soft_close: SoftClose | None = None
    seller: str | None = None

    def __post_init__(self) -> None:
        check_price(self.opening, "opening")
        check_floor(self.reserve, "reserve")
        if self.closes_at <= self.opens_at:
            refuse("closes_at", self.closes_at, f"a time after {self.opens_at}")
        starts = [start for start, _ in self.increments]
        if starts[:1] != [0] or starts != sorted(set(starts)):
            refuse("increments", starts, "rows that start at 0 and rise")
        for _, step in self.increments:
            check_price(step, "increments.step")

    def step(self, price: int) -> int:
        """The increment above a price."""
        return next(step for start, step in reversed(self.increments) if price >= start)


@dataclass(frozen=True, slots=True)
class Standing:
    """The auction after some bids. `top` is secret; `price` is what the leader would pay now."""

    ends_at: int
    leader: str | None = None
    top: int = 0
    second: int = 0
    price: int = 0
    bids: int = 0
    last_at: int | None = None
    seen: int = -1

    def reserve_met(self, terms: EnglishTerms) -> bool:
        return self.leader is not None and self.top >= terms.reserve


def opened(terms: EnglishTerms) -> Standing:
    """The auction before its first bid."""
    return Standing(ends_at=terms.closes_at)


def least_bid(terms: EnglishTerms, standing: Standing, bidder: str) -> int:
    """The lowest maximum that this bidder may enter now."""
    if standing.leader is None:
        return terms.opening
    if bidder == standing.leader:
        return standing.top + 1
    return standing.price + terms.step(standing.price)


def place(terms: EnglishTerms, standing: Standing, bid: Bid) -> Standing:
    """The auction after one more maximum. The standing price never falls.

    The price is the second highest maximum plus its increment, at most the highest maximum, never
    below the opening; once the highest maximum reaches the reserve, never below the reserve. Of
    tied maxima the earlier leads. Raises BidTooLow, AuctionClosed, OwnAuction, BadValue.
    """
    _check(terms, standing, bid)
    if bid.bidder == standing.leader:
        after = replace(standing, top=bid.price)
    elif bid.price > standing.top:
        after = replace(standing, leader=bid.bidder, top=bid.price, second=standing.top)
    else:
        after = replace(standing, second=max(standing.second, bid.price))
    price = max(standing.price, _price(terms, after))
    seen_by_all = (price, after.leader) != (standing.price, standing.leader)
    law(standing.price <= price, "the standing price never falls")
    law(price <= max(after.top, terms.opening), "the leader pays no more than its maximum")
    return replace(
        after,
        price=price,
        ends_at=_extended(terms, standing.ends_at, bid.time) if seen_by_all else standing.ends_at,
        bids=standing.bids + 1,
        last_at=bid.time,
        seen=bid.seq,
    )


def _price(terms: EnglishTerms, standing: Standing) -> int:
    floor = terms.opening
    if standing.top >= terms.reserve:
        floor = max(floor, terms.reserve)
    pressed = standing.second + terms.step(standing.second) if standing.second else 0
    return max(floor, min(standing.top, pressed))


def _extended(terms: EnglishTerms, ends_at: int, time: int) -> int:
    soft = terms.soft_close
    if soft is None or time < ends_at - soft.window:
        return ends_at
    moved = max(ends_at, time + soft.extension)
    return moved if soft.cap is None else max(ends_at, min(moved, soft.cap))


def _check(terms: EnglishTerms, standing: Standing, bid: Bid) -> None:
    check_price(bid.price)
    check_count(bid.quantity, "quantity", most=1)
    if bid.bidder == terms.seller:
        raise OwnAuction(
            "The seller cannot bid in its own auction.", field="bidder", value=bid.bidder
        )
    if not terms.opens_at <= bid.time < standing.ends_at:
        raise AuctionClosed(
            f"The field time is {bid.time}; accepted is a time from {terms.opens_at} "
            f"and before {standing.ends_at}.",
            field="time",
            value=bid.time,
            accepted=[terms.opens_at, standing.ends_at],
        )
    if standing.last_at is not None and (bid.time, bid.seq) <= (standing.last_at, standing.seen):
        refuse("seq", bid.seq, f"a bid after number {standing.seen} at {standing.last_at}")
    least = least_bid(terms, standing, bid.bidder)
    if bid.price < least:
        raise BidTooLow(
            f"The field price is {bid.price}; accepted is {least} or more.",
            field="price",
            value=bid.price,
            accepted=least,
        )


def replay(terms: EnglishTerms, bids: Iterable[Bid]) -> list[Standing]:
    """The auction after each bid, in order of time and sequence number."""
    path = [opened(terms)]
    for bid in sorted(bids, key=lambda bid: (bid.time, bid.seq)):
        path.append(place(terms, path[-1], bid))
    return path


def english(terms: EnglishTerms, bids: Sequence[Bid]) -> Standing:
    """The end of the auction: the leader wins at `price` if the reserve is met."""
    return replay(terms, bids)[-1]
