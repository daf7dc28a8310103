"""The income approach: what the data will bring, at today's worth."""

from collections.abc import Sequence
from fractions import Fraction

from pricing.charges.exact import number, refuse, sequence
from pricing.worth.valuation.discounting import (
    END,
    TIMINGS,
    Discounting,
    present_value,
    read_discounting,
    tax_benefit,
)
from pricing.worth.valuation.workings import RATE_MOST, YEARS_MAX, Sheet, shown

ZERO = Fraction(0)


def income_direct(sheet: Sheet) -> Fraction:
    """P = Σ F_t / (1 + i)^t: the data's own cash flow."""
    return present_value(sheet, sheet.series("cash_flow"), read_discounting(sheet), name="value")


def income_share(sheet: Sheet) -> Fraction:
    """P = Σ R_t · K_t / (1 + i)^t: the data's share K of revenue."""
    revenue = sheet.series("revenue")
    shares = _shares(sheet, len(revenue))
    flows = [income * share for income, share in zip(revenue, shares, strict=True)]
    return present_value(sheet, flows, read_discounting(sheet), name="value")


def income_excess(sheet: Sheet) -> Fraction:
    """P = Σ (R_t − Σ C_t) / (1 + i)^t: revenue less what every other asset earned of it."""
    flows = _less(sheet, "revenue", "contributions")
    return present_value(sheet, flows, read_discounting(sheet), name="value")


def income_increment(sheet: Sheet) -> Fraction:
    """P = Σ (F_with − F_without)_t / (1 + i)^t."""
    with_data, without = sheet.series("with"), sheet.series("without")
    _same_length(with_data, without, "without")
    flows = [one - other for one, other in zip(with_data, without, strict=True)]
    return present_value(sheet, flows, read_discounting(sheet), name="value")


def income_scenarios(sheet: Sheet) -> Fraction:
    """P = Σ_k w_k Σ_t F_kt / (1 + i_k)^t: several uses, each with its weight and its rate."""
    timing = sheet.choice("timing", TIMINGS, END)
    total = ZERO
    for index, row in enumerate(sheet.rows("scenarios")):
        label = f"scenarios[{index}]"
        rate, weight = (
            number(row.get("rate"), f"{label}.rate"),
            number(row.get("weight"), f"{label}.weight"),
        )
        if not -1 < rate <= RATE_MOST or not 0 <= weight <= 1:
            refuse(label, f"rate {rate}, weight {weight}", "a rate above -1, a weight from 0 to 1")
        flows = sequence(row.get("cash_flow"), f"{label}.cash_flow", most=YEARS_MAX)
        exact = [number(flow, f"{label}.cash_flow[{year}]") for year, flow in enumerate(flows)]
        name = str(row.get("name", index + 1))
        present = present_value(
            sheet, exact, Discounting(rate, timing), name=f"present value of {name}"
        )
        working = f"{shown(weight)} × {shown(present)}"
        total += sheet.step(f"scenario {name}", "w_k × present value", working, weight * present)
    return sheet.step("value", "P = Σ scenarios", "", total)


def relief_from_royalty(sheet: Sheet) -> Fraction:
    """P = Σ Rev_t · ρ · (1 − τ) / (1 + i)^t × TAB: the royalty that owning the data saves."""
    revenue = sheet.series("revenue")
    royalty, tax = sheet.share("royalty"), _tax(sheet)
    kept = royalty * (1 - tax)
    sheet.step("royalty after tax", "ρ · (1 − τ)", f"{shown(royalty)} × {shown(1 - tax)}", kept)
    return _with_benefit(sheet, [income * kept for income in revenue], tax)


def multi_period_excess_earnings(sheet: Sheet) -> Fraction:
    """P = Σ (CF_t − Σ CAC_t)(1 − τ) / (1 + i)^t × TAB: earnings after charges for other assets."""
    excess = _less(sheet, "cash_flow", "contributory_charges")
    tax = _tax(sheet)
    return _with_benefit(sheet, [flow * (1 - tax) for flow in excess], tax)


def with_and_without(sheet: Sheet) -> Fraction:
    """P = Σ (CF_with − CF_without)_t · (1 − τ) / (1 + i)^t × TAB; without tax unless one is given."""
    with_asset, without = sheet.series("with"), sheet.series("without")
    _same_length(with_asset, without, "without")
    tax = sheet.share("tax", 0)
    flows = [(one - other) * (1 - tax) for one, other in zip(with_asset, without, strict=True)]
    return _with_benefit(sheet, flows, tax)


def _with_benefit(sheet: Sheet, flows: Sequence[Fraction], tax: Fraction) -> Fraction:
    discounting = read_discounting(sheet)
    present = present_value(sheet, flows, discounting)
    benefit = tax_benefit(sheet, tax, discounting)
    working = f"{shown(present)} × {shown(benefit)}"
    return sheet.step("value", "P = present value × TAB", working, present * benefit)


def _tax(sheet: Sheet) -> Fraction:
    tax = sheet.share("tax")
    if tax == 1:
        refuse("tax", tax, "a rate from 0 to below 1")
    return tax


def _shares(sheet: Sheet, years: int) -> list[Fraction]:
    """K for every year: a list, or one number for all of them."""
    given = sheet.take("share")
    shares = (
        [number(given, "share")] * years
        if not isinstance(given, list | tuple)
        else [number(share, f"share[{year}]") for year, share in enumerate(given)]
    )
    _same_length(shares, [ZERO] * years, "share")
    for year, share in enumerate(shares):
        if not 0 <= share <= 1:
            refuse(f"share[{year}]", share, "a share from 0 to 1")
    return shares


def _less(sheet: Sheet, income: str, charges: str) -> list[Fraction]:
    """Income less charges year by year; charges are a list, or a list for each contributing asset."""
    incomes = sheet.series(income)
    given = sequence(sheet.take(charges), charges, most=YEARS_MAX)
    rows = given if given and isinstance(given[0], list | tuple) else [given]
    left = list(incomes)
    for index, row in enumerate(rows):
        exact = [number(cell, f"{charges}[{year}]") for year, cell in enumerate(row)]
        _same_length(exact, incomes, f"{charges}[{index}]" if len(rows) > 1 else charges)
        left = [one - other for one, other in zip(left, exact, strict=True)]
    for year, flow in enumerate(left, 1):
        sheet.step(
            f"excess of year {year}", "F_t = income − Σ charges", shown(incomes[year - 1]), flow
        )
    return left


def _same_length(one: Sequence[Fraction], other: Sequence[Fraction], name: str) -> None:
    if len(one) != len(other):
        refuse(name, f"{min(len(one), len(other))} years", "the same number of years as the income")
