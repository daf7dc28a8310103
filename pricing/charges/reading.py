"""The parameters of a charge model from JSON, for plans and for cases alike."""

from collections.abc import Callable, Mapping
from typing import Any

from pricing.charges.exact import above_zero, at_least_zero, optional, percent, refuse, whole
from pricing.charges.models import Dynamic, Flat, Graduated, Package, PerUnit, Pricing, Volume
from pricing.charges.percentages import GraduatedPercentage, Percentage
from pricing.charges.tiers import read_tiers

EVENTS_MAX = 1_000_000
Fields = Mapping[str, Any]


def need(fields: Fields, name: str) -> object:
    """A field that the model cannot do without. Raises BadValue."""
    if fields.get(name) is None:
        refuse(name, None, "a value: the model needs it")
    return fields[name]


def read_percentage(fields: Fields) -> Percentage:
    """rate (percent), fixed, free_events, free_amount, min and max per event."""
    events = fields.get("free_events")
    least, most = optional(fields.get("min"), "min"), optional(fields.get("max"), "max")
    if least is not None and most is not None and least > most:
        refuse("min", least, "at most max")
    return Percentage(
        rate=percent(need(fields, "rate"), "rate"),
        fixed=optional(fields.get("fixed"), "fixed") or percent(0, "fixed"),
        free_events=None if events is None else whole(events, "free_events", least=0, most=10**9),
        free_amount=optional(fields.get("free_amount"), "free_amount"),
        least=least,
        most=most,
    )


def _tiers(fields: Fields, *, rates: bool = False) -> Any:
    return read_tiers(need(fields, "tiers"), beyond=fields.get("beyond_last_tier"), rates=rates)


def _dynamic(fields: Fields) -> Dynamic:
    return Dynamic(optional(fields.get("multiplier"), "multiplier"))


def _flat(fields: Fields) -> Flat:
    prorate = fields.get("prorate", False)
    if not isinstance(prorate, bool):
        refuse("prorate", prorate, "true or false")
    return Flat(at_least_zero(need(fields, "amount"), "amount"), prorate)


# The models by name, each with its reader and the fields that it accepts.
MODELS: dict[str, tuple[Callable[[Fields], Pricing], frozenset[str]]] = {
    "flat": (_flat, frozenset({"amount", "prorate"})),
    "per_unit": (
        lambda fields: PerUnit(at_least_zero(need(fields, "unit"), "unit")),
        frozenset({"unit"}),
    ),
    "package": (
        lambda fields: Package(
            above_zero(need(fields, "package_size"), "package_size"),
            at_least_zero(need(fields, "package_price"), "package_price"),
        ),
        frozenset({"package_size", "package_price"}),
    ),
    "graduated": (
        lambda fields: Graduated(_tiers(fields)),
        frozenset({"tiers", "beyond_last_tier"}),
    ),
    "volume": (lambda fields: Volume(_tiers(fields)), frozenset({"tiers", "beyond_last_tier"})),
    "percentage": (
        read_percentage,
        frozenset({"rate", "fixed", "free_events", "free_amount", "min", "max"}),
    ),
    "graduated_percentage": (
        lambda fields: GraduatedPercentage(_tiers(fields, rates=True)),
        frozenset({"tiers", "beyond_last_tier"}),
    ),
    "dynamic": (_dynamic, frozenset({"multiplier"})),
}


def read_pricing(model: object, fields: Fields) -> Pricing:
    """The charge model of that name with its parameters. Raises BadValue and the tier refusals."""
    if not isinstance(model, str) or model not in MODELS:
        refuse("model", model, f"one of {', '.join(sorted(MODELS))}")
    return MODELS[model][0](fields)
