"""Laws of values: what more income, more risk, better data and other weights must do."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.worth.figures import guide_price, price_band
from pricing.worth.methods import run
from pricing.worth.reports import conclude
from tests.depth import slow_examples

pytestmark = pytest.mark.deep

flows = st.lists(st.integers(0, 10**7), min_size=1, max_size=8)
rates = st.integers(0, 60).map(lambda percent: Fraction(percent, 100))
shares = st.integers(0, 100).map(lambda percent: Fraction(percent, 100))
taxes = st.integers(0, 60).map(lambda percent: Fraction(percent, 100))
timings = st.sampled_from(["end of year", "mid year", "start of year"])


def royalty(revenue: list[Any], **changed: object) -> Fraction:
    parameters: dict[str, object] = {
        "revenue": revenue,
        "royalty": "0.05",
        "tax": "0.25",
        "rate": "0.12",
        "timing": "end of year",
        "tab_life": 5,
    }
    return run("relief_from_royalty", {**parameters, **changed}).value


@settings(max_examples=slow_examples())
@given(flows, rates, taxes, timings, st.integers(-3, 7))
def test_a_value_is_linear_in_its_cash_flow(
    revenue: list[int], rate: Fraction, tax: Fraction, timing: str, times: int
) -> None:
    one = royalty(revenue, rate=rate, tax=tax, timing=timing)
    assert (
        royalty([times * flow for flow in revenue], rate=rate, tax=tax, timing=timing)
        == times * one
    )
    assert royalty(
        [flow + 100 for flow in revenue], rate=rate, tax=tax, timing=timing
    ) == one + royalty([100] * len(revenue), rate=rate, tax=tax, timing=timing)


@settings(max_examples=slow_examples())
@given(flows, rates, rates, timings)
def test_a_higher_rate_never_raises_a_value(
    revenue: list[int], one: Fraction, other: Fraction, timing: str
) -> None:
    low, high = sorted((one, other))
    # The benefit falls too, since the tax is saved later.
    assert royalty(revenue, rate=high, timing=timing) <= royalty(revenue, rate=low, timing=timing)
    bare = {"timing": timing, "tab_life": None}
    assert 0 <= royalty(revenue, rate=high, **bare) <= royalty(revenue, rate=low, **bare)


@settings(max_examples=slow_examples())
@given(flows, rates, timings)
def test_no_royalty_no_value(revenue: list[int], rate: Fraction, timing: str) -> None:
    assert royalty(revenue, royalty=0, rate=rate, timing=timing) == 0


@settings(max_examples=slow_examples())
@given(rates, taxes, st.integers(1, 15))
def test_the_tax_benefit_is_one_without_tax_and_never_less(
    rate: Fraction, tax: Fraction, life: int
) -> None:
    parameters = {"revenue": [1], "royalty": 1, "rate": rate, "tab_life": life}
    benefit = run("relief_from_royalty", {**parameters, "tax": tax}).figure("tax benefit")
    assert benefit >= 1
    assert (benefit == 1) == (tax == 0)


@settings(max_examples=slow_examples())
@given(
    st.integers(0, 10**8), *[st.integers(0, 100).map(lambda percent: Fraction(percent, 100))] * 4
)
def test_better_data_is_worth_more_and_risk_less(
    cost: int, low: Fraction, high: Fraction, safe: Fraction, risky: Fraction
) -> None:
    def value(quality: Fraction, risk: Fraction) -> Fraction:
        return run(
            "cost_with_return",
            {
                "costs": {"all": cost},
                "return_rate": 0,
                "quality": quality,
                "circulation": 1,
                "monopoly": 0,
                "risk": risk,
            },
        ).value

    (low, high), (safe, risky) = sorted((low, high)), sorted((safe, risky))
    assert 0 <= value(low, safe) <= value(high, safe) <= cost  # all factors are at most one
    assert value(high, risky) <= value(high, safe)


@settings(max_examples=slow_examples())
@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_obsolescence_takes_off_what_it_says(cost: int, functional: int, economic: int) -> None:
    parameters = {
        "replacement_cost": cost + functional + economic,
        "functional_obsolescence": functional,
        "economic_obsolescence": economic,
    }
    assert run("cost_replacement", parameters).value == cost


@settings(max_examples=slow_examples())
@given(flows, rates, timings)
def test_a_share_of_everything_is_the_direct_income(
    revenue: list[int], rate: Fraction, timing: str
) -> None:
    direct = run("income_direct", {"cash_flow": revenue, "rate": rate, "timing": timing}).value
    whole = run("income_share", {"revenue": revenue, "share": 1, "rate": rate, "timing": timing})
    without = [0] * len(revenue)
    more = {"with": revenue, "without": without, "rate": rate, "timing": timing}
    assert whole.value == direct == run("income_increment", more).value
    assert direct == run("with_and_without", more).value


@settings(max_examples=slow_examples())
@given(
    st.lists(st.integers(1, 10**6).map(Fraction), min_size=1, max_size=5),
    st.data(),
    shares,
)
def test_a_conclusion_lies_between_its_methods_less_the_discount(
    values: list[Fraction], data: st.DataObject, discount: Fraction
) -> None:
    cuts = sorted(
        data.draw(st.lists(st.integers(0, 100), min_size=len(values) - 1, max_size=len(values) - 1))
    )
    weights = [Fraction(b - a, 100) for a, b in zip([0, *cuts], [*cuts, 100], strict=True)]
    named = {str(i): value for i, value in enumerate(values)}
    found = conclude(named, {str(i): w for i, w in enumerate(weights)}, rights_discount=discount)
    assert min(values) <= found.weighted <= max(values)
    assert found.value == found.weighted * (1 - discount)
    assert found.spread is not None
    assert found.spread >= 1
    assert found.wide == (found.spread > Fraction(3, 2))


@settings(max_examples=slow_examples())
@given(
    st.lists(st.integers(1, 1000).map(Fraction), min_size=1, max_size=30),
    st.integers(0, 500),
    st.integers(0, 500),
)
def test_guidance_never_lies_below_cost(prices: list[Fraction], floor: int, income: int) -> None:
    band = price_band(prices)
    assert band is not None
    assert min(prices) <= band.low <= band.middle <= band.high <= max(prices)
    found = guide_price(cost_floor=floor, income_per_unit=income, comparables=prices)
    assert floor <= found.low <= found.high
    assert found.mature == (len(prices) >= 5)


@settings(max_examples=slow_examples())
@given(
    st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 3 * 10**6)
)
def test_what_is_earned_above_the_cap_is_given_back(
    cost: int, profit: int, brought: int, actual: int
) -> None:
    found = run(
        "permitted_revenue",
        {
            "plan_cost": cost,
            "permitted_profit": profit,
            "excess_brought_forward": brought,
            "actual_revenue": actual,
        },
    )
    carried = found.figure("excess carried forward")
    assert found.value == max(0, cost + profit - brought)
    # Over the cycles nobody keeps more than what they permit.
    kept = actual + brought - carried
    assert kept <= cost + profit
    assert kept == cost + profit or actual < found.value
