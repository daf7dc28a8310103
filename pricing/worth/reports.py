"""From several methods to one conclusion: weights, spread, the discount for unclear rights."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import islice
from typing import Any

from pricing.documents import as_text, check_unchanged, digest, in_name_order
from pricing.exact import (
    SHOWN_MAX,
    at_least_zero,
    mapping,
    name_of,
    number,
    refuse,
    sequence,
    text,
    word,
)
from pricing.money import Money, exponent, round_to_minor
from pricing.refusals import PricingRefusal
from pricing.worth.methods import FIGURES_MAX, VALUE_METHODS, figures_in, run
from pricing.worth.workings import Step, Valuation, shown

SPREAD_LIMIT = Fraction(3, 2)


@dataclass(frozen=True)
class Conclusion:
    """The weighted value less the discount; `spread` is largest ÷ smallest, None beside a zero."""

    value: Fraction
    weighted: Fraction
    spread: Fraction | None
    wide: bool
    steps: tuple[Step, ...]


def conclude(
    values: Mapping[str, Fraction],
    weights: Mapping[str, object],
    *,
    rights_discount: object = 0,
    spread_limit: object = SPREAD_LIMIT,
) -> Conclusion:
    """Σ w · V over the methods, less `rights_discount`; wide where the spread is above its limit.

    Weights are of zero or more and sum to exactly 1, one for each value. Raises BadValue.
    """
    if set(weights) != set(values) or not values:
        refuse("weights", sorted(map(str, weights)), f"one weight for each of {', '.join(values)}")
    exact = {name: at_least_zero(w, f"weights.{name}"[:SHOWN_MAX]) for name, w in weights.items()}
    total = sum(exact.values(), Fraction(0))
    if total != 1:
        refuse("weights", text(total), "weights that sum to exactly 1")
    discount, limit = (
        number(rights_discount, "rights_discount"),
        at_least_zero(spread_limit, "spread_limit"),
    )
    if not 0 <= discount <= 1:
        refuse("rights_discount", discount, "a share from 0 to 1")
    weighted = sum((exact[name] * value for name, value in values.items()), Fraction(0))
    working = " + ".join(f"{shown(exact[name])} × {shown(value)}" for name, value in values.items())
    steps = [Step("weighted value", "Σ w · V", working, weighted)]
    low, high = min(values.values()), max(values.values())
    spread = high / low if low > 0 else None
    if spread is not None:
        steps.append(Step("spread", "largest / smallest", f"{shown(high)} / {shown(low)}", spread))
    value = weighted * (1 - discount)
    working = f"{shown(weighted)} × (1 − {shown(discount)})"
    steps.append(Step("conclusion", "V × (1 − d)", working, value))
    wide = high != low if spread is None else spread > limit
    return Conclusion(value, weighted, spread, wide, tuple(steps))


FORMAT = "assay.valuation/1"
METHODS_MAX = 20
NOTICE = "Decision support: not an appraiser's report and not an audit opinion."
TEXTS = ("asset", "purpose", "value_type")
DATE = "a date such as 2026-06-30"
FIELDS = {*TEXTS, "base_date", "currency", "appraisers", "methods", "weights"}
OPTIONAL = {"rights_discount", "spread_limit", "assumptions", "limits"}


class ReportDiffers(PricingRefusal):
    """A report is not what its own engagement gives: it was changed."""

    code = "report_differs"


@dataclass(frozen=True)
class Report:
    """The engagement as given, every method's workings, and the conclusion."""

    engagement: Mapping[str, Any]
    currency: str
    valuations: Mapping[str, Valuation]
    conclusion: Conclusion

    @property
    def value(self) -> Money:
        """The conclusion, rounded once."""
        return money(self.conclusion.value, self.currency)


def money(exact: Fraction, currency: str) -> Money:
    """Major units rounded to whole minor units."""
    return Money(round_to_minor(exact * 10 ** exponent(currency), currency), currency)


def make_report(engagement: object) -> Report:
    """Compute a report. Every parameter must state its source. Raises BadValue, UnknownCurrency."""
    fields = mapping(in_name_order(engagement), "engagement")
    _check(fields)
    valuations: dict[str, Valuation] = {}
    if figures_in(fields["methods"]) > FIGURES_MAX:
        count = f"{figures_in(fields['methods'])} figures"
        refuse("methods", count, f"at most {FIGURES_MAX} figures together")
    for index, row in enumerate(sequence(fields["methods"], "methods", most=METHODS_MAX)):
        method = mapping(row, f"methods[{index}]")
        name = word(method.get("method"), f"methods[{index}].method")
        label = name_of(method.get("label", name), f"methods[{index}].label")
        if name not in VALUE_METHODS or label in valuations:
            refuse(
                f"methods[{index}]", label, f"one of {', '.join(VALUE_METHODS)}, each label once"
            )
        valuations[label] = run(name, method.get("parameters"), strict=True)
        if valuations[label].value < 0:
            refuse(f"methods.{label}", shown(valuations[label].value), "a value of zero or more")
    discount, _ = sourced(fields.get("rights_discount", 0), "rights_discount")
    conclusion = conclude(
        {label: valuation.value for label, valuation in valuations.items()},
        mapping(fields["weights"], "weights"),
        rights_discount=discount,
        spread_limit=fields.get("spread_limit", SPREAD_LIMIT),
    )
    return Report(fields, str(fields["currency"]), valuations, conclusion)


def sourced(given: object, name: str) -> tuple[object, str]:
    """The value and the source of a figure that changes the conclusion; zero needs no source."""
    if isinstance(given, Mapping):
        value, source = given.get("value"), str(given.get("source", "")).strip()
    else:
        value, source = given, ""
    if number(value, name) != 0 and not source:
        refuse(f"{name}.source", None, 'a value with its source: {"value": …, "source": "…"}')
    return value, source


def _check(fields: Mapping[str, Any]) -> None:
    missing = sorted(FIELDS - set(fields))
    if missing:
        refuse(missing[0], None, "a value: a report needs it")
    unknown = sorted(set(fields) - FIELDS - OPTIONAL)
    if unknown:
        refuse(unknown[0], fields[unknown[0]], f"only {', '.join(sorted(FIELDS | OPTIONAL))}")
    for name in TEXTS:
        if not isinstance(fields[name], str) or not fields[name].strip():
            refuse(name, fields[name], "text")
    exponent(word(fields["currency"], "currency", "an ISO 4217 code such as CNY"))
    try:
        date.fromisoformat(word(fields["base_date"], "base_date", DATE))
    except ValueError:
        refuse("base_date", fields["base_date"], DATE)
    appraisers = sequence(fields["appraisers"], "appraisers", most=METHODS_MAX)
    if not appraisers or any(not isinstance(name, str) or not name.strip() for name in appraisers):
        refuse("appraisers", list(appraisers), "one or more names")


def report_document(report: Report) -> dict[str, Any]:
    """A report in JSON values: figures as text to ten places, the value in whole minor units."""
    return {
        "format": FORMAT,
        "notice": NOTICE,
        "engagement": as_text(report.engagement),
        "engagement_digest": digest(as_text(report.engagement)),
        "methods": {
            label: valuation_document(valuation, report.currency)
            for label, valuation in report.valuations.items()
        },
        "conclusion": [_step_document(step) for step in report.conclusion.steps],
        "spread_is_wide": report.conclusion.wide,
        "currency": report.currency,
        "value_minor": report.value.minor,
    }


def valuation_document(valuation: Valuation, currency: str | None = None) -> dict[str, Any]:
    """A method's workings in JSON values; the value also in minor units of a currency, if any."""
    written: dict[str, Any] = {
        "method": valuation.name,
        "title": valuation.method.title,
        "formula": valuation.method.formula,
        "standing": valuation.method.standing.value,
        "parameters": [
            {"name": one.name, "value": one.value, "source": one.source}
            for one in valuation.parameters
        ],
        "steps": [_step_document(step) for step in valuation.steps],
        "value": shown(valuation.value),
    }
    if currency is not None:
        written["value_minor"] = money(valuation.value, currency).minor
    return written


def _step_document(step: Step) -> dict[str, str]:
    return {
        "name": step.name,
        "formula": step.formula,
        "working": step.working,
        "value": shown(step.value),
    }


def replay(document: object) -> Report:
    """Compute a report's engagement again. Raises ReportDiffers where the report differs."""
    fields = mapping(document, "report")
    report = make_report(fields.get("engagement"))
    check_unchanged(fields, report_document(report), ReportDiffers)
    return report


def explain(report: Report) -> str:
    """The steps as a person would write them."""
    fields = report.engagement
    lines = [
        f"{fields['asset']}: {fields['value_type']} on {fields['base_date']}, for {fields['purpose']}.",
        f"Appraisers: {', '.join(fields['appraisers'])}. {NOTICE}",
    ]
    for label, valuation in report.valuations.items():
        lines += [f"{label}: {explain_valuation(valuation)}"]
    lines.append("Conclusion")
    lines += [f"  {step_sentence(step)}" for step in report.conclusion.steps]
    if report.conclusion.wide:
        lines.append("  The methods lie far apart: explain why before anybody relies on this.")
    lines.append(f"Value: {report.value}.")
    return "\n".join(lines)


def explain_valuation(valuation: Valuation) -> str:
    """One method: formula, standing, parameters with sources, steps."""
    lines = [
        f"{valuation.method.title}, {valuation.method.formula} ({valuation.method.standing.value})"
    ]
    lines += [f"  {one.name} = {one.value} ({one.source})" for one in valuation.parameters]
    lines += [f"  {index}. {step_sentence(step)}" for index, step in enumerate(valuation.steps, 1)]
    return "\n".join(lines)


def step_sentence(step: Step) -> str:
    """A step on one line."""
    working = f" = {step.working}" if step.working else ""
    return f"{step.name}: {step.formula}{working} = {shown(step.value)}"


# Conventions, counts of years, names, and weights that must sum to one are not a little more or less.
NOT_VARIED = frozenset({"timing", "tab_life", "years", "name", "weight"})
PLACES_MAX = 500
REREAD_MAX = 500_000  # figures, twice each: some seconds

Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Swing:
    """The conclusion with one parameter lower and higher; None where that value is not accepted."""

    method: str
    parameter: str
    low: Fraction | None
    high: Fraction | None
    width: Fraction


def tornado(report: Report, *, change: object = "0.1") -> list[Swing]:
    """Re-run the report with each parameter multiplied by 1 − change and by 1 + change.

    A list of numbers is varied as a whole, named numbers and rows one by one. Sorted by width, widest
    first. Raises BadValue.
    """
    step = number(change, "change")
    if not 0 < step < 1:
        refuse("change", change, "a share above 0 and below 1")
    swings = []
    places_of = []
    work = 0
    for index, row in enumerate(report.engagement["methods"]):
        places = list(islice(_places(row["parameters"]), PLACES_MAX + 1))
        if len(places) > PLACES_MAX:
            refuse(f"methods[{index}]", "more parameters", f"at most {PLACES_MAX} to vary")
        places_of.append(places)
        work += len(places) * figures_in(row["parameters"])
    if work > REREAD_MAX:
        given = f"{work} figures to read again, each method's for each that is varied"
        refuse("methods", given, f"at most {REREAD_MAX}: fewer methods, scenarios or years")
    for index, (row, places) in enumerate(
        zip(report.engagement["methods"], places_of, strict=True)
    ):
        for place in places:
            low, high = (_rerun(report, index, place, 1 + sign * step) for sign in (-1, 1))
            width = _width(low, high, report.conclusion.value)
            label = str(row.get("label", row["method"]))
            swings.append(Swing(label, _named(place), low, high, width))
    return sorted(swings, key=lambda swing: (-swing.width, swing.method, swing.parameter))


def varied(
    engagement: Mapping[str, Any], method: int, place: Place, factor: Fraction
) -> dict[str, Any]:
    """The engagement with the figure at a place of a method's parameters multiplied."""
    changed: dict[str, Any] = _varied(engagement, ("methods", method, "parameters", *place), factor)
    return changed


def _varied(given: Any, place: Place, factor: Fraction) -> Any:
    """A copy with the figure at a place multiplied; what is not on the way to it is shared."""
    if not place:
        return _scaled(given, factor)
    key, further = place[0], place[1:]
    changed = dict(given) if isinstance(given, Mapping) else list(given)
    changed[key] = _varied(given[key], further, factor)  # type: ignore[index]  # a name, or a number
    return changed


def _scaled(given: object, factor: Fraction) -> object:
    if isinstance(given, list | tuple):
        return [_scaled(one, factor) for one in given]
    return number(given, "parameter") * factor


def _places(given: Any, place: Place = ()) -> Iterator[Place]:
    """Where the figures of parameters lie: numbers, and lists of numbers as a whole."""
    if isinstance(given, Mapping):
        for key, entry in given.items():
            if key not in NOT_VARIED and key != "source":
                yield from _places(entry, (*place, key))
    elif isinstance(given, list | tuple) and given and isinstance(given[0], Mapping):
        for index, entry in enumerate(given):
            yield from _places(entry, (*place, index))
    elif given is not None:
        yield place


def _named(place: Place) -> str:
    """A place in words: comparables[0].factors.quality."""
    words = ""
    for key in place:
        if key != "value":
            words += f"[{key}]" if isinstance(key, int) else f".{key}"
    return words.removeprefix(".")


def _rerun(report: Report, method: int, place: Place, factor: Fraction) -> Fraction | None:
    """The conclusion with one figure changed. Only its own method is computed again."""
    fields = report.engagement
    row = fields["methods"][method]
    label = name_of(row.get("label", row["method"]), "label")
    try:
        parameters = _varied(row["parameters"], place, factor)
        value = run(row["method"], parameters, strict=True, silent=True).value
        if value < 0:
            return None
        values = {name: valuation.value for name, valuation in report.valuations.items()}
        return conclude(
            {**values, label: value},
            fields["weights"],
            rights_discount=sourced(fields.get("rights_discount", 0), "rights_discount")[0],
            spread_limit=fields.get("spread_limit", SPREAD_LIMIT),
        ).value
    except PricingRefusal:
        return None


def _width(low: Fraction | None, high: Fraction | None, middle: Fraction) -> Fraction:
    """How far apart the ends lie; the conclusion itself stands for an end that is not accepted."""
    return abs((middle if high is None else high) - (middle if low is None else low))


def swing_document(swing: Swing) -> dict[str, str | None]:
    """A swing in JSON values."""
    return {
        "method": swing.method,
        "parameter": swing.parameter,
        "low": None if swing.low is None else shown(swing.low),
        "high": None if swing.high is None else shown(swing.high),
    }
