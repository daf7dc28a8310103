"""Price curves of versions: sampled, noisy, aggregated, delayed copies, or privacy budgets.

A version is measured by x, an amount of information that adds up when copies are combined (a share of
the rows, the inverse of the noise's variance, ε). Law: p(x) does not fall and p(x)/x does not rise. Then
no combination of versions gives as much for less. The law is sufficient, and within a factor of two of
the best arbitrage-free revenue (Chen, Koutris and Kumar 2019).
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import accumulate, pairwise
from math import ceil, lcm

from pricing.exact import (
    SHOWN_MAX,
    above_zero,
    at_least_zero,
    mapping,
    name_of,
    refuse,
    sequence,
    text,
    whole,
)
from pricing.laws import BrokenLawError
from pricing.money import MINOR_MAX
from pricing.refusals import PricingRefusal
from pricing.worth.copies import Bought, Copies, Unsure
from pricing.worth.views import PRICE_MAX, Arbitrage, Checked, Combination, decided

VERSIONS_MAX = 1_000
COPIES_MAX = 10**6


class CurveInvitesArbitrage(PricingRefusal):
    """A curve breaks the law, so that a combination of versions may be cheaper than one."""

    code = "curve_invites_arbitrage"


@dataclass(frozen=True)
class Version:
    """A version with x of information, for `price` minor units (a fraction until it is quoted)."""

    name: str
    x: Fraction
    price: Fraction


@dataclass(frozen=True)
class Curve:
    """Versions in rising order of x that obey the law. Raises CurveInvitesArbitrage, BadValue."""

    versions: tuple[Version, ...]

    def __post_init__(self) -> None:
        _check_order(self.versions)
        broken = breaks(self.versions)
        if broken:
            raise CurveInvitesArbitrage(
                f"{broken[0]} Accepted are prices that do not fall and whose price per x does not rise.",
                field="versions",
                value=broken[0],
                accepted="p does not fall and p/x does not rise",
            )

    def price_at(self, x: object) -> int:
        """Whole minor units for x of information, between versions on the straight line.

        Rounded up, since rounding down or to the nearest would make two halves cheaper than a whole.
        The line begins at the origin; above the last version nothing is for sale. Raises BadValue.
        """
        wanted = at_least_zero(x, "x")
        last = self.versions[-1]
        if wanted > last.x:
            refuse("x", wanted, f"0 to {text(last.x)}")
        index = bisect_left(self.versions, wanted, key=lambda version: version.x)
        right = self.versions[index]
        left = self.versions[index - 1] if index else Version("nothing", Fraction(0), Fraction(0))
        slope = (right.price - left.price) / (right.x - left.x)
        return ceil(left.price + slope * (wanted - left.x))


def breaks(versions: Sequence[Version]) -> list[str]:
    """A sentence for every pair of neighbours that breaks the law."""
    found = []
    for low, high in pairwise(versions):
        if high.price < low.price:
            found.append(
                f"{high.name} gives more than {low.name} and costs {text(high.price)}, less than"
                f" {text(low.price)}."
            )
        if high.price * low.x > low.price * high.x:
            found.append(
                f"{high.name} costs {text(high.price / high.x)} for each x, more than the"
                f" {text(low.price / low.x)} of {low.name}."
            )
    return found


def lawful(wished: Sequence[Version]) -> Curve:
    """The greatest curve that obeys the law and asks no more than wished at any version.

    p(i) = min over j of wish(j), times x(i)/x(j) where j gives less.
    """
    _check_order(wished)
    rates = accumulate((one.price / one.x for one in wished), min)
    above = [*accumulate((one.price for one in reversed(wished)), min)][::-1]
    return Curve(
        tuple(
            Version(one.name, one.x, min(least, rate * one.x))
            for one, least, rate in zip(wished, above, rates, strict=True)
        )
    )


def arbitrage(versions: Sequence[Version]) -> list[Arbitrage]:
    """Every version that a combination of versions (also several copies of one) undercuts.

    In rising order of x, each with the cheapest combination, in whole numbers throughout. Prices are whole
    minor units. Raises NotSolved where a version could not be decided, BadValue.
    """
    return decided(check(versions))


def check(versions: Sequence[Version]) -> Checked:
    """As `arbitrage`, with the names of those that could not be decided. Raises BadValue."""
    _check_order(versions)
    for version in versions:
        whole(
            version.price,
            f"versions.{version.name}.price"[:SHOWN_MAX],
            least=0,
            most=PRICE_MAX // COPIES_MAX,
        )
    if not breaks(versions):
        return Checked((), ())
    scale = lcm(*(version.x.denominator for version in versions))
    amounts = [int(version.x * scale) for version in versions]
    copies = Copies(amounts, [int(version.price) for version in versions])
    found, unsure = [], []
    for target, amount in zip(versions, amounts, strict=True):
        try:
            bought = copies.cheapest(amount, int(target.price))
        except Unsure:
            unsure.append(target.name)
            continue
        if bought is not None:
            cheaper = _combination(versions, amount, amounts, bought)
            found.append(Arbitrage(target.name, int(target.price), cheaper, bought.proven))
    return Checked(tuple(found), tuple(unsure))


def _combination(
    versions: Sequence[Version], wanted: int, amounts: Sequence[int], bought: Bought
) -> Combination:
    """The copies in words, after checking that they give as much and cost what is said."""
    counts = sorted(bought.copies.items())
    cost = sum(int(versions[index].price) * count for index, count in counts)
    if sum(amounts[index] * count for index, count in counts) < wanted or cost != bought.cost:
        raise BrokenLawError("the cheapest copies give less than is wanted, or cost something else")
    names = tuple(
        f"{count} × {versions[index].name}" if count > 1 else versions[index].name
        for index, count in counts
    )
    return Combination(names, cost)


def _check_order(versions: Sequence[Version]) -> None:
    if not 1 <= len(versions) <= VERSIONS_MAX:
        refuse("versions", f"{len(versions)} versions", f"1 to {VERSIONS_MAX} versions")
    before = Fraction(0)
    for version in versions:
        if version.x <= before:
            refuse(f"versions.{version.name}.x", version.x, f"more than {text(before)}: rising x")
        if version.x * COPIES_MAX < versions[-1].x:
            refuse(f"versions.{version.name}.x", version.x, "at least a millionth of the largest x")
        before = version.x


def read_versions(given: object) -> list[Version]:
    """Versions from JSON: [{"name"?, "x", "price"}] in rising order of x. Raises BadValue."""
    versions = []
    for index, row in enumerate(sequence(given, "versions", most=VERSIONS_MAX)):
        name = f"versions[{index}]"
        fields = mapping(row, name)
        x = above_zero(fields.get("x"), f"{name}.x")
        price = at_least_zero(fields.get("price"), f"{name}.price")
        label = name_of(fields.get("name", f"x={text(x)}"), f"{name}.name")
        versions.append(Version(label, x, price))
    return versions


class BudgetSpent(PricingRefusal):
    """A query would take more privacy budget than is left."""

    code = "budget_spent"


@dataclass(frozen=True)
class PrivacyBudget:
    """A lawful price curve over ε, and the total that one buyer may spend."""

    curve: Curve
    limit: Fraction

    def due(self, epsilon: object, *, spent: object = 0) -> int:
        """Minor units for ε more: the price of all that will be spent less that of what was.

        Queries one after the other cost what they cost at once. Raises BudgetSpent, BadValue.
        """
        wanted = above_zero(epsilon, "epsilon")
        before = at_least_zero(spent, "spent")
        if before + wanted > self.limit:
            left = text(max(Fraction(0), self.limit - before))
            raise BudgetSpent(
                f"The query takes ε = {text(wanted)}; accepted is at most {left}, which is left.",
                field="epsilon",
                value=text(wanted),
                accepted=left,
            )
        return self.curve.price_at(before + wanted) - self.curve.price_at(before)


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

    Three menus can be best: the high quality alone, at what it is worth to the low type, who then buys it
    too, or at what it is worth to the high type; or both. With both, the low type pays all that the low
    quality is worth to it; the high type keeps what it could gain by taking the low quality, so that
    nobody wants the other's offer. On equal revenue the low quality is not offered, and the lower price is
    asked, which serves more. Values rise with quality, and the high type gains more from quality.
    Source: Mussa and Rosen 1978. Raises BadValue.
    """
    for name, buyers in (("low_buyers", low_buyers), ("high_buyers", high_buyers)):
        whole(buyers, name, least=0, most=BUYERS_MAX)
    for name, values in (("low_type", low_type), ("high_type", high_type)):
        if len(sequence(values, name, most=2)) < 2:  # noqa: PLR2004 - the low and the high quality
            refuse(name, list(values), "the values of the low and of the high quality")
        low, high = (whole(value, name, least=0, most=MINOR_MAX) for value in values)
        if low > high:
            refuse(name, list(values), "values of zero or more that rise with quality")
    kept = high_type[0] - low_type[0]
    if kept < 0 or high_type[1] - high_type[0] < low_type[1] - low_type[0]:
        refuse("high_type", list(high_type), "values above the low type's, and more so for quality")
    both = low_buyers * low_type[0] + high_buyers * (high_type[1] - kept)
    menus = (
        Menu(None, low_type[1], (low_buyers + high_buyers) * low_type[1]),
        Menu(None, high_type[1], high_buyers * high_type[1]),
        Menu(low_type[0], high_type[1] - kept, both),
    )
    return max(menus, key=lambda menu: menu.revenue)  # the first of equal ones
