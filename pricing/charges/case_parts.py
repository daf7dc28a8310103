"""Cases of the parts around a price: quantities, proration, coupons, splits, credit notes."""

from fractions import Fraction
from math import ceil, lcm

from pricing.case import Case, Evaluator
from pricing.charges import quantities
from pricing.charges.case_values import answer, places_of
from pricing.charges.commitments import Coupon, maximum_discount, read_coupon
from pricing.charges.exact import (
    above_zero,
    at_least_zero,
    number,
    optional,
    percent,
    refuse,
    sequence,
    to_places,
)
from pricing.charges.proration import (
    UnitEvent,
    change_plan,
    coefficient,
    credit_note,
    prorated_graduated,
)
from pricing.charges.tiers import read_tiers
from pricing.money import half_away, split_by_largest_remainder

ZERO = Fraction(0)
PARTIES_MAX = 10_000
CENTS = 100


def _conversion(case: Case) -> object:
    conversion = quantities.read_conversion(case.params)
    return answer(case, units=conversion.apply(number(case.given("units"), "units")))


def _quantity_rounding(case: Case) -> object:
    rounding = quantities.read_rounding(case.param("function"), "function")
    precision = quantities.read_precision(case.params.get("precision"))
    units = number(case.given("units"), "units")
    return answer(case, units=quantities.round_quantity(units, rounding, precision))


def _package_count(case: Case) -> object:
    size = above_zero(case.param("package_size"), "package_size")
    free = optional(case.params.get("free_units"), "free_units") or ZERO
    units = quantities.billable(at_least_zero(case.given("units"), "units"), free)
    return answer(case, packages=Fraction(quantities.package_count(units, size)))


def _usage_discount_split(case: Case) -> object:
    free = at_least_zero(case.param("free_units"), "free_units")
    before = at_least_zero(case.given("pre_units"), "pre_units")
    units = at_least_zero(case.given("units"), "units")
    return answer(
        case,
        pre_billable=quantities.billable(before, free),
        billable=quantities.billable(units, free, before),
    )


def _used(case: Case) -> Fraction:
    """The part of the period that a case gives by days, seconds or directly."""
    unit = "seconds" if "seconds" in case.input else "days"
    return coefficient(
        at_least_zero(case.given(unit), unit),
        above_zero(case.given(f"period_{unit}"), f"period_{unit}"),
    )


def _coefficient(case: Case) -> object:
    return answer(case, coefficient=_used(case))


def _proration(case: Case) -> object:
    cents = at_least_zero(case.param("amount_cents"), "amount_cents") * _used(case)
    return answer(case, amount_cents=Fraction(half_away(cents)))


def _flat_proration(case: Case) -> object:
    exact = at_least_zero(case.param("amount"), "amount") * _used(case)
    places = places_of(case)
    return answer(case, amount=exact if places is None else to_places(exact, places))


def _credit_note(case: Case) -> object:
    precise = at_least_zero(case.param("amount_cents"), "amount_cents") * _used(case)
    note = credit_note(precise, percent(case.param("tax_rate"), "tax_rate"))
    return answer(
        case,
        sub_total=Fraction(note.sub_total),
        tax=Fraction(note.tax),
        total=Fraction(note.total),
    )


def _proration_with_tax(case: Case) -> object:
    precise = at_least_zero(case.param("amount_cents"), "amount_cents") * _used(case)
    note = credit_note(precise, percent(case.param("tax_rate"), "tax_rate"))
    return answer(case, total_cents=Fraction(note.total))


def _minimum_true_up(case: Case) -> object:
    minimum = at_least_zero(case.param("minimum_cents"), "minimum_cents") * _used(case)
    used = at_least_zero(case.given("used_cents"), "used_cents")
    return answer(case, true_up_cents=Fraction(half_away(max(ZERO, minimum - used))))


def _coupon(case: Case) -> object:
    coupon: Coupon = read_coupon(case.params, "amount_cents")
    base = at_least_zero(case.given("base_cents"), "base_cents")
    return answer(case, credit_cents=Fraction(half_away(coupon.credit(base))))


def _max_spend_discount(case: Case) -> object:
    exact = maximum_discount(
        at_least_zero(case.given("line"), "line"),
        at_least_zero(case.given("billed_before"), "billed_before"),
        at_least_zero(case.param("max"), "max"),
    )
    places = places_of(case)
    return answer(case, discount=exact if places is None else to_places(exact, places))


def _largest_remainder(case: Case) -> object:
    places = places_of(case)
    scale = Fraction(10) ** (2 if places is None else places)
    amount = number(case.given("amount"), "amount") * scale
    if amount.denominator != 1:
        refuse("amount", case.given("amount"), "an amount that the currency's places can hold")
    raw = sequence(case.given("weights"), "weights", most=PARTIES_MAX)
    exact = [at_least_zero(weight, f"weights[{i}]") for i, weight in enumerate(raw)]
    if not any(exact):
        refuse("weights", [str(weight) for weight in raw], "weights of which one is above zero")
    common = lcm(*(weight.denominator for weight in exact))
    parts = split_by_largest_remainder(int(amount), [int(weight * common) for weight in exact])
    return answer(case, shares=[part / scale for part in parts])


def _prorated_graduated(case: Case) -> object:
    tiers = read_tiers(case.param("tiers"), beyond=case.params.get("beyond_last_tier"))
    full = sequence(case.given("events"), "events", most=PARTIES_MAX)
    prorated = sequence(case.given("prorated"), "prorated", most=PARTIES_MAX)
    if len(full) != len(prorated):
        refuse("prorated", f"{len(prorated)} entries", f"one for each of {len(full)} events")
    exact = prorated_graduated(
        [
            UnitEvent(number(units, f"events[{i}]"), number(part, f"prorated[{i}]"))
            for i, (units, part) in enumerate(zip(full, prorated, strict=True))
        ],
        tiers,
    )
    rounded_up = Fraction(ceil(exact * CENTS), CENTS)
    return answer(case, amount=exact, amount_rounded2=to_places(exact, 2), amount_ceil2=rounded_up)


def _plan_change(case: Case) -> object:
    part = (
        at_least_zero(case.given("fraction_left"), "fraction_left")
        if "fraction_left" in case.input
        else _used(case)
    )
    change = change_plan(
        at_least_zero(case.param("old"), "old"), at_least_zero(case.param("new"), "new"), part
    )
    places = places_of(case)
    credit, debit = change.credit, change.debit
    if places is not None:
        credit, debit = to_places(credit, places), to_places(debit, places)
    return answer(case, credit=credit, debit=debit, net=credit + debit)


def _metered_capped(case: Case) -> object:
    """Corrections may exceed usage in this model: a negative total counts as zero."""
    units = max(ZERO, number(case.given("units"), "units"))
    cents = half_away(units * at_least_zero(case.param("unit_cents"), "unit_cents"))
    cap = optional(case.params.get("cap_cents"), "cap_cents")
    return answer(case, amount_cents=Fraction(cents) if cap is None else min(Fraction(cents), cap))


def _dynamic(case: Case) -> object:
    units = at_least_zero(case.input.get("units", 1), "units")
    cents = at_least_zero(case.given("precise_total_cents"), "precise_total_cents")
    return answer(case, amount=cents / CENTS if units else ZERO)


def _dynamic_cents(case: Case) -> object:
    raw = sequence(case.given("events_cents"), "events_cents", most=PARTIES_MAX)
    cents = [at_least_zero(value, f"events_cents[{i}]") for i, value in enumerate(raw)]
    return answer(
        case,
        amount_cents=Fraction(half_away(sum(cents, ZERO))),
        grouped_cents=[Fraction(half_away(value)) for value in cents],
    )


EVALUATORS: dict[str, Evaluator] = {
    "unit_conversion": _conversion,
    "quantity_rounding": _quantity_rounding,
    "package_count": _package_count,
    "usage_discount_split": _usage_discount_split,
    "proration_coefficient": _coefficient,
    "proration": _proration,
    "flat_proration": _flat_proration,
    "credit_note": _credit_note,
    "proration_with_tax": _proration_with_tax,
    "minimum_true_up": _minimum_true_up,
    "coupon": _coupon,
    "max_spend_discount": _max_spend_discount,
    "largest_remainder": _largest_remainder,
    "prorated_graduated": _prorated_graduated,
    "plan_change": _plan_change,
    "metered_capped_cents": _metered_capped,
    "dynamic": _dynamic,
    "dynamic_cents": _dynamic_cents,
}
