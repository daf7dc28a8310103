"""Valuation reports: read, computed, written, checked and explained.

A report is a function of its engagement (the document that names asset, date, methods, parameters and
weights): computed again, it has the same bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from pricing.charges.exact import mapping, refuse, sequence
from pricing.documents import digest
from pricing.money import Money, exponent, round_to_minor
from pricing.refusals import PricingRefusal
from pricing.worth.replays import as_text, check_unchanged, in_name_order
from pricing.worth.valuation.conclusions import SPREAD_LIMIT, Conclusion, conclude
from pricing.worth.valuation.methods import VALUE_METHODS, run
from pricing.worth.valuation.workings import Step, Valuation, shown

FORMAT = "assay.valuation/1"
METHODS_MAX = 20
NOTICE = "Decision support: not an appraiser's report and not an audit opinion."
TEXTS = ("asset", "purpose", "value_type")
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
    for index, row in enumerate(sequence(fields["methods"], "methods", most=METHODS_MAX)):
        method = mapping(row, f"methods[{index}]")
        name = method.get("method")
        label = str(method.get("label", name))
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
    if value not in (0, "0") and not source:
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
    exponent(str(fields["currency"]))
    try:
        date.fromisoformat(str(fields["base_date"]))
    except ValueError:
        refuse("base_date", fields["base_date"], "a date such as 2026-06-30")
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
