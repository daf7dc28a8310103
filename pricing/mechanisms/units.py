"""Several equal units: discriminatory, uniform price, Vickrey, clinching, book building, budgets."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import InitVar, dataclass
from enum import StrEnum
from fractions import Fraction
from heapq import heapify, heappop, heappush
from itertools import pairwise

import numpy as np

from pricing.exact import refuse
from pricing.laws import law
from pricing.mechanisms.bids import (
    Bid,
    Book,
    Ints,
    Rationing,
    best_first,
    check_bids,
    check_count,
    check_fills,
    check_floor,
    check_length,
    check_unique,
    fill,
    last_below,
    marginal_price,
)


class UniformPrice(StrEnum):
    """Which bid sets the one price. The first invites less shading; the second raises more."""

    HIGHEST_LOSING = "highest_losing"
    LOWEST_WINNING = "lowest_winning"


@dataclass(frozen=True, slots=True)
class Cleared:
    """`fills[i]` units for bid i at `price` ticks each. `covered`: demand reached the supply.

    `given` are the book, the supply and the lowest price, for the laws alone.
    """

    price: int
    fills: Ints
    covered: bool
    given: InitVar[tuple[Book, int, int]]

    def __post_init__(self, given: tuple[Book, int, int]) -> None:
        book, supply, floor = given
        sold = check_fills(book, self.fills, least=self.price)
        law(sold == supply if self.covered else sold <= supply, "no more is sold than there is")
        law(self.price >= floor, "the price is at or above the reserve")

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
        return Cleared(paid, book.quantities.copy(), covered=False, given=(book, supply, reserve))
    filled = fill(book, margin, supply, rationing)
    paid = margin
    if price is UniformPrice.HIGHEST_LOSING and not filled.unfilled_at_margin:
        paid = max(reserve, _highest_below(book, margin))
    return Cleared(paid, filled.fills, covered=True, given=(book, supply, reserve))


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
    return Cleared(cleared.price, fills, cleared.covered, (book, supply, reserve))


def _highest_below(book: Book, price: int) -> int:
    return last_below(book.prices, price, none=0)


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
    nothing = np.zeros_like(cleared.fills)
    return Cleared(floor, nothing, covered=False, given=(book, supply, floor))


@dataclass(frozen=True, slots=True)
class Won:
    """What one bidder gets: `prices` holds the price of each of its units, lowest first."""

    units: int = 0
    prices: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        law(len(self.prices) == self.units, "each unit has a price")
        law(all(a <= b for a, b in pairwise(self.prices)), "the lowest price comes first")

    @property
    def payment(self) -> int:
        return sum(self.prices)


UNITS_MAX = 100_000
BUDGETS_MAX = 100_000


class Winners(Mapping[str, Won]):
    """What each winner gets, within the laws: supply, reserve, and no unit above its bidder's bids."""

    def __init__(self, won: Mapping[str, Won], market: "_Market") -> None:
        self._won = won
        units = sum(each.units for each in won.values())
        law(units == min(market.supply, market.demand), "the supply is sold as far as it is asked")
        for bidder, each in won.items():
            law(each.units == market.won.get(bidder), "the best bids win")
            low, high = each.prices[0], each.prices[-1]
            law(low >= market.reserve, "no unit costs less than the reserve")
            law(high <= market.worst[bidder], "no unit costs more than its bidder bid for it")

    def __getitem__(self, bidder: str) -> Won:
        return self._won[bidder]

    def __iter__(self) -> Iterator[str]:
        return iter(self._won)

    def __len__(self) -> int:
        return len(self._won)

    def __repr__(self) -> str:
        return f"Winners({dict(self._won)!r})"


@dataclass(frozen=True)
class _Market:
    """Bids from the reserve up in their order, and how far the supply goes among them.

    `won` are the units of each bidder among the best, `worst` the lowest price bid for one of them,
    `losing` the units of each bid that go away empty, best first.
    """

    ranked: list[Bid]
    supply: int
    reserve: int
    demand: int
    won: dict[str, int]
    worst: dict[str, int]
    losing: list[tuple[Bid, int]]


def _market(bids: Sequence[Bid], supply: int, reserve: int) -> _Market:
    check_bids(bids)
    check_count(supply, "supply", most=UNITS_MAX)
    check_floor(reserve, "reserve")
    ranked = [bid for bid in best_first(bids) if bid.price >= reserve]
    won: dict[str, int] = {}
    worst: dict[str, int] = {}
    losing: list[tuple[Bid, int]] = []
    left = supply
    for bid in ranked:
        units = min(left, bid.quantity)
        left -= units
        if units:
            won[bid.bidder] = won.get(bid.bidder, 0) + units
            worst[bid.bidder] = bid.price
        if units < bid.quantity:
            losing.append((bid, bid.quantity - units))
    demand = sum(bid.quantity for bid in ranked)
    return _Market(ranked, supply, reserve, demand, won, worst, losing)


def multi_unit_vickrey(bids: Sequence[Bid], *, supply: int, reserve: int = 0) -> Winners:
    """The highest bids win; k units cost the k lowest of the best `supply` bids of the others.

    These are the k best units of the others that go away empty: whoever wins k units keeps so many
    others out. The reserve stands for `supply` bids of the seller. Truthful where each bidder's
    values fall with every further unit. Only winners are listed. Cost: a sort, and a step for each
    bid and each unit of the supply.
    """
    market = _market(bids, supply, reserve)
    won = {
        bidder: Won(units, _displaced(market, bidder, units))
        for bidder, units in market.won.items()
    }
    return Winners(won, market)


def _displaced(market: _Market, bidder: str, units: int) -> tuple[int, ...]:
    """The prices of the `units` best losing units of the others, lowest first."""
    prices: list[int] = []
    for bid, empty in market.losing:
        if len(prices) == units:
            break
        if bid.bidder != bidder:
            prices += [bid.price] * min(empty, units - len(prices))
    prices += [market.reserve] * (units - len(prices))
    return tuple(reversed(prices))


def clinching(bids: Sequence[Bid], *, supply: int, reserve: int = 0) -> Winners:
    """Ausubel's ascending auction, run on falling marginal values as its bidders would.

    The price rises from the reserve, and units drop out in the order of bids from the last one on:
    lowest price, of equal prices the latest. After each drop every bidder clinches what the others
    leave of the supply, at the price of that moment. The auction ends when demand is the supply.
    Ties fall as in `multi_unit_vickrey`: both give the same units at the same prices. Cost: a sort,
    and a step for each bid and each unit of the supply.
    """
    market = _market(bids, supply, reserve)
    clinches = _Clinches(market)
    for bid in reversed(market.ranked):
        if clinches.excess <= 0:
            break
        clinches.drop(bid)
    return Winners(
        {name: Won(len(each), tuple(each)) for name, each in clinches.prices.items()}, market
    )


class _Clinches:
    """Who has clinched what, while units drop out.

    A bidder has clinched its demand less the excess of all demand over the supply. Its own drops
    leave that as it is; a drop of anybody else adds to it. So it begins to clinch once more has
    dropped in all than a mark of its own, which its own drops move up: marks wait in a heap.
    """

    def __init__(self, market: _Market) -> None:
        demand: dict[str, int] = {}
        for bid in market.ranked:
            demand[bid.bidder] = demand.get(bid.bidder, 0) + bid.quantity
        self.excess = market.demand - market.supply
        self.prices: dict[str, list[int]] = {}
        self._dropped = 0
        short = max(0, self.excess)
        self._marks = {bidder: short - units for bidder, units in demand.items()}
        self._waiting = [(mark, bidder) for bidder, mark in self._marks.items()]
        heapify(self._waiting)
        self._begin(market.reserve)

    def drop(self, bid: Bid) -> None:
        """The last bid that is left drops out, as far as there is an excess."""
        units = min(bid.quantity, self.excess)
        self.excess -= units
        self._dropped += units
        self._marks[bid.bidder] += units
        for bidder, clinched in self.prices.items():
            if bidder != bid.bidder:
                clinched.extend([bid.price] * units)
        if bid.bidder not in self.prices:
            heappush(self._waiting, (self._marks[bid.bidder], bid.bidder))
        self._begin(bid.price)

    def _begin(self, price: int) -> None:
        """Give whoever's mark is passed its first units. An older mark of a bidder is no more."""
        while self._waiting and self._waiting[0][0] < self._dropped:
            mark, bidder = heappop(self._waiting)
            if bidder not in self.prices and mark == self._marks[bidder]:
                self.prices[bidder] = [price] * (self._dropped - mark)


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
    `given` are the bids, the supply and the reserve, for the laws alone.
    """

    price: Fraction
    spent: tuple[Fraction, ...]
    units: tuple[Fraction, ...]
    partial: bool
    cancelled: bool
    given: InitVar[tuple[Sequence[BudgetBid], Fraction, Fraction]]

    def __post_init__(self, given: tuple[Sequence[BudgetBid], Fraction, Fraction]) -> None:
        bids, supply, reserve_price = given
        law(self.price >= reserve_price, "the price is at or above the reserve")
        law(self.sold <= supply, "no more is sold than there is")
        for bid, spent, units in zip(bids, self.spent, self.units, strict=True):
            law(0 <= spent <= bid.spend, "nobody spends more than its budget")
            law(units * self.price == spent, "units are paid at the one price")
            law(not spent or self.price <= bid.limit, "nobody pays more than its limit")

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
    given = (bids, supply, reserve_price)
    if sum(spent) < least_raised:
        nothing = (Fraction(0),) * len(bids)
        return Funded(price, nothing, nothing, partial=False, cancelled=True, given=given)
    got = tuple(paid / price for paid in spent)
    return Funded(price, tuple(spent), got, partial, cancelled=False, given=given)


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
    check_length(bids, "bids", most=BUDGETS_MAX)
    for name, value in (("supply", supply), ("reserve_price", reserve_price)):
        if value <= 0:
            refuse(name, value, "a number above zero")
    for index, bid in enumerate(bids):
        if bid.spend <= 0 or bid.quantity <= 0:
            refuse(f"bids[{index}]", (bid.spend, bid.quantity), "a spend and a quantity above zero")
    check_unique([bid.seq for bid in bids], "bids.seq", "a number that no other bid has")
