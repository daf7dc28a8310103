"""A charge as a table of straight lines, so that millions of quantities are priced at once.

Every unit model is piecewise affine in the billed quantity: within a tier the price is
`intercept + slope × units`. The table is built apart from the explained path of `models`, and tests
hold the two equal to the last minor unit.
"""

from dataclasses import dataclass
from fractions import Fraction

from pricing.charges.exact import refuse
from pricing.charges.models import Flat, Graduated, Package, PerUnit, Pricing, Volume
from pricing.charges.percentages import GraduatedPercentage
from pricing.charges.tiers import Tiers

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
