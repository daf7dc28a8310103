"""Unit prices: from value, from cost, from a reference price and factors."""

from decimal import Decimal, localcontext
from fractions import Fraction

from pricing.charges.exact import refuse
from pricing.worth.valuation.workings import Sheet, shown

DIGITS = 60


def unit_price_from_value(sheet: Sheet) -> Fraction:
    """p = V × recovery / expected units."""
    value, recovery = sheet.amount("asset_value"), sheet.share("recovery")
    units = sheet.factor("expected_units")
    working = f"{shown(value)} × {shown(recovery)} / {shown(units)}"
    return sheet.step("value", "p = V × r / units", working, value * recovery / units)


def unit_price_from_cost(sheet: Sheet) -> Fraction:
    """p = unit cost × (1 + margin). The marginal cost, where given, is shown beside it."""
    cost, margin = sheet.amount("unit_cost"), sheet.amount("margin")
    if sheet.has("marginal_cost"):
        marginal = sheet.amount("marginal_cost")
        sheet.step("marginal cost", "cost of one call more", shown(marginal), marginal)
    working = f"{shown(cost)} × {shown(1 + margin)}"
    return sheet.step("value", "p = c × (1 + m)", working, cost * (1 + margin))


def unit_price_from_factors(sheet: Sheet) -> Fraction:
    """p = reference price × quality × freshness × exclusivity × scope × concession.

    Quality is own ÷ reference quality. Freshness halves every `half_life_days`. Exclusivity lies between
    1 and 3, the concession (for small firms) between 0.5 and 1.
    """
    price = sheet.amount("reference_price")
    own, reference = sheet.factor("quality"), sheet.factor("reference_quality")
    factors = {
        "quality": sheet.step(
            "quality factor", "q / q_ref", f"{shown(own)} / {shown(reference)}", own / reference
        ),
        "freshness": _freshness(sheet),
        "exclusivity": _within(sheet, "exclusivity", Fraction(1), Fraction(3)),
        "scope": sheet.factor("scope", 1),
        "concession": _within(sheet, "concession", Fraction(1, 2), Fraction(1)),
    }
    for factor in factors.values():
        price *= factor
    working = " × ".join(f"{shown(factor)} {name}" for name, factor in factors.items())
    return sheet.step("value", "p = p_ref × Π factors", working, price)


def _freshness(sheet: Sheet) -> Fraction:
    """2^(−age / half-life), to sixty digits."""
    age, half_life = sheet.amount("age_days", 0), sheet.factor("half_life_days", 365)
    with localcontext(prec=DIGITS):
        halvings = Decimal((age / half_life).numerator) / Decimal((age / half_life).denominator)
        left = Fraction(Decimal(2) ** -halvings)
    return sheet.step(
        "freshness factor", "2^(−age / half-life)", f"2^−({shown(age)}/{shown(half_life)})", left
    )


def _within(sheet: Sheet, name: str, least: Fraction, most: Fraction) -> Fraction:
    factor = sheet.factor(name, 1)
    if not least <= factor <= most:
        refuse(name, factor, f"{shown(least)} to {shown(most)}")
    return factor
