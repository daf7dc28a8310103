"""Curves that earn the most from known demand, and the menu of two qualities."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from pricing.charges.exact import refuse, text, whole
from pricing.money import MINOR_MAX
from pricing.worth.prices.curves import Curve, Version

DEMANDS_MAX = 300
BUYERS_MAX = 10**9


@dataclass(frozen=True)
class Demand:
    """So many buyers who want x of information and give up to `value` minor units each for it."""

    name: str
    x: Fraction
    value: int
    buyers: int = 1


@dataclass(frozen=True)
class BestCurve:
    """A lawful curve, what it earns, and who buys, out of all that buyers would give."""

    curve: Curve
    revenue: Fraction
    served: tuple[str, ...]
    bound: int


def best_curve(demands: Sequence[Demand]) -> BestCurve:
    """The lawful curve of most revenue from demands in rising order of x and not falling value.

    Dynamic programming over (demand, least value per x among those served so far), O(n²) states. Whom
    the choice leaves out gets the highest price that the law allows. At least half of what the best
    arbitrage-free curve earns (Chen, Koutris and Kumar 2019). Raises BadValue.
    """
    _check(demands)

    @cache
    def best(index: int, slope: Fraction | None) -> Fraction:
        """What the demands from index on give at most."""
        if index == len(demands):
            return Fraction(0)
        return max(best(index + 1, slope), taken(index, slope))

    def taken(index: int, slope: Fraction | None) -> Fraction:
        one, steepest = demands[index], _steepest(demands[index], slope)
        return one.buyers * steepest * one.x + best(index + 1, steepest)

    served: list[int] = []
    slope: Fraction | None = None
    for index, one in enumerate(demands):
        if taken(index, slope) > best(index + 1, slope):
            served.append(index)
            slope = _steepest(one, slope)
    curve = _tight(demands, served)
    bought = [
        (one, version.price)
        for one, version in zip(demands, curve.versions, strict=True)
        if version.price <= one.value
    ]
    return BestCurve(
        curve=curve,
        revenue=sum((one.buyers * price for one, price in bought), Fraction(0)),
        served=tuple(one.name for one, _ in bought),
        bound=sum(one.buyers * one.value for one in demands),
    )


def _steepest(one: Demand, slope: Fraction | None) -> Fraction:
    """The price per x at which the demand and those served before it still buy."""
    own = one.value / one.x
    return own if slope is None else min(own, slope)


def _tight(demands: Sequence[Demand], served: Sequence[int]) -> Curve:
    """The greatest lawful curve at which everybody served still buys."""
    versions = []
    for i, one in enumerate(demands):
        limits = [Fraction(demands[j].value) for j in served if j >= i]
        limits += [demands[j].value * one.x / demands[j].x for j in served if j <= i]
        versions.append(Version(one.name, one.x, min(limits, default=Fraction(0))))
    return Curve(tuple(versions))


def _check(demands: Sequence[Demand]) -> None:
    if not 1 <= len(demands) <= DEMANDS_MAX:
        refuse("demands", f"{len(demands)} demands", f"1 to {DEMANDS_MAX} demands")
    x, value = Fraction(0), 0
    for one in demands:
        whole(one.buyers, f"demands.{one.name}.buyers", least=0, most=BUYERS_MAX)
        whole(one.value, f"demands.{one.name}.value", least=0, most=MINOR_MAX)
        if one.x <= x:
            refuse(f"demands.{one.name}.x", one.x, f"more than {text(x)}: rising x")
        if one.value < value:
            refuse(
                f"demands.{one.name}.value", one.value, f"at least {value}: more x is worth more"
            )
        x, value = one.x, one.value


@dataclass(frozen=True)
class Menu:
    """Prices of a low and a high quality; `low` is None where selling it would cost revenue."""

    low: int | None
    high: int
    revenue: int


def two_quality_menu(
    *, low_type: tuple[int, int], high_type: tuple[int, int], low_buyers: int, high_buyers: int
) -> Menu:
    """The best menu for two types of buyers who value (low quality, high quality) so much.

    The low type pays all that the low quality is worth to it; the high type keeps what it could gain by
    taking the low quality, so that nobody wants the other's offer. The low quality is offered only where
    that earns more. Values rise with quality, and the high type gains more from quality. Source: Mussa
    and Rosen 1978. Raises BadValue.
    """
    for name, buyers in (("low_buyers", low_buyers), ("high_buyers", high_buyers)):
        whole(buyers, name, least=0, most=BUYERS_MAX)
    for name, values in (("low_type", low_type), ("high_type", high_type)):
        if not 0 <= values[0] <= values[1] <= MINOR_MAX:
            refuse(name, list(values), "values of zero or more that rise with quality")
    kept = high_type[0] - low_type[0]
    if kept < 0 or high_type[1] - high_type[0] < low_type[1] - low_type[0]:
        refuse("high_type", list(high_type), "values above the low type's, and more so for quality")
    both = low_buyers * low_type[0] + high_buyers * (high_type[1] - kept)
    only_high = high_buyers * high_type[1]
    if both > only_high:
        return Menu(low_type[0], high_type[1] - kept, both)
    return Menu(None, high_type[1], only_high)
