"""Price guidance for a seller: a floor, a band of comparable deals, what the income bears."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from pricing.charges.exact import above_zero, at_least_zero, refuse

COMPARABLES_MIN = 5
DEALS_MAX = 1_000_000


@dataclass(frozen=True)
class Band:
    """Quartiles of comparable prices, by linear interpolation between ordered prices."""

    low: Fraction
    middle: Fraction
    high: Fraction
    deals: int


@dataclass(frozen=True)
class Guidance:
    """Where a price should lie. `mature` says whether there are deals enough to go by.

    With them the range is the band, not below the cost floor. Without, it reaches from the floor to what
    the income bears; where the income does not bear the floor, both ends are the floor and `covers_cost`
    is False.
    """

    low: Fraction
    high: Fraction
    floor: Fraction
    income: Fraction
    band: Band | None
    mature: bool
    covers_cost: bool


def price_band(prices: Sequence[object]) -> Band | None:
    """p25, median and p75 of the prices; None without any. Raises BadValue."""
    if len(prices) > DEALS_MAX:
        refuse("comparables", f"{len(prices)} deals", f"at most {DEALS_MAX} deals")
    ordered = sorted(above_zero(price, f"comparables[{i}]") for i, price in enumerate(prices))
    if not ordered:
        return None
    low, middle, high = (quantile(ordered, Fraction(quarter, 4)) for quarter in (1, 2, 3))
    return Band(low, middle, high, len(ordered))


def quantile(ordered: Sequence[Fraction], share: Fraction) -> Fraction:
    """The figure below which a share of rising figures lies, between neighbours on the line."""
    place = share * (len(ordered) - 1)
    index = place.numerator // place.denominator
    above = min(index + 1, len(ordered) - 1)
    return ordered[index] + (place - index) * (ordered[above] - ordered[index])


def guide_price(
    *, cost_floor: object, income_per_unit: object, comparables: Sequence[object] = ()
) -> Guidance:
    """A range for a unit price from its full cost, what its income bears, and comparable prices.

    Adjust comparables by quality, date and scope beforehand (`unit_price_from_factors`). Raises BadValue.
    """
    floor = at_least_zero(cost_floor, "cost_floor")
    income = at_least_zero(income_per_unit, "income_per_unit")
    band = price_band(comparables)
    mature = band is not None and band.deals >= COMPARABLES_MIN
    low, high = (band.low, band.high) if band is not None and mature else (floor, income)
    return Guidance(
        low=max(floor, low),
        high=max(floor, high),
        floor=floor,
        income=income,
        band=band,
        mature=mature,
        covers_cost=high >= floor,
    )
