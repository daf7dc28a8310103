"""The reserve that earns most from one item: Myerson's, where the virtual value is zero."""

from collections.abc import Callable
from fractions import Fraction

from scipy.optimize import brentq

from pricing.charges.exact import refuse
from pricing.mechanisms.bids import check_count

ONE = Fraction(1)


def uniform_reserve(low: Fraction, high: Fraction) -> Fraction:
    """Values spread evenly from low to high: half of high, and never below low."""
    _check_range(low, high)
    return max(low, high / 2)


def exponential_reserve(rate: Fraction) -> Fraction:
    """Values of mean 1 ÷ rate: the mean itself."""
    if rate <= 0:
        refuse("rate", rate, "a number above zero")
    return 1 / rate


def reserve_of(
    share_below: Callable[[float], float],
    density: Callable[[float], float],
    *,
    low: float,
    high: float,
) -> float:
    """The root of v − (1 − F(v)) ÷ f(v) between low and high; low where that is never negative.

    Holds for regular distributions: those whose virtual value rises. Raises BadValue for others
    where the values at the ends show it.
    """

    def virtual(value: float) -> float:
        return value - (1 - share_below(value)) / density(value)

    if virtual(low) >= 0:
        return low
    if virtual(high) < 0:
        refuse("high", high, "an end at which the virtual value is zero or more")
    return float(brentq(virtual, low, high, xtol=1e-12))


def uniform_revenue(bidders: int, reserve: Fraction) -> Fraction:
    """Mean revenue of a second-price auction with this reserve; values even on 0 to 1.

    (n − 1) ÷ (n + 1) + r^n − 2n ÷ (n + 1) · r^(n + 1).
    """
    check_count(bidders, "bidders", most=10_000)
    if not 0 <= reserve <= 1:
        refuse("reserve", reserve, "a number from 0 to 1")
    n = bidders
    return Fraction(n - 1, n + 1) + reserve**n - Fraction(2 * n, n + 1) * reserve ** (n + 1)


def _check_range(low: Fraction, high: Fraction) -> None:
    if not 0 <= low < high:
        refuse("high", high, f"a number above low, which is {low} and at least zero")
