"""Laws of data prices: monotone, subadditive, never paid twice, no cheaper way round."""

from fractions import Fraction
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.worth.bundles import (
    Posted,
    Wish,
    linear_item_prices,
    uniform_bundle_price,
    uniform_item_price,
)
from pricing.worth.curves import (
    Curve,
    Demand,
    PrivacyBudget,
    Version,
    arbitrage,
    best_curve,
    breaks,
    lawful,
)
from pricing.worth.views import Cells, Coverage, SetPricing, View, ViewPrices, due
from tests.depth import slow_examples

pytestmark = pytest.mark.deep

CELLS = "abcdef"
queries = st.frozensets(st.sampled_from(CELLS))
coverages = st.builds(
    Coverage,
    st.fixed_dictionaries({cell: st.integers(0, 50) for cell in CELLS}),
    st.none() | st.integers(0, 200),
)


@st.composite
def view_lists(draw: st.DrawFn) -> list[View]:
    cells = draw(st.lists(queries.filter(bool), min_size=1, max_size=6))
    views = [
        View(f"v{i}", frozenset(held), draw(st.integers(0, 40))) for i, held in enumerate(cells)
    ]
    return [*views, View("all", frozenset(CELLS), draw(st.integers(0, 90)))]


pricings = coverages | view_lists().map(ViewPrices)


@settings(max_examples=slow_examples())
@given(pricings, queries, queries)
def test_more_is_never_cheaper_and_parts_never_undercut_the_whole(
    pricing: SetPricing, one: Cells, other: Cells
) -> None:
    whole = pricing.price(one | other)
    assert pricing.price(one) <= whole <= pricing.price(one) + pricing.price(other)


@settings(max_examples=slow_examples(60))
@given(pricings, st.lists(queries, max_size=4))
def test_a_session_costs_its_union_in_any_order_and_nothing_is_paid_twice(
    pricing: SetPricing, session: list[Cells]
) -> None:
    owned: Cells = frozenset()
    paid = 0
    for query in session:
        cost = due(pricing, query, owned)
        assert 0 <= cost <= pricing.price(query)
        paid += cost
        owned |= query
        assert due(pricing, query, owned) == 0
    assert paid == pricing.price(owned) <= pricing.price(frozenset(CELLS))


@settings(max_examples=slow_examples())
@given(view_lists(), queries)
def test_the_cheapest_views_are_the_cheapest_of_all_sets(views: list[View], wanted: Cells) -> None:
    brute = min(
        sum(view.price for view in chosen)
        for size in range(len(views) + 1)
        for chosen in combinations(views, size)
        if wanted <= frozenset().union(*(view.cells for view in chosen))
    )
    found = ViewPrices(views).cheapest(wanted)
    assert found.price == brute
    bought = [view for view in views if view.name in found.views]
    assert wanted <= frozenset().union(*(view.cells for view in bought))
    assert sum(view.price for view in bought) == found.price


@settings(max_examples=slow_examples(60))
@given(view_lists())
def test_views_that_pass_the_check_cannot_be_undercut(views: list[View]) -> None:
    prices = ViewPrices(views)
    undercut = {one.name for one in prices.arbitrage()}
    for view in views:
        assert (prices.price(view.cells) < view.price) == (view.name in undercut)


@st.composite
def version_lists(draw: st.DrawFn) -> list[Version]:
    xs = sorted(draw(st.sets(st.integers(1, 12), min_size=1, max_size=5)))
    return [
        Version(f"v{i}", Fraction(x, 4), Fraction(draw(st.integers(0, 60))))
        for i, x in enumerate(xs)
    ]


def cheapest_cover(versions: list[Version]) -> dict[str, Fraction]:
    """For each version the cheapest multiset with as much x, by trying them all, in quarters."""
    most = int(versions[-1].x * 4)
    best = [Fraction(0)] + [Fraction(10**9)] * most
    for amount in range(1, most + 1):
        for version in versions:
            rest = max(0, amount - int(version.x * 4))
            best[amount] = min(best[amount], best[rest] + version.price)
    return {version.name: best[int(version.x * 4)] for version in versions}


@settings(max_examples=slow_examples())
@given(version_lists())
def test_the_checker_finds_every_version_that_copies_undercut(versions: list[Version]) -> None:
    cheapest = cheapest_cover(versions)
    found = {one.name: one.cheaper.price for one in arbitrage(versions)}
    assert found == {
        version.name: cheapest[version.name]
        for version in versions
        if cheapest[version.name] < version.price
    }


@settings(max_examples=slow_examples())
@given(version_lists())
def test_a_repaired_curve_is_the_greatest_lawful_one_below_the_wish(
    versions: list[Version],
) -> None:
    repaired = lawful(versions)
    assert arbitrage(repaired.versions if _whole(repaired) else versions[:1]) == []
    for wish, version in zip(versions, repaired.versions, strict=True):
        assert version.price <= wish.price
    for index, version in enumerate(repaired.versions):
        dearer = list(repaired.versions)
        dearer[index] = Version(version.name, version.x, version.price + Fraction(1, 1000))
        assert breaks(dearer) or dearer[index].price > versions[index].price
    if not breaks(versions):
        assert list(repaired.versions) == versions


def _whole(curve: Curve) -> bool:
    return all(version.price.denominator == 1 for version in curve.versions)


quarters = st.integers(0, 48).map(lambda quarter: Fraction(quarter, 16))


@settings(max_examples=slow_examples())
@given(version_lists(), quarters, quarters)
def test_a_curve_stays_lawful_between_versions_and_after_rounding(
    versions: list[Version], one: Fraction, other: Fraction
) -> None:
    curve = lawful(versions)
    last = versions[-1].x
    if one + other <= last:
        whole = curve.price_at(one + other)
        assert curve.price_at(one) <= whole <= curve.price_at(one) + curve.price_at(other)


@settings(max_examples=slow_examples())
@given(version_lists(), st.lists(st.integers(1, 16), min_size=1, max_size=6))
def test_privacy_budget_costs_the_same_in_one_piece_or_many(
    versions: list[Version], pieces: list[int]
) -> None:
    total = Fraction(sum(pieces), 32)
    curve = lawful(versions)
    if total > curve.versions[-1].x:
        return
    budget = PrivacyBudget(curve, total)
    spent, paid = Fraction(0), 0
    for piece in pieces:
        paid += budget.due(Fraction(piece, 32), spent=spent)
        spent += Fraction(piece, 32)
    assert paid == budget.due(total)


@st.composite
def demand_lists(draw: st.DrawFn) -> list[Demand]:
    xs = sorted(draw(st.sets(st.integers(1, 12), min_size=1, max_size=5)))
    worth = sorted(draw(st.lists(st.integers(1, 60), min_size=len(xs), max_size=len(xs))))
    return [
        Demand(f"d{i}", Fraction(x), value, draw(st.integers(0, 5)))
        for i, (x, value) in enumerate(zip(xs, worth, strict=True))
    ]


@settings(max_examples=slow_examples())
@given(demand_lists())
def test_the_best_curve_is_the_best_of_all_choices_whom_to_serve(demands: list[Demand]) -> None:
    best = best_curve(demands)
    revenues = []
    for chosen in product([False, True], repeat=len(demands)):
        wished = [
            Version(one.name, one.x, Fraction(one.value if served else 10**6))
            for one, served in zip(demands, chosen, strict=True)
        ]
        sold = zip(demands, lawful(wished).versions, strict=True)
        revenues.append(
            sum((d.buyers * v.price for d, v in sold if v.price <= d.value), Fraction(0))
        )
    assert best.revenue == max(revenues)
    assert best.revenue <= best.bound
    assert breaks(best.curve.versions) == []


@st.composite
def wish_lists(draw: st.DrawFn) -> list[Wish]:
    bundles = draw(st.lists(queries.filter(bool), min_size=1, max_size=6))
    return [
        Wish(f"b{i}", frozenset(items), draw(st.integers(0, 60))) for i, items in enumerate(bundles)
    ]


def earned(wishes: list[Wish], posted: Posted) -> int:
    costs = [
        (
            wish,
            posted.bundle
            if posted.bundle is not None
            else sum(posted.items[i] for i in wish.items),
        )
        for wish in wishes
    ]
    return sum(cost for wish, cost in costs if cost <= wish.value)


@settings(max_examples=slow_examples(60))
@given(wish_lists())
def test_posted_prices_earn_what_they_say_and_the_best_of_their_family(wishes: list[Wish]) -> None:
    bundle, item, linear = (
        uniform_bundle_price(wishes),
        uniform_item_price(wishes),
        linear_item_prices(wishes),
    )
    for posted in (bundle, item, linear):
        assert posted.revenue == earned(wishes, posted) <= posted.bound
    assert bundle.revenue == max(p * sum(w.value >= p for w in wishes) for p in range(61))
    assert item.revenue == max(
        sum(p * len(w.items) for w in wishes if p * len(w.items) <= w.value) for p in range(61)
    )
    assert linear.revenue >= item.revenue
