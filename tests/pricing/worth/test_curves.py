"""Version curves, privacy budgets and the menu of two qualities."""

from fractions import Fraction
from typing import Any

import pytest

from pricing.exact import BadValue
from pricing.worth.curves import (
    BudgetSpent,
    Curve,
    CurveInvitesArbitrage,
    Demand,
    PrivacyBudget,
    Version,
    arbitrage,
    best_curve,
    breaks,
    lawful,
    read_versions,
    two_quality_menu,
)
from pricing.worth.views import Arbitrage, Combination


def versions(*points: tuple[object, object]) -> list[Version]:
    return [
        Version(f"v{i}", Fraction(str(x)), Fraction(str(price)))
        for i, (x, price) in enumerate(points, 1)
    ]


def prices(curve: Curve) -> list[Fraction]:
    return [version.price for version in curve.versions]


def test_two_copies_that_cost_less_than_the_better_version_are_found() -> None:
    found = arbitrage(versions((1, 10), (2, 25)))
    assert found == [Arbitrage("v2", 25, Combination(("2 × v1",), 20))]
    assert prices(lawful(versions((1, 10), (2, 25)))) == [10, 20]


def test_a_better_version_for_less_is_found() -> None:
    found = arbitrage(versions((1, 30), (2, 20)))
    assert found == [Arbitrage("v1", 30, Combination(("v2",), 20))]
    assert prices(lawful(versions((1, 30), (2, 20)))) == [20, 20]


def test_a_break_of_the_law_without_a_cheaper_combination_is_no_arbitrage() -> None:
    # 1.5 for 16 is dearer for each x than 1 for 10, but two of the first cost 20.
    given = versions((1, 10), ("1.5", 16))
    assert breaks(given) == [
        "v2 costs 10.66666666666666666666666667 for each x, more than the 10 of v1."
    ]
    assert arbitrage(given) == []


def test_copies_of_several_versions_are_combined() -> None:
    found = arbitrage(versions((2, 20), (3, 29), (5, 50), (7, 80)))
    assert found == [
        Arbitrage("v3", 50, Combination(("v1", "v2"), 49)),
        Arbitrage("v4", 80, Combination(("2 × v1", "v2"), 69)),
    ]


def test_a_lawful_curve_prices_everything_between() -> None:
    curve = Curve(tuple(versions(("0.5", 100), (1, 180), (4, 300))))
    assert [curve.price_at(x) for x in ("0", "0.25", "0.5", "0.75", "1", "2", "4")] == [
        0,
        50,
        100,
        140,
        180,
        220,
        300,
    ]
    assert curve.price_at("0.001") == 1  # rounded up, or a thousand of them would be free
    with pytest.raises(BadValue, match="accepted is 0 to 4"):
        curve.price_at("4.01")


def test_an_unlawful_curve_is_refused_with_its_figures() -> None:
    with pytest.raises(CurveInvitesArbitrage) as refused:
        Curve(tuple(versions((1, 10), (2, 25))))
    assert refused.value.facts["value"] == "v2 costs 12.5 for each x, more than the 10 of v1."


@pytest.mark.parametrize(
    ("rows", "field"),
    [
        ([], "versions"),
        ([{"x": 0, "price": 1}], "versions[0].x"),
        ([{"x": "NaN", "price": 1}], "versions[0].x"),
        ([{"x": 1, "price": -1}], "versions[0].price"),
        ([{"x": 0.5, "price": 1}], "versions[0].x"),
        ([{"x": 2, "price": 1}, {"x": 1, "price": 1}], "versions.x=1.x"),
        ([{"x": "0.0000001", "price": 1}, {"x": 1, "price": 1}], "versions.x=0.0000001.x"),
        ([{"x": 1, "price": "1.5"}], "versions.x=1.price"),
    ],
)
def test_versions_that_are_none_are_refused(rows: list[dict[str, Any]], field: str) -> None:
    with pytest.raises(BadValue) as refused:
        arbitrage(read_versions(rows))
    assert refused.value.facts["field"] == field


def test_the_curve_that_earns_most() -> None:
    demands = [
        Demand("sketch", Fraction(1), 10, 30),
        Demand("sample", Fraction(2), 30, 10),
        Demand("full", Fraction(10), 60, 20),
    ]
    best = best_curve(demands)
    # Selling the sketch at 10 caps the sample at 20: 300 + 200 + 1200; the full is not capped.
    assert prices(best.curve) == [10, 20, 60]
    assert best.revenue == 1700
    assert best.bound == 1800
    assert best.served == ("sketch", "sample", "full")


def test_a_small_demand_is_left_out_where_it_would_cap_the_others() -> None:
    demands = [Demand("poor", Fraction(1), 1, 5), Demand("rich", Fraction(2), 100, 5)]
    best = best_curve(demands)
    assert prices(best.curve) == [100, 100]
    assert best.revenue == 500
    assert best.served == ("rich",)


@pytest.mark.parametrize(
    ("demands", "field"),
    [
        ([], "demands"),
        ([Demand("a", Fraction(1), 5), Demand("b", Fraction(1), 6)], "demands.b.x"),
        ([Demand("a", Fraction(1), 5), Demand("b", Fraction(2), 4)], "demands.b.value"),
        ([Demand("a", Fraction(1), -5)], "demands.a.value"),
        ([Demand("a", Fraction(1), 5, -1)], "demands.a.buyers"),
    ],
)
def test_demands_that_are_none_are_refused(demands: list[Demand], field: str) -> None:
    with pytest.raises(BadValue) as refused:
        best_curve(demands)
    assert refused.value.facts["field"] == field


def test_a_privacy_budget_is_paid_once() -> None:
    curve = Curve(tuple(versions((1, 1000), (5, 3000))))
    budget = PrivacyBudget(curve, Fraction(5))
    assert budget.due("0.5") == 500
    assert budget.due("0.5", spent="0.5") == 500
    assert budget.due(1, spent=1) == 500
    assert budget.due("1.2", spent="3.8") == 600
    with pytest.raises(BudgetSpent) as refused:
        budget.due("1.3", spent="3.8")
    assert refused.value.facts == {"field": "epsilon", "value": "1.3", "accepted": "1.2"}
    with pytest.raises(BadValue, match="epsilon"):
        budget.due("0")


def test_the_high_quality_leaves_what_the_low_would_give() -> None:
    menu = two_quality_menu(low_type=(40, 50), high_type=(60, 100), low_buyers=10, high_buyers=10)
    assert (menu.low, menu.high, menu.revenue) == (40, 80, 1200)
    few = two_quality_menu(low_type=(40, 50), high_type=(60, 100), low_buyers=4, high_buyers=10)
    assert (few.low, few.high, few.revenue) == (None, 100, 1000)


def test_a_menu_needs_types_in_their_order() -> None:
    with pytest.raises(BadValue, match="high_type"):
        two_quality_menu(low_type=(40, 90), high_type=(60, 100), low_buyers=1, high_buyers=1)
    with pytest.raises(BadValue, match="low_type"):
        two_quality_menu(low_type=(40, 30), high_type=(60, 100), low_buyers=1, high_buyers=1)
