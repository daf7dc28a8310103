"""Parameters, weights and deals that no method can use, refused by name; price guidance."""

from fractions import Fraction
from typing import Any

import pytest

from pricing.exact import BadValue
from pricing.worth.figures import guide_price, price_band
from pricing.worth.methods import run
from pricing.worth.reports import conclude
from tests.pricing.worth.strategies import COST, EXCESS, ROYALTY, SHARE


@pytest.mark.parametrize(
    ("name", "changed", "field"),
    [
        ("relief_from_royalty", {"rate": -1}, "rate"),
        ("relief_from_royalty", {"rate": "-1.5"}, "rate"),
        ("relief_from_royalty", {"rate": "NaN"}, "rate"),
        ("relief_from_royalty", {"rate": "Infinity"}, "rate"),
        ("relief_from_royalty", {"rate": 0.12}, "rate"),
        ("relief_from_royalty", {"rate": "12 %"}, "rate"),
        ("relief_from_royalty", {"rate": {"free": "-2"}}, "rate"),
        ("relief_from_royalty", {"royalty": "1.2"}, "royalty"),
        ("relief_from_royalty", {"tax": 1}, "tax"),
        ("relief_from_royalty", {"timing": "whenever"}, "timing"),
        ("relief_from_royalty", {"tab_life": "2.5"}, "tab_life"),
        ("relief_from_royalty", {"tab_life": -1}, "tab_life"),
        ("relief_from_royalty", {"rate": "-0.5", "tax": "0.99", "tab_life": 9}, "tab_life"),
        ("relief_from_royalty", {"revenue": []}, "revenue"),
        ("relief_from_royalty", {"revenue": [1, "x"]}, "revenue[1]"),
        ("relief_from_royalty", {"revenue": [1] * 201}, "revenue"),
        (
            "relief_from_royalty",
            {"revenue": {"first": 1, "growth": -1, "years": 2}},
            "revenue.growth",
        ),
        ("relief_from_royalty", {"revenue": {"first": 1, "years": 0}}, "revenue.years"),
        ("relief_from_royalty", {"misspelt": 1}, "misspelt"),
        ("multi_period_excess_earnings", {"contributory_charges": [1]}, "contributory_charges"),
        ("cost_with_return", {"costs": {}}, "costs"),
        ("cost_with_return", {"costs": {"all": -1}}, "costs.all"),
        ("cost_with_return", {"risk": "1.1"}, "risk"),
        ("cost_with_return", {"quality": "-0.1"}, "quality"),
        ("income_share", {"share": "1.5"}, "share[0]"),
        ("income_share", {"share": ["0.1"]}, "share"),
    ],
)
def test_a_parameter_that_is_none_is_refused_by_name(
    name: str, changed: dict[str, Any], field: str
) -> None:
    base = {
        "relief_from_royalty": ROYALTY,
        "multi_period_excess_earnings": EXCESS,
        "cost_with_return": COST,
        "income_share": SHARE,
    }[name]
    with pytest.raises(BadValue) as refused:
        run(name, {**base, **changed})
    assert refused.value.facts["field"] == field
    assert field in refused.value.message
    assert "accepted is" in refused.value.message


@pytest.mark.parametrize(
    ("name", "parameters", "field"),
    [
        ("tea_leaves", {}, "method"),
        (
            "cost_replacement",
            {"replacement_cost": 1, "functional_obsolescence": 1, "economic_obsolescence": 1},
            "economic_obsolescence",
        ),
        ("market_comparables", {"comparables": []}, "comparables"),
        (
            "market_comparables",
            {"comparables": [{"price": 1, "weight": "0.9"}]},
            "comparables.weight",
        ),
        (
            "market_comparables",
            {"comparables": [{"price": 1, "factors": {"quality": 0}}]},
            "comparables[0].factors.quality",
        ),
        (
            "income_scenarios",
            {"scenarios": [{"cash_flow": [1], "weight": 2, "rate": 0}]},
            "scenarios[0]",
        ),
        ("permitted_revenue", {"plan_cost": 1, "subsidy": 2, "permitted_profit": 0}, "subsidy"),
        (
            "unit_price_from_factors",
            {"reference_price": 1, "quality": 1, "reference_quality": 1, "exclusivity": "3.5"},
            "exclusivity",
        ),
        (
            "unit_price_from_value",
            {"asset_value": 1, "recovery": 1, "expected_units": 0},
            "expected_units",
        ),
    ],
)
def test_methods_name_what_they_cannot_use(
    name: str, parameters: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadValue) as refused:
        run(name, parameters)
    assert refused.value.facts["field"] == field


@pytest.mark.parametrize(
    ("weights", "options", "field"),
    [
        ({"a": "0.5", "b": "0.4"}, {}, "weights"),
        ({"a": "1"}, {}, "weights"),
        ({"a": "1.5", "b": "-0.5"}, {}, "weights.b"),
        ({"a": "0.5", "b": "0.5"}, {"rights_discount": "1.1"}, "rights_discount"),
    ],
)
def test_weights_that_do_not_sum_are_refused(
    weights: dict[str, str], options: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadValue) as refused:
        conclude({"a": Fraction(1), "b": Fraction(2)}, weights, **options)
    assert refused.value.facts["field"] == field


def test_a_band_of_deals_guides_a_mature_price() -> None:
    deals = ["4", "1", "3", "2", "5"]
    band = price_band(deals)
    assert band is not None
    assert [band.low, band.middle, band.high] == [2, 3, 4]
    assert band.deals == 5
    found = guide_price(cost_floor="2.5", income_per_unit="9", comparables=deals)
    assert (found.low, found.high, found.mature) == (Fraction("2.5"), Fraction(4), True)


def test_few_deals_leave_cost_and_income() -> None:
    found = guide_price(
        cost_floor="2.31", income_per_unit="3.30", comparables=["9", "10", "11", "12"]
    )
    assert (found.low, found.high) == (Fraction("2.31"), Fraction("3.30"))
    assert not found.mature
    assert found.band is not None
    assert price_band([]) is None


def test_income_that_does_not_bear_the_cost_says_so() -> None:
    found = guide_price(cost_floor="3", income_per_unit="2")
    assert (found.low, found.high, found.covers_cost) == (Fraction(3), Fraction(3), False)
    with pytest.raises(BadValue, match="cost_floor"):
        guide_price(cost_floor="-1", income_per_unit="2")
    with pytest.raises(BadValue, match=r"comparables\[1\]"):
        guide_price(cost_floor="1", income_per_unit="2", comparables=["1", "0"])
