"""The market approach: comparable deals, each adjusted to the asset by factors."""

from collections.abc import Mapping
from fractions import Fraction
from math import prod
from typing import Any

from pricing.charges.exact import SHOWN_MAX, above_zero, at_least_zero, mapping, refuse, text
from pricing.worth.valuation.workings import Sheet, shown


def market_comparables(sheet: Sheet) -> Fraction:
    """P = Σ w_j · price_j · Π factors_j; equal weights where none is given.

    A comparable is {"price", "factors": {"quality": …, "date": …}, "weight"?}; a factor may be
    {"own", "reference"}, which is their quotient (volumes, price indices).
    """
    rows = sheet.rows("comparables")
    weights = _weights(rows)
    total = Fraction(0)
    for index, (row, weight) in enumerate(zip(rows, weights, strict=True)):
        label = f"comparables[{index}]"
        price = at_least_zero(row.get("price"), f"{label}.price")
        factors = _factors(row.get("factors", {}), f"{label}.factors")
        adjusted = price * prod(factors.values(), start=Fraction(1))
        working = " × ".join([shown(price), *(f"{shown(f)} {name}" for name, f in factors.items())])
        name = str(row.get("name", index + 1))
        sheet.step(f"comparable {name}", "price × Π factors", working, adjusted)
        total += weight * adjusted
    working = " + ".join(f"{shown(weight)} × comparable {i}" for i, weight in enumerate(weights, 1))
    return sheet.step("value", "P = Σ w × comparable", working, total)


def _weights(rows: Any) -> list[Fraction]:
    given = [row.get("weight") for row in rows]
    if all(weight is None for weight in given):
        return [Fraction(1, len(rows))] * len(rows)
    weights = [at_least_zero(w, f"comparables[{i}].weight") for i, w in enumerate(given)]
    if sum(weights) != 1:
        refuse(
            "comparables.weight", text(sum(weights, Fraction(0))), "weights that sum to exactly 1"
        )
    return weights


def _factors(given: object, label: str) -> dict[str, Fraction]:
    found = mapping(given, label)
    return {name: _factor(value, f"{label}.{name}"[:SHOWN_MAX]) for name, value in found.items()}


def _factor(given: object, label: str) -> Fraction:
    if isinstance(given, Mapping):
        own = above_zero(given.get("own"), f"{label}.own")
        return own / above_zero(given.get("reference"), f"{label}.reference")
    return above_zero(given, label)
