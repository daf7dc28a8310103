"""Posted prices for buyers who each want one bundle of items: UBP, UIP, LPIP.

Every buyer takes the bundle if it costs no more than its value, otherwise nothing. UBP asks one price of
everybody; UIP one price for each item; LPIP a price of its own for each item, found by linear programs.
All three are monotone and subadditive in the bundle. Source: Chawla, Deep, Koutris and Teng 2019.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from pricing.exact import SHOWN_MAX, mapping, name_of, refuse, sequence, whole

BUYERS_MAX = 2_000
ITEMS_MAX = 100_000
VALUE_MAX = 2**53 - 1
HELD_MAX = 20_000  # items in all bundles of a linear program: a second
PROGRAMS_HELD_MAX = 250_000  # programs × items in all bundles: some ten seconds


@dataclass(frozen=True)
class Wish:
    """A buyer, the items that it wants together, and what it gives for them (minor units)."""

    buyer: str
    items: frozenset[Hashable]
    value: int


@dataclass(frozen=True)
class Posted:
    """Prices in whole minor units, who buys, and the revenue.

    `bundle` is the price of any bundle (UBP); otherwise `items` prices every item wanted by anyone.
    `bound` is what all buyers would give: no prices can earn more.
    """

    family: str
    bundle: int | None
    items: Mapping[Hashable, int]
    buyers: tuple[str, ...]
    revenue: int
    bound: int


def uniform_bundle_price(wishes: Sequence[Wish]) -> Posted:
    """One price for every bundle: the best of the values. O(n log n)."""
    _check(wishes)
    values = sorted((wish.value for wish in wishes), reverse=True)
    # On equal revenue the lower price, which serves more buyers.
    best = max(range(len(values)), key=lambda rank: ((rank + 1) * values[rank], rank))
    price = values[best]
    return _posted("UBP", wishes, price, {})


def uniform_item_price(wishes: Sequence[Wish]) -> Posted:
    """One price for every item: the best among value ÷ items of each buyer, in whole units."""
    _check(wishes)
    ratios = np.array([wish.value // len(wish.items) for wish in wishes], dtype=np.int64)
    order = np.argsort(-ratios, kind="stable")
    sold = np.cumsum(np.array([len(wish.items) for wish in wishes], dtype=np.int64)[order])
    revenue = [int(ratios[i]) * int(count) for i, count in zip(order, sold, strict=True)]
    # On equal revenue the later one, which is the lower price.
    best = max(range(len(revenue)), key=lambda rank: (revenue[rank], rank))
    price = int(ratios[order[best]])
    return _posted("UIP", wishes, None, dict.fromkeys(_items(wishes), price))


def linear_item_prices(wishes: Sequence[Wish], *, programs: int = 50) -> Posted:
    """A price for each item: the best of linear programs that each keep the buyers of most value.

    A program maximises what the kept buyers pay while all of them can pay it. `programs` sets of kept
    buyers are tried, evenly among all; with as many programs as buyers that is all of LPIP. Floats
    propose the prices; they are rounded down to whole units and lowered until every kept buyer can
    pay, so a program loses less than one unit for each item sold beside the solver's tolerance, a
    millionth at most. What prices earn is exact; a uniform item price that earns more is returned
    instead.
    """
    _check(wishes)
    tries = whole(programs, "programs", least=1, most=BUYERS_MAX)
    held = sum(len(wish.items) for wish in wishes)
    if held > HELD_MAX:
        refuse("wishes", f"{held} items in all bundles", f"at most {HELD_MAX} items together")
    if min(tries, len(wishes)) * held > PROGRAMS_HELD_MAX:
        refuse("programs", tries, f"at most {PROGRAMS_HELD_MAX // held} for {held} items together")
    by_value = sorted(wishes, key=lambda wish: (-wish.value, wish.buyer))
    kept = sorted({round(size) for size in np.linspace(1, len(wishes), min(tries, len(wishes)))})
    found = [_posted("LPIP", wishes, None, _program(by_value[:size], wishes)) for size in kept]
    uniform = uniform_item_price(wishes)
    found.append(_posted("LPIP", wishes, None, uniform.items))
    return max(found, key=lambda one: one.revenue)


def _program(kept: Sequence[Wish], wishes: Sequence[Wish]) -> dict[Hashable, int]:
    """Item prices that take the most from the kept buyers, all of whom still buy."""
    items = sorted(_items(kept), key=str)
    place = {item: index for index, item in enumerate(items)}
    starts = np.cumsum([0, *(len(wish.items) for wish in kept)])
    held = np.array([place[item] for wish in kept for item in wish.items])
    matrix = csr_array((np.ones(len(held)), held, starts), shape=(len(kept), len(items)))
    values = np.array([wish.value for wish in kept], dtype=np.float64)
    scale = max(float(values.max()), 1.0)
    solved = linprog(-matrix.sum(axis=0), A_ub=matrix, b_ub=values / scale, bounds=(0, None))
    # Items that no kept buyer wants are dear: whoever wants one was left out on purpose.
    dear = max(wish.value for wish in wishes)
    prices: dict[Hashable, int] = dict.fromkeys(_items(wishes), dear)
    for item, price in zip(items, solved.x, strict=True):
        prices[item] = max(0, int(price * scale + 1e-6))
    for wish in kept:
        _lower_to(wish, prices)
    return prices


def _lower_to(wish: Wish, prices: dict[Hashable, int]) -> None:
    """Take what the bundle costs above its value off its items, the dearest first."""
    excess = sum(prices[item] for item in wish.items) - wish.value
    if excess <= 0:
        return
    for item in sorted(wish.items, key=lambda item: (-prices[item], str(item))):
        taken = min(prices[item], excess)
        prices[item] -= taken
        excess -= taken


def _posted(
    family: str, wishes: Sequence[Wish], bundle: int | None, items: Mapping[Hashable, int]
) -> Posted:
    """What the prices earn, exactly."""
    buyers, revenue = [], 0
    for wish in wishes:
        cost = bundle if bundle is not None else sum(items[item] for item in wish.items)
        if cost <= wish.value:
            buyers.append(wish.buyer)
            revenue += cost
    bound = sum(wish.value for wish in wishes)
    return Posted(family, bundle, items, tuple(buyers), revenue, bound)


def _items(wishes: Sequence[Wish]) -> set[Hashable]:
    return {item for wish in wishes for item in wish.items}


def _check(wishes: Sequence[Wish]) -> None:
    if not 1 <= len(wishes) <= BUYERS_MAX:
        refuse("wishes", f"{len(wishes)} buyers", f"1 to {BUYERS_MAX} buyers")
    if len({wish.buyer for wish in wishes}) != len(wishes):
        refuse("wishes", "a buyer twice", "each buyer once")
    for wish in wishes:
        whole(wish.value, f"wishes.{wish.buyer}.value"[:SHOWN_MAX], least=0, most=VALUE_MAX)
        if not 1 <= len(wish.items) <= ITEMS_MAX:
            refuse(f"wishes.{wish.buyer}.items", len(wish.items), f"1 to {ITEMS_MAX} items")


def read_wishes(given: object) -> list[Wish]:
    """Wishes from JSON: [{"buyer", "items": […], "value"}], values in minor units. Raises BadValue."""
    wishes = []
    for index, row in enumerate(sequence(given, "wishes", most=BUYERS_MAX)):
        fields: Mapping[str, Any] = mapping(row, f"wishes[{index}]")
        items = sequence(fields.get("items"), f"wishes[{index}].items", most=ITEMS_MAX)
        value = whole(fields.get("value"), f"wishes[{index}].value", least=0, most=VALUE_MAX)
        buyer = name_of(fields.get("buyer", index), f"wishes[{index}].buyer")
        wanted = frozenset(name_of(item, f"wishes[{index}].items") for item in items)
        wishes.append(Wish(buyer, wanted, value))
    return wishes
