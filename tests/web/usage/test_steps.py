"""The steps of a price are sentences with amounts of money and the meter's name."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import translation

from exchange.web.usage.cost import charge_lines
from exchange.web.usage.rates import rates_in_words
from pricing.charges.plans import Plan, read_plan
from pricing.charges.quotes import Quote, make_quote
from pricing.charges.requests import read_request

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC).isoformat()
TIERS = [{"up_to": 200, "unit": "75"}, {"up_to": 1000, "unit": "55"}, {"up_to": None, "unit": "40"}]
FLATS = [{"up_to": 10, "flat": "5"}, {"up_to": None, "unit": "0.5", "flat": "2"}]


def _plan(charge: dict[str, Any], **more: Any) -> Plan:
    charges = [{"name": "lookups", "meter": "lookups", **charge}]
    return read_plan(
        {"plan": "p", "version": 1, "currency": "CNY", "charges": [*charges, *more.pop("also", [])]}
        | more
    )


def _quote(plan: Plan, units: int, **more: Any) -> Quote:
    usage = dict.fromkeys(plan.meters, units)
    return make_quote(plan, read_request({"usage": usage, "issued_at": NOON} | more, plan))


def _said(quote: Quote) -> list[str]:
    return [sentence for line in charge_lines(quote) for sentence in line.lines]


@pytest.mark.parametrize(
    ("charge", "units", "said"),
    [
        (
            {"model": "graduated", "tiers": TIERS},
            1_250,
            [
                "First 200 lookups × CN¥75.00 = CN¥15,000.00",
                "Next 800 lookups × CN¥55.00 = CN¥44,000.00",
                "Next 250 lookups × CN¥40.00 = CN¥10,000.00",
            ],
        ),
        (
            {"model": "graduated", "tiers": TIERS},
            1,
            ["First 1 lookup × CN¥75.00 = CN¥75.00"],
        ),
        (
            {"model": "graduated", "tiers": FLATS},
            12,
            [
                "Tier up to 10: CN¥5.00 once",
                "Next 2 lookups × CN¥0.50 = CN¥1.00",
                "Tier above 10: CN¥2.00 once",
            ],
        ),
        (
            {"model": "volume", "tiers": TIERS},
            1_000,
            ["All 1,000 lookups × CN¥55.00 = CN¥55,000.00"],
        ),
        (
            {"model": "per_unit", "unit": "0.0125", "free_units": 20},
            5,
            [
                "5 of 20 lookups that are free in each period",
                "0 lookups × CN¥0.0125 = CN¥0.00",
            ],
        ),
        (
            {"model": "per_unit", "unit": "0.0125", "free_units": 20},
            5_020,
            [
                "20 of 20 lookups that are free in each period",
                "5,000 lookups × CN¥0.0125 = CN¥62.50",
            ],
        ),
        (
            {"model": "package", "package_size": 1000, "package_price": "30"},
            2_100,
            ["3 packages of 1,000 lookups × CN¥30.00 = CN¥90.00"],
        ),
        (
            {"model": "per_unit", "unit": "2", "convert": {"op": "divide", "factor": 1000,
             "rounding": "ceiling"}},
            2_100,
            ["2,100 lookups counted as 3", "3 units × CN¥2.00 = CN¥6.00"],
        ),
        (
            {"model": "per_unit", "unit": "1", "convert": {"op": "divide", "factor": 3}},
            1,
            ["1 lookup counted as ≈ 0.333333", "≈ 0.333333 units × CN¥1.00 = ≈ CN¥0.333333"],
        ),
        (
            {"model": "per_unit", "unit": "1", "discount_percent": 20, "maximum": "50"},
            100,
            [
                "100 lookups × CN¥1.00 = CN¥100.00",
                "20 % off CN¥100.00",
                "Down to the maximum of CN¥50.00",
            ],
        ),
    ],
)  # fmt: skip
def test_each_step_of_a_charge_is_a_sentence(
    charge: dict[str, Any], units: int, said: list[str]
) -> None:
    assert _said(_quote(_plan(charge), units)) == said


def test_what_is_added_and_taken_off_below_is_said_as_well() -> None:
    base = {"name": "base", "model": "flat", "amount": "100"}
    plan = _plan({"model": "per_unit", "unit": "1"}, also=[base], minimum="500")
    lines = charge_lines(_quote(plan, 50))
    assert [(line.name, line.lines, str(line.amount)) for line in lines] == [
        ("lookups", ("50 lookups × CN¥1.00 = CN¥50.00",), "50.00 CNY"),
        ("Base fee", ("Fixed fee of CN¥100.00",), "100.00 CNY"),
        ("The least of a period", ("Up to the minimum of CN¥500.00",), "350.00 CNY"),
    ]


def test_periods_of_grace_and_samples_are_said() -> None:
    plan = _plan({"model": "per_unit", "unit": "1", "sample_units": 10}, grace_periods=2)
    assert _said(_quote(plan, 50, period_number=1)) == [
        "10 of 10 lookups that are free once, as a sample",
        "40 lookups × CN¥1.00 = CN¥40.00",
        "The first 2 periods cost nothing.",
    ]


def test_the_steps_are_said_in_chinese() -> None:
    with translation.override("zh-hans"):
        assert _said(_quote(_plan({"model": "graduated", "tiers": TIERS}), 1_250)) == [
            "前 200 次查询 × ¥75.00 = ¥15,000.00",
            "其后 800 次查询 × ¥55.00 = ¥44,000.00",
            "其后 250 次查询 × ¥40.00 = ¥10,000.00",
        ]


def test_a_rate_after_conversion_names_what_it_is_for() -> None:
    convert = {"op": "divide", "factor": 1000, "rounding": "ceiling"}
    plan = _plan({"model": "per_unit", "unit": "2", "convert": convert})
    assert rates_in_words(plan) == ("CN¥2.00 for each of the units of 1,000 lookups",)
