"""A charge as a table of straight lines, so that millions of quantities are priced at once.

Every unit model is piecewise affine in the billed quantity: within a tier the price is
`intercept + slope × units`. The table is built apart from the explained path of `models`, and tests
hold the two equal to the last minor unit.
"""

from bisect import bisect_left
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from pricing.charges.models import (
    Flat,
    Graduated,
    GraduatedPercentage,
    Package,
    PerUnit,
    Pricing,
    Volume,
)
from pricing.charges.plans import Charge
from pricing.charges.tiers import Tiers, billable
from pricing.exact import refuse

ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Piece:
    """Up to `up_to` (inclusive, None for no end) the price is intercept + slope × units."""

    up_to: Fraction | None
    intercept: Fraction
    slope: Fraction


@dataclass(frozen=True, slots=True)
class Schedule:
    """Pieces in rising order. With `step` the units are counted in whole steps begun."""

    pieces: tuple[Piece, ...]
    step: Fraction | None = None


def schedule_of(pricing: Pricing) -> Schedule:
    """The table of a unit model. Raises BadValue for models that price events."""
    match pricing:
        case PerUnit(unit=unit):
            return Schedule((Piece(None, ZERO, unit),))
        case Flat(amount=amount):
            return Schedule((Piece(None, amount, ZERO),))
        case Package(size=size, price=price):
            return Schedule((Piece(None, ZERO, price),), step=size)
        case Graduated(tiers=tiers) | GraduatedPercentage(tiers=tiers):
            return Schedule(_graduated(tiers))
        case Volume(tiers=tiers):
            return Schedule(tuple(Piece(row.up_to, row.flat, row.unit) for row in tiers.rows))
        case _:
            return refuse(
                "model",
                type(pricing).__name__,
                "a model of plain quantities: flat, per_unit, package, graduated, volume",
            )


def _graduated(tiers: Tiers) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    paid, below = ZERO, ZERO
    for row in tiers.rows:
        paid += row.flat
        pieces.append(Piece(row.up_to, paid - below * row.unit, row.unit))
        if row.up_to is not None:
            paid += (row.up_to - below) * row.unit
            below = row.up_to
    if tiers.last_end is not None and tiers.beyond == "covered_only":
        pieces.append(Piece(None, paid, ZERO))
    return tuple(pieces)


class Curve:
    """price(metered units), exact, with and without the maximum."""

    def __init__(self, charge: Charge) -> None:
        self.charge = charge
        self.schedule: Schedule = schedule_of(charge.pricing)
        self.bounds = [piece.up_to for piece in self.schedule.pieces if piece.up_to is not None]
        self._seen: dict[Fraction, Fraction] = {}

    def price(self, units: Fraction) -> Fraction:
        """What the charge bills, before rounding."""
        if units not in self._seen:
            exact = self.uncapped(units)
            terms = self.charge.terms
            if terms.maximum is not None:
                exact = min(exact, terms.maximum)
            if terms.minimum is not None:
                exact = max(exact, terms.minimum)
            self._seen[units] = exact
        return self._seen[units]

    def uncapped(self, units: Fraction) -> Fraction:
        """The price less the percentage discount, without maximum and minimum."""
        billed = self.billed(units)
        if self.schedule.step is not None:
            billed = Fraction(ceil(billed / self.schedule.step))
        piece = self.schedule.pieces[bisect_left(self.bounds, billed)]
        exact = piece.intercept + piece.slope * billed
        return exact * (1 - self.charge.terms.discount)

    def billed(self, units: Fraction) -> Fraction:
        conversion = self.charge.conversion
        converted = units if conversion is None else conversion.apply(units)
        return billable(converted, self.charge.free_units)

    def holds(self, units: Fraction) -> bool:
        """Whether some tier prices that many units."""
        return self.end is None or self.billed(units) <= self.end

    @property
    def last(self) -> Piece:
        return self.schedule.pieces[-1]

    @property
    def end(self) -> Fraction | None:
        """The billed quantity above which nothing is priced."""
        return self.last.up_to

    @property
    def most(self) -> Fraction | None:
        """The highest price without the cap; None where it grows without end."""
        if self.end is None and self.last.slope:
            return None
        edges = self.bounds or [ZERO]
        values = [self._value(index, bound) for index, bound in enumerate(edges)]
        if self.end is None:
            values.append(self.last.intercept)
        return max(values) * (1 - self.charge.terms.discount)

    def _value(self, index: int, billed: Fraction) -> Fraction:
        piece = self.schedule.pieces[index]
        return piece.intercept + piece.slope * billed

    @property
    def multiplier(self) -> Fraction:
        """Billed units for each metered one, before rounding."""
        conversion = self.charge.conversion
        return Fraction(1) if conversion is None else conversion.multiplier
