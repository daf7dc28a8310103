"""Bad input is refused with a sentence that names the field, its value and what is accepted."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pricing.__main__ import main
from pricing.cases import evaluate
from pricing.charges.plans import PLAN_BYTES_MAX, read_plan
from pricing.charges.quotes import make_quote
from pricing.charges.requests import read_request
from pricing.charges.tiers import BeyondLastTier, TierGap, TiersOutOfOrder
from pricing.charges.vectorised import quote_many
from pricing.documents import NotJson, parse_json, read_json
from pricing.exact import BadValue, number
from pricing.money import Money
from pricing.refusals import PricingRefusal
from tests.pricing.charges.strategies import plan

NOW = "2026-01-31T12:00:00+08:00"
CALLS = {"name": "calls", "model": "per_unit", "meter": "calls", "unit": "0.10"}


def graduated(*tiers: dict[str, Any]) -> dict[str, Any]:
    return {"name": "calls", "model": "graduated", "meter": "calls", "tiers": [*tiers]}


@pytest.mark.parametrize(
    "quantity",
    [
        "-1",
        -2,
        "NaN",
        "Infinity",
        "many",
        "",
        None,
        True,
        0.5,
        "1e19",
        "1_000",
        "１２",
        "1e999999999",
        [],
    ],
)
def test_a_quantity_that_is_none_is_refused_by_name(quantity: object) -> None:
    priced = read_plan(plan(CALLS))
    with pytest.raises(BadValue) as refused:
        read_request({"usage": {"calls": quantity}, "issued_at": NOW}, priced)
    assert refused.value.facts["field"] == "usage.calls"
    assert "usage.calls" in refused.value.message
    assert "accepted is" in refused.value.message


def test_a_float_is_refused_where_exact_money_is_meant() -> None:
    with pytest.raises(BadValue, match=r"In charges\[0\]: The field unit is 0\.1;"):
        read_plan(plan({**CALLS, "unit": 0.1}))
    with pytest.raises(BadValue, match="never a float"):
        number(0.1, "unit")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"currency": "XBT"}, "currency"),
        ({"version": 0}, "version"),
        ({"plan": ""}, "plan"),
        ({"maxmum": "5"}, "plan.maxmum"),
        ({"tax": {"percent": "-6"}}, "tax.percent"),
        ({"tax": {"percent": "6", "included": "no"}}, "tax.included"),
        ({"valid_days": 0}, "valid_days"),
        ({"minimum": "10", "maximum": "5"}, "minimum"),
        ({"charges": []}, "charges"),
        ({"charges": [CALLS, CALLS]}, "charges"),
        ({"charges": [CALLS] * 101}, "charges"),
        ({"charges": "calls"}, "charges"),
        ({"format": "assay.plan/9"}, "format"),
    ],
)
def test_a_plan_with_a_wrong_field_is_refused_by_its_name(
    change: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadValue) as refused:
        read_plan({**plan(CALLS), **change})
    assert refused.value.facts["field"] == field
    assert set(refused.value.facts) == {"field", "value", "accepted"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"unit": "-0.10"}, "charges[0].unit"),
        ({"unit": None}, "charges[0].unit"),
        ({"model": "per_unti"}, "charges[0].model"),
        ({"meter": 7}, "charges[0].meter"),
        ({"free_units": "-1"}, "charges[0].free_units"),
        ({"discount_percent": "101"}, "charges[0].discount_percent"),
        ({"convert": {"op": "divide", "factor": "0"}}, "charges[0].convert.factor"),
        ({"convert": {"rounding": "sometimes"}}, "charges[0].convert.rounding"),
        ({"tiers": []}, "charges[0].tiers"),
    ],
)
def test_a_charge_with_a_wrong_field_is_refused_by_its_name(
    change: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadValue) as refused:
        read_plan(plan({**CALLS, **change}))
    assert refused.value.facts["field"] == field


@pytest.mark.parametrize(
    ("tiers", "refusal", "field"),
    [
        ([{"up_to": "10"}, {"up_to": "5"}], TiersOutOfOrder, "tiers[1].up_to"),
        ([{"up_to": "10"}, {"up_to": "10"}], TiersOutOfOrder, "tiers[1].up_to"),
        ([{"up_to": None}, {"up_to": "5"}], TiersOutOfOrder, "tiers[1].up_to"),
        ([{"up_to": "10"}, {"from": "11", "up_to": None}], TierGap, "tiers[1].from"),
        ([{"up_to": "10"}, {"from": "9", "up_to": None}], TiersOutOfOrder, "tiers[1].from"),
        ([{"unit": "1"}], BadValue, "tiers[0].up_to"),
        ([{"up_to": "0"}], BadValue, "tiers[0].up_to"),
        ([{"up_to": None, "unit": 0.0}], BadValue, "tiers[0].unit"),
        ([{"up_to": str(end)} for end in range(1, 102)], BadValue, "tiers"),
        ([], BadValue, "tiers"),
    ],
)
def test_tiers_that_do_not_join_are_refused(
    tiers: list[dict[str, Any]], refusal: type[PricingRefusal], field: str
) -> None:
    with pytest.raises(refusal) as refused:
        read_plan(plan(graduated(*tiers)))
    assert refused.value.facts["field"] == f"charges[0].{field}"


def test_a_plan_of_ten_megabytes_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_bytes(b'{"plan": "' + b"x" * 10_000_000 + b'"}')
    with pytest.raises(NotJson) as refused:
        read_json(file, bytes_max=PLAN_BYTES_MAX)
    assert refused.value.facts["accepted"] == PLAN_BYTES_MAX


@pytest.mark.parametrize("content", ["", "{", '{"plan": "a", "plan": "b"}', "[" * 100_000])
def test_what_is_not_one_json_document_is_refused(content: str) -> None:
    with pytest.raises(NotJson):
        parse_json(content, "plan")


def test_use_above_a_bounded_last_tier_is_refused_and_the_option_named() -> None:
    priced = read_plan(plan(graduated({"up_to": "10", "unit": "5"})))
    with pytest.raises(BeyondLastTier, match="covered_only") as refused:
        make_quote(priced, read_request({"usage": {"calls": "15"}, "issued_at": NOW}, priced))
    assert refused.value.facts["value"] == "15"
    with pytest.raises(BeyondLastTier):
        quote_many(priced.charges[0], np.array([5, 15]), currency="CNY")


@pytest.mark.parametrize(
    ("request_fields", "field"),
    [
        ({}, "usage.calls"),
        ({"usage": {"call": "1"}}, "usage.call"),
        ({"usage": {"calls": "1", "other": "2"}}, "usage.other"),
        ({"usage": {"calls": {"unit": "1"}}}, "usage.calls.unit"),
        ({"usage": {"calls": {"units": "3", "events": ["1"]}}}, "usage.calls.units"),
        ({"usage": {"calls": "1"}, "issued_at": "2026-01-31"}, "issued_at"),
        ({"usage": {"calls": "1"}, "issued_at": "soon"}, "issued_at"),
        ({"usage": {"calls": "1"}, "period_ended": "yes"}, "period_ended"),
        ({"usage": {"calls": "1"}, "coupon": {"amount": "1", "percent": "1"}}, "coupon"),
        ({"usage": {"calls": "1"}, "credits": ["-1"]}, "credits[0]"),
        (
            {"usage": {"calls": "1"}, "period": {"from": "2026-02-01", "until": "2026-02-01"}},
            "period.until",
        ),
        (
            {"usage": {"calls": "1"}, "period": {"from": "2026-02-30", "until": "2026-03-01"}},
            "period.from",
        ),
    ],
)
def test_a_request_with_a_wrong_field_is_refused_by_its_name(
    request_fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadValue) as refused:
        read_request({"issued_at": NOW, **request_fields}, read_plan(plan(CALLS)))
    assert refused.value.facts["field"] == field


@pytest.mark.parametrize(
    "units", [np.array([-1]), np.array([10**18 + 1]), np.array([1.5]), np.array([True])]
)
def test_an_array_that_holds_no_whole_quantities_is_refused(units: Any) -> None:
    with pytest.raises(BadValue, match="The field units"):
        quote_many(read_plan(plan(CALLS)).charges[0], units, currency="CNY")


def test_a_bad_case_says_why_and_the_rest_goes_on(tmp_path: Any) -> None:
    good = {"id": "good", "model": "per_unit", "params": {"unit": "2"}, "input": {"units": "3"}}
    bad: list[object] = [
        {"id": "kind", "model": "guess"},
        {"id": "negative", "model": "per_unit", "params": {"unit": "2"}, "input": {"units": "-3"}},
        {"id": "missing", "model": "per_unit", "params": {"unit": "2"}, "input": {}},
        {"id": "shape", "model": "per_unit", "params": [1]},
        {"id": "no model"},
        "no case at all",
    ]
    results = evaluate({"vectors": [*bad, good]}, tmp_path)
    assert results[-1] == {"id": "good", "result": {"amount": "6"}}
    assert all(isinstance(row["result"], dict) and "error" in row["result"] for row in results[:-1])
    assert json.dumps(results)


def test_whatever_a_case_is_called_the_rest_goes_on(tmp_path: Path) -> None:
    good = '{"id": "good", "model": "per_unit", "params": {"unit": "2"}, "input": {"units": "3"}}'
    ids = [
        "1.5",
        "NaN",
        "Infinity",
        "-0.0",
        "1e400",
        '"\\ud800"',
        "[1, {}]",
        "null",
        "true",
        "7" * 5000,
    ]
    cases = [good.replace('"good"', case_id) for case_id in ids]
    cases.append('{"id": "\\udfff", "model": "\\udfff"}')
    cases.append('{"model": ["per_unit"], "params": {"unit": NaN}}')
    cases.append(good.replace('"3"', "9" * 5000))
    cases.append(good.replace('"2"', "1e-9999999"))
    file, out = tmp_path / "cases.json", tmp_path / "out.json"
    file.write_text(f'{{"vectors": [{", ".join([*cases, good])}]}}')
    assert main(["evaluate", str(file), "--data", str(tmp_path), "--out", str(out)]) == 0
    rows = json.loads(out.read_text(), parse_constant=pytest.fail)["results"]
    assert rows[-1] == {"id": "good", "result": {"amount": "6"}}
    assert [row["result"] for row in rows[: len(ids)]] == [{"amount": "6"}] * len(ids)
    assert [row["id"] for row in rows[:6]] == [1.5, "NaN", "Infinity", 0, "1E+400", "\\ud800"]
    assert all("error" in row["result"] for row in rows[len(ids) : -1])


@pytest.mark.parametrize(
    ("model", "params", "given", "field"),
    [
        ("unit_conversion", {"op": ["multiply"], "factor": "2"}, {"units": "1"}, "convert.op"),
        ("unit_conversion", {"rounding": ["floor"]}, {"units": "1"}, "convert.rounding"),
        ("graduated", {"tiers": [{"up_to": None}], "beyond_last_tier": []}, {"units": "1"},
         "beyond_last_tier"),
        ("quantity_rounding", {"function": {}}, {"units": "1"}, "function"),
        ("commitment", {"unit": "1"}, {"units": "1", "last_in_period": "false"}, "last_in_period"),
        ("per_unit", {"unit": ["1"]}, {"units": "1"}, "unit"),
    ],
)  # fmt: skip
def test_a_list_where_a_word_is_wanted_is_refused_by_name(
    model: str, params: dict[str, Any], given: dict[str, Any], field: str
) -> None:
    case = {"id": 1, "model": model, "params": params, "input": given}
    error = evaluate({"vectors": [case]}, Path())[0]["result"]
    assert isinstance(error, dict)
    assert error["error"].startswith(f"The field {field} is ")


def test_a_currency_that_is_a_list_is_refused() -> None:
    with pytest.raises(BadValue, match="currency"):
        read_plan({**plan(CALLS), "currency": ["CNY"]})
    with pytest.raises(PricingRefusal, match="is not known here"):
        Money(1, ["CNY"])  # type: ignore[arg-type]


@pytest.mark.parametrize("issued", ["9999-12-31T00:00:00Z", "9999-12-02T00:00:00+14:00"])
def test_a_quote_that_would_be_valid_beyond_the_calendar_is_refused(issued: str) -> None:
    priced = read_plan(plan(CALLS))
    request = read_request({"usage": {"calls": "1"}, "issued_at": issued}, priced)
    with pytest.raises(BadValue, match="before the end of the year 9999") as refused:
        make_quote(priced, request)
    assert refused.value.facts["field"] == "issued_at"


def test_a_tax_finer_than_a_percentage_needs_is_refused_with_the_plan() -> None:
    for percent in ("6.000000000000000000000001", "1e-30", "-0.1", "100.1"):
        with pytest.raises(BadValue) as refused:
            read_plan(plan(CALLS, tax={"percent": percent}))
        assert refused.value.facts["field"] == "tax.percent"
    assert read_plan(plan(CALLS, tax={"percent": "-0"})).tax.rate == 0


def test_numbers_are_answered_with_numbers() -> None:
    case = {"id": 1, "model": "per_unit", "params": {"unit": 2}, "input": {"units": Fraction(7, 2)}}
    assert evaluate({"vectors": [case]}, Path())[0]["result"] == {"amount": 7}
