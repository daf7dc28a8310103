"""The linter: each weakness of a plan is found and proven, a sound plan passes."""

import time
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.charges.curves import Curve
from pricing.charges.linter import lint
from pricing.charges.models import Usage
from pricing.charges.plans import Finding, read_plan
from pricing.charges.quotes import price_charge
from pricing.charges.tiers import BeyondLastTier
from pricing.exact import BadValue
from tests.depth import examples
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
        ({"model": "percentage", "rate": "10", "free_amount": "100"}, "10"),
        ({"model": "percentage", "rate": "0", "fixed": "1", "free_amount": "30"}, "1"),
        ({"model": "percentage", "rate": "1", "free_events": "1", "minimum": "100"}, "100.01"),
        ({"model": "percentage", "rate": "2", "free_events": "2", "max": "3", "minimum": "9"}, "6"),
    ],
)
def test_free_units_invite_splitting(fields: dict[str, Any], saved: str) -> None:
    findings = found(**fields)
    assert findings["free_units_invite_splitting"].proof["saved"] == saved
    assert "not_subadditive" not in findings


def test_free_events_of_use_that_costs_nothing_invite_nobody() -> None:
    assert found("percentage", rate="0", free_events="3") == {}
    assert found("percentage", rate="2", max="0", free_amount="3") == {}


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


def test_what_is_said_beside_a_broken_charge_is_true() -> None:
    base = {"name": "base", "model": "flat", "amount": "10"}
    gap = {
        "name": "gap",
        "meter": "m",
        "model": "graduated",
        "tiers": [{"up_to": "5", "unit": "1"}],
    }
    gap["tiers"] = [{"up_to": "5", "unit": "1"}, {"from": "6", "up_to": None, "unit": "1"}]
    assert [finding.code for finding in lint(plan(base, gap, maximum="11"))] == ["tier_gap"]


def test_a_plans_maximum_is_set_against_amounts_as_they_are_billed() -> None:
    thirds = [{"name": name, "model": "flat", "amount": "0.5"} for name in "abc"]
    assert lint(plan(*thirds, currency="JPY", maximum="2")) == []  # billed as 1 + 1 + 1
    assert [f.code for f in lint(plan(*thirds, currency="JPY", maximum="3"))] == ["unreachable_cap"]


def test_use_above_the_last_tier_of_a_volume_price_is_refused_whatever_the_option() -> None:
    fields = {"tiers": rates(("10", "1")), "beyond_last_tier": "covered_only"}
    finding = found("volume", **fields)["no_open_tier"]
    assert finding.sentence.endswith("use above it has no price and is refused.")
    with pytest.raises(BeyondLastTier) as refused:
        price_of({"model": "volume", **fields}, "11")
    assert "covered_only" not in refused.value.message
    assert "option" not in refused.value.facts


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


def price_of(fields: dict[str, Any], units: str) -> Fraction:
    charge = read_plan(plan({"name": "calls", "meter": "calls", **fields})).charges[0]
    return price_charge(charge, Usage(Fraction(units)), currency="CNY").exact


TENS = {"op": "multiply", "factor": "4265", "rounding": "half_up", "precision": -1}


@pytest.mark.parametrize(
    ("fields", "one", "other", "saved"),
    [
        ({"model": "per_unit", "unit": "0.0001", "convert": TENS}, "108.2", "4838.8", "0.001"),
        (
            {
                "model": "package", "package_size": "4", "package_price": "2",
                "free_units": "1", "minimum": "3",
            },
            "5", "9", "1",
        ),
        (
            {
                "model": "volume", "tiers": rates(("3.5", "5"), (None, "3")),
                "convert": {"op": "divide", "factor": "1", "rounding": "ceiling"},
            },
            "0.5", "0.4", None,
        ),
        ({"model": "volume", "tiers": rates(("1", "0"), (None, "1")), "free_units": "5"},
         "6", "6", "7"),
    ],
)  # fmt: skip
def test_what_buyers_can_save_by_two_accounts_is_found(
    fields: dict[str, Any], one: str, other: str, saved: str | None
) -> None:
    together = price_of(fields, str(Fraction(one) + Fraction(other)))
    apart = price_of(fields, one) + price_of(fields, other)
    codes = set(found(**fields)) & {"not_subadditive", "free_units_invite_splitting"}
    if saved is None:
        assert together <= apart
    else:
        assert together - apart == Fraction(saved)
        assert codes


def test_only_quotes_that_the_books_hold_prove_anything() -> None:
    fields: dict[str, Any] = {
        "model": "per_unit", "unit": "999999999999998", "free_units": "2.5", "minimum": "99999999",
        "convert": {"op": "multiply", "factor": "1000"},
    }  # fmt: skip
    for finding in found(**fields).values():
        assert price_of(fields, finding.proof["units"]) == Fraction(finding.proof["price"])


def test_a_fall_by_conversion_is_found_in_whole_quantities() -> None:
    convert = {"op": "divide", "factor": "1", "rounding": "ceiling"}
    findings = found("volume", tiers=rates(("3.5", "5"), (None, "3")), convert=convert)
    assert findings["not_monotone"].proof == {
        "units": "3", "price": "15", "more_units": "4", "lower_price": "12",
    }  # fmt: skip


def test_decimal_quantities_are_tried_unless_the_meter_counts_whole_units() -> None:
    tiers = rates(("1", "100"), (None, "51"))
    proof = found("volume", tiers=tiers)["not_monotone"].proof
    assert (proof["units"], proof["price"]) == ("1", "100")
    assert Fraction(proof["lower_price"]) == 51 * Fraction(proof["more_units"]) < 100
    charge = {"name": "calls", "meter": "calls", "model": "volume", "tiers": tiers}
    assert lint(plan(charge), step=Fraction(1)) == []


def test_no_saving_is_shown_that_the_quotes_do_not_have() -> None:
    # Without the free units two would cost 2 and one nothing; with them all three cost nothing.
    fields = {"tiers": rates(("1", "0"), (None, "1")), "free_units": "5"}
    for finding in found("volume", **fields).values():
        units, one, other = (
            price_of({"model": "volume", **fields}, finding.proof[name])
            for name in ("units", "first_units", "second_units")
        )
        assert units - one - other == Fraction(finding.proof["saved"]) > 0


def test_what_rounding_leaves_open_is_called_unsure() -> None:
    """Whole units are ninths, counted in tenths begun: the search does not see which tenths are met."""
    calls = {"name": "calls", "meter": "calls"}
    tiers = [{"up_to": "868.9", "unit": "71"}, {"up_to": None, "unit": "1", "flat": "12.13"}]
    ninths = {"op": "divide", "factor": "9", "rounding": "ceiling", "precision": 1}
    unsure = {**calls, "model": "graduated", "tiers": tiers, "convert": ninths}
    findings = lint(plan(unsure), step=Fraction(1))
    assert [(finding.code, finding.proof) for finding in findings] == [("unsure", {"step": "1"})]


def test_halves_that_two_quantities_share_are_not_rounded_twice() -> None:
    halves = {"op": "multiply", "factor": "426.5", "rounding": "half_up"}
    calls = {"name": "calls", "meter": "calls", "model": "per_unit", "unit": "1"}
    assert lint(plan({**calls, "convert": halves}), step=Fraction(1)) == []


def test_packages_of_tens_begun_leave_no_gain() -> None:
    convert = {"op": "divide", "factor": "4.19", "rounding": "ceiling", "precision": -1}
    assert found("package", package_size="3.1", package_price="1", convert=convert) == {}


def test_twenty_charges_of_a_hundred_tiers_are_linted_in_time() -> None:
    def charge(number: int) -> dict[str, Any]:
        rows = rates(
            *((str(end * 7), str(1 + end * number % 101)) for end in range(1, 100)), (None, "1")
        )
        return {"name": f"calls {number}", "meter": "calls", "model": "volume", "tiers": rows}

    document = plan(*(charge(number) for number in range(20)))
    began = time.process_time()
    assert {"not_monotone", "not_subadditive"} <= {finding.code for finding in lint(document)}
    assert time.process_time() - began < 5


@settings(max_examples=examples(50))
@given(make.unit_charges(), st.integers(0, 10**5), st.integers(0, 10**5))
def test_the_curve_is_the_price(fields: dict[str, Any], one: int, other: int) -> None:
    charge = read_plan(plan(fields)).charges[0]
    curve = Curve(charge)
    for units in (Fraction(one), Fraction(other, 7)):
        assert curve.price(units) == price_charge(charge, Usage(units), currency="CNY").exact


@settings(max_examples=examples(30))
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
        if not codes & {"not_subadditive", "free_units_invite_splitting", "unsure"}:
            assert together <= curve.price(first) + curve.price(second)


@settings(max_examples=examples(30))
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
        if finding.code in {"free_units_invite_splitting", "not_subadditive"}:
            apart = exact(proof["first_units"]) + exact(proof["second_units"])
            assert exact(proof["units"]) - apart == Fraction(proof["saved"]) > 0
