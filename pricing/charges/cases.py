"""Charge cases of vector files: each model answers in the keys of its kind.

Any tiered or unit model X also comes as X_delta, X_delta_max, X_commitment, X_credits, converted_X
and cumulative_delta_X; the names without an X are those of the unit price. `multiplier` is the dynamic
price by multiplier.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import partial
from itertools import chain
from math import ceil, lcm

from pricing.charges import commitments, models, proration, tiers
from pricing.charges.commitments import Committed, Terms
from pricing.charges.models import EVENTS_MAX, total
from pricing.documents import Case, Evaluator
from pricing.exact import (
    above_zero,
    at_least_zero,
    number,
    optional,
    percent,
    refuse,
    sequence,
    text,
    to_places,
    whole,
)
from pricing.money import half_away, split_by_largest_remainder

ZERO = Fraction(0)
BASES = ("per_unit", "package", "graduated", "volume", "graduated_percentage")
PARTIES_MAX = 10_000
CREDITS_MAX = 1_000
CENTS = 100
PLACES_MAX = 12
# Counts of digits are numbers in every case, whatever way it writes amounts.
NEVER_AMOUNTS = frozenset({"currency_places", "precision"})

Answered = Fraction | Sequence[Fraction] | None


def answer(case: Case, **values: Answered) -> dict[str, object]:
    """The result, every figure written as the case writes its own: decimal text, or numbers."""
    kinds = (isinstance(leaf, str) for leaf in chain(_leaves(case.params), _leaves(case.input)))
    first = next(kinds, True)  # without an amount the answer is text
    as_text = first or any(kinds)
    return {name: _written(value, as_text=as_text) for name, value in values.items()}


def _written(value: Answered, *, as_text: bool) -> object:
    if value is None:
        return None
    if not isinstance(value, Fraction):
        return [_written(entry, as_text=as_text) for entry in value]
    if as_text:
        return text(value)
    return int(value) if value.denominator == 1 else float(value)


def _leaves(fields: object, key: str = "") -> Iterator[object]:
    """The amounts of a case, whichever way they are written."""
    if isinstance(fields, Mapping):
        for name, value in fields.items():
            yield from _leaves(value, str(name))
    elif isinstance(fields, list | tuple):
        for value in fields:
            yield from _leaves(value, key)
    elif key not in NEVER_AMOUNTS and _is_amount(fields):
        yield fields


def _is_amount(value: object) -> bool:
    if isinstance(value, str):
        return value.strip("+-. ")[:1].isdigit()
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def places_of(case: Case) -> int | None:
    """The currency's decimal places that a case rounds to; None where it does not round."""
    given = case.params.get("currency_places")
    return None if given is None else whole(given, "currency_places", least=0, most=PLACES_MAX)


def _rounded(case: Case, exact: Fraction) -> Fraction:
    places = places_of(case)
    return exact if places is None else to_places(exact, places)


def _param(case: Case, name: str) -> Fraction:
    return at_least_zero(case.param(name), name)


def _input(case: Case, name: str = "units") -> Fraction:
    return at_least_zero(case.given(name), name)


def _inputs(case: Case, name: str, *, most: int) -> list[Fraction]:
    given = sequence(case.given(name), name, most=most)
    return [at_least_zero(value, f"{name}[{index}]") for index, value in enumerate(given)]


def _terms(case: Case) -> Terms:
    """Minimum, maximum and percentage discount in the names that cases use."""
    names = {"minimum": "min", "maximum": "max", "discount_percent": "percent_discount"}
    return commitments.read_terms({name: case.params.get(given) for name, given in names.items()})


class Tariff:
    """A model of a case with everything that its parameters may ask for around it."""

    def __init__(self, case: Case, model: str) -> None:
        params = case.params
        self.pricing = models.read_pricing(model, params)
        self.conversion = tiers.read_conversion(params) if "op" in params else None
        free = params.get("free_units", params.get("usage_discount"))
        self.free_units = optional(free, "free_units") or ZERO

    def price(self, units: Fraction, selector: Fraction | None = None) -> Fraction:
        """Convert, round, take off free units, price."""
        if self.conversion is not None:
            units = self.conversion.apply(units)
        units = tiers.billable(units, self.free_units)
        return total(self.pricing.lines(models.Usage(units, selector=selector)))

    def between(self, start: Fraction, end: Fraction) -> Fraction:
        """What the units after `start` add. From zero on nothing was billed, not even a flat."""
        return self.price(end) - (self.price(start) if start else ZERO)


def _amount(model: str, case: Case) -> object:
    selector = optional(case.input.get("tier_selector_units"), "tier_selector_units")
    return answer(case, amount=_rounded(case, Tariff(case, model).price(_input(case), selector)))


def _delta(model: str, case: Case) -> object:
    exact = Tariff(case, model).between(_input(case, "from_units"), _input(case, "to_units"))
    return answer(case, amount=_rounded(case, exact))


def _flag(case: Case, name: str) -> bool:
    """True or false of the input, true where it is not given."""
    given = case.input.get(name, True)
    if not isinstance(given, bool):
        refuse(name, given, "true or false")
    return given


def _committed(model: str, case: Case, before: Fraction, until: Fraction) -> Committed:
    return commitments.commit(
        Tariff(case, model).between(before, until),
        _terms(case),
        billed_before=at_least_zero(case.input.get("previously_billed", 0), "previously_billed"),
        period_ended=_flag(case, "last_in_period"),
        places=places_of(case),
    )


def _delta_max(model: str, case: Case) -> object:
    done = _committed(model, case, _input(case, "from_units"), _input(case, "to_units"))
    return answer(case, charge=done.charge, discount=done.discount, total=done.total)


def _commitment(model: str, case: Case) -> object:
    before = at_least_zero(case.input.get("pre_units", 0), "pre_units")
    done = _committed(model, case, before, before + _input(case))
    return answer(
        case, charge=done.charge, discount=done.discount, min_topup=done.topup, total=done.total
    )


def _credits(model: str, case: Case) -> object:
    charge = Tariff(case, model).price(_input(case))
    due = commitments.commit(charge, _terms(case), places=places_of(case)).total
    given = _inputs(case, "credits", most=CREDITS_MAX)
    applied = sum(commitments.apply_credits(due, given, all_of_them=True), ZERO)
    return answer(case, credits_applied=applied, due=due - applied)


def _cumulative(model: str, case: Case) -> object:
    tariff = Tariff(case, model)
    key = "cumulative_units" if "cumulative_units" in case.input else "cumulative"
    billed, amounts = ZERO, []
    for units in _inputs(case, key, most=PARTIES_MAX):
        due = _rounded(case, tariff.price(units))
        amounts.append(due - billed)
        billed = due
    return answer(case, **{"amounts" if key == "cumulative_units" else "increments": amounts})


def _percentage(case: Case) -> object:
    pricing = models.read_percentage(case.params)
    given = sequence(case.input.get("running_total") or [], "running_total", most=EVENTS_MAX)
    running = [at_least_zero(value, f"running_total[{i}]") for i, value in enumerate(given)]
    count = whole(case.given("events_count"), "events_count", least=0, most=10**9)
    free = pricing.free_of(running)
    turnover = _input(case, "events_total")
    # Lago, whose cases these are, bills a turnover of zero nothing, whatever its events.
    exact = total(pricing.aggregate(turnover, count, free)) if turnover else ZERO
    if not running:
        return answer(case, amount=exact)
    return answer(case, amount=exact, free_units=free.amount, free_events=Fraction(free.events))


def _percentage_per_event(case: Case) -> object:
    pricing = models.read_percentage(case.params)
    events = _inputs(case, "events", most=EVENTS_MAX)
    return answer(case, amount=pricing.events_total(events))


def _conversion(case: Case) -> object:
    conversion = tiers.read_conversion(case.params)
    return answer(case, units=conversion.apply(number(case.given("units"), "units")))


def _quantity_rounding(case: Case) -> object:
    rounding = tiers.read_rounding(case.param("function"), "function")
    precision = tiers.read_precision(case.params.get("precision"))
    units = number(case.given("units"), "units")
    return answer(case, units=tiers.round_quantity(units, rounding, precision))


def _package_count(case: Case) -> object:
    size = above_zero(case.param("package_size"), "package_size")
    free = optional(case.params.get("free_units"), "free_units") or ZERO
    count = tiers.package_count(tiers.billable(_input(case), free), size)
    return answer(case, packages=Fraction(count))


def _usage_discount_split(case: Case) -> object:
    free, before = _param(case, "free_units"), _input(case, "pre_units")
    return answer(
        case,
        pre_billable=tiers.billable(before, free),
        billable=tiers.billable(_input(case), free, before),
    )


def _used(case: Case) -> Fraction:
    """The part of the period that a case gives by days, seconds or directly."""
    unit = "seconds" if "seconds" in case.input else "days"
    period = above_zero(case.given(f"period_{unit}"), f"period_{unit}")
    return proration.coefficient(_input(case, unit), period)


def _coefficient(case: Case) -> object:
    return answer(case, coefficient=_used(case))


def _proration(case: Case) -> object:
    cents = half_away(_param(case, "amount_cents") * _used(case))
    return answer(case, amount_cents=Fraction(cents))


def _flat_proration(case: Case) -> object:
    return answer(case, amount=_rounded(case, _param(case, "amount") * _used(case)))


def _note(case: Case) -> proration.CreditNote:
    precise = _param(case, "amount_cents") * _used(case)
    return proration.credit_note(precise, percent(case.param("tax_rate"), "tax_rate"))


def _credit_note(case: Case) -> object:
    note = _note(case)
    return answer(
        case,
        sub_total=Fraction(note.sub_total),
        tax=Fraction(note.tax),
        total=Fraction(note.total),
    )


def _proration_with_tax(case: Case) -> object:
    return answer(case, total_cents=Fraction(_note(case).total))


def _minimum_true_up(case: Case) -> object:
    minimum = _param(case, "minimum_cents") * _used(case)
    short = max(ZERO, minimum - _input(case, "used_cents"))
    return answer(case, true_up_cents=Fraction(half_away(short)))


def _coupon(case: Case) -> object:
    credit = commitments.read_coupon(case.params, "amount_cents").credit(_input(case, "base_cents"))
    return answer(case, credit_cents=Fraction(half_away(credit)))


def _max_spend_discount(case: Case) -> object:
    exact = commitments.maximum_discount(
        _input(case, "line"), _input(case, "billed_before"), _param(case, "max")
    )
    return answer(case, discount=_rounded(case, exact))


def _largest_remainder(case: Case) -> object:
    places = places_of(case)
    scale = Fraction(10) ** (2 if places is None else places)
    amount = number(case.given("amount"), "amount") * scale
    if amount.denominator != 1:
        refuse("amount", case.given("amount"), "an amount that the currency's places can hold")
    weights = _inputs(case, "weights", most=PARTIES_MAX)
    if not any(weights):
        refuse(
            "weights", [text(weight) for weight in weights], "weights of which one is above zero"
        )
    common = lcm(*(weight.denominator for weight in weights))
    parts = split_by_largest_remainder(int(amount), [int(weight * common) for weight in weights])
    return answer(case, shares=[part / scale for part in parts])


def _prorated_graduated(case: Case) -> object:
    rows = tiers.read_tiers(case.param("tiers"), beyond=case.params.get("beyond_last_tier"))
    full = sequence(case.given("events"), "events", most=PARTIES_MAX)
    prorated = sequence(case.given("prorated"), "prorated", most=PARTIES_MAX)
    if len(full) != len(prorated):
        refuse("prorated", f"{len(prorated)} entries", f"one for each of {len(full)} events")
    events = [
        proration.UnitEvent(number(units, f"events[{i}]"), number(part, f"prorated[{i}]"))
        for i, (units, part) in enumerate(zip(full, prorated, strict=True))
    ]
    exact = proration.prorated_graduated(events, rows)
    rounded_up = Fraction(ceil(exact * CENTS), CENTS)
    return answer(case, amount=exact, amount_rounded2=to_places(exact, 2), amount_ceil2=rounded_up)


def _plan_change(case: Case) -> object:
    part = _input(case, "fraction_left") if "fraction_left" in case.input else _used(case)
    change = proration.change_plan(_param(case, "old"), _param(case, "new"), part)
    credit, debit = _rounded(case, change.credit), _rounded(case, change.debit)
    return answer(case, credit=credit, debit=debit, net=credit + debit)


def _metered_capped(case: Case) -> object:
    """Corrections may exceed usage in this model: a negative total counts as zero."""
    units = max(ZERO, number(case.given("units"), "units"))
    cents = Fraction(half_away(units * _param(case, "unit_cents")))
    cap = optional(case.params.get("cap_cents"), "cap_cents")
    return answer(case, amount_cents=cents if cap is None else min(cents, cap))


def _dynamic(case: Case) -> object:
    units = at_least_zero(case.input.get("units", 1), "units")
    cents = _input(case, "precise_total_cents")
    return answer(case, amount=cents / CENTS if units else ZERO)


def _dynamic_cents(case: Case) -> object:
    cents = _inputs(case, "events_cents", most=PARTIES_MAX)
    return answer(
        case,
        amount_cents=Fraction(half_away(sum(cents, ZERO))),
        grouped_cents=[Fraction(half_away(value)) for value in cents],
    )


def _forms(model: str, name: str | None = None) -> dict[str, Evaluator]:
    name = name or model
    forms: dict[str, Callable[[str, Case], object]] = {
        name: _amount,
        f"converted_{name}": _amount,
        f"{name}_delta": _delta,
        f"{name}_delta_max": _delta_max,
        f"{name}_commitment": _commitment,
        f"{name}_credits": _credits,
        f"cumulative_delta_{name}": _cumulative,
    }
    return {form: partial(evaluate, model) for form, evaluate in forms.items()}


EVALUATORS: dict[str, Evaluator] = {
    **{name: form for model in BASES for name, form in _forms(model).items()},
    "commitment": partial(_commitment, "per_unit"),
    "cumulative_delta": partial(_cumulative, "per_unit"),
    "graduated_percentage_doc_conflict": partial(_cumulative, "graduated_percentage"),
    "percentage": _percentage,
    "percentage_per_event": _percentage_per_event,
    **_forms("dynamic", "multiplier"),
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
