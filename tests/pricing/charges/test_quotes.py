"""Quotes: order of steps, tax, validity, replay, invoices by difference, previews."""

from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from pricing.charges.plans import Plan, read_plan
from pricing.charges.quotes import (
    Quote,
    QuoteDiffers,
    explain,
    invoice_since,
    make_quote,
    preview,
    quote_document,
    replay,
)
from pricing.charges.requests import read_request
from pricing.documents import canonical, parse_json
from pricing.exact import BadValue
from pricing.laws import BrokenLawError
from pricing.money import Money
from tests.pricing.charges.strategies import plan

NOW = "2026-01-31T12:00:00+08:00"
BASE = {"name": "base", "model": "flat", "amount": "100.00", "prorate": True}
CALLS = {"name": "calls", "model": "per_unit", "meter": "calls", "unit": "0.001"}


def priced(plan_document: dict[str, Any], **request: Any) -> Quote:
    read = read_plan(plan_document)
    return make_quote(read, read_request({"issued_at": NOW, **request}, read))


def test_the_steps_follow_one_order() -> None:
    quote = priced(
        plan(
            BASE, CALLS,
            discount_percent="10", maximum="95", minimum="20", tax={"percent": "6"},
        ),
        usage={"calls": "20000"},
        period={"from": "2026-01-01", "until": "2026-02-01", "service_from": "2026-01-01"},
        coupon={"percent": "50"},
        credits=["7.50", "1"],
    )  # fmt: skip
    assert [charge.amount.minor for charge in quote.charges] == [10_000, 2_000]
    assert quote.subtotal == Money(12_000, "CNY")
    assert [(line.kind.value, line.amount.minor) for line in quote.adjustments] == [
        ("discount", -1_200),
        ("maximum", -1_300),
        ("coupon", -4_750),
        ("credit", -750),
        ("credit", -100),
    ]
    assert (quote.net.minor, quote.tax.minor, quote.total.minor) == (3_900, 234, 4_134)


def test_credits_beyond_what_is_due_stay_unused() -> None:
    quote = priced(plan(CALLS), usage={"calls": "1000"}, credits=["0.40", "9", "5"])
    assert [line.amount.minor for line in quote.adjustments] == [-40, -60]
    assert quote.total == Money(0, "CNY")


def test_the_minimum_waits_for_the_end_of_the_period_and_is_prorated() -> None:
    document = plan({**CALLS, "minimum": "31"})
    period = {"from": "2026-01-01", "until": "2026-02-01", "service_from": "2026-01-22"}
    running = priced(document, usage={"calls": "0"}, period_ended=False)
    ended = priced(document, usage={"calls": "0"}, period=period)
    assert (running.total.minor, ended.total.minor) == (0, 1_000)


def test_a_flat_fee_is_prorated_by_days_or_by_seconds() -> None:
    by_days = {"from": "2026-01-01", "until": "2026-02-01", "service_from": "2026-01-17"}
    by_seconds = {
        "from": "2026-01-01T00:00:00Z",
        "until": "2026-01-03T00:00:00Z",
        "service_until": "2026-01-01T12:00:00Z",
    }
    assert priced(plan(BASE), period=by_days).total.minor == 4_839
    assert priced(plan(BASE), period=by_seconds).total.minor == 2_500
    assert priced(plan({**BASE, "prorate": False}), period=by_days).total.minor == 10_000
    with pytest.raises(BadValue, match="a service that meets the period"):
        priced(
            plan(BASE),
            period={**by_days, "service_from": "2026-03-01", "service_until": "2026-04-01"},
        )


def test_tax_is_of_the_net_that_is_shown_on_top_or_included() -> None:
    # Three times 0.145 is billed as 0.45: the tax is of these 0.45, and not of 0.435.
    charges = [{**CALLS, "name": name} for name in ("one", "two", "three")]
    usage = {"calls": "145"}
    on_top = priced(plan(*charges, tax={"percent": "10"}), usage=usage)
    assert (on_top.net.minor, on_top.tax.minor, on_top.total.minor) == (45, 5, 50)
    included = priced(plan(*charges, tax={"percent": "10", "included": True}), usage=usage)
    assert (included.net.minor, included.tax.minor, included.total.minor) == (45, 4, 45)


@pytest.mark.parametrize(
    ("currency", "amount", "count", "tax"),
    [
        ("JPY", "0.4", 3, {"percent": "100", "included": True}),
        ("CNY", "0.004", 100, {"percent": "13"}),
        ("KWD", "0.0004", 7, {"percent": "100"}),
    ],
)
def test_a_net_of_nothing_has_no_tax(
    currency: str, amount: str, count: int, tax: dict[str, Any]
) -> None:
    charges = [{"name": str(i), "model": "flat", "amount": amount} for i in range(count)]
    quote = priced(plan(*charges, currency=currency, tax=tax))
    assert (quote.net.minor, quote.tax.minor, quote.total.minor) == (0, 0, 0)


@pytest.mark.parametrize(
    ("currency", "amount", "credits_given", "net", "lines"),
    [
        ("JPY", "1", ["0.5", "0.5"], 0, [-1]),
        ("JPY", "5", ["0.5", "0.5", "0.5", "0.5"], 3, [-1, -1]),
        ("CNY", "5", ["0.005"] * 1000, 0, [-1] * 500),
        ("CNY", "5", ["0.004"] * 1000, 100, [-1] * 400),
        ("KWD", "0.002", ["0.0004", "0.0009", "9"], 0, [-1, -1]),
    ],
)
def test_credits_add_up_exactly_and_are_rounded_once(
    currency: str, amount: str, credits_given: list[str], net: int, lines: list[int]
) -> None:
    flat = {"name": "base", "model": "flat", "amount": amount}
    quote = priced(plan(flat, currency=currency), credits=credits_given)
    assert quote.net.minor == net
    assert [line.amount.minor for line in quote.adjustments] == lines


def test_a_quote_that_breaks_its_own_law_cannot_be_made() -> None:
    quote = priced(plan(BASE), credits=["1"])
    wrongs: tuple[dict[str, Any], ...] = (
        {"net": Money(9_901, "CNY"), "total": Money(9_901, "CNY")},
        {"tax": Money(-1, "CNY")},
        {"total": Money(9_901, "CNY")},
        {"subtotal": Money(10_001, "CNY")},
    )
    for wrong in wrongs:
        with pytest.raises(BrokenLawError):
            replace(quote, **wrong)


TURNOVER = {"name": "sales", "meter": "calls", "model": "percentage", "rate": "2.99"}


def test_a_turnover_without_its_events_is_priced_where_they_do_not_matter() -> None:
    assert priced(plan(TURNOVER), usage={"calls": "10000"}).net.minor == 29_900
    free = {**TURNOVER, "rate": "10", "free_amount": "100"}
    assert priced(plan(free), usage={"calls": "50"}).net.minor == 0
    assert priced(plan(free), usage={"calls": "150"}).net.minor == 500
    assert priced(plan({**TURNOVER, "fixed": "2"}), usage={"calls": "0"}).net.minor == 0


@pytest.mark.parametrize(
    "fields",
    [
        {**TURNOVER, "min": "1.75"},
        {**TURNOVER, "max": "12"},
        {**TURNOVER, "fixed": "2"},
        {**TURNOVER, "free_events": 3},
        {"name": "spot", "meter": "calls", "model": "dynamic"},
    ],
)
def test_a_turnover_whose_events_are_needed_is_refused_without_them(fields: dict[str, Any]) -> None:
    with pytest.raises(BadValue) as refused:
        priced(plan(fields), usage={"calls": "10000"})
    needed = "amounts" if fields["model"] == "dynamic" else "events"
    assert refused.value.facts["field"] == f"usage.calls.{needed}"
    assert priced(plan(fields), usage={"calls": "0"}).net.minor == 0


def test_a_quote_is_valid_for_the_days_of_its_plan() -> None:
    quote = priced(plan(CALLS, valid_days=7), usage={"calls": "1"})
    end = datetime.fromisoformat(NOW) + timedelta(days=7)
    assert quote.valid_until == end


def test_a_changed_quote_is_found_and_the_field_named() -> None:
    quote = priced(plan(BASE, CALLS), usage={"calls": "20000"})
    document = parse_json(canonical(quote_document(quote)), "quote")
    assert canonical(quote_document(replay(document))) == canonical(quote_document(quote))
    for field, value in {"total_minor": 11_999, "valid_until": NOW, "adjustments": [1]}.items():
        with pytest.raises(QuoteDiffers) as refused:
            replay({**document, field: value})
        assert refused.value.facts["field"] == field
    with pytest.raises(QuoteDiffers):
        replay({**document, "note": "unasked"})
    cheaper = {**document, "plan": plan({**BASE, "amount": "1.00"}, CALLS)}
    with pytest.raises(QuoteDiffers):
        replay(cheaper)


def test_the_same_request_gives_the_same_bytes_in_any_order_of_fields() -> None:
    one = priced(plan(CALLS), usage={"calls": "5"}, credits=[])
    document = dict(reversed(plan(CALLS).items()))
    other = make_quote(
        read := read_plan(document),
        read_request({"credits": [], "usage": {"calls": "5"}, "issued_at": NOW}, read),
    )
    assert canonical(quote_document(one)) == canonical(quote_document(other))


def test_the_explanation_names_every_step() -> None:
    quote = priced(
        plan(CALLS, tax={"percent": "6"}), usage={"calls": "1995"}, coupon={"amount": "1"}
    )
    assert explain(quote).splitlines() == [
        "Plan tested, version 1, in CNY.",
        "calls (per unit)",
        "  1. 1995 units at 0.001 = 1.995",
        "  Together 1.995, billed as 2.00 CNY.",
        "All charges: 2.00 CNY.",
        "  coupon takes 1 off 2: -1.00 CNY",
        "Net 1.00 CNY; tax 0.06 CNY, on top.",
        "To pay: 1.06 CNY, if accepted before 2026-03-02T12:00:00+08:00.",
    ]


def test_invoices_bill_the_difference_of_rounded_totals() -> None:
    quotes = [priced(plan(CALLS), usage={"calls": used}) for used in ("333", "666", "100")]
    first, second = invoice_since(quotes[0]), invoice_since(quotes[1], quotes[0])
    correction = invoice_since(quotes[2], quotes[1])
    assert [invoice.total.minor for invoice in (first, second, correction)] == [33, 34, -57]
    assert second.charges == {"calls": Money(34, "CNY")}
    with pytest.raises(BadValue, match="the plan of the later quote"):
        invoice_since(priced(plan(CALLS, version=2), usage={"calls": "1"}), quotes[0])


def test_a_preview_says_what_past_months_would_have_cost() -> None:
    read: Plan = read_plan(plan({**CALLS, "unit": "2"}))
    months = {
        month: {"usage": {"calls": used}, "issued_at": NOW}
        for month, used in {"2025-11": "10", "2025-12": "3"}.items()
    }
    assert [each.sentence for each in preview(read, months)] == [
        "2025-11 would have cost 20.00 CNY under tested.",
        "2025-12 would have cost 6.00 CNY under tested.",
    ]


def test_the_document_writes_exact_figures_as_text() -> None:
    period = {"from": "2026-01-01", "until": "2026-02-01", "service_from": "2026-01-17"}
    document = quote_document(priced(plan(BASE), period=period))
    assert document["charges"][0]["exact"] == "1500/31"
    assert Fraction(document["charges"][0]["lines"][0]["quantity"]) == Fraction(15, 31)
    assert document["charges"][0]["amount_minor"] == 4_839
