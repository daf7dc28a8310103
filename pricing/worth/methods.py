"""Valuation methods: the cost, the income and the market approach, by name."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import prod
from typing import Any

from pricing.exact import (
    SHOWN_MAX,
    above_zero,
    at_least_zero,
    mapping,
    number,
    refuse,
    sequence,
    text,
)
from pricing.worth import figures
from pricing.worth.workings import (
    END,
    RATE_MOST,
    TIMINGS,
    YEARS_MAX,
    Discounting,
    Method,
    Run,
    Sheet,
    Standing,
    Valuation,
    present_value,
    read_discounting,
    shown,
    tax_benefit,
)

CIRCULATION = ("open", "public", "shared", "not_shared")


def cost_adjusted(sheet: Sheet) -> Fraction:
    """P = C × δ, with C the sum of the `costs` (upfront, direct, indirect, opportunity, taxes …)."""
    cost = _summed(sheet, "costs")
    adjustment = sheet.amount("adjustment")
    return sheet.step(
        "value", "P = C × δ", f"{shown(cost)} × {shown(adjustment)}", cost * adjustment
    )


def cost_replacement(sheet: Sheet) -> Fraction:
    """P = replacement cost − functional − economic obsolescence. Never below zero."""
    cost = sheet.amount("replacement_cost")
    functional = sheet.amount("functional_obsolescence")
    economic = sheet.amount("economic_obsolescence")
    if functional + economic > cost:
        refuse("economic_obsolescence", economic, "obsolescence of at most the replacement cost")
    working = f"{shown(cost)} − {shown(functional)} − {shown(economic)}"
    return sheet.step("value", "P = C − O_f − O_e", working, cost - functional - economic)


def cost_with_return(sheet: Sheet) -> Fraction:
    """P = TC × (1 + R) × U, with U = α · β · (1 + l) · (1 − r)."""
    cost = _summed(sheet, "costs")
    gain = sheet.amount("return_rate")
    quality = sheet.amount("quality")
    circulation = _circulation(sheet)
    monopoly = _monopoly(sheet)
    risk = sheet.share("risk")
    utility = quality * circulation * (1 + monopoly) * (1 - risk)
    working = f"{shown(quality)} × {shown(circulation)} × {shown(1 + monopoly)} × {shown(1 - risk)}"
    sheet.step("utility", "U = α · β · (1 + l) · (1 − r)", working, utility)
    working = f"{shown(cost)} × {shown(1 + gain)} × {shown(utility)}"
    return sheet.step("value", "P = TC × (1 + R) × U", working, cost * (1 + gain) * utility)


def _summed(sheet: Sheet, name: str) -> Fraction:
    costs = sheet.named(name)
    for kind, cost in costs.items():
        if cost < 0:
            refuse(f"{name}.{kind}", cost, "zero or more")
    working = " + ".join(f"{shown(cost)} {kind}" for kind, cost in costs.items())
    return sheet.step("cost", "C = Σ costs", working, sum(costs.values(), Fraction(0)))


def _circulation(sheet: Sheet) -> Fraction:
    """β as given, or from the volumes in each state of sharing and their weights."""
    if sheet.has("circulation"):
        return sheet.amount("circulation")
    volumes, weights = sheet.named("circulation_volumes"), sheet.named("circulation_weights")
    for name, found in (("circulation_volumes", volumes), ("circulation_weights", weights)):
        if set(found) != set(CIRCULATION) or min(found.values()) < 0:
            refuse(name, sorted(found), f"{', '.join(CIRCULATION)}, each zero or more")
    total = sum(volumes.values(), Fraction(0))
    if total == 0:
        refuse("circulation_volumes", 0, "volumes above zero together")
    weighed = sum((volumes[kind] * weights[kind] for kind in CIRCULATION), Fraction(0))
    working = f"{shown(weighed)} / {shown(total)}"
    formula = "β = (a · open + b · public + c · shared + d · not shared) / total"
    return sheet.step("circulation", formula, working, weighed / total)


def _monopoly(sheet: Sheet) -> Fraction:
    """l as given, or own volume ÷ the volume of the industry."""
    if sheet.has("monopoly"):
        return sheet.amount("monopoly")
    own, industry = sheet.amount("own_volume"), sheet.factor("industry_volume")
    if own > industry:
        refuse("own_volume", own, "at most industry_volume")
    return sheet.step(
        "monopoly", "l = own / industry", f"{shown(own)} / {shown(industry)}", own / industry
    )


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


def market_comparables(sheet: Sheet) -> Fraction:
    """P = Σ w_j · price_j · Π factors_j; equal weights where none is given.

    A comparable is {"price", "factors": {"quality": …, "date": …}, "weight"?}; a factor may be
    {"own", "reference"}, which is their quotient (volumes, price indices).
    """
    rows = sheet.rows("comparables")
    weights = _weights(rows)
    total = Fraction(0)
    for index, (row, weight) in enumerate(zip(rows, weights, strict=True)):
        label = f"comparables[{index}]"
        price = at_least_zero(row.get("price"), f"{label}.price")
        factors = _factors(row.get("factors", {}), f"{label}.factors")
        adjusted = price * prod(factors.values(), start=Fraction(1))
        working = " × ".join([shown(price), *(f"{shown(f)} {name}" for name, f in factors.items())])
        name = str(row.get("name", index + 1))
        sheet.step(f"comparable {name}", "price × Π factors", working, adjusted)
        total += weight * adjusted
    working = " + ".join(f"{shown(weight)} × comparable {i}" for i, weight in enumerate(weights, 1))
    return sheet.step("value", "P = Σ w × comparable", working, total)


def _weights(rows: Any) -> list[Fraction]:
    given = [row.get("weight") for row in rows]
    if all(weight is None for weight in given):
        return [Fraction(1, len(rows))] * len(rows)
    weights = [at_least_zero(w, f"comparables[{i}].weight") for i, w in enumerate(given)]
    if sum(weights) != 1:
        refuse(
            "comparables.weight", text(sum(weights, Fraction(0))), "weights that sum to exactly 1"
        )
    return weights


def _factors(given: object, label: str) -> dict[str, Fraction]:
    found = mapping(given, label)
    return {name: _factor(value, f"{label}.{name}"[:SHOWN_MAX]) for name, value in found.items()}


def _factor(given: object, label: str) -> Fraction:
    if isinstance(given, Mapping):
        own = above_zero(given.get("own"), f"{label}.own")
        return own / above_zero(given.get("reference"), f"{label}.reference")
    return above_zero(given, label)


PUBLISHED, SUPPORT = Standing.PUBLISHED, Standing.DECISION_SUPPORT


def _method(title: str, formula: str, standing: Standing, run: Run) -> Method:
    return Method(title, formula, standing, run)


# Values of an asset.
VALUE_METHODS: dict[str, Method] = {
    "cost_adjusted": _method("Cost, adjusted", "P = C × δ", SUPPORT, cost_adjusted),
    "cost_replacement": _method(
        "Cost, replacement less obsolescence", "P = C − O_f − O_e", SUPPORT, cost_replacement
    ),
    "cost_with_return": _method(
        "Cost with return and utility",
        "P = TC × (1 + R) × α · β · (1 + l) · (1 − r)",
        SUPPORT,
        cost_with_return,
    ),
    "income_direct": _method("Income, direct", "P = Σ F_t / (1 + i)^t", PUBLISHED, income_direct),
    "income_share": _method(
        "Income, share of revenue", "P = Σ R_t · K_t / (1 + i)^t", PUBLISHED, income_share
    ),
    "income_excess": _method(
        "Income, excess", "P = Σ (R_t − Σ C_t) / (1 + i)^t", PUBLISHED, income_excess
    ),
    "income_increment": _method(
        "Income, increment",
        "P = Σ (F_with − F_without)_t / (1 + i)^t",
        PUBLISHED,
        income_increment,
    ),
    "income_scenarios": _method(
        "Income, several scenarios",
        "P = Σ_k w_k Σ_t F_kt / (1 + i_k)^t",
        PUBLISHED,
        income_scenarios,
    ),
    "relief_from_royalty": _method(
        "Relief from royalty",
        "P = Σ Rev_t · ρ · (1 − τ) / (1 + i)^t × TAB",
        PUBLISHED,
        relief_from_royalty,
    ),
    "multi_period_excess_earnings": _method(
        "Multi-period excess earnings",
        "P = Σ (CF_t − Σ CAC_t)(1 − τ) / (1 + i)^t × TAB",
        PUBLISHED,
        multi_period_excess_earnings,
    ),
    "with_and_without": _method(
        "With and without",
        "P = Σ (CF_with − CF_without)_t (1 − τ) / (1 + i)^t × TAB",
        SUPPORT,
        with_and_without,
    ),
    "market_comparables": _method(
        "Market, comparable deals",
        "P = Σ w_j · price_j · Π factors_j",
        SUPPORT,
        market_comparables,
    ),
}
# Figures that are no value of an asset: prices of a unit, returns, caps.
FIGURES: dict[str, Method] = {
    "unit_price_from_value": _method(
        "Unit price from value",
        "p = V × recovery / units",
        SUPPORT,
        figures.unit_price_from_value,
    ),
    "unit_price_from_cost": _method(
        "Unit price from cost", "p = c × (1 + m)", SUPPORT, figures.unit_price_from_cost
    ),
    "unit_price_from_factors": _method(
        "Unit price from factors",
        "p = p_ref × Π factors",
        SUPPORT,
        figures.unit_price_from_factors,
    ),
    "security_return": _method(
        "Return on security", "ROSI = (ALE_0 − ALE_1 − c) / c", SUPPORT, figures.security_return
    ),
    "permitted_revenue": _method(
        "Maximum permitted revenue",
        "R = cost − subsidy + profit + tax − excess before",
        SUPPORT,
        figures.permitted_revenue,
    ),
}
METHODS = VALUE_METHODS | FIGURES


def run(name: object, parameters: object, *, strict: bool = False) -> Valuation:
    """A method by name over its parameters, each a value or {"value", "source"}.

    With `strict`, every parameter must state its source and nothing is taken by default. Raises BadValue.
    """
    if not isinstance(name, str) or name not in METHODS:
        refuse("method", name, f"one of {', '.join(METHODS)}")
    fields: Mapping[str, Any] = mapping(parameters, "parameters")
    sheet = Sheet(fields, strict=strict)
    value = METHODS[name].run(sheet)
    sheet.done()
    return Valuation(name, METHODS[name], tuple(sheet.parameters), tuple(sheet.steps), value)
