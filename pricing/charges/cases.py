"""Charge cases of vector files: each model answers in the keys of its kind.

Any tiered or unit model X also comes as X_delta, X_delta_max, X_commitment, X_credits, converted_X
and cumulative_delta_X; the names without an X are those of the unit price. `multiplier` is the dynamic
price by multiplier.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import partial
from math import ceil, lcm

from pricing.charges import tiers
from pricing.charges.commitments import (
    Committed,
    Coupon,
    Terms,
    apply_credits,
    commit,
    maximum_discount,
    read_coupon,
    read_terms,
)
from pricing.charges.models import (
    EVENTS_MAX,
    Percentage,
    Pricing,
    Usage,
    read_percentage,
    read_pricing,
    total,
)
from pricing.charges.proration import (
    UnitEvent,
    change_plan,
    coefficient,
    credit_note,
    prorated_graduated,
)
from pricing.charges.tiers import Conversion, billable, read_conversion, read_tiers
from pricing.documents import Case, Evaluator
from pricing.exact import (
    above_zero,
    at_least_zero,
    mapping,
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

# Counts of digits are numbers in every case, whatever way it writes amounts.
NEVER_AMOUNTS = frozenset({"currency_places", "precision"})
PLACES_MAX = 12

Answered = Fraction | Sequence[Fraction] | None


def answer(case: Case, **values: Answered) -> dict[str, object]:
    """The result, every figure written as the case writes its own."""
    as_text = writes_text(case)
    return {name: _written(value, as_text=as_text) for name, value in values.items()}


def writes_text(case: Case) -> bool:
    """Whether the case writes amounts as decimal text. It does where nothing shows otherwise."""
    leaves = [*_leaves(case.params), *_leaves(case.input)]
    return any(isinstance(leaf, str) for leaf in leaves) or not leaves


def places_of(case: Case) -> int | None:
    """The currency's decimal places that a case rounds to; None where it does not round."""
    given = case.params.get("currency_places")
    return None if given is None else whole(given, "currency_places", least=0, most=PLACES_MAX)


def terms_of(case: Case) -> Terms:
    """Minimum, maximum and percentage discount in the names that cases use."""
    return read_terms(
        {
            "minimum": case.params.get("min"),
            "maximum": case.params.get("max"),
            "discount_percent": case.params.get("percent_discount"),
        }
    )


def _written(value: Answered, *, as_text: bool) -> object:
    if value is None:
        return None
    if not isinstance(value, Fraction):
        return [_written(entry, as_text=as_text) for entry in value]
    if as_text:
        return text(value)
    return int(value) if value.denominator == 1 else float(value)


def _leaves(fields: object, key: str = "") -> Iterator[object]:
    if isinstance(fields, Mapping):
        for name, value in fields.items():
            yield from _leaves(value, str(name))
    elif isinstance(fields, list | tuple):
        for value in fields:
            yield from _leaves(value, key)
    elif key not in NEVER_AMOUNTS and _amount_like(fields):
        yield fields


def _amount_like(value: object) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, int | Decimal) or (
        isinstance(value, str) and value.strip("+-. ")[:1].isdigit()
    )


ZERO = Fraction(0)
PARTIES_MAX = 10_000
CENTS = 100


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
    units = tiers.billable(at_least_zero(case.given("units"), "units"), free)
    return answer(case, packages=Fraction(tiers.package_count(units, size)))


def _usage_discount_split(case: Case) -> object:
    free = at_least_zero(case.param("free_units"), "free_units")
    before = at_least_zero(case.given("pre_units"), "pre_units")
    units = at_least_zero(case.given("units"), "units")
    return answer(
        case,
        pre_billable=tiers.billable(before, free),
        billable=tiers.billable(units, free, before),
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


BASES = ("per_unit", "package", "graduated", "volume", "graduated_percentage")


class Tariff:
    """A model of a case with everything that its parameters may ask for around it."""

    def __init__(self, case: Case, model: str) -> None:
        params = mapping(case.params, "params")
        self.pricing: Pricing = read_pricing(model, params)
        self.conversion: Conversion | None = read_conversion(params) if "op" in params else None
        free = params.get("free_units", params.get("usage_discount"))
        self.free_units = optional(free, "free_units") or ZERO
        self.places = places_of(case)

    def price(self, units: Fraction, selector: Fraction | None = None) -> Fraction:
        """Convert, round, take off free units, price."""
        if self.conversion is not None:
            units = self.conversion.apply(units)
        units = billable(units, self.free_units)
        return total(self.pricing.lines(Usage(units, selector=selector)))

    def rounded(self, units: Fraction) -> Fraction:
        return self.round(self.price(units))

    def round(self, exact: Fraction) -> Fraction:
        return exact if self.places is None else to_places(exact, self.places)

    def between(self, start: Fraction, end: Fraction) -> Fraction:
        """What the units after `start` add. From zero on nothing was billed, not even a flat."""
        return self.price(end) - (self.price(start) if start else ZERO)


def _units(case: Case, name: str = "units") -> Fraction:
    return at_least_zero(case.given(name), name)


def _amount(model: str, case: Case) -> object:
    tariff = Tariff(case, model)
    selector = optional(case.input.get("tier_selector_units"), "tier_selector_units")
    return answer(case, amount=tariff.round(tariff.price(_units(case), selector)))


def _delta(model: str, case: Case) -> object:
    tariff = Tariff(case, model)
    exact = tariff.between(_units(case, "from_units"), _units(case, "to_units"))
    return answer(case, amount=tariff.round(exact))


def _delta_max(model: str, case: Case) -> object:
    done = _committed(Tariff(case, model), case, _units(case, "from_units"), "to_units")
    return answer(case, charge=done.charge, discount=done.discount, total=done.total)


def _commitment(model: str, case: Case) -> object:
    before = at_least_zero(case.input.get("pre_units", 0), "pre_units")
    done = _committed(Tariff(case, model), case, before, None)
    return answer(
        case,
        charge=done.charge,
        discount=done.discount,
        min_topup=done.topup,
        total=done.total,
    )


def _committed(tariff: Tariff, case: Case, before: Fraction, end: str | None) -> Committed:
    until = _units(case, end) if end else before + _units(case)
    return commit(
        tariff.between(before, until),
        terms_of(case),
        billed_before=at_least_zero(case.input.get("previously_billed", 0), "previously_billed"),
        period_ended=bool(case.input.get("last_in_period", True)),
        places=tariff.places,
    )


def _credits(model: str, case: Case) -> object:
    tariff = Tariff(case, model)
    due = commit(tariff.price(_units(case)), terms_of(case), places=tariff.places).total
    given = [
        at_least_zero(credit, f"credits[{index}]")
        for index, credit in enumerate(sequence(case.given("credits"), "credits", most=1000))
    ]
    applied = sum(apply_credits(due, given, all_of_them=True), ZERO)
    return answer(case, credits_applied=applied, due=due - applied)


def _cumulative(model: str, case: Case) -> object:
    tariff = Tariff(case, model)
    key = "cumulative_units" if "cumulative_units" in case.input else "cumulative"
    billed, amounts = ZERO, []
    for index, value in enumerate(sequence(case.given(key), key, most=10_000)):
        due = tariff.rounded(at_least_zero(value, f"{key}[{index}]"))
        amounts.append(due - billed)
        billed = due
    return answer(case, **{"amounts" if key == "cumulative_units" else "increments": amounts})


def _events(case: Case) -> list[Fraction]:
    raw = sequence(case.given("events"), "events", most=EVENTS_MAX)
    return [at_least_zero(value, f"events[{index}]") for index, value in enumerate(raw)]


def _percentage(case: Case) -> object:
    pricing = read_percentage(case.params)
    raw = sequence(case.input.get("running_total") or [], "running_total", most=EVENTS_MAX)
    running = [at_least_zero(value, f"running_total[{i}]") for i, value in enumerate(raw)]
    count = whole(case.given("events_count"), "events_count", least=0, most=10**9)
    free = pricing.free_of(running)
    exact = total(pricing.aggregate(_units(case, "events_total"), count, free))
    if not running:
        return answer(case, amount=exact)
    return answer(case, amount=exact, free_units=free.amount, free_events=Fraction(free.events))


def _percentage_per_event(case: Case) -> object:
    pricing: Percentage = read_percentage(case.params)
    return answer(case, amount=sum(pricing.event_amounts(_events(case)), ZERO))


def _forms(model: str, name: str | None = None) -> dict[str, Evaluator]:
    name = name or model
    made: dict[str, Callable[[str, Case], object]] = {
        name: _amount,
        f"converted_{name}": _amount,
        f"{name}_delta": _delta,
        f"{name}_delta_max": _delta_max,
        f"{name}_commitment": _commitment,
        f"{name}_credits": _credits,
        f"cumulative_delta_{name}": _cumulative,
    }
    return {form: partial(evaluate, model) for form, evaluate in made.items()}


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
