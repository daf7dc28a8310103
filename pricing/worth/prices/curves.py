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
from itertools import pairwise
from math import ceil, lcm

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from pricing.charges.exact import above_zero, at_least_zero, mapping, refuse, sequence, text, whole
from pricing.refusals import PricingRefusal
from pricing.worth.prices.views import PRICE_MAX, Arbitrage, Combination

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
    repaired = []
    for i, one in enumerate(wished):
        above = min(other.price for other in wished[i:])
        below = min(other.price * one.x / other.x for other in wished[: i + 1])
        repaired.append(Version(one.name, one.x, min(above, below)))
    return Curve(tuple(repaired))


def arbitrage(versions: Sequence[Version]) -> list[Arbitrage]:
    """Every version that a combination of versions (also several copies of one) undercuts.

    Found by whole-number programming, checked in exact arithmetic. Prices are whole minor units.
    """
    _check_order(versions)
    for version in versions:
        whole(
            version.price, f"versions.{version.name}.price", least=0, most=PRICE_MAX // COPIES_MAX
        )
    if not breaks(versions):
        return []
    found = []
    for target in versions:
        cheaper = _cheapest(versions, target)
        if cheaper is not None and cheaper.price < target.price:
            found.append(Arbitrage(target.name, int(target.price), cheaper))
    return found


def _cheapest(versions: Sequence[Version], target: Version) -> Combination | None:
    """The cheapest multiset of versions with at least the target's x; None where unsure."""
    scale = lcm(*(version.x.denominator for version in versions))
    amounts = [int(version.x * scale) for version in versions]
    wanted = int(target.x * scale)
    solved = milp(
        np.array([float(version.price) for version in versions]),
        # Divided by what is wanted, so that the solver's tolerances mean the same for every unit.
        constraints=LinearConstraint(np.array([[amount / wanted for amount in amounts]]), lb=1),
        integrality=np.ones(len(versions)),
        bounds=Bounds(0, np.array([-(-wanted // amount) for amount in amounts], dtype=np.float64)),
        options={"mip_rel_gap": 0.0, "time_limit": 10.0},
    )
    if solved.x is None:
        return None
    copies = [round(count) for count in solved.x]
    if sum(count * amount for count, amount in zip(copies, amounts, strict=True)) < wanted:
        return None  # the solver's tolerance let it stop short
    names = tuple(
        f"{count} × {version.name}" if count > 1 else version.name
        for version, count in zip(versions, copies, strict=True)
        if count
    )
    cost = sum(int(version.price) * count for version, count in zip(versions, copies, strict=True))
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
        versions.append(Version(str(fields.get("name", f"x={text(x)}")), x, price))
    return versions
