"""Every method against a figure worked outside this program."""

from fractions import Fraction
from typing import Any

import pytest

from pricing.exact import BadValue, to_places
from pricing.worth.methods import METHODS, run
from pricing.worth.reports import conclude
from pricing.worth.workings import BY_DEFAULT, Discounting, Standing
from tests.pricing.worth.strategies import COST, EXCESS, ROYALTY, SHARE

FACTORS = [
    ("1.05", "1.02", "1.03", "1.10"),
    ("0.98", "1", "1.01", "1.08"),
    ("0.92", "0.97", "1", "0.95"),
]
COMPARABLES = [
    {"price": price, "factors": dict(zip("abcd", row, strict=True))}
    for price, row in zip((800000, 950000, 1200000), FACTORS, strict=True)
]


def value(name: str, parameters: dict[str, Any], places: int = 2) -> str:
    return f"{float(to_places(run(name, parameters).value, places)):.{places}f}"


@pytest.mark.parametrize(
    ("name", "parameters", "expected"),
    [
        ("cost_adjusted", {"costs": {"all": 1000000}, "adjustment": "0.95"}, "950000.00"),
        (
            "cost_replacement",
            {
                "replacement_cost": 1000000,
                "functional_obsolescence": 120000,
                "economic_obsolescence": 80000,
            },
            "800000.00",
        ),
        ("cost_with_return", COST, "957600.00"),
        ("income_share", SHARE, "1226636.79"),
        (
            "income_excess",
            {
                "revenue": [280000, 320000, 350000, 350000, 310000],
                "contributions": [0, 0, 0, 0, 0],
                "rate": "0.14",
            },
            "1096316.06",
        ),
        ("income_direct", {"cash_flow": [110, 121], "rate": "0.1"}, "200.00"),
        ("income_increment", {"with": [220, 242], "without": [110, 121], "rate": "0.1"}, "200.00"),
        (
            "income_scenarios",
            {
                "scenarios": [
                    {"cash_flow": [110, 121], "weight": "0.6", "rate": "0.1"},
                    {"cash_flow": [120], "weight": "0.5", "rate": "0.2"},
                ]
            },
            "170.00",
        ),
        ("relief_from_royalty", ROYALTY, "194163.76"),
        ("multi_period_excess_earnings", EXCESS, "600049.19"),
        ("with_and_without", {"with": [220, 242], "without": [110, 121], "rate": "0.1"}, "200.00"),
        ("market_comparables", {"comparables": COMPARABLES}, "1001208.40"),
        (
            "unit_price_from_value",
            {"asset_value": "1100840.08", "recovery": "0.30", "expected_units": 100000},
            "3.30",
        ),
        ("unit_price_from_cost", {"unit_cost": "1.85", "margin": "0.25"}, "2.31"),
        (
            "unit_price_from_factors",
            {
                "reference_price": 4,
                "quality": "0.9585",
                "reference_quality": "0.90",
                "half_life_days": 30,
                "age_days": 10,
                "concession": "0.8",
            },
            "2.70",
        ),
        (
            "security_return",
            {
                "single_loss": 5000000,
                "occurrences_before": "0.20",
                "occurrences_after": "0.05",
                "cost": 300000,
            },
            "1.50",
        ),
        (
            "permitted_revenue",
            {"plan_cost": 1200000, "subsidy": 200000, "permitted_profit": 60000},
            "1060000.00",
        ),
    ],
)
def test_a_method_gives_its_worked_figure(
    name: str, parameters: dict[str, Any], expected: str
) -> None:
    assert value(name, parameters) == expected


def test_every_method_has_a_worked_figure() -> None:
    marks = test_a_method_gives_its_worked_figure.pytestmark
    assert {row[0] for row in marks[0].args[1]} == set(METHODS)


def test_the_steps_of_relief_from_royalty_can_be_redone_by_hand() -> None:
    found = run("relief_from_royalty", ROYALTY)
    assert to_places(found.figure("present value"), 2) == Fraction("159167.92")
    assert to_places(found.figure("tax benefit"), 10) == Fraction("1.2198674594")
    assert found.figure("year 1") == Fraction(37500) / Fraction("1.12")
    year = next(step for step in found.steps if step.name == "year 2")
    assert (year.formula, year.working) == ("F_t × 1/(1 + i)^t", "41250 × 0.7971938776")


def test_timing_moves_the_value_by_what_it_says() -> None:
    values = {
        timing: run("relief_from_royalty", {**ROYALTY, "timing": timing, "tab_life": None}).value
        for timing in ("end of year", "mid-year", "start of year")
    }
    assert values["start of year"] == values["end of year"] * Fraction("1.12")
    assert values["mid-year"] ** 2 == pytest.approx(
        values["end of year"] * values["start of year"], rel=1e-15
    )


def test_the_tax_benefit_is_a_field() -> None:
    none = run("relief_from_royalty", {**ROYALTY, "tab_life": None})
    assert none.value == none.figure("present value")
    assert run("relief_from_royalty", {**ROYALTY, "tax": 0}).figure("tax benefit") == 1
    longer = run("relief_from_royalty", {**ROYALTY, "tab_life": 10}).figure("tax benefit")
    assert 1 < longer < run("relief_from_royalty", ROYALTY).figure("tax benefit")


def test_a_rate_is_built_up_from_its_parts() -> None:
    assert run("income_share", SHARE).figure("rate built up") == Fraction("0.14")


def test_circulation_and_monopoly_follow_from_volumes() -> None:
    volumes = {"open": 10, "public": 20, "shared": 30, "not_shared": 40}
    weights = {"open": "1.4", "public": "1.2", "shared": "1", "not_shared": "0.8"}
    parts = {key: entry for key, entry in COST.items() if key not in ("circulation", "monopoly")}
    found = run(
        "cost_with_return",
        {
            **parts,
            "circulation_volumes": volumes,
            "circulation_weights": weights,
            "own_volume": 25,
            "industry_volume": 100,
        },
    )
    assert found.figure("circulation") == 1
    assert found.figure("monopoly") == Fraction(1, 4)
    assert found.value == Fraction(957600) / Fraction("0.8")


def test_charges_of_several_assets_are_summed() -> None:
    rows = [[30000] * 5, [20000, 22000, 24000, 26000, 28000]]
    several = run("multi_period_excess_earnings", {**EXCESS, "contributory_charges": rows})
    assert several.value == run("multi_period_excess_earnings", EXCESS).value


def test_comparables_may_be_weighted_and_factors_be_quotients() -> None:
    rows = [
        {"price": 100, "weight": "0.25", "factors": {"volume": {"own": 30, "reference": 20}}},
        {"price": 200, "weight": "0.75"},
    ]
    assert run("market_comparables", {"comparables": rows}).value == Fraction("187.5")


def test_security_shows_its_cap_and_its_share_of_revenue() -> None:
    found = run(
        "security_return",
        {
            "single_loss": 5000000,
            "occurrences_before": "0.20",
            "occurrences_after": "0.05",
            "cost": 300000,
            "revenue": "2264150.94",
        },
    )
    assert found.figure("ALE before") == 1000000
    assert found.figure("ALE after") == 250000
    assert to_places(found.figure("Gordon–Loeb cap"), 0) == 367879
    assert to_places(found.figure("cost to revenue"), 4) == Fraction("0.1325")


def test_what_was_earned_above_the_cap_comes_off_the_next_cycle() -> None:
    cycle = {"plan_cost": 1200000, "subsidy": 200000, "permitted_profit": 60000}
    first = run("permitted_revenue", {**cycle, "actual_revenue": 1100000})
    assert first.figure("excess carried forward") == 40000
    second = run("permitted_revenue", {**cycle, "excess_brought_forward": 40000})
    assert second.value == 1020000
    third = run("permitted_revenue", {**cycle, "excess_brought_forward": 2000000})
    assert (third.value, third.figure("excess carried forward")) == (Fraction(0), Fraction(940000))


def test_the_conclusion_of_the_rule_book() -> None:
    values = {
        "cost": Fraction("957600"),
        "income": run("income_share", SHARE).value,
        "market": Fraction("1001208.40"),
    }
    weights = {"cost": "0.3", "income": "0.5", "market": "0.2"}
    found = conclude(values, weights)
    assert to_places(found.value, 2) == Fraction("1100840.08")
    assert found.spread is not None
    assert to_places(found.spread, 3) == Fraction("1.281")
    assert not found.wide
    assert to_places(conclude(values, weights, rights_discount="0.25").value, 2) == Fraction(
        "825630.06"
    )
    assert conclude(values, weights, spread_limit="1.28").wide


def test_a_method_that_gives_zero_makes_the_spread_wide() -> None:
    found = conclude({"a": Fraction(0), "b": Fraction(1)}, {"a": "0.5", "b": "0.5"})
    assert found.spread is None
    assert found.wide


def test_formulas_from_memory_are_labelled_decision_support() -> None:
    support = {name for name, one in METHODS.items() if one.standing is Standing.DECISION_SUPPORT}
    assert {"cost_adjusted", "cost_with_return", "market_comparables", "security_return"} <= support
    assert "relief_from_royalty" not in support


def test_what_is_taken_by_default_says_so() -> None:
    sources = {
        one.name: one.source for one in run("multi_period_excess_earnings", EXCESS).parameters
    }
    assert sources["timing"] == BY_DEFAULT
    with pytest.raises(BadValue) as refused:
        run(
            "income_direct",
            {"cash_flow": {"value": [1], "source": "plan"}, "rate": "0.1"},
            strict=True,
        )
    assert refused.value.facts["field"] == "rate.source"


def test_factors_of_a_year() -> None:
    assert Discounting(Fraction(1, 10)).factor(2) == Fraction(100, 121)
    assert Discounting(Fraction(0)).factor(7) == 1
