"""Figures beside the value: unit prices, guidance for a seller, security, permitted revenue."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import partial
from math import prod

from pricing.exact import above_zero, at_least_zero, refuse
from pricing.worth import workings
from pricing.worth.workings import DIGITS, Method, Sheet, named_product, shown

COMPARABLES_MIN = 5
DEALS_MAX = 1_000_000
FIGURES: dict[str, Method] = {}
method = partial(workings.method, FIGURES)


@method("Unit price from value", "p = V × recovery / units")
def unit_price_from_value(sheet: Sheet) -> Fraction:
    """The part of the value to recover, for each of the units that are expected."""
    value, recovery = sheet.amount("asset_value"), sheet.share("recovery")
    units = sheet.factor("expected_units")
    price = value * recovery / units
    return sheet.step("value", "p = V × r / units", price, "{} × {} / {}", value, recovery, units)


@method("Unit price from cost", "p = c × (1 + m)")
def unit_price_from_cost(sheet: Sheet) -> Fraction:
    """The marginal cost, where given, is shown beside it."""
    cost, margin = sheet.amount("unit_cost"), sheet.amount("margin")
    if sheet.has("marginal_cost"):
        marginal = sheet.amount("marginal_cost")
        sheet.step("marginal cost", "cost of one call more", marginal, "{}", marginal)
    price = cost * (1 + margin)
    return sheet.step("value", "p = c × (1 + m)", price, "{} × {}", cost, 1 + margin)


@method("Unit price from factors", "p = p_ref × Π factors")
def unit_price_from_factors(sheet: Sheet) -> Fraction:
    """Quality, freshness, exclusivity, scope and concession against a reference price.

    Quality is own ÷ reference quality. Freshness halves every `half_life_days`. Exclusivity lies between
    1 and 3, the concession (for small firms) between 0.5 and 1.
    """
    price = sheet.amount("reference_price")
    own, reference = sheet.factor("quality"), sheet.factor("reference_quality")
    quality = own / reference
    factors = {
        "quality": sheet.step("quality factor", "q / q_ref", quality, "{} / {}", own, reference),
        "freshness": _freshness(sheet),
        "exclusivity": _within(sheet, "exclusivity", Fraction(1), Fraction(3)),
        "scope": sheet.factor("scope", 1),
        "concession": _within(sheet, "concession", Fraction(1, 2), Fraction(1)),
    }
    price *= prod(factors.values())
    return sheet.step("value", "p = p_ref × Π factors", price, "{}", named_product(factors))


def _freshness(sheet: Sheet) -> Fraction:
    """2^(−age / half-life), to sixty digits."""
    age, half_life = sheet.amount("age_days", 0), sheet.factor("half_life_days", 365)
    halvings = age / half_life
    with localcontext(prec=DIGITS):
        power = Decimal(halvings.numerator) / Decimal(halvings.denominator)
        left = Fraction(Decimal(2) ** -power)
    formula = "2^(−age / half-life)"
    return sheet.step("freshness factor", formula, left, "2^−({}/{})", age, half_life)


def _within(sheet: Sheet, name: str, least: Fraction, most: Fraction) -> Fraction:
    factor = sheet.factor(name, 1)
    if not least <= factor <= most:
        refuse(name, factor, f"{shown(least)} to {shown(most)}")
    return factor


@method("Return on security", "ROSI = (ALE_0 − ALE_1 − c) / c")
def security_return(sheet: Sheet) -> Fraction:
    """The return on the cost, beside the Gordon–Loeb cap on it.

    ALE = single loss × occurrences a year. No more than ALE / e is worth spending (Gordon and Loeb
    2002, for their classes of breach functions). With `revenue`, the cost's share of it.
    """
    loss = sheet.amount("single_loss")
    before, after = sheet.amount("occurrences_before"), sheet.amount("occurrences_after")
    cost = sheet.factor("cost")
    risk = sheet.step("ALE before", "SLE × ARO", loss * before, "{} × {}", loss, before)
    rest = sheet.step("ALE after", "SLE × ARO", loss * after, "{} × {}", loss, after)
    with localcontext(prec=DIGITS):
        euler = Fraction(Decimal(1).exp())
    cap = sheet.step("Gordon–Loeb cap", "ALE / e", risk / euler, "{} / e", risk)
    sheet.step("room below the cap", "cap − cost", cap - cost, "{} − {}", cap, cost)
    if sheet.has("revenue"):
        revenue = sheet.factor("revenue")
        sheet.step("cost to revenue", "cost / revenue", cost / revenue, "{} / {}", cost, revenue)
    gain = (risk - rest - cost) / cost
    return sheet.step("value", "ROSI", gain, "({} − {} − {}) / {}", risk, rest, cost, cost)


@method("Maximum permitted revenue", "R = cost − subsidy + profit + tax − excess before")
def permitted_revenue(sheet: Sheet) -> Fraction:
    """With `actual_revenue`: the excess, which comes off the next cycle. Never below zero."""
    cost, subsidy = sheet.amount("plan_cost"), sheet.amount("subsidy", 0)
    if subsidy > cost:
        refuse("subsidy", subsidy, "at most the plan cost")
    profit, tax = sheet.amount("permitted_profit"), sheet.amount("tax", 0)
    brought = sheet.amount("excess_brought_forward", 0)
    earned = cost - subsidy + profit + tax
    formula, working = "cost − subsidy + profit + tax", "{} − {} + {} + {}"
    sheet.step("before deduction", formula, earned, working, cost, subsidy, profit, tax)
    cap = max(Fraction(0), earned - brought)
    sheet.step("value", "less the excess brought forward", cap, "{} − {}", earned, brought)
    over = max(Fraction(0), brought - earned)
    if sheet.has("actual_revenue"):
        over += max(Fraction(0), sheet.amount("actual_revenue") - cap)
    sheet.step("excess carried forward", "max(0, actual − cap)", over, "{}", over)
    return cap


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
