"""One item, one winner: first price, second price and its reserve, Dutch, procurement."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from scipy.optimize import brentq

from pricing.exact import refuse
from pricing.laws import law
from pricing.mechanisms.bids import (
    Bid,
    best_first,
    check_bids,
    check_count,
    check_floor,
    lowest_first,
)


@dataclass(frozen=True, slots=True)
class Sale:
    """Who won and the price. No winner means no sale, at price 0."""

    winner: str | None
    price: int = 0

    def __post_init__(self) -> None:
        law(self.price >= 0, "nobody is paid for winning")
        law(self.winner is not None or self.price == 0, "nobody pays without winning")

    @classmethod
    def to(cls, bid: Bid, price: int, reserve: int) -> "Sale":
        """The sale to that bid, which pays no more than it says and no less than the reserve."""
        law(reserve <= price <= bid.price, "the price lies between the reserve and the bid")
        return cls(bid.bidder, price)


def first_price(bids: Sequence[Bid], *, reserve: int = 0) -> Sale:
    """The highest bid at or above the reserve wins and pays itself; ties go to the earliest."""
    ranked = _eligible(bids, reserve)
    return Sale.to(ranked[0], ranked[0].price, reserve) if ranked else Sale(None)


def second_price(bids: Sequence[Bid], *, reserve: int = 0) -> Sale:
    """Vickrey: the highest bid wins and pays the second highest, or the reserve if that is higher.

    Bidding the true value is best whatever others do. Of tied highest bids the earliest wins and
    pays the tied price.
    """
    ranked = _eligible(bids, reserve)
    if not ranked:
        return Sale(None)
    second = ranked[1].price if len(ranked) > 1 else 0
    return Sale.to(ranked[0], max(second, reserve), reserve)


def _eligible(bids: Sequence[Bid], reserve: int) -> list[Bid]:
    check_bids(bids, one_each=True)
    check_floor(reserve, "reserve")
    return best_first(bid for bid in bids if bid.price >= reserve)


def uniform_reserve(low: Fraction, high: Fraction) -> Fraction:
    """Myerson's reserve for values even from low to high: half of high, and never below low."""
    if not 0 <= low < high:
        refuse("high", high, f"a number above low, which is {low} and at least zero")
    return max(low, high / 2)


def reserve_of(
    share_below: Callable[[float], float],
    density: Callable[[float], float],
    *,
    low: float,
    high: float,
) -> float:
    """Myerson's reserve: the root of v − (1 − F(v)) ÷ f(v) between low and high.

    Looked for as the root of v·f(v) − (1 − F(v)), which asks for no division where the density is
    zero; low where that is never negative. Holds for regular distributions: those whose virtual
    value rises. A float, for tables and text: no price is taken from it. Raises BadValue where the
    ends show that there is no root.
    """

    def virtual(value: float) -> float:
        return value * density(value) - (1 - share_below(value))

    if not low < high:
        refuse("high", high, f"a number above low, which is {low}")
    if virtual(low) >= 0:
        return low
    if virtual(high) < 0:
        refuse("high", high, "an end at which the virtual value is zero or more")
    return float(brentq(virtual, low, high, xtol=1e-12))


def uniform_revenue(bidders: int, reserve: Fraction) -> Fraction:
    """Mean revenue of a second-price auction with this reserve; values even on 0 to 1.

    (n − 1) ÷ (n + 1) + r^n − 2n ÷ (n + 1) · r^(n + 1).
    """
    n = check_count(bidders, "bidders", most=10_000)
    if not 0 <= reserve <= 1:
        refuse("reserve", reserve, "a number from 0 to 1")
    return Fraction(n - 1, n + 1) + reserve**n - Fraction(2 * n, n + 1) * reserve ** (n + 1)


@dataclass(frozen=True, slots=True)
class DutchClock:
    """The price falls from `start` by `step` ticks every `every` units of time, not below `floor`."""

    start: int
    step: int
    every: int
    floor: int
    opens_at: int = 0

    def price_at(self, time: int) -> int:
        """What the clock shows. Raises BadValue before the opening."""
        if time < self.opens_at:
            refuse("time", time, f"a time from {self.opens_at} on, when the clock starts")
        return max(self.floor, self.start - self.step * ((time - self.opens_at) // self.every))


@dataclass(frozen=True, slots=True)
class Fill:
    """`quantity` units for one bidder, who pays `payment` ticks for all of them."""

    bidder: str
    quantity: int
    payment: int
    seq: int

    def __post_init__(self) -> None:
        law(self.quantity > 0, "what is sold is one unit or more")
        law(self.payment > 0, "what is sold is paid for")


class DutchPrice(StrEnum):
    """What several acceptances pay: each the price it accepted, or all the last one."""

    OWN = "own"
    LAST = "last"


def dutch(
    clock: DutchClock, bids: Sequence[Bid], *, supply: int = 1, price: DutchPrice = DutchPrice.OWN
) -> list[Fill]:
    """The first to accept gets what it asks for, until the supply is gone.

    A bid is an acceptance of the price that the clock shows at its time; another price is refused.
    """
    check_bids(bids)
    left = check_count(supply, "supply")
    taken: list[tuple[Bid, int]] = []
    for bid in best_first(bids):
        shown = clock.price_at(bid.time)
        if bid.price != shown:
            refuse("price", bid.price, f"{shown}, the price of the clock at {bid.time}")
        units = min(left, bid.quantity)
        if units:
            taken.append((bid, units))
        left -= units
    last = min((bid.price for bid, _ in taken), default=0)
    law(left >= 0, "no more is sold than there is")
    return [
        Fill(bid.bidder, units, units * (bid.price if price is DutchPrice.OWN else last), bid.seq)
        for bid, units in taken
    ]


class NoAward(StrEnum):
    """Why a procurement has no winner."""

    NO_OFFERS = "no_offers"
    ABOVE_RESERVE = "all_above_reserve"
    BELOW_MINIMUM = "all_below_minimum"
    OUTSIDE = "all_outside"


@dataclass(frozen=True, slots=True)
class Award:
    """A procurement: the winner and what it is paid, or the reason of no award.

    `tied` names all offers of the winning price, the winner first.
    """

    winner: str | None
    price: int = 0
    tied: tuple[str, ...] = ()
    reason: NoAward | None = None


def procurement(
    offers: Sequence[Bid], *, reserve: int, minimum: int = 0, second: bool = False
) -> Award:
    """The lowest offer at or under the reserve and at or over the minimum; ties to the earliest.

    The winner is paid its offer or, with `second`, the next eligible offer, the reserve where there
    is none (truthful while no minimum is set).
    """
    check_bids(offers, one_each=True, field="offers")
    check_floor(reserve, "reserve")
    if check_floor(minimum, "minimum") > reserve:
        refuse("minimum", minimum, f"at most the reserve of {reserve}")
    ranked = [offer for offer in lowest_first(offers) if minimum <= offer.price <= reserve]
    if not ranked:
        return Award(None, reason=_why_none(offers, reserve, minimum))
    best = ranked[0]
    paid = (ranked[1].price if len(ranked) > 1 else reserve) if second else best.price
    law(best.price <= paid <= reserve, "the price lies between the offer and the reserve")
    return Award(best.bidder, paid, tuple(o.bidder for o in ranked if o.price == best.price))


def _why_none(offers: Sequence[Bid], reserve: int, minimum: int) -> NoAward:
    if not offers:
        return NoAward.NO_OFFERS
    if all(offer.price > reserve for offer in offers):
        return NoAward.ABOVE_RESERVE
    if all(offer.price < minimum for offer in offers):
        return NoAward.BELOW_MINIMUM
    return NoAward.OUTSIDE
