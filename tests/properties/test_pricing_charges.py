"""Laws of charges, on random plans."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.charges.models import Graduated, Usage, total
from pricing.charges.plans import Charge, read_plan
from pricing.charges.quotes import make_quote, price_charge, quote_document, replay
from pricing.charges.requests import read_request
from pricing.charges.tiers import read_tiers
from pricing.charges.vectorised import quote_many
from pricing.documents import canonical, parse_json
from pricing.money import CURRENCIES, Money, round_to_minor
from pricing.refusals import NotAnAmount
from tests.depth import examples
from tests.pricing.charges import strategies as make

pytestmark = pytest.mark.deep

currencies = st.sampled_from(sorted(CURRENCIES))
quantities = st.integers(0, 200_000).map(lambda tenths: Fraction(tenths, 10))
ISSUED = "2026-01-31T12:00:00+08:00"


def charge_of(fields: dict[str, Any], currency: str = "CNY") -> Charge:
    return read_plan(make.plan(fields, currency=currency)).charges[0]


@settings(max_examples=examples(30))
@given(make.unit_charges(), currencies, st.lists(st.integers(0, 10**6), max_size=20))
def test_many_quotes_at_once_equal_the_explained_ones_to_the_last_unit(
    fields: dict[str, Any], currency: str, units: list[int]
) -> None:
    charge = charge_of(fields, currency)
    one_by_one = [
        price_charge(charge, Usage(Fraction(u)), currency=currency).amount.minor for u in units
    ]
    at_once = quote_many(charge, np.array(units, dtype=np.int64), currency=currency)
    assert at_once.tolist() == one_by_one


@settings(max_examples=examples(30))
@given(make.unit_charges(), st.integers(10**14, 10**18))
def test_many_quotes_stay_exact_where_64_bits_do_not_do(fields: dict[str, Any], units: int) -> None:
    charge = charge_of(fields, "BHD")
    try:
        alone = price_charge(charge, Usage(Fraction(units)), currency="BHD").amount.minor
    except NotAnAmount:
        with pytest.raises(NotAnAmount):
            quote_many(charge, np.array([0, units]), currency="BHD")
    else:
        assert quote_many(charge, np.array([0, units]), currency="BHD")[1] == alone


@settings(max_examples=examples(60))
@given(make.unit_models(), quantities, quantities)
def test_more_use_never_costs_less_except_under_volume_prices(
    fields: dict[str, Any], units: Fraction, more: Fraction
) -> None:
    pricing = charge_of({"name": "c", "meter": "m", **fields}).pricing
    if fields["model"] != "volume":
        assert make.price(pricing, units) <= make.price(pricing, units + more)


def test_volume_prices_may_fall_with_use() -> None:
    tiers = [{"up_to": "100", "unit": "2.10"}, {"up_to": None, "unit": "1"}]
    charge = charge_of({"name": "c", "meter": "m", "model": "volume", "tiers": tiers})
    assert [make.price(charge.pricing, Fraction(u)) for u in (100, 101)] == [210, 101]


@settings(max_examples=examples(60))
@given(make.tiers(falling=True, flats=False), quantities, quantities)
def test_falling_rates_leave_no_gain_in_two_accounts(
    rows: list[dict[str, Any]], one: Fraction, other: Fraction
) -> None:
    pricing = Graduated(read_tiers(rows))
    assert make.price(pricing, one + other) <= make.price(pricing, one) + make.price(pricing, other)


@settings(max_examples=examples(30))
@given(make.unit_charges(), quantities)
def test_a_charge_is_the_sum_of_its_lines_within_its_bounds(
    fields: dict[str, Any], units: Fraction
) -> None:
    charge = charge_of(fields)
    priced = price_charge(charge, Usage(units), currency="CNY")
    assert total(priced.lines) == priced.exact
    assert priced.amount == Money(round_to_minor(priced.exact * 100, "CNY"), "CNY")
    if charge.terms.maximum is not None:
        assert priced.exact <= charge.terms.maximum
    if charge.terms.minimum is not None:
        assert priced.exact >= charge.terms.minimum


@settings(max_examples=examples(30))
@given(make.unit_charges(), st.lists(quantities, min_size=1, max_size=6))
def test_invoices_by_difference_sum_to_the_price_of_the_period(
    fields: dict[str, Any], steps: list[Fraction]
) -> None:
    charge = charge_of(fields)
    billed, invoices, used = Money(0, "CNY"), [], Fraction(0)
    for step in steps:
        used += step
        now = price_charge(charge, Usage(used), currency="CNY").amount
        invoices.append(now - billed)
        billed = now
    assert sum(invoice.minor for invoice in invoices) == billed.minor


@settings(max_examples=examples(60))
@given(
    st.lists(make.amounts(500, 2), max_size=8),
    make.amounts(100, 2),
    make.amounts(10, 2),
    st.randoms(use_true_random=False),
)
def test_the_order_of_events_leaves_the_total_of_a_percentage(
    events: list[str], rate: str, fixed: str, random: Any
) -> None:
    fields = {"name": "c", "meter": "m", "model": "percentage", "rate": rate, "fixed": fixed}
    for bounds in ({}, {"min": "1", "max": "9"}):
        pricing = charge_of({**fields, **bounds}).pricing
        exact = [Fraction(event) for event in events]
        turnover = sum(exact, Fraction(0))
        one, other = (
            total(pricing.lines(Usage(turnover, tuple(order))))
            for order in (exact, random.sample(exact, len(exact)))
        )
        assert one == other


@settings(max_examples=examples(30))
@given(
    make.unit_charges(),
    make.amounts(10_000, 1),
    make.amounts(30, 1),
    st.sampled_from([True, False]),
    currencies,
)
def test_a_quote_replays_to_the_same_bytes(
    fields: dict[str, Any],
    units: str,
    tax: str,
    included: bool,  # noqa: FBT001 - Hypothesis passes its draws in order
    currency: str,
) -> None:
    plan = read_plan(
        make.plan(fields, currency=currency, tax={"percent": tax, "included": included})
    )
    request = read_request({"usage": {"calls": units}, "credits": ["5"], "issued_at": ISSUED}, plan)
    quote = make_quote(plan, request)
    sent = canonical(quote_document(quote))
    assert canonical(quote_document(replay(parse_json(sent, "quote")))) == sent
    document = quote_document(quote)
    assert document["total_minor"] == document["net_minor"] + (
        0 if included else document["tax_minor"]
    )
    assert document["net_minor"] >= 0


@settings(max_examples=examples(60))
@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=8), st.data())
def test_refunds_over_what_is_left_never_take_more_than_was_paid(
    shares: list[int], data: st.DataObject
) -> None:
    left = [Money(share, "CNY") for share in shares]
    for _ in range(3):
        held = sum(share.minor for share in left)
        refund = Money(data.draw(st.integers(0, held)), "CNY")
        parts = refund.refund_over(left)
        assert sum(part.minor for part in parts) == refund.minor
        left = [share - part for share, part in zip(left, parts, strict=True)]
        assert all(share.minor >= 0 for share in left)
    rest = Money(sum(share.minor for share in left), "CNY")
    assert rest.refund_over(left) == left
