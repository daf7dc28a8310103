"""A charge's price over whole steps of its meter, as straight lines over an index.

A meter counts in steps: calls one by one, gigabytes by the millionth. Where a conversion rounds, or
packages are begun, many steps share a price; the index numbers these groups (the converted quantity in
its grain, or the packages). Elsewhere the index is the number of steps itself. Over the index the price
is affine between known places, and the index of a sum differs from the sum of the indices by a few
known whole numbers only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import groupby
from math import ceil, floor

from pricing.charges.curves import Curve
from pricing.charges.tiers import Rounding
from pricing.exact import DIGITS_MAX
from pricing.money import CURRENCIES, MINOR_MAX

ZERO = Fraction(0)
HALF = Fraction(1, 2)
UNITS_END = 10**DIGITS_MAX
PRICE_END = MINOR_MAX // 10 ** max(CURRENCIES.values())


@dataclass(frozen=True, slots=True)
class Row:
    """Up to the index `last` (inclusive, None for no end) the price is intercept + slope × index."""

    last: int | None
    intercept: Fraction
    slope: Fraction


@dataclass(frozen=True, slots=True)
class Errors:
    """index = rate × steps − shift + an error between `least` and `most`, both attained or beyond."""

    shift: Fraction
    least: Fraction
    most: Fraction

    def of_sums(self) -> range:
        """What index(x + y) − index(x) − index(y) can be."""
        low = self.shift + self.least - 2 * self.most
        high = self.shift + self.most - 2 * self.least
        return range(ceil(low), floor(high) + 1)


class Grid:
    """The price of 0, 1, 2 … steps of `step` metered units."""

    def __init__(self, curve: Curve, step: Fraction) -> None:
        charge = curve.charge
        self.curve, self.step = curve, step
        self.rate = step * curve.multiplier  # converted units for each step
        self.free = charge.free_units
        self.size = curve.schedule.step
        conversion = charge.conversion
        self.rounding = Rounding.NONE if conversion is None else conversion.rounding
        self.grain = Fraction(10) ** -(0 if conversion is None else conversion.precision)
        if (self.rate / self.grain).denominator == 1:
            self.rounding = Rounding.NONE  # each step is converted to a whole number of grains

    @property
    def is_packaged(self) -> bool:
        """Whether the index counts packages: then 0 holds all that is free, and prices only rise."""
        return self.size is not None

    def index(self, steps: int) -> int:
        """The group of so many steps."""
        if self.size is not None:
            return ceil(self.curve.billed(steps * self.step) / self.size)
        if self.rounding is Rounding.NONE:
            return steps
        return int(self._converted(steps) / self.grain)

    def first(self, index: int) -> int:
        """The fewest steps of that index or above."""
        if index <= 0:
            return 0
        if self.size is not None:
            above = self.free + (index - 1) * self.size
            if self.rounding is Rounding.NONE:
                return floor(above / self.rate) + 1
            index = floor(above / self.grain) + 1
        return index if self._is_plain else self._first_rounded(index)

    def last(self, index: int) -> int:
        """The most steps of that index or below."""
        return self.first(index + 1) - 1

    def last_free(self, units: Fraction) -> int:
        """The most steps of which no more is billed than so many units."""
        if self.size is not None:
            return self.last(0)
        unit = self.rate if self.rounding is Rounding.NONE else self.grain
        return self.last(floor((self.free + units) / unit))

    def has_quote(self, steps: int) -> bool:
        """Whether so many steps are a quantity with a price that the books of any currency hold."""
        units = steps * self.step
        return units < UNITS_END and self.curve.holds(units) and self.price(steps) < PRICE_END

    def price(self, steps: int) -> Fraction:
        return self.curve.price(steps * self.step)

    @property
    def _is_plain(self) -> bool:
        return self.rounding is Rounding.NONE and self.size is None

    def _converted(self, steps: int) -> Fraction:
        conversion = self.curve.charge.conversion
        units = steps * self.step
        return units if conversion is None else conversion.apply(units)

    def _first_rounded(self, grains: int) -> int:
        """The fewest steps that are rounded to so many grains or more."""
        ratio = self.rate / self.grain
        if self.rounding is Rounding.CEILING:
            return floor((grains - 1) / ratio) + 1
        if self.rounding is Rounding.FLOOR:
            return ceil(grains / ratio)
        return max(0, ceil((grains - HALF) / ratio))

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The price by index less the percentage discount, before maximum and minimum."""
        kept = 1 - self.curve.charge.terms.discount
        pieces = self.curve.schedule.pieces
        if self.size is not None:
            return (Row(None, pieces[0].intercept * kept, pieces[0].slope * kept),)
        unit = self.rate if self.rounding is Rounding.NONE else self.grain
        made = []
        if self.free:
            made.append(Row(floor(self.free / unit), pieces[0].intercept * kept, ZERO))
        for piece in pieces:
            last = None if piece.up_to is None else floor((piece.up_to + self.free) / unit)
            intercept = piece.intercept - piece.slope * self.free
            made.append(Row(last, intercept * kept, piece.slope * unit * kept))
        return tuple(_joined(made))

    @property
    def end(self) -> int | None:
        """The last index that has a price; None where all have."""
        return self.rows[-1].last

    @cached_property
    def ends(self) -> list[int]:
        """The last index of each straight line of the final price, in rising order."""
        terms = self.curve.charge.terms
        found: set[int] = set()
        start = 0
        for row in self.rows:
            found |= set() if row.last is None else {row.last}
            for bound in (terms.minimum, terms.maximum):
                if bound is None or not row.slope:
                    continue
                reached = floor((bound - row.intercept) / row.slope)
                if reached >= start and (row.last is None or reached <= row.last):
                    found.add(reached)
            start = start if row.last is None else row.last
        return sorted(found)

    @cached_property
    def offsets(self) -> range:
        """What index(x + y) − index(x) − index(y) can be; of packages, where neither is 0."""
        if self._is_plain or (self._is_begun and not self.free):
            return range(1)
        return self._errors().of_sums()

    @property
    def _is_begun(self) -> bool:
        """Packages of a quantity that is never rounded down: two accounts begin no fewer."""
        return self.size is not None and self.rounding in {Rounding.NONE, Rounding.CEILING}

    def _errors(self) -> Errors:
        ratio, size, free = self.rate / self.grain, self.size, ZERO
        if size is not None:
            ratio, free = self.rate / size, self.free / size
            if self.rounding is not Rounding.NONE:
                return self._nested_errors(size)
        if size is not None or self.rounding is Rounding.CEILING:
            return _rounded_up(ratio, free)
        return _rounded_down(ratio, HALF if self.rounding is Rounding.HALF_UP else ZERO)

    def _nested_errors(self, size: Fraction) -> Errors:
        """Packages of a rounded quantity. In whole grains the two roundings are one."""
        ratio, per, free = self.rate / self.grain, size / self.grain, self.free / self.grain
        if per.denominator == free.denominator == 1:
            if self.rounding is Rounding.CEILING:
                return _rounded_up(ratio / per, free / per)
            half = HALF if self.rounding is Rounding.HALF_UP else ZERO
            return _rounded_down(ratio / per, (per - free - 1 + half) / per)
        below = ZERO if self.rounding is Rounding.CEILING else 1 / per
        above = ZERO if self.rounding is Rounding.FLOOR else 1 / per
        return Errors(free / per, -below, 1 + above)

    def first_offset(self) -> int:
        """Of packages: the most that index(x + y) − index(y) is where x is all free."""
        if self.size is None:
            return max(self.offsets)
        errors = self._errors()
        reach = self.last(0) * self.rate / self.size
        return floor(reach + errors.most - errors.least)


def _joined(rows: list[Row]) -> Iterator[Row]:
    """The same line in several rows is one row."""
    for _, same in groupby(rows, key=lambda row: (row.intercept, row.slope)):
        yield list(same)[-1]


def _rounded_up(ratio: Fraction, shift: Fraction) -> Errors:
    """⌈ratio × steps − shift⌉: the errors are equally spaced, as often as the ratio is divided."""
    parts = ratio.denominator
    least = (shift * parts % 1) / parts
    return Errors(shift, least, least + Fraction(parts - 1, parts))


def _rounded_down(ratio: Fraction, added: Fraction) -> Errors:
    """⌊ratio × steps + added⌋."""
    parts = ratio.denominator
    cut = (added * parts % 1) / parts
    return Errors(-added, -cut - Fraction(parts - 1, parts), -cut)
