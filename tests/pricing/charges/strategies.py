"""Random plans and quantities for the laws of charges."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from pricing.charges.models import Pricing, Usage, total

Fields = dict[str, Any]


def amounts(most: int = 1000, places: int = 4) -> st.SearchStrategy[str]:
    """Decimal text from zero on."""
    return st.integers(0, most * 10**places).map(
        lambda scaled: f"{Decimal(scaled).scaleb(-places):f}"
    )


@st.composite
def tiers(draw: st.DrawFn, *, falling: bool = False, flats: bool = True) -> list[Fields]:
    """One to six tiers without end; on request with falling rates."""
    count = draw(st.integers(1, 6))
    steps = draw(st.lists(st.integers(1, 10_000), min_size=count - 1, max_size=count - 1))
    rates = draw(st.lists(amounts(100), min_size=count, max_size=count))
    if falling:
        rates.sort(key=Decimal, reverse=True)
    bounds, end = [], 0
    for step in steps:
        end += step
        bounds.append(str(Decimal(end) / 10))
    return [
        {"up_to": bound, "unit": rate, "flat": draw(amounts(50)) if flats else "0"}
        for bound, rate in zip([*bounds, None], rates, strict=True)
    ]


def unit_models() -> st.SearchStrategy[Fields]:
    """A model of plain quantities with its parameters."""
    return st.one_of(
        st.fixed_dictionaries({"model": st.just("per_unit"), "unit": amounts()}),
        st.fixed_dictionaries(
            {
                "model": st.just("package"),
                "package_size": st.integers(1, 500).map(str),
                "package_price": amounts(),
            }
        ),
        st.fixed_dictionaries({"model": st.just("graduated"), "tiers": tiers()}),
        st.fixed_dictionaries({"model": st.just("volume"), "tiers": tiers()}),
    )


def conversions() -> st.SearchStrategy[Fields]:
    """Into larger or smaller units, rounded or not."""
    return st.fixed_dictionaries(
        {
            "op": st.sampled_from(["multiply", "divide"]),
            "factor": st.integers(1, 5000).map(str),
            "rounding": st.sampled_from(["none", "ceiling", "floor", "half_up"]),
            "precision": st.integers(-2, 3),
        }
    )


@st.composite
def unit_charges(draw: st.DrawFn) -> Fields:
    """A whole charge: model, conversion, free units, discount, maximum, minimum."""
    charge = {"name": "calls", "meter": "calls", **draw(unit_models())}
    if draw(st.booleans()):
        charge["convert"] = draw(conversions())
    if draw(st.booleans()):
        charge["free_units"] = draw(amounts(1000, 2))
    if draw(st.booleans()):
        charge["sample_units"] = draw(amounts(1000, 2))
    if draw(st.booleans()):
        charge["discount_percent"] = draw(amounts(100, 2))
    minimum, maximum = sorted(
        (Decimal(draw(amounts(2000, 3))), Decimal(draw(amounts(2000, 3)))), key=Decimal
    )
    if draw(st.booleans()):
        charge["minimum"] = f"{minimum:f}"
    if draw(st.booleans()):
        charge["maximum"] = f"{maximum:f}"
    return charge


def plan(*charges: Fields, currency: str = "CNY", **more: object) -> Fields:
    """A plan around charges."""
    return {"plan": "tested", "version": 1, "currency": currency, "charges": [*charges], **more}


def price(pricing: Pricing, units: Fraction) -> Fraction:
    """The exact price of a plain quantity."""
    return total(pricing.lines(Usage(units)))


def price_events(pricing: Pricing, events: Sequence[Fraction]) -> Fraction:
    """The exact price of events, whichever way the parameters ask for."""
    return total(pricing.lines(Usage(sum(events, Fraction(0)), tuple(events))))
