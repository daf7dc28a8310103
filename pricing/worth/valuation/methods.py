"""The methods by name, and the one way to run them."""

from collections.abc import Mapping
from typing import Any

from pricing.charges.exact import mapping, refuse
from pricing.worth.valuation import cost, duties, income, market, unit_prices
from pricing.worth.valuation.workings import Method, Run, Sheet, Standing, Valuation

PUBLISHED, SUPPORT = Standing.PUBLISHED, Standing.DECISION_SUPPORT


def _method(title: str, formula: str, standing: Standing, run: Run) -> Method:
    return Method(title, formula, standing, run)


# Values of an asset.
VALUE_METHODS: dict[str, Method] = {
    "cost_adjusted": _method("Cost, adjusted", "P = C × δ", SUPPORT, cost.cost_adjusted),
    "cost_replacement": _method(
        "Cost, replacement less obsolescence", "P = C − O_f − O_e", SUPPORT, cost.cost_replacement
    ),
    "cost_with_return": _method(
        "Cost with return and utility",
        "P = TC × (1 + R) × α · β · (1 + l) · (1 − r)",
        SUPPORT,
        cost.cost_with_return,
    ),
    "income_direct": _method(
        "Income, direct", "P = Σ F_t / (1 + i)^t", PUBLISHED, income.income_direct
    ),
    "income_share": _method(
        "Income, share of revenue", "P = Σ R_t · K_t / (1 + i)^t", PUBLISHED, income.income_share
    ),
    "income_excess": _method(
        "Income, excess", "P = Σ (R_t − Σ C_t) / (1 + i)^t", PUBLISHED, income.income_excess
    ),
    "income_increment": _method(
        "Income, increment",
        "P = Σ (F_with − F_without)_t / (1 + i)^t",
        PUBLISHED,
        income.income_increment,
    ),
    "income_scenarios": _method(
        "Income, several scenarios",
        "P = Σ_k w_k Σ_t F_kt / (1 + i_k)^t",
        PUBLISHED,
        income.income_scenarios,
    ),
    "relief_from_royalty": _method(
        "Relief from royalty",
        "P = Σ Rev_t · ρ · (1 − τ) / (1 + i)^t × TAB",
        PUBLISHED,
        income.relief_from_royalty,
    ),
    "multi_period_excess_earnings": _method(
        "Multi-period excess earnings",
        "P = Σ (CF_t − Σ CAC_t)(1 − τ) / (1 + i)^t × TAB",
        PUBLISHED,
        income.multi_period_excess_earnings,
    ),
    "with_and_without": _method(
        "With and without",
        "P = Σ (CF_with − CF_without)_t (1 − τ) / (1 + i)^t × TAB",
        SUPPORT,
        income.with_and_without,
    ),
    "market_comparables": _method(
        "Market, comparable deals",
        "P = Σ w_j · price_j · Π factors_j",
        SUPPORT,
        market.market_comparables,
    ),
}
# Figures that are no value of an asset: prices of a unit, returns, caps.
FIGURES: dict[str, Method] = {
    "unit_price_from_value": _method(
        "Unit price from value",
        "p = V × recovery / units",
        SUPPORT,
        unit_prices.unit_price_from_value,
    ),
    "unit_price_from_cost": _method(
        "Unit price from cost", "p = c × (1 + m)", SUPPORT, unit_prices.unit_price_from_cost
    ),
    "unit_price_from_factors": _method(
        "Unit price from factors",
        "p = p_ref × Π factors",
        SUPPORT,
        unit_prices.unit_price_from_factors,
    ),
    "security_return": _method(
        "Return on security", "ROSI = (ALE_0 − ALE_1 − c) / c", SUPPORT, duties.security_return
    ),
    "permitted_revenue": _method(
        "Maximum permitted revenue",
        "R = cost − subsidy + profit + tax − excess before",
        SUPPORT,
        duties.permitted_revenue,
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
