"""Charge models where the worked tables do not reach: events, prorated tiers, plan changes."""

import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from pricing.cases import evaluate
from pricing.charges.commitments import CreditsLeftOver, apply_credits
from pricing.charges.models import (
    LineKind,
    Percentage,
    Usage,
    Volume,
    read_percentage,
)
from pricing.charges.plans import read_plan
from pricing.charges.proration import (
    UnitEvent,
    change_plan,
    coefficient,
    credit_note,
    overlap,
    prorated_graduated,
    read_span,
)
from pricing.charges.quotes import price_charge
from pricing.charges.tiers import read_tiers
from pricing.exact import BadValue, exact_text, text, to_places
from pricing.money import Money
from pricing.refusals import CurrencyMismatch, RefundTooLarge
from tests.pricing.charges.strategies import plan, price_events

TWO_TIERS = [
    {"up_to": "5", "unit": "10", "flat": "100"},
    {"up_to": None, "unit": "5", "flat": "50"},
]


def exact(*values: str) -> list[Fraction]:
    return [Fraction(value) for value in values]


@pytest.mark.parametrize(
    ("units", "prorated", "amount"),
    [
        (["5", "5", "10", "-6"], ["3.5", "2.66667", "2", "-2.2"], "197.33"),
        (["2", "5", "10", "-6"], ["1.4", "2.66667", "2", "-2.2"], "184.33"),
        (["5", "2", "-4", "10"], ["3.5", "1", "-1.6", "2"], "190"),
        (["5", "-100"], ["2", "-33.33"], "0"),
        (["7", "3"], ["0", "1.5"], "115"),  # the seven count for nothing in this period
        (["7", "-7", "3"], ["0", "0", "1.5"], "115"),
        ([], [], "100"),
    ],
)
def test_prorated_units_are_billed_in_the_tier_of_the_running_full_units(
    units: list[str], prorated: list[str], amount: str
) -> None:
    events = [UnitEvent(*pair) for pair in zip(exact(*units), exact(*prorated), strict=True)]
    assert text(to_places(prorated_graduated(events, read_tiers(TWO_TIERS)), 2)) == amount


def test_volume_prices_may_take_their_tier_from_another_quantity() -> None:
    tiers = [{"up_to": "200", "unit": "1"}, {"up_to": None, "unit": "0.5", "flat": "50"}]
    lines = Volume(read_tiers(tiers)).lines(Usage(Fraction("198.6"), selector=Fraction(300)))
    assert text(sum((line.amount for line in lines), Fraction(0))) == "149.3"


@pytest.mark.parametrize(
    ("fields", "events", "amount"),
    [
        ({"rate": "2", "free_events": "1"}, ["10", "80"], "1.6"),
        ({"rate": "2", "free_events": "5", "fixed": "1"}, ["10", "80"], "0"),
        ({"rate": "2", "free_amount": "10", "fixed": "1"}, ["10", "80"], "3.6"),
        ({"rate": "2", "free_amount": "11", "fixed": "1"}, ["10", "80"], "2.58"),
        ({"rate": "2", "fixed": "2"}, ["0", "0"], "4"),
        ({"rate": "2", "fixed": "1", "min": "0"}, ["0", "0"], "2"),
        ({"rate": "2", "free_amount": "10", "fixed": "1", "min": "0"}, ["10", "80"], "3.6"),
        ({"rate": "2", "free_events": "1", "free_amount": "500", "max": "9"}, ["10", "80"], "1.6"),
    ],
)
def test_the_first_exhausted_freedom_ends_both(
    fields: dict[str, Any], events: list[str], amount: str
) -> None:
    assert text(price_events(read_percentage(fields), exact(*events))) == amount


def test_nothing_is_free_of_a_turnover_without_running_totals() -> None:
    pricing = Percentage(rate=Fraction(1, 100), free_amount=Fraction(250))
    assert pricing.free_of([]).amount == 0
    assert pricing.free_of(exact("100", "250", "400")).events == 1


def test_a_plan_change_gives_back_the_old_rest_and_bills_the_new_one() -> None:
    change = change_plan(Fraction(10), Fraction(20), Fraction(1, 2))
    assert [change.credit, change.debit, change.net] == exact("-5", "10", "5")
    with pytest.raises(BadValue, match="fraction_left"):
        change_plan(Fraction(10), Fraction(20), Fraction(3, 2))


def test_a_credit_note_taxes_the_precise_amount() -> None:
    # 1.6 is given back as 2; its tax of 25 % is 0.4, so 0. The tax of the rounded 2 would be 1.
    note = credit_note(Fraction("1.6"), Fraction(1, 4))
    assert (note.sub_total, note.tax, note.total) == (2, 0, 2)


def test_days_and_seconds_measure_the_covered_part() -> None:
    january = read_span("2026-01-01", "2026-02-01", "period")
    assert overlap(read_span("2026-01-15", "2026-03-01", "service"), january) == Fraction(17, 31)
    day = read_span("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "period")
    noon = read_span("2026-01-01T20:00:00+08:00", "2026-01-03T00:00:00Z", "service")
    assert overlap(noon, day) == Fraction(1, 2)
    with pytest.raises(BadValue, match="days or instants"):
        overlap(january, day)
    assert coefficient(Fraction(59), Fraction(31)) == 1
    assert coefficient(Fraction(0), Fraction(31)) == 1


def test_credits_are_used_in_their_order_until_nothing_is_due() -> None:
    assert apply_credits(Fraction(100), exact("75", "75")) == [75, 25]
    with pytest.raises(CreditsLeftOver) as refused:
        apply_credits(Fraction(100), exact("75", "75"), all_of_them=True)
    assert refused.value.facts == {"field": "credits", "value": "150", "accepted": "100"}


def test_each_line_says_what_it_is_and_what_it_costs() -> None:
    charge = read_plan(
        plan(
            {
                "name": "calls", "model": "graduated", "meter": "calls", "free_units": "1",
                "convert": {"op": "divide", "factor": "1000", "rounding": "ceiling"},
                "tiers": [{"up_to": "10", "unit": "8"}, {"up_to": None, "unit": "6.5", "flat": "3"}],
                "discount_percent": "10", "maximum": "100",
            }
        )
    ).charges[0]  # fmt: skip
    priced = price_charge(charge, Usage(Fraction(18_400)), currency="CNY")
    assert [(line.kind, line.text, exact_text(line.amount)) for line in priced.lines] == [
        (LineKind.CONVERTED, "18400 metered units count as 19", "0"),
        (LineKind.FREE, "1 of 1 free units used", "0"),
        (LineKind.TIER, "tier 1 (from 0, up to 10): 10 units at 8 = 80", "80"),
        (LineKind.TIER, "tier 2 (above 10, without end): 8 units at 6.5 = 52", "52"),
        (LineKind.TIER_FLAT, "tier 2 (above 10, without end): flat price of 3", "3"),
        (LineKind.DISCOUNT, "10 % off 135", "-13.5"),
        (LineKind.MAXIMUM, "the maximum of 100 is reached", "-21.5"),
    ]
    assert priced.amount == Money(10_000, "CNY")


def test_a_refund_is_split_over_what_is_left() -> None:
    left = [Money(100, "CNY"), Money(0, "CNY"), Money(50, "CNY")]
    assert [part.minor for part in Money(10, "CNY").refund_over(left)] == [7, 0, 3]
    assert Money(150, "CNY").refund_over(left) == left
    assert Money(0, "CNY").refund_over([Money(0, "CNY")]) == [Money(0, "CNY")]
    for wrong in (Money(151, "CNY"), Money(-1, "CNY")):
        with pytest.raises(RefundTooLarge):
            wrong.refund_over(left)
    with pytest.raises(CurrencyMismatch):
        Money(1, "EUR").refund_over(left)


@pytest.mark.parametrize(
    ("fraction", "shown", "exactly"),
    [
        (Fraction(-5, 4), "-1.25", "-1.25"),
        (Fraction(1, 1000), "0.001", "0.001"),
        (Fraction(17, 31), "0.5483870967741935483870967742", "17/31"),
        (Fraction(12), "12", "12"),
    ],
)
def test_figures_are_printed_exactly(fraction: Fraction, shown: str, exactly: str) -> None:
    assert text(fraction) == shown
    assert exact_text(fraction) == exactly


@pytest.mark.deep
def test_two_hundred_thousand_events_are_priced_in_time() -> None:
    events = [str(number % 9973) for number in range(200_000)]
    params = {"rate": "2.99", "min": "1.75", "max": "12", "fixed": "0.3", "free_amount": "100"}
    case = {"id": 1, "model": "percentage_per_event", "params": params, "input": {"events": events}}
    began = time.process_time()
    assert evaluate({"vectors": [case]}, Path())[0]["result"] == {"amount": "2352534.484"}
    assert time.process_time() - began < 5
