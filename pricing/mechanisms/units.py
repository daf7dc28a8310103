"""Several equal units: discriminatory, uniform price, Vickrey, clinching, book building, budgets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import numpy as np

from pricing.exact import refuse
from pricing.mechanisms.bids import (
    Bid,
    Book,
    Ints,
    Rationing,
    best_first,
    check_bids,
    check_count,
    check_floor,
    check_unique,
    fill,
    marginal_price,
)


class UniformPrice(StrEnum):
    """Which bid sets the one price. The first invites less shading; the second raises more."""

    HIGHEST_LOSING = "highest_losing"
    LOWEST_WINNING = "lowest_winning"


@dataclass(frozen=True, slots=True)
class Cleared:
    """`fills[i]` units for bid i at `price` ticks each. `covered`: demand reached the supply."""

    price: int
    fills: Ints
    covered: bool

    @property
    def sold(self) -> int:
        return int(self.fills.sum())


def uniform_price(
    book: Book,
    *,
    supply: int,
    reserve: int = 0,
    price: UniformPrice = UniformPrice.HIGHEST_LOSING,
    rationing: Rationing = Rationing.TIME,
) -> Cleared:
    """The highest bids win and all pay one price, never below the reserve.

    Where demand at the reserve does not exceed the supply, everybody is served and the highest
    losing bid is the reserve. Cost: linear in the number of bids. Raises BadValue.
    """
    check_count(supply, "supply")
    check_floor(reserve, "reserve")
    if reserve and book.prices.size and int(book.prices.min()) < reserve:
        return _above(book, supply, reserve, price, rationing)
    margin = marginal_price(book, supply)
    if margin is None:
        lowest = int(book.prices.min()) if book.prices.size else reserve
        paid = reserve if price is UniformPrice.HIGHEST_LOSING else lowest
        return Cleared(paid, book.quantities.copy(), covered=False)
    filled = fill(book, margin, supply, rationing)
    paid = margin
    if price is UniformPrice.HIGHEST_LOSING and not filled.unfilled_at_margin:
        paid = max(reserve, _highest_below(book, margin))
    return Cleared(paid, filled.fills, covered=True)


def _above(
    book: Book, supply: int, reserve: int, price: UniformPrice, rationing: Rationing
) -> Cleared:
    kept = book.prices >= reserve
    inside = book.select(kept)
    cleared = uniform_price(
        inside, supply=supply, reserve=reserve, price=price, rationing=rationing
    )
    fills = np.zeros_like(book.quantities)
    fills[kept] = cleared.fills
    return Cleared(cleared.price, fills, cleared.covered)


def _highest_below(book: Book, price: int) -> int:
    return int(book.prices[book.prices < price].max(initial=0))


def discriminatory(
    book: Book, *, supply: int, reserve: int = 0, rationing: Rationing = Rationing.TIME
) -> Ints:
    """Units for each bid where the highest bids win and each pays its own price."""
    lowest = UniformPrice.LOWEST_WINNING
    return uniform_price(
        book, supply=supply, reserve=reserve, price=lowest, rationing=rationing
    ).fills


def book_building(book: Book, *, supply: int, floor: int = 0) -> Cleared:
    """The highest price at which demand reaches the supply; pro rata at that price.

    Where demand at the floor stays below the supply the book is not covered: nothing is sold.
    """
    cleared = uniform_price(
        book,
        supply=supply,
        reserve=floor,
        price=UniformPrice.LOWEST_WINNING,
        rationing=Rationing.PRO_RATA,
    )
    if cleared.covered:
        return cleared
    return Cleared(floor, np.zeros_like(cleared.fills), covered=False)


@dataclass(frozen=True, slots=True)
class Won:
    """What one bidder gets: `prices` holds the price of each of its units, lowest first."""

    units: int = 0
    prices: tuple[int, ...] = ()

    @property
    def payment(self) -> int:
        return sum(self.prices)


UNITS_MAX = 100_000


def multi_unit_vickrey(bids: Sequence[Bid], *, supply: int, reserve: int = 0) -> Mapping[str, Won]:
    """The highest bids win; k units cost the k lowest of the best `supply` bids of the others.

    The reserve stands for `supply` bids of the seller. Truthful where each bidder's values fall
    with every further unit. Only winners are listed.
    """
    check_bids(bids)
    check_count(supply, "supply", most=UNITS_MAX)
    check_floor(reserve, "reserve")
    ranked = [bid for bid in best_first(bids) if bid.price >= reserve]
    won: dict[str, int] = {}
    left = supply
    for bid in ranked:
        units = min(left, bid.quantity)
        if units:
            won[bid.bidder] = won.get(bid.bidder, 0) + units
        left -= units
    return {
        bidder: Won(units, _displaced(ranked, bidder, units, supply, reserve))
        for bidder, units in won.items()
    }


def _displaced(
    ranked: Sequence[Bid], bidder: str, units: int, supply: int, reserve: int
) -> tuple[int, ...]:
    """The `units` lowest of the best `supply` bids of the others, lowest first."""
    prices: list[int] = []
    for bid in ranked:
        if len(prices) >= supply:
            break
        if bid.bidder != bidder:
            prices += [bid.price] * min(bid.quantity, supply - len(prices))
    prices += [reserve] * (supply - len(prices))
    return tuple(reversed(prices[supply - units :]))


def clinching(bids: Sequence[Bid], *, supply: int, reserve: int = 0) -> Mapping[str, Won]:
    """Ausubel's ascending auction, run on falling marginal values as its bidders would.

    The price rises from the reserve, and units drop out in the order of bids from the last one on:
    lowest price, of equal prices the latest. After each drop every bidder clinches what the others
    leave of the supply, at the price of that moment. The auction ends when demand is the supply.
    Ties fall as in `multi_unit_vickrey`: both give the same units at the same prices.
    """
    check_bids(bids)
    check_count(supply, "supply", most=UNITS_MAX)
    check_floor(reserve, "reserve")
    ranked = [bid for bid in best_first(bids) if bid.price >= reserve]
    demand: dict[str, int] = {}
    for bid in ranked:
        demand[bid.bidder] = demand.get(bid.bidder, 0) + bid.quantity
    prices: dict[str, list[int]] = {bidder: [] for bidder in demand}
    excess = sum(demand.values()) - supply
    _clinch(prices, demand, excess, reserve)
    largest = max(demand.values(), default=0)
    for bid in reversed(ranked):
        if excess <= 0:
            break
        dropped = min(bid.quantity, excess)
        demand[bid.bidder] -= dropped
        excess -= dropped
        if excess < largest:  # before that the others alone ask for the whole supply
            _clinch(prices, demand, excess, bid.price)
    return {bidder: Won(len(each), tuple(each)) for bidder, each in prices.items() if each}


def _clinch(
    prices: Mapping[str, list[int]], demand: Mapping[str, int], excess: int, price: int
) -> None:
    """Give each bidder, at this price, the units of its demand that the excess cannot take away."""
    for bidder, clinched in prices.items():
        units = demand[bidder] - max(0, excess) - len(clinched)
        clinched.extend([price] * max(0, units))


@dataclass(frozen=True, slots=True)
class BudgetBid:
    """Spends up to `spend` for at least `quantity` units: a limit price of spend ÷ quantity."""

    bidder: str
    spend: Fraction
    quantity: Fraction
    time: int = 0
    seq: int = 0

    @property
    def limit(self) -> Fraction:
        return self.spend / self.quantity


@dataclass(frozen=True, slots=True)
class Funded:
    """One price for all. `spent[i]` and `units[i]` belong to bid i of the input.

    `partial`: the marginal bid is filled in part. `cancelled`: less was raised than the threshold.
    """

    price: Fraction
    spent: tuple[Fraction, ...]
    units: tuple[Fraction, ...]
    partial: bool
    cancelled: bool = False

    @property
    def sold(self) -> Fraction:
        return sum(self.units, Fraction(0))

    @property
    def raised(self) -> Fraction:
        return sum(self.spent, Fraction(0))


def budget_auction(
    bids: Sequence[BudgetBid],
    *,
    supply: Fraction,
    reserve_price: Fraction,
    least_raised: Fraction = Fraction(0),
) -> Funded:
    """Sell at the highest price at which the budgets of those who accept it take the supply.

    Limits fall until the budgets so far would buy the supply at the limit reached. Either that
    limit is the price and its bid is filled in part, or the budgets before it alone are worth more
    than the supply at that limit, and the price is their sum ÷ supply. Short of that, all accepted
    budgets ÷ supply, but not below the reserve, where a rest stays unsold. Bids under the reserve
    lose. Ties go to the earlier bid.
    """
    _check(bids, supply, reserve_price)
    accepted = [index for index, bid in enumerate(bids) if bid.limit >= reserve_price]
    ranked = sorted(accepted, key=lambda i: (-bids[i].limit, bids[i].time, bids[i].seq))
    spent = [Fraction(0)] * len(bids)
    price, partial = _price(bids, ranked, spent, supply, reserve_price)
    if sum(spent) < least_raised:
        nothing = (Fraction(0),) * len(bids)
        return Funded(price, nothing, nothing, partial=False, cancelled=True)
    return Funded(price, tuple(spent), tuple(paid / price for paid in spent), partial)


def _price(
    bids: Sequence[BudgetBid],
    ranked: Sequence[int],
    spent: list[Fraction],
    supply: Fraction,
    reserve_price: Fraction,
) -> tuple[Fraction, bool]:
    """The price, and whether its bid is filled in part. Fills `spent`."""
    before = Fraction(0)
    for index in ranked:
        bid = bids[index]
        worth = supply * bid.limit
        if before + bid.spend < worth:
            spent[index] = bid.spend
            before += bid.spend
            continue
        if before > worth:  # the budgets before it bought everything at a higher price
            return before / supply, False
        spent[index] = worth - before
        return bid.limit, 0 < spent[index] < bid.spend
    return max(before / supply, reserve_price), False


def _check(bids: Sequence[BudgetBid], supply: Fraction, reserve_price: Fraction) -> None:
    for name, value in (("supply", supply), ("reserve_price", reserve_price)):
        if value <= 0:
            refuse(name, value, "a number above zero")
    for index, bid in enumerate(bids):
        if bid.spend <= 0 or bid.quantity <= 0:
            refuse(f"bids[{index}]", (bid.spend, bid.quantity), "a spend and a quantity above zero")
    check_unique([bid.seq for bid in bids], "bids.seq", "a number that no other bid has")
