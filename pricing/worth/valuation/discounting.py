"""Present values: when money comes within a year, and what the tax office gives back.

The timing convention and the tax benefit are parameters of every method that uses them. Years are whole
powers, exact; mid-year takes one square root, to sixty digits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

from pricing.charges.exact import number, refuse, whole
from pricing.worth.valuation.workings import YEARS_MAX, Sheet, shown

END, MID, START = "end of year", "mid year", "start of year"
TIMINGS = (END, MID, START)
DIGITS = 60
ONE = Fraction(1)


@dataclass(frozen=True)
class Discounting:
    """A yearly rate above −1, and when in the year money comes."""

    rate: Fraction
    timing: str = END

    def factor(self, year: int) -> Fraction:
        """What one unit of year 1, 2, … is worth today."""
        return self.lift / (1 + self.rate) ** year

    @property
    def lift(self) -> Fraction:
        """How much more money is worth that does not wait for the end of its year."""
        if self.timing == MID:
            return square_root(1 + self.rate)
        return 1 + self.rate if self.timing == START else ONE

    @property
    def formula(self) -> str:
        power = {END: "t", MID: "(t − ½)", START: "(t − 1)"}[self.timing]
        return f"1/(1 + i)^{power}"


def square_root(exact: Fraction) -> Fraction:
    """A square root to sixty digits."""
    with localcontext(prec=DIGITS):
        return Fraction((Decimal(exact.numerator) / Decimal(exact.denominator)).sqrt())


def read_discounting(sheet: Sheet) -> Discounting:
    """`rate` and `timing`."""
    return Discounting(sheet.rate(), sheet.choice("timing", TIMINGS, END))


def present_value(
    sheet: Sheet,
    flows: Sequence[Fraction],
    discounting: Discounting,
    *,
    name: str = "present value",
) -> Fraction:
    """Note each year's flow at today's worth, and their sum."""
    total = Fraction(0)
    for year, flow in enumerate(flows, 1):
        factor = discounting.factor(year)
        working = f"{shown(flow)} × {shown(factor)}"
        total += sheet.step(f"year {year}", f"F_t × {discounting.formula}", working, flow * factor)
    return sheet.step(name, "Σ of the years", f"{len(flows)} years", total)


def tax_benefit(sheet: Sheet, tax: Fraction, discounting: Discounting) -> Fraction:
    """The factor for the tax saved by amortising the asset over `tab_life` years; 1 where it is none.

    1 / (1 − τ · a(n, i) / n), with a the sum of the discount factors of n years. Raises BadValue where
    the denominator is not above zero.
    """
    given = sheet.take("tab_life", 0)
    if given is None or number(given, "tab_life") == 0:
        return sheet.step("tax benefit", "none is taken", "1", ONE)
    life = whole(given, "tab_life", least=1, most=YEARS_MAX)
    annuity = sum((discounting.factor(year) for year in range(1, life + 1)), Fraction(0))
    sheet.step("annuity", f"a = Σ {discounting.formula}", f"{life} years", annuity)
    below = 1 - tax * annuity / life
    if below <= 0:
        refuse("tab_life", life, "a life and a tax rate with τ · a(n, i) / n below 1")
    working = f"1 / (1 − {shown(tax)} × {shown(annuity)} / {life})"
    return sheet.step("tax benefit", "1 / (1 − τ · a / n)", working, 1 / below)
