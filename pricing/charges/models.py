"""Charge models: each turns a quantity into explained lines. Peers agree on these rules.

Tiers hold their upper end; usage between two whole ends belongs to the next tier. The flat price of
the first tier is billed at zero units too. Packages and units cost nothing at zero.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from pricing.charges.exact import text
from pricing.charges.lines import Line, LineKind
from pricing.charges.quantities import package_count
from pricing.charges.tiers import Tiers

HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Usage:
    """What a meter says: a total, and for models that price events one by one the events.

    `amounts` are prices that the events brought with them, in major units (dynamic prices).
    `selector` chooses the tier where it is not the billed quantity that does (prorated volume).
    """

    units: Fraction
    events: tuple[Fraction, ...] = ()
    amounts: tuple[Fraction, ...] = ()
    selector: Fraction | None = None


class Pricing(Protocol):
    """A charge model with its parameters."""

    def lines(self, usage: Usage) -> list[Line]:
        """The explained price of that usage, before discounts and commitments."""
        ...


@dataclass(frozen=True)
class PerUnit:
    """units × unit price."""

    unit: Fraction

    def lines(self, usage: Usage) -> list[Line]:
        return [_units_line(LineKind.UNIT, "", usage.units, self.unit)]


@dataclass(frozen=True)
class Package:
    """A price for each package begun."""

    size: Fraction
    price: Fraction

    def lines(self, usage: Usage) -> list[Line]:
        count = Fraction(package_count(usage.units, self.size))
        amount = count * self.price
        return [
            Line(
                LineKind.PACKAGE,
                f"{text(usage.units)} units begin {count} packages of {text(self.size)}"
                f" at {text(self.price)} = {text(amount)}",
                amount,
                count,
                self.price,
            )
        ]


@dataclass(frozen=True)
class Graduated:
    """Each unit costs what its own tier says; each tier entered adds its flat price."""

    tiers: Tiers

    def lines(self, usage: Usage) -> list[Line]:
        units = self.tiers.covered(usage.units)
        made: list[Line] = []
        below = Fraction(0)
        for index in range(self.tiers.index(units) + 1):
            tier = self.tiers.rows[index]
            inside = (units if tier.up_to is None else min(units, tier.up_to)) - below
            where = self.tiers.names[index]
            if tier.unit or not tier.flat:
                made.append(_units_line(LineKind.TIER, where, inside, tier.unit))
            if tier.flat:
                made.append(_flat_line(where, tier.flat))
            below = tier.up_to if tier.up_to is not None else below
        if units < usage.units:
            made.append(_given_away(usage.units - units, self.tiers))
        return made


@dataclass(frozen=True)
class Volume:
    """All units cost what the one tier says that holds the whole quantity."""

    tiers: Tiers

    def lines(self, usage: Usage) -> list[Line]:
        chosen_by = usage.units if usage.selector is None else usage.selector
        index = self.tiers.index(chosen_by)
        tier = self.tiers.rows[index]
        where = f"all units in {self.tiers.names[index]}"
        made = [_units_line(LineKind.TIER, where, usage.units, tier.unit)]
        return [*made, _flat_line(where, tier.flat)] if tier.flat else made


@dataclass(frozen=True)
class Dynamic:
    """The events bring their prices (`multiplier` None), or metered amount × multiplier."""

    multiplier: Fraction | None

    def lines(self, usage: Usage) -> list[Line]:
        if self.multiplier is not None:
            return [_units_line(LineKind.UNIT, "metered amount", usage.units, self.multiplier)]
        amount = sum(usage.amounts, Fraction(0))
        sentence = f"{len(usage.amounts)} events brought prices of {text(amount)} in all"
        return [Line(LineKind.EVENT, sentence, amount)]


@dataclass(frozen=True)
class Flat:
    """One amount per period; `fraction_of_period` is applied by the plan where it is prorated."""

    amount: Fraction
    prorate: bool = False

    def lines(self, usage: Usage) -> list[Line]:  # noqa: ARG002 - the same whatever was used
        return [Line(LineKind.FIXED, f"fixed fee of {text(self.amount)}", self.amount)]


def price(pricing: Pricing, units: Fraction) -> Fraction:
    """The exact price of a plain quantity."""
    return sum((line.amount for line in pricing.lines(Usage(units))), Fraction(0))


def _units_line(kind: LineKind, where: str, units: Fraction, unit: Fraction) -> Line:
    amount = units * unit
    sentence = f"{text(units)} units at {text(unit)} = {text(amount)}"
    return Line(kind, f"{where}: {sentence}" if where else sentence, amount, units, unit)


def _flat_line(where: str, flat: Fraction) -> Line:
    return Line(LineKind.TIER_FLAT, f"{where}: flat price of {text(flat)}", flat)


def _given_away(units: Fraction, tiers: Tiers) -> Line:
    return Line(
        LineKind.GIVEN_AWAY,
        f"{text(units)} units above {text(tiers.bounds[-1])} are not billed: the plan says"
        " covered_only",
        Fraction(0),
        units,
        Fraction(0),
    )
