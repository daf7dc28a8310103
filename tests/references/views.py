"""Views and cells: the cheapest cover by trying every set of views; posted prices by trying prices."""

from collections.abc import Hashable, Iterator
from fractions import Fraction
from itertools import combinations

from pricing.worth.bundles import (
    Posted,
    Wish,
    linear_item_prices,
    uniform_bundle_price,
    uniform_item_price,
)
from pricing.worth.views import Coverage, NotForSale, View, ViewPrices, due
from tests.references.comparing import Comparison, Draw

CELLS = "abcdefg"
PRICE_MAX = (2**53 - 1) // 10_000
WEIGHT_MAX = 2**60

Query = tuple[list[View], frozenset[str]]


def _cells(draw: Draw, least: int = 1) -> frozenset[str]:
    return frozenset(draw.random.sample(CELLS, draw.random.randint(least, 5)))


def _views(draw: Draw) -> list[View]:
    views = [
        View(
            f"v{i}", _cells(draw), draw.random.choice([0, 1, 1, 1]) * draw.amount(largest=PRICE_MAX)
        )
        for i in range(draw.count(least=1))
    ]
    everything = draw.amount(largest=PRICE_MAX) * draw.random.choice([1, 2, 3])
    return [*views, View("all", frozenset(CELLS), min(everything, PRICE_MAX))]


def _query(draw: Draw) -> Query:
    return _views(draw), _cells(draw, least=0)


def _least(views: list[View], wanted: frozenset[Hashable]) -> int | None:
    """The least price of any set of views that together hold the cells."""
    prices = [
        sum(view.price for view in chosen)
        for size in range(len(views) + 1)
        for chosen in combinations(views, size)
        if wanted <= frozenset().union(*(view.cells for view in chosen))
    ]
    return min(prices, default=None)


def _is_a_cover(given: Query, _answer: object) -> None:
    views, wanted = given
    found = ViewPrices(views).cheapest(wanted)
    bought = [view for view in views if view.name in found.views]
    assert wanted <= frozenset().union(*(view.cells for view in bought)), found
    assert sum(view.price for view in bought) == found.price, found


def _undercut(views: list[View]) -> object:
    least = [(view, _least(views, view.cells)) for view in views]
    return [(view.name, price) for view, price in least if price is not None and price < view.price]


def _found(views: list[View]) -> object:
    return [(one.name, one.cheaper.price) for one in ViewPrices(views).arbitrage()]


Weighed = tuple[dict[str, int], int | None, frozenset[str], frozenset[str]]


def _weighed(draw: Draw) -> Weighed:
    weights = {cell: draw.amount(largest=WEIGHT_MAX) for cell in CELLS[:-1]}
    cap = draw.random.choice([None, draw.amount(largest=WEIGHT_MAX) * 2])
    return weights, cap, _cells(draw, least=0), _cells(draw, least=0) - {CELLS[-1]}


def _due(given: Weighed) -> object:
    weights, cap, wanted, owned = given
    return due(Coverage(weights, cap), wanted, owned)


def _of_new_cells(given: Weighed) -> object:
    """The weight of all cells, at most the cap, less that of the owned, at most the cap."""
    weights, cap, wanted, owned = given
    if not wanted <= set(weights):
        return "NotForSale", NotForSale.code
    both = sum(weight for cell, weight in weights.items() if cell in wanted | owned)
    before = sum(weight for cell, weight in weights.items() if cell in owned)
    return both - before if cap is None else min(both, cap) - min(before, cap)


def _wishes(draw: Draw) -> list[Wish]:
    return [
        Wish(
            f"b{i}", _cells(draw), draw.random.choice([0, 1, 1, 1]) * draw.amount(largest=2**53 - 1)
        )
        for i in range(draw.count(least=1))
    ]


def _best_bundle(wishes: list[Wish]) -> object:
    """The best of all values as the one price; of equal ones the lowest."""
    earned = {
        wish.value: wish.value * sum(one.value >= wish.value for one in wishes) for wish in wishes
    }
    best = max(earned.values())
    return min(price for price, revenue in earned.items() if revenue == best), best


def _best_item(wishes: list[Wish]) -> object:
    """The best of all whole prices at which some buyer just buys; of equal ones the lowest."""
    earned = {
        price: sum(price * len(one.items) for one in wishes if price * len(one.items) <= one.value)
        for price in {wish.value // len(wish.items) for wish in wishes}
    }
    best = max(earned.values())
    return min(price for price, revenue in earned.items() if revenue == best), best


def _bundle(wishes: list[Wish]) -> object:
    posted = uniform_bundle_price(wishes)
    return posted.bundle, posted.revenue


def _item(wishes: list[Wish]) -> object:
    posted = uniform_item_price(wishes)
    return next(iter(posted.items.values())), posted.revenue


def _few_wishes(draw: Draw) -> list[Wish]:
    return [
        Wish(
            f"b{i}",
            frozenset(draw.random.sample(CELLS[:3], draw.random.randint(1, 3))),
            draw.random.choice([0, 1, 1, 1]) * draw.amount(largest=2**53 - 1),
        )
        for i in range(draw.count(least=1, most=4))
    ]


def _crossings(kept: list[Wish], items: list[Hashable]) -> Iterator[list[Fraction]]:
    """Points at which as many of "a bundle costs its value", "an item costs 0" meet as items."""
    planes = [([Fraction(item in wish.items) for item in items], wish.value) for wish in kept]
    planes += [([Fraction(item == other) for other in items], 0) for item in items]
    for chosen in combinations(planes, len(items)):
        rows = [[*factors, Fraction(value)] for factors, value in chosen]
        for column in range(len(items)):
            pivot = next((row for row in rows[column:] if row[column]), None)
            if pivot is None:
                break
            rows.remove(pivot)
            rows.insert(column, [cell / pivot[column] for cell in pivot])
            rows = [
                row
                if index == column
                else [a - row[column] * b for a, b in zip(row, rows[column], strict=True)]
                for index, row in enumerate(rows)
            ]
        else:
            yield [row[-1] for row in rows]


def _most_from(kept: list[Wish]) -> Fraction:
    """The most that item prices take from buyers who all still buy: the best corner of the program."""
    items = sorted({item for wish in kept for item in wish.items}, key=str)
    corners = (dict(zip(items, prices, strict=True)) for prices in _crossings(kept, items))
    costs = (
        [sum((corner[item] for item in wish.items), Fraction(0)) for wish in kept]
        for corner in corners
        if min(corner.values()) >= 0
    )
    paid = [
        sum(cost, Fraction(0))
        for cost in costs
        if all(part <= wish.value for part, wish in zip(cost, kept, strict=True))
    ]
    return max(paid)


def _linear(wishes: list[Wish]) -> Posted:
    return linear_item_prices(wishes, programs=len(wishes))


def _is_the_best_program(wishes: list[Wish], _answer: object) -> None:
    """No better than the best of all sets of buyers; no worse than the programs, rounded down.

    LPIP keeps the first k by value, for each k (Chawla, Deep, Koutris and Teng 2019). Rounding loses
    less than one unit for each item that is sold, the solver a millionth.
    """
    found = _linear(wishes)
    asked = {wish.buyer: sum(found.items[item] for item in wish.items) for wish in wishes}
    buyers = [wish for wish in wishes if asked[wish.buyer] <= wish.value]
    assert found.buyers == tuple(wish.buyer for wish in buyers), "not who can pay"
    assert found.revenue == sum(asked[wish.buyer] for wish in buyers), "not what they pay"
    every = [_most_from(list(c)) for k in range(len(wishes)) for c in combinations(wishes, k + 1)]
    assert found.revenue <= max(every), "more than any prices earn"
    by_value = sorted(wishes, key=lambda wish: (-wish.value, wish.buyer))
    for size in range(1, len(wishes) + 1):
        kept = by_value[:size]
        least = _most_from(kept) * (1 - Fraction(1, 10**6)) - sum(len(one.items) for one in kept)
        assert found.revenue >= least, f"less than the program of {size} buyers"


COMPARISONS = (
    Comparison(
        "views.ViewPrices.cheapest",
        _query,
        lambda given: ViewPrices(given[0]).price(given[1]),
        lambda given: _least(*given),
        _is_a_cover,
        quick=60,
    ),
    Comparison("views.ViewPrices.arbitrage", _views, _found, _undercut, quick=40),
    Comparison("views.due", _weighed, _due, _of_new_cells, quick=100),
    Comparison("bundles.uniform_bundle_price", _wishes, _bundle, _best_bundle, quick=100),
    Comparison("bundles.uniform_item_price", _wishes, _item, _best_item, quick=100),
    Comparison(
        "bundles.linear_item_prices",
        _few_wishes,
        lambda wishes: _linear(wishes).bound,
        lambda wishes: sum(wish.value for wish in wishes),
        _is_the_best_program,
        quick=4,
    ),
)
