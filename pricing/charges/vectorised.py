"""Many quantities priced at once, exactly: whole-number arithmetic on arrays, no floats.

Figures are whole numbers over a common denominator. They stay in 64 bits where a bound computed
beforehand proves that nothing can overflow; otherwise the same steps run on Python's own integers,
slower and just as exact.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pricing.charges.curves import Schedule, schedule_of
from pricing.charges.plans import Charge
from pricing.charges.tiers import BeyondLastTier, Conversion, Rounding
from pricing.exact import refuse
from pricing.money import exponent
from pricing.refusals import NotAnAmount

INT64_MAX = 2**63 - 1
UNITS_MAX = 10**18
ZERO = Fraction(0)
# int64, or object where the figures need Python's integers.
Whole = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Scaled:
    """Exact figures: `values` over `scale`. `most` bounds the size of any value."""

    values: Whole
    scale: int
    most: int

    def times(self, factor: Fraction) -> "Scaled":
        values = _times(self.values, factor.numerator, self.most)
        return Scaled(values, self.scale * factor.denominator, self.most * abs(factor.numerator))

    def over(self, denominator: int) -> "Scaled":
        """The same figures over a scale that `denominator` divides."""
        factor = lcm(self.scale, denominator) // self.scale
        values = _times(self.values, factor, self.most)
        return Scaled(values, self.scale * factor, self.most * factor)


def quote_many(
    charge: Charge, units: NDArray[np.integer[Any]], *, currency: str
) -> NDArray[np.int64]:
    """Minor units that `charge` bills for each of `units`, whole numbers of metered units.

    The same to the last minor unit as `quotes.price_charge` at the end of a whole period. Raises
    BadValue for quantities that are not whole numbers from 0 to 10^18, BeyondLastTier, NotAnAmount.
    """
    _check_units(units)
    most = int(units.max()) if units.size else 0
    figures = Scaled(units.astype(np.int64, copy=False), 1, most)
    if charge.conversion is not None:
        figures = _convert(figures, charge.conversion)
    if charge.free_units:
        figures = _less(figures, charge.free_units)
    figures = _price(figures, schedule_of(charge.pricing))
    if charge.terms.discount:
        figures = figures.times(1 - charge.terms.discount)
    figures = _clamp(figures, charge.terms.minimum, charge.terms.maximum)
    return _minor(_round(figures.times(Fraction(10 ** exponent(currency)))))


def _minor(values: Whole) -> NDArray[np.int64]:
    if values.dtype == object and values.size and int(values.max()) > INT64_MAX:
        raise NotAnAmount(
            "Some of the amounts are too large for the books.",
            field="units",
            value=str(values.max()),
            accepted=INT64_MAX,
        )
    return values.astype(np.int64, copy=False)


def _check_units(units: NDArray[np.integer[Any]]) -> None:
    if not np.issubdtype(units.dtype, np.integer):
        refuse("units", str(units.dtype), "an array of whole numbers")
    if units.size and not 0 <= int(units.min()) <= int(units.max()) <= UNITS_MAX:
        worst = int(units.min()) if int(units.min()) < 0 else int(units.max())
        refuse("units", worst, f"quantities from 0 to {UNITS_MAX}")


def _times(values: Whole, factor: int, most: int) -> Whole:
    """values × factor, leaving 64 bits where they would not do."""
    if factor == 1:
        return values
    if max(most, 1) * abs(factor) > INT64_MAX:
        values = values.astype(object)
    return values * factor


def _wide(values: Whole, most: int) -> Whole:
    return values.astype(object) if most > INT64_MAX else values


def _convert(figures: Scaled, conversion: Conversion) -> Scaled:
    figures = figures.times(conversion.multiplier)
    if conversion.rounding is Rounding.NONE:
        return figures
    step = Fraction(10) ** conversion.precision
    figures = figures.times(step)
    match conversion.rounding:
        case Rounding.CEILING:
            values = _begun(figures)
        case Rounding.FLOOR:
            values = _wide(figures.values, figures.scale) // figures.scale
        case _:
            values = _round(figures)
    return Scaled(values, 1, figures.most // figures.scale + 1).times(1 / step)


def _begun(figures: Scaled) -> Whole:
    """Rounded up to whole numbers."""
    return -(-_wide(figures.values, figures.scale) // figures.scale)


def _less(figures: Scaled, free: Fraction) -> Scaled:
    """Without the free units, never below zero."""
    figures = figures.over(free.denominator)
    taken = int(free * figures.scale)
    values = _wide(figures.values, figures.most + taken)
    return Scaled(np.maximum(values - taken, 0), figures.scale, figures.most)


def _price(figures: Scaled, schedule: Schedule) -> Scaled:
    if schedule.step is not None:
        figures = figures.times(1 / schedule.step)
        figures = Scaled(_begun(figures), 1, figures.most // figures.scale + 1)
    pieces = schedule.pieces
    # u/scale ≤ bound exactly when u ≤ floor(bound × scale), for whole u.
    bounds = [int(piece.up_to * figures.scale) for piece in pieces if piece.up_to is not None]
    common = lcm(*(p.intercept.denominator for p in pieces))
    common = lcm(common, *((p.slope / figures.scale).denominator for p in pieces))
    slopes = [int(p.slope * common / figures.scale) for p in pieces]
    intercepts = [int(p.intercept * common) for p in pieces]
    most = max(figures.most, 1) * max(slopes) + max(map(abs, intercepts))
    if len(pieces) == 1 and not bounds:
        values = _wide(figures.values, most) * slopes[0] + intercepts[0]
        return Scaled(values, common, most)
    chosen = _pieces_of(figures.values, bounds, len(pieces))
    kind = np.int64 if most <= INT64_MAX else object
    values = figures.values * np.array(slopes, dtype=kind)[chosen]
    values = values + np.array(intercepts, dtype=kind)[chosen]
    return Scaled(values, common, most)


def _pieces_of(values: Whole, bounds: Sequence[int], count: int) -> NDArray[np.intp]:
    """Which piece holds each value. A few comparisons beat a binary search in a short table."""
    widest = max(bounds)
    kind = np.int64 if widest <= INT64_MAX and values.dtype != object else object
    chosen = np.searchsorted(np.array(bounds, dtype=kind), values, side="left")
    if values.size and int(chosen.max()) >= count:
        raise BeyondLastTier(
            f"Some of the units lie above {widest}, where the last tier ends.",
            field="units",
            value=str(values.max()),
            accepted=f"at most {widest}",
        )
    return chosen


def _clamp(figures: Scaled, minimum: Fraction | None, maximum: Fraction | None) -> Scaled:
    for bound, choose in ((maximum, np.minimum), (minimum, np.maximum)):
        if bound is None:
            continue
        figures = figures.over(bound.denominator)
        edge = int(bound * figures.scale)
        most = max(figures.most, edge)
        values = choose(_wide(figures.values, most), edge)
        figures = Scaled(values, figures.scale, most)
    return figures


def _round(figures: Scaled) -> Whole:
    """The nearest whole numbers; halves go up, which is away from zero for what is never below."""
    if figures.scale == 1:
        return figures.values
    values = _times(figures.values, 2, figures.most)
    values = _wide(values, 2 * (figures.most + figures.scale))
    return (values + figures.scale) // (2 * figures.scale)
