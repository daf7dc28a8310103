"""What is free at first: a sample of units, once, and periods of grace."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.charges.plans import read_plan, without_beginnings
from pricing.charges.quotes import Quote, make_quote, quote_document, replay
from pricing.charges.requests import read_request
from pricing.exact import BadValue
from tests.depth import examples
from tests.pricing.charges.strategies import plan, unit_charges

pytestmark = pytest.mark.deep

NOW = "2026-01-31T12:00:00+08:00"
CALLS = {
    "name": "calls", "model": "per_unit", "meter": "calls", "unit": "0.10",
    "sample_units": "50", "free_units": "20",
}  # fmt: skip


def priced(document: dict[str, Any], units: object, number: int | None = None) -> Quote:
    read = read_plan(document)
    period = {} if number is None else {"period_number": number}
    request = {"issued_at": NOW, "usage": {"calls": str(units)}, **period}
    return make_quote(read, read_request(request, read))


def test_a_sample_is_free_once_and_before_the_units_of_each_period() -> None:
    first, later = priced(plan(CALLS), 100, 1), priced(plan(CALLS), 100, 2)
    assert (first.net.minor, later.net.minor) == (300, 800)
    assert [(line.kind.value, line.text) for line in first.charges[0].lines][:2] == [
        ("sample", "50 of 50 sample units used"),
        ("free", "20 of 20 free units used"),
    ]
    assert priced(plan(CALLS), 30, 1).charges[0].lines[0].text == "30 of 50 sample units used"
    assert priced(plan(CALLS), 100).net == later.net


def test_periods_of_grace_cost_nothing_neither_least_nor_tax() -> None:
    document = plan(CALLS, grace_periods=2, minimum="5", tax={"percent": "6"})
    graced = [priced(document, 1_000, number) for number in (1, 2, 3)]
    assert [quote.total.minor for quote in graced] == [0, 0, 10_388]
    line = graced[1].adjustments[-1]
    assert (line.kind.value, line.amount.minor) == ("grace", -9_800)
    assert line.text == "period 2 of 2 that cost nothing"
    assert replay(quote_document(graced[1])).net.minor == 0


def test_who_comes_back_pays_from_the_beginning() -> None:
    document = plan(CALLS, grace_periods=2)
    assert priced(without_beginnings(document), 100, 1).net.minor == 800


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"grace_periods": -1}, "grace_periods"),
        ({"grace_periods": "1.5"}, "grace_periods"),
        ({"grace_periods": 121}, "grace_periods"),
    ],
)
def test_grace_is_a_whole_number_of_periods(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(BadValue) as raised:
        read_plan(plan(CALLS, **fields))
    assert raised.value.facts["field"] == field


@pytest.mark.parametrize("number", [0, -1, "first", 1.5])
def test_periods_are_counted_from_one(number: Any) -> None:
    with pytest.raises(BadValue) as raised:
        priced(plan(CALLS), 1, number)
    assert raised.value.facts["field"] == "period_number"


@settings(max_examples=examples(60))
@given(unit_charges(), st.integers(0, 100_000), st.integers(0, 3), st.integers(1, 6))
def test_the_beginning_never_costs_more_than_it_would_later(
    fields: dict[str, Any], tenths: int, grace: int, number: int
) -> None:
    if fields["model"] == "volume":
        return  # fewer units may fall into a dearer tier
    document, units = plan(fields, grace_periods=grace), Fraction(tenths, 10)
    early, later = priced(document, float(units), number), priced(document, float(units))
    assert early.net.minor <= later.net.minor
    if number <= grace:
        assert early.total.minor == 0
    elif number > 1:
        assert early.total == later.total
