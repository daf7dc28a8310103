"""Versions: arbitrage, the greatest lawful curve, the curve and the menu of most revenue."""

from fractions import Fraction
from functools import cache
from itertools import pairwise, product
from math import ceil

from pricing.worth.curves import (
    Curve,
    Demand,
    PrivacyBudget,
    Version,
    arbitrage,
    best_curve,
    lawful,
    two_quality_menu,
)
from tests.references.comparing import Comparison, Draw, Scale

PRICE_MAX = (2**53 - 1) // 10**6
VALUE_MAX = 10**15


def _versions(draw: Draw, most: int = 5) -> list[Version]:
    """Rising x, some a hair apart; prices of zero are among them."""
    unit = draw.random.choice([1, 3, 10**9, 10**18])
    if draw.scale is Scale.TICKS:
        xs = draw.random.sample(range(1, 13), draw.count(least=1, most=most))
    else:
        base = draw.amount(largest=10**9)
        xs = [base * draw.random.randint(1, 4) + draw.random.randint(-2, 2) for _ in range(most)]
    rising = sorted({max(1, x) for x in xs})[: draw.count(least=1, most=most)]
    free = draw.random.random() < 0.1
    return [
        Version(f"v{i}", Fraction(x, unit), Fraction(0 if free else draw.amount(largest=PRICE_MAX)))
        for i, x in enumerate(rising)
    ]


def _cheapest(versions: list[Version], target: Version) -> Fraction:
    """Less than the target's own price: the least cost of any multiset with at least its x.

    Every choice of the next copy is tried, in the order of versions, until x is reached.
    """

    @cache
    def least(first: int, missing: Fraction) -> Fraction:
        if missing <= 0:
            return Fraction(0)
        if first == len(versions):
            return target.price + 1
        one = versions[first]
        return min(least(first + 1, missing), one.price + least(first, missing - one.x))

    return least(0, target.x)


def _undercut(versions: list[Version]) -> object:
    found = [(one.name, _cheapest(versions, one)) for one in versions]
    return [pair for pair, one in zip(found, versions, strict=True) if pair[1] < one.price]


def _found(versions: list[Version]) -> object:
    return [(one.name, one.cheaper.price) for one in arbitrage(versions)]


def _shown_is_cheaper(versions: list[Version], _answer: object) -> None:
    """What is shown adds up: the named copies give as much x and cost what is said."""
    known = {version.name: version for version in versions}
    for sale in arbitrage(versions):
        copies = [words.rpartition(" × ") for words in sale.cheaper.views]
        bought = [(int(count or 1), known[name]) for count, _, name in copies]
        assert sum(count * one.x for count, one in bought) >= known[sale.name].x, sale
        assert sum(count * one.price for count, one in bought) == sale.cheaper.price, sale


def _lawful(versions: list[Version]) -> object:
    """p(i) = min over j of the wish, times x(i)/x(j) where j gives less (Chen, Koutris, Kumar 2019)."""
    return [
        min(other.price * max(Fraction(1), one.x / other.x) for other in versions)
        for one in versions
    ]


def _repaired(versions: list[Version]) -> object:
    return [version.price for version in lawful(versions).versions]


Priced = tuple[list[Version], Fraction]


def _priced(draw: Draw) -> Priced:
    versions = _versions(draw)
    return versions, versions[-1].x * Fraction(draw.random.randint(0, 60), 60)


def _on_the_line(given: Priced) -> object:
    """Between neighbours on the straight line from nothing, rounded up to a whole unit."""
    versions, x = given
    points = [(Fraction(0), Fraction(0))]
    points += [(one.x, one.price) for one in lawful(versions).versions]
    for (low_x, low), (high_x, high) in pairwise(points):
        if low_x <= x <= high_x:
            return ceil(low + (high - low) * (x - low_x) / (high_x - low_x))
    return None


Spent = tuple[list[Version], list[Fraction]]


def _spent(draw: Draw) -> Spent:
    versions = _versions(draw)
    return versions, [
        versions[-1].x * Fraction(draw.random.randint(1, 9), 60) for _ in range(draw.count(least=1))
    ]


def _in_pieces(given: Spent) -> object:
    budget = PrivacyBudget(lawful(given[0]), given[0][-1].x)
    paid, spent = 0, Fraction(0)
    for piece in given[1]:
        paid += budget.due(piece, spent=spent)
        spent += piece
    return paid


def _at_once(given: Spent) -> object:
    return _on_the_line((given[0], sum(given[1], Fraction(0))))


def _demands(draw: Draw) -> list[Demand]:
    xs = sorted(draw.random.sample(range(1, 40), draw.count(least=1, most=6)))
    values = sorted(draw.amounts(len(xs), largest=VALUE_MAX))
    return [
        Demand(f"d{i}", Fraction(x), value, draw.random.randint(0, 5))
        for i, (x, value) in enumerate(zip(xs, values, strict=True))
    ]


def _most_revenue(demands: list[Demand]) -> object:
    """The best of all choices whom to serve: the greatest lawful curve at which those still buy."""
    revenues = []
    for served in product([False, True], repeat=len(demands)):
        buying = [one for one, chosen in zip(demands, served, strict=True) if chosen]
        prices = [
            min((other.value * max(Fraction(1), one.x / other.x) for other in buying), default=None)
            for one in demands
        ]
        revenues.append(
            sum(
                one.buyers * price
                for one, price in zip(demands, prices, strict=True)
                if price is not None and price <= one.value
            )
        )
    return max(revenues)


Types = tuple[tuple[int, int], tuple[int, int], int, int]


def _types(draw: Draw) -> Types:
    low = sorted(draw.amounts(2, largest=VALUE_MAX))
    low[0] = draw.random.choice([0, *low[:1]])
    first = low[0] + draw.random.choice([0, draw.random.randint(0, 5), draw.amount()])
    gain = low[1] - low[0] + draw.random.choice([0, draw.random.randint(0, 5), draw.amount()])
    buyers = [draw.random.choice([0, 1, draw.random.randint(0, 20)]) for _ in range(2)]
    return (low[0], low[1]), (first, first + gain), buyers[0], buyers[1]


def _best_menu(given: Types) -> object:
    """Try all pairs of prices at which some buyer is just indifferent, and leaving either out.

    Everybody takes the offer that leaves the most, the dearer one of equals, or nothing below zero.
    """
    low_type, high_type, low_buyers, high_buyers = given
    points = {0, *low_type, *high_type}
    points |= {a - (b - c) for a in points for b in low_type for c in high_type}
    points |= {a - (b - c) for a in points for b in high_type for c in high_type}
    offers: list[int | None] = [None, *sorted(point for point in points if point >= 0)]

    def pays(values: tuple[int, int], prices: tuple[int | None, int | None]) -> int:
        choices = [
            (value - price, price)
            for value, price in zip(values, prices, strict=True)
            if price is not None and value >= price
        ]
        return max(choices, default=(0, 0))[1]

    return max(
        low_buyers * pays(low_type, prices) + high_buyers * pays(high_type, prices)
        for prices in product(offers, offers)
    )


def _menu(given: Types) -> object:
    return two_quality_menu(
        low_type=given[0], high_type=given[1], low_buyers=given[2], high_buyers=given[3]
    ).revenue


COMPARISONS = (
    Comparison("curves.arbitrage", _versions, _found, _undercut, _shown_is_cheaper, quick=100),
    Comparison("curves.lawful", _versions, _repaired, _lawful, quick=100),
    Comparison(
        "curves.Curve.price_at",
        _priced,
        lambda given: Curve(lawful(given[0]).versions).price_at(given[1]),
        _on_the_line,
        quick=60,
    ),
    Comparison("curves.PrivacyBudget.due", _spent, _in_pieces, _at_once, quick=60),
    Comparison(
        "curves.best_curve",
        _demands,
        lambda demands: best_curve(demands).revenue,
        _most_revenue,
        quick=40,
    ),
    Comparison("curves.two_quality_menu", _types, _menu, _best_menu, quick=15),
)
