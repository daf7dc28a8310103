"""The linter: each weakness of a plan is found and proven, a sound plan passes."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.charges.curves import Curve
from pricing.charges.linter import Finding, lint
from pricing.charges.models import Usage
from pricing.charges.plans import read_plan
from pricing.charges.quotes import price_charge
from pricing.exact import BadValue
from tests.pricing.charges import strategies as make
from tests.pricing.charges.strategies import plan

pytestmark = pytest.mark.deep


def found(model: str, **fields: Any) -> dict[str, Finding]:
    charge = {"name": "calls", "meter": "calls", "model": model, **fields}
    return {finding.code: finding for finding in lint(plan(charge))}


def rates(*tiers: tuple[str | None, str]) -> list[dict[str, Any]]:
    return [{"up_to": up_to, "unit": unit} for up_to, unit in tiers]


@pytest.mark.parametrize(
    "charge",
    [
        {"model": "per_unit", "unit": "1"},
        {"model": "package", "package_size": "10", "package_price": "5"},
        {"model": "graduated", "tiers": rates(("100", "2"), (None, "1"))},
        {"model": "per_unit", "unit": "1", "maximum": "50", "minimum": "5"},
        {"model": "percentage", "rate": "2"},
    ],
)
def test_a_sound_charge_has_no_findings(charge: dict[str, Any]) -> None:
    assert found(**charge) == {}


def test_a_bill_that_falls_with_use_is_found() -> None:
    findings = found("volume", tiers=rates(("100", "2.10"), (None, "1")))
    assert list(findings) == ["not_monotone"]
    assert findings["not_monotone"].proof == {
        "units": "100", "price": "210", "more_units": "101", "lower_price": "101",
    }  # fmt: skip


def test_rising_rates_make_two_accounts_cheaper() -> None:
    finding = found("graduated", tiers=rates(("100", "1"), (None, "2")))["not_subadditive"]
    assert finding.proof["saved"] == "100"
    assert finding.sentence == (
        "One account using 200 units pays 300; two accounts using 100 and 100 pay 200 together"
        " and save 100."
    )


def test_a_late_flat_price_makes_two_accounts_cheaper() -> None:
    tiers = [{"up_to": "100", "unit": "2"}, {"up_to": None, "unit": "1", "flat": "500"}]
    assert found("graduated", tiers=tiers)["not_subadditive"].proof["saved"] == "499"


def test_rounding_down_makes_two_accounts_cheaper() -> None:
    convert = {"op": "divide", "factor": "1000", "rounding": "floor"}
    proof = found("per_unit", unit="3", convert=convert)["not_subadditive"].proof
    assert (proof["units"], proof["price"], proof["saved"]) == ("1000", "3", "3")


@pytest.mark.parametrize(
    ("fields", "saved"),
    [
        ({"model": "per_unit", "unit": "1", "free_units": "100"}, "100"),
        ({"model": "graduated", "tiers": rates(("5", "0"), (None, "1"))}, "5"),
        ({"model": "percentage", "rate": "2", "fixed": "1", "free_events": "3"}, "9"),
        ({"model": "percentage", "rate": "2", "free_amount": "30"}, "0"),
    ],
)
def test_free_units_invite_splitting(fields: dict[str, Any], saved: str) -> None:
    findings = found(**fields)
    if saved == "0":  # two events of 15 reach the 30 exactly, and cost nothing more
        assert findings == {}
    else:
        assert findings["free_units_invite_splitting"].proof["saved"] == saved
        assert "not_subadditive" not in findings


def test_gaps_and_overlaps_are_findings_of_every_charge() -> None:
    def charge(name: str, start: str) -> dict[str, Any]:
        tiers = [{"up_to": "5", "unit": "1"}, {"from": start, "up_to": None, "unit": "1"}]
        return {"name": name, "meter": "m", "model": "graduated", "tiers": tiers}

    sound, gap, overlap = charge("sound", "5"), charge("gap", "6"), charge("overlap", "4")
    findings = lint(plan(gap, overlap, sound))
    assert [(finding.code, finding.charge) for finding in findings] == [
        ("tier_gap", "gap"),
        ("tier_overlap", "overlap"),
    ]
    assert findings[0].proof == {"field": "tiers[1].from", "value": "6", "accepted": "5"}


def test_what_is_no_plan_is_refused_and_not_linted() -> None:
    with pytest.raises(BadValue):
        lint(plan({"name": "calls", "meter": "calls", "model": "per_unit", "unit": "-1"}))


def test_caps_that_never_or_always_bind_are_found() -> None:
    bounded = rates(("5", "1"), (None, "0"))
    proof = found("graduated", tiers=bounded, maximum="9")["unreachable_cap"].proof
    assert proof == {"maximum": "9", "highest_price": "5"}
    assert "unreachable_cap" not in found("graduated", tiers=bounded, maximum="4")
    always = [{"up_to": None, "unit": "1", "flat": "10"}]
    assert "cap_always_reached" in found("graduated", tiers=always, maximum="10")
    whole = plan({"name": "base", "model": "flat", "amount": "10"}, maximum="11")
    assert [finding.charge for finding in lint(whole)] == [""]
    assert lint({**whole, "maximum": "9"}) == []


@pytest.mark.parametrize(
    ("beyond", "code"), [("refuse", "no_open_tier"), ("covered_only", "units_given_away")]
)
def test_a_bounded_last_tier_is_found(beyond: str, code: str) -> None:
    findings = found("graduated", tiers=rates(("10", "1")), beyond_last_tier=beyond)
    assert findings[code].proof == {"last_end": "10"}


def test_a_plan_of_a_hundred_tiers_is_linted() -> None:
    tiers = rates(*((str(10 * step), str(1 + step % 7)) for step in range(1, 100)), (None, "1"))
    assert "not_subadditive" in found("graduated", tiers=tiers)


@given(make.unit_charges(), st.integers(0, 10**5), st.integers(0, 10**5))
def test_the_curve_is_the_price(fields: dict[str, Any], one: int, other: int) -> None:
    charge = read_plan(plan(fields)).charges[0]
    curve = Curve(charge)
    for units in (Fraction(one), Fraction(other, 7)):
        assert curve.price(units) == price_charge(charge, Usage(units), currency="CNY").exact


@given(make.unit_charges(), st.integers(1, 60_000), st.integers(1, 60_000))
def test_what_the_linter_passes_no_buyer_beats(
    fields: dict[str, Any], one: int, other: int
) -> None:
    codes = {finding.code for finding in lint(plan(fields))}
    curve = Curve(read_plan(plan(fields)).charges[0])
    for scale in (1, 10):
        first, second = Fraction(one, scale), Fraction(other, scale)
        together = curve.price(first + second)
        if "not_monotone" not in codes:
            assert curve.price(first) <= together
        if not codes & {"not_subadditive", "free_units_invite_splitting"}:
            assert together <= curve.price(first) + curve.price(second)


@given(make.unit_charges())
def test_every_finding_is_proven_by_the_price_itself(fields: dict[str, Any]) -> None:
    charge = read_plan(plan(fields)).charges[0]

    def exact(units: str) -> Fraction:
        return price_charge(charge, Usage(Fraction(units)), currency="CNY").exact

    for finding in lint(plan(fields)):
        proof = finding.proof
        if finding.code == "not_monotone":
            assert Fraction(proof["units"]) < Fraction(proof["more_units"])
            assert exact(proof["units"]) == Fraction(proof["price"])
            assert exact(proof["more_units"]) == Fraction(proof["lower_price"])
            assert Fraction(proof["price"]) > Fraction(proof["lower_price"])
        if finding.code == "free_units_invite_splitting":
            apart = exact(proof["first_units"]) + exact(proof["second_units"])
            assert exact(proof["units"]) - apart == Fraction(proof["saved"]) > 0
