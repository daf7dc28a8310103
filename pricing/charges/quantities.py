"""Quantities before they are priced: unit conversion, rounding, packages, free units."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import ceil, floor

from pricing.charges.exact import above_zero, refuse, whole
from pricing.money import half_away


class Rounding(StrEnum):
    """How a quantity (never money) becomes coarser."""

    NONE = "none"
    CEILING = "ceiling"
    FLOOR = "floor"
    HALF_UP = "half_up"  # halves go away from zero


# What peers call the same three.
SYNONYMS = {"ceil": "ceiling", "round": "half_up", "half_away": "half_up"}
PRECISION_MAX = 12
ROUNDERS: dict[Rounding, Callable[[Fraction], int]] = {
    Rounding.CEILING: ceil,
    Rounding.FLOOR: floor,
    Rounding.HALF_UP: half_away,
}


def round_quantity(units: Fraction, rounding: Rounding, precision: int) -> Fraction:
    """Rounded to decimal places; a negative precision rounds to tens, hundreds and so on."""
    if rounding is Rounding.NONE:
        return units
    scale = Fraction(10) ** precision
    return ROUNDERS[rounding](units * scale) / scale


def read_rounding(value: object, field: str = "rounding") -> Rounding:
    """A rounding by name; None is no rounding."""
    name = "none" if value is None else SYNONYMS.get(str(value), str(value))
    if name not in list(Rounding):
        refuse(field, value, "none, ceiling, floor or half_up")
    return Rounding(name)


@dataclass(frozen=True, slots=True)
class Conversion:
    """Metered units into priced units: bytes into gigabytes, calls into thousands of calls."""

    multiplier: Fraction
    rounding: Rounding
    precision: int

    def apply(self, units: Fraction) -> Fraction:
        return round_quantity(units * self.multiplier, self.rounding, self.precision)


def read_conversion(value: Mapping[str, object], field: str = "convert") -> Conversion:
    """`op` (multiply or divide), `factor`, `rounding`, `precision`. Raises BadValue."""
    factor = above_zero(value.get("factor", 1), f"{field}.factor")
    op = value.get("op", "multiply")
    if op not in {"multiply", "divide"}:
        refuse(f"{field}.op", op, "multiply or divide")
    return Conversion(
        multiplier=factor if op == "multiply" else 1 / factor,
        rounding=read_rounding(value.get("rounding"), f"{field}.rounding"),
        precision=read_precision(value.get("precision"), f"{field}.precision"),
    )


def read_precision(value: object, field: str = "precision") -> int:
    """Decimal places, negative for tens and hundreds; None is 0."""
    return whole(0 if value is None else value, field, least=-PRECISION_MAX, most=PRECISION_MAX)


def package_count(units: Fraction, size: Fraction) -> int:
    """Packages begun."""
    return ceil(units / size)


def billable(units: Fraction, free_units: Fraction, before: Fraction = Fraction(0)) -> Fraction:
    """What of `units` is left to bill when free units first cover what was used before."""
    return max(Fraction(0), before + units - free_units) - max(Fraction(0), before - free_units)
