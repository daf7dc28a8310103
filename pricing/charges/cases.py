"""Charge cases of vector files: each model answers in the keys of its kind.

Any tiered or unit model X also comes as X_delta, X_delta_max, X_commitment, X_credits, converted_X
and cumulative_delta_X; the names without an X are those of the unit price. `multiplier` is the dynamic
price by multiplier.
"""

from collections.abc import Callable
from fractions import Fraction
from functools import partial

from pricing.case import Case, Evaluator
from pricing.charges.case_parts import EVALUATORS as PARTS
from pricing.charges.case_values import answer, places_of, terms_of
from pricing.charges.commitments import Committed, apply_credits, commit
from pricing.charges.exact import at_least_zero, mapping, optional, sequence, to_places, whole
from pricing.charges.lines import total
from pricing.charges.models import Pricing, Usage
from pricing.charges.percentages import Percentage
from pricing.charges.quantities import Conversion, billable, read_conversion
from pricing.charges.reading import EVENTS_MAX, read_percentage, read_pricing

ZERO = Fraction(0)
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
    **PARTS,
}
