"""Views and cells: the cheapest cover by trying every set of views; posted prices by trying prices."""

from collections.abc import Hashable
from itertools import combinations

from pricing.worth.bundles import Wish, uniform_bundle_price, uniform_item_price
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
)
