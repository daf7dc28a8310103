"""Plans: a price list as data. A plan is a JSON document with a version; reading it validates it."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from pricing.charges.commitments import Tax, Terms, read_tax, read_terms
from pricing.charges.models import MODELS, Pricing, read_pricing
from pricing.charges.tiers import Conversion, read_conversion
from pricing.documents import digest
from pricing.exact import at_least_zero, mapping, refuse, sequence, whole
from pricing.money import CURRENCIES, exponent
from pricing.refusals import PricingRefusal

FORMAT = "assay.plan/1"
PLAN_BYTES_MAX = 256_000
CHARGES_MAX = 100
NAME_MAX = 120
VALID_DAYS = 30
GRACE_PERIODS_MAX = 120
UNIT_MODELS = frozenset({"per_unit", "package", "graduated", "volume"})
TERM_FIELDS = frozenset({"discount_percent", "maximum", "minimum"})
PLAN_FIELDS = TERM_FIELDS | {
    "format", "plan", "version", "title", "currency", "charges", "tax", "valid_days",
    "grace_periods",
}  # fmt: skip
ZERO = Fraction(0)
NO_TERMS = Terms()


@dataclass(frozen=True)
class Charge:
    """One charge of a plan. `meter` names the usage that it prices; a flat fee has none.

    `free_units` are free in each period, `sample_units` once: in the first, before the free ones.
    """

    name: str
    model: str
    meter: str | None
    pricing: Pricing
    conversion: Conversion | None = None
    free_units: Fraction = ZERO
    sample_units: Fraction = ZERO
    terms: Terms = NO_TERMS


@dataclass(frozen=True)
class Plan:
    """A validated price list. `document` is what it was read from and what a quote carries.

    The first `grace_periods` of a subscription cost nothing at all.
    """

    document: Mapping[str, Any]
    name: str
    version: int
    currency: str
    charges: tuple[Charge, ...]
    terms: Terms
    tax: Tax
    valid_days: int
    grace_periods: int = 0

    @cached_property
    def digest(self) -> str:
        return digest(self.document)

    @property
    def places(self) -> int:
        """Digits after the decimal point of its currency."""
        return exponent(self.currency)

    @property
    def meters(self) -> set[str]:
        return {charge.meter for charge in self.charges if charge.meter is not None}


def read_plan(document: object) -> Plan:
    """Validate a plan. Every refusal names the field, its value and what is accepted."""
    fields = mapping(document, "plan")
    only(fields, PLAN_FIELDS, "plan")
    if fields.get("format", FORMAT) != FORMAT:
        refuse("format", fields["format"], FORMAT)
    currency = fields.get("currency")
    if not isinstance(currency, str) or currency not in CURRENCIES:
        refuse("currency", currency, f"one of {', '.join(sorted(CURRENCIES))}")
    raw = sequence(fields.get("charges"), "charges", most=CHARGES_MAX)
    charges = tuple(_read_charge(entry, f"charges[{i}]") for i, entry in enumerate(raw))
    names = [charge.name for charge in charges]
    if not charges or len(set(names)) < len(names):
        refuse("charges", names, "at least one charge, each with a name of its own")
    days = whole(fields.get("valid_days", VALID_DAYS), "valid_days", least=1, most=3660)
    if "title" in fields:
        label(fields["title"], "title")
    return Plan(
        document=fields,
        name=label(fields.get("plan"), "plan"),
        version=whole(fields.get("version"), "version", least=1, most=10**9),
        currency=currency,
        charges=charges,
        terms=read_terms(fields),
        tax=read_tax(_tax_fields(fields)),
        valid_days=days,
        grace_periods=whole(
            fields.get("grace_periods", 0), "grace_periods", least=0, most=GRACE_PERIODS_MAX
        ),
    )


def without_beginnings(document: Mapping[str, Any]) -> dict[str, Any]:
    """A plan's document for who has subscribed before: without samples and periods of grace."""
    charges = [
        {key: value for key, value in charge.items() if key != "sample_units"}
        for charge in document["charges"]
    ]
    kept = {key: value for key, value in document.items() if key != "grace_periods"}
    return {**kept, "charges": charges}


def only(fields: Mapping[str, Any], accepted: frozenset[str] | set[str], name: str = "") -> None:
    """Refuse fields that nothing would read: a misspelt maximum must not be silently no maximum."""
    unknown = sorted(str(key) for key in set(fields) - accepted)
    if unknown:
        field = f"{name}.{unknown[0]}" if name else unknown[0]
        refuse(field, fields[unknown[0]], f"one of {', '.join(sorted(accepted))}")


def label(value: object, field: str) -> str:
    """A short text."""
    fits = isinstance(value, str) and 0 < len(value.strip()) <= NAME_MAX
    if not fits or not isinstance(value, str) or not value.isprintable():
        refuse(field, value, f"a printable text of 1 to {NAME_MAX} characters")
    return value


def _tax_fields(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    tax = mapping(fields.get("tax") or {}, "tax")
    only(tax, {"percent", "included"}, "tax")
    return tax


def _read_charge(entry: object, name: str) -> Charge:
    fields = mapping(entry, name)
    try:
        return _read_fields(fields)
    except PricingRefusal as refusal:
        facts = {**refusal.facts, "field": f"{name}.{refusal.facts.get('field', '')}"}
        raise type(refusal)(f"In {name}: {refusal.message}", **facts) from None


def _read_fields(fields: Mapping[str, Any]) -> Charge:
    model = fields.get("model")
    pricing_fields = MODELS[model][1] if isinstance(model, str) and model in MODELS else frozenset()
    pricing = read_pricing(model, fields)
    accepted = pricing_fields | TERM_FIELDS | {"name", "model"}
    if model != "flat":
        accepted |= {"meter"}
    if model in UNIT_MODELS:
        accepted |= {"convert", "free_units", "sample_units"}
    only(fields, accepted)
    return Charge(
        name=label(fields.get("name"), "name"),
        model=str(model),
        meter=None if model == "flat" else label(fields.get("meter"), "meter"),
        pricing=pricing,
        conversion=_read_convert(fields.get("convert")),
        free_units=at_least_zero(fields.get("free_units", 0), "free_units"),
        sample_units=at_least_zero(fields.get("sample_units", 0), "sample_units"),
        terms=read_terms(fields),
    )


def _read_convert(value: object) -> Conversion | None:
    if value is None:
        return None
    fields = mapping(value, "convert")
    only(fields, {"op", "factor", "rounding", "precision"}, "convert")
    return read_conversion(fields)


ANY_CURRENCY = "CNY"  # figures of findings are exact, before they are rounded


@dataclass(frozen=True)
class Finding:
    """A weakness of a plan, the charge that has it, and figures that prove it."""

    code: str
    charge: str
    sentence: str
    proof: Mapping[str, str]
