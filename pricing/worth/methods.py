"""Valuation methods by name: the cost, the income and the market approach, and the one way to run them."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import partial
from math import prod
from typing import Any

from pricing.exact import (
    SHOWN_MAX,
    above_zero,
    at_least_zero,
    mapping,
    name_of,
    number,
    refuse,
    sequence,
    text,
)
from pricing.worth import workings
from pricing.worth.figures import FIGURES
from pricing.worth.workings import (
    END,
    RATE_MOST,
    TIMINGS,
    YEARS_MAX,
    Discounting,
    Method,
    Sheet,
    Valuation,
    named_product,
    named_sum,
    present_value,
    read_discounting,
    shown,
    tax_benefit,
)

CIRCULATION = ("open", "public", "shared", "not_shared")
ZERO = Fraction(0)
# Values of an asset. `FIGURES` are none: prices of a unit, returns, caps.
VALUE_METHODS: dict[str, Method] = {}
method = partial(workings.method, VALUE_METHODS)


@method("Cost, adjusted", "P = C × δ")
def cost_adjusted(sheet: Sheet) -> Fraction:
    """C is the sum of the `costs` (upfront, direct, indirect, opportunity, taxes …)."""
    cost, adjustment = _summed_costs(sheet), sheet.amount("adjustment")
    return sheet.step("value", "P = C × δ", cost * adjustment, "{} × {}", cost, adjustment)


@method("Cost, replacement less obsolescence", "P = C − O_f − O_e")
def cost_replacement(sheet: Sheet) -> Fraction:
    """Replacement cost less functional and economic obsolescence. Never below zero."""
    cost = sheet.amount("replacement_cost")
    functional = sheet.amount("functional_obsolescence")
    economic = sheet.amount("economic_obsolescence")
    value = cost - functional - economic
    if value < 0:
        refuse("economic_obsolescence", economic, "obsolescence of at most the replacement cost")
    formula, working = "P = C − O_f − O_e", "{} − {} − {}"
    return sheet.step("value", formula, value, working, cost, functional, economic)


@method("Cost with return and utility", "P = TC × (1 + R) × α · β · (1 + l) · (1 − r)")
def cost_with_return(sheet: Sheet) -> Fraction:
    """The utility U is quality × circulation × (1 + monopoly) × (1 − risk)."""
    cost = _summed_costs(sheet)
    gain = 1 + sheet.amount("return_rate")
    factors = [
        sheet.amount("quality"),
        _circulation(sheet),
        1 + _monopoly(sheet),
        1 - sheet.share("risk"),
    ]
    formula = "U = α · β · (1 + l) · (1 − r)"
    utility = sheet.step(
        "utility", formula, prod(factors, start=Fraction(1)), "{} × {} × {} × {}", *factors
    )
    value = cost * gain * utility
    return sheet.step("value", "P = TC × (1 + R) × U", value, "{} × {} × {}", cost, gain, utility)


def _summed_costs(sheet: Sheet) -> Fraction:
    costs = sheet.named("costs")
    for kind, cost in costs.items():
        if cost < 0:
            refuse(f"costs.{kind}", cost, "zero or more")
    return sheet.step("cost", "C = Σ costs", sum(costs.values(), ZERO), "{}", named_sum(costs))


def _circulation(sheet: Sheet) -> Fraction:
    """β as given, or from the volumes in each state of sharing and their weights."""
    if sheet.has("circulation"):
        return sheet.amount("circulation")
    volumes, weights = sheet.named("circulation_volumes"), sheet.named("circulation_weights")
    for name, figures in (("circulation_volumes", volumes), ("circulation_weights", weights)):
        if set(figures) != set(CIRCULATION) or min(figures.values()) < 0:
            refuse(name, sorted(figures), f"{', '.join(CIRCULATION)}, each zero or more")
    total = sum(volumes.values(), ZERO)
    if total == 0:
        refuse("circulation_volumes", 0, "volumes above zero together")
    weighed = sum((volumes[kind] * weights[kind] for kind in CIRCULATION), ZERO)
    formula = "β = (a · open + b · public + c · shared + d · not shared) / total"
    return sheet.step("circulation", formula, weighed / total, "{} / {}", weighed, total)


def _monopoly(sheet: Sheet) -> Fraction:
    """l as given, or own volume ÷ the volume of the industry."""
    if sheet.has("monopoly"):
        return sheet.amount("monopoly")
    own, industry = sheet.amount("own_volume"), sheet.factor("industry_volume")
    if own > industry:
        refuse("own_volume", own, "at most industry_volume")
    return sheet.step("monopoly", "l = own / industry", own / industry, "{} / {}", own, industry)


@method("Income, direct", "P = Σ F_t / (1 + i)^t", published=True)
def income_direct(sheet: Sheet) -> Fraction:
    """The data's own cash flow."""
    return present_value(sheet, sheet.series("cash_flow"), read_discounting(sheet), name="value")


@method("Income, share of revenue", "P = Σ R_t · K_t / (1 + i)^t", published=True)
def income_share(sheet: Sheet) -> Fraction:
    """The data's share K of revenue."""
    revenue = sheet.series("revenue")
    shares = _shares(sheet, len(revenue))
    flows = [income * share for income, share in zip(revenue, shares, strict=True)]
    return present_value(sheet, flows, read_discounting(sheet), name="value")


@method("Income, excess", "P = Σ (R_t − Σ C_t) / (1 + i)^t", published=True)
def income_excess(sheet: Sheet) -> Fraction:
    """Revenue less what every other asset earned of it."""
    flows = _income_less_charges(sheet, "revenue", "contributions")
    return present_value(sheet, flows, read_discounting(sheet), name="value")


@method("Income, increment", "P = Σ (F_with − F_without)_t / (1 + i)^t", published=True)
def income_increment(sheet: Sheet) -> Fraction:
    """Cash flow with the data less that without."""
    return present_value(sheet, _increments(sheet), read_discounting(sheet), name="value")


@method("Income, several scenarios", "P = Σ_k w_k Σ_t F_kt / (1 + i_k)^t", published=True)
def income_scenarios(sheet: Sheet) -> Fraction:
    """Several uses, each with its weight and its rate."""
    timing = sheet.choice("timing", TIMINGS, END)
    total = ZERO
    for index, row in enumerate(sheet.rows("scenarios")):
        label = f"scenarios[{index}]"
        rate = number(row.get("rate"), f"{label}.rate")
        weight = number(row.get("weight"), f"{label}.weight")
        if not -1 < rate <= RATE_MOST or not 0 <= weight <= 1:
            refuse(label, f"rate {rate}, weight {weight}", "a rate above -1, a weight from 0 to 1")
        given = sequence(row.get("cash_flow"), f"{label}.cash_flow", most=YEARS_MAX)
        flows = [number(flow, f"{label}.cash_flow[{year}]") for year, flow in enumerate(given)]
        name = name_of(row.get("name", index + 1), f"{label}.name")
        present = present_value(
            sheet, flows, Discounting(rate, timing), name=f"present value of {name}"
        )
        formula = "w_k × present value"
        total += sheet.step(
            f"scenario {name}", formula, weight * present, "{} × {}", weight, present
        )
    return sheet.step("value", "P = Σ scenarios", total, "")


@method("Relief from royalty", "P = Σ Rev_t · ρ · (1 − τ) / (1 + i)^t × TAB", published=True)
def relief_from_royalty(sheet: Sheet) -> Fraction:
    """The royalty that owning the data saves."""
    revenue = sheet.series("revenue")
    royalty, tax = sheet.share("royalty"), _tax(sheet)
    after_tax = royalty * (1 - tax)
    sheet.step("royalty after tax", "ρ · (1 − τ)", after_tax, "{} × {}", royalty, 1 - tax)
    return _with_benefit(sheet, [income * after_tax for income in revenue], tax)


@method(
    "Multi-period excess earnings",
    "P = Σ (CF_t − Σ CAC_t)(1 − τ) / (1 + i)^t × TAB",
    published=True,
)
def multi_period_excess_earnings(sheet: Sheet) -> Fraction:
    """Earnings after charges for other assets."""
    excess = _income_less_charges(sheet, "cash_flow", "contributory_charges")
    tax = _tax(sheet)
    return _with_benefit(sheet, [flow * (1 - tax) for flow in excess], tax)


@method("With and without", "P = Σ (CF_with − CF_without)_t (1 − τ) / (1 + i)^t × TAB")
def with_and_without(sheet: Sheet) -> Fraction:
    """Without tax unless one is given."""
    increments = _increments(sheet)
    tax = sheet.share("tax", 0)
    return _with_benefit(sheet, [flow * (1 - tax) for flow in increments], tax)


def _with_benefit(sheet: Sheet, flows: Sequence[Fraction], tax: Fraction) -> Fraction:
    discounting = read_discounting(sheet)
    present = present_value(sheet, flows, discounting)
    benefit = tax_benefit(sheet, tax, discounting)
    formula = "P = present value × TAB"
    return sheet.step("value", formula, present * benefit, "{} × {}", present, benefit)


def _tax(sheet: Sheet) -> Fraction:
    tax = sheet.share("tax")
    if tax == 1:
        refuse("tax", tax, "a rate from 0 to below 1")
    return tax


def _increments(sheet: Sheet) -> list[Fraction]:
    with_data, without = sheet.series("with"), sheet.series("without")
    _check_years(without, len(with_data), "without")
    return [higher - lower for higher, lower in zip(with_data, without, strict=True)]


def _shares(sheet: Sheet, years: int) -> list[Fraction]:
    """K for every year: a list, or one number for all of them."""
    given = sheet.take("share")
    shares = (
        [number(given, "share")] * years
        if not isinstance(given, list | tuple)
        else [number(share, f"share[{year}]") for year, share in enumerate(given)]
    )
    _check_years(shares, years, "share")
    for year, share in enumerate(shares):
        if not 0 <= share <= 1:
            refuse(f"share[{year}]", share, "a share from 0 to 1")
    return shares


def _income_less_charges(sheet: Sheet, income: str, charges: str) -> list[Fraction]:
    """Income less charges year by year; charges are a list, or a list for each contributing asset."""
    incomes = sheet.series(income)
    given = sequence(sheet.take(charges), charges, most=YEARS_MAX)
    rows = given if given and isinstance(given[0], list | tuple) else [given]
    left = list(incomes)
    for index, row in enumerate(rows):
        cells = sequence(row, f"{charges}[{index}]", most=YEARS_MAX)
        exact = [number(cell, f"{charges}[{year}]") for year, cell in enumerate(cells)]
        _check_years(exact, len(incomes), f"{charges}[{index}]" if len(rows) > 1 else charges)
        left = [rest - charge for rest, charge in zip(left, exact, strict=True)]
    for year, (flow, earned) in enumerate(zip(left, incomes, strict=True), 1):
        sheet.step(f"excess of year {year}", "F_t = income − Σ charges", flow, "{}", earned)
    return left


def _check_years(figures: Sequence[Fraction], years: int, name: str) -> None:
    if len(figures) != years:
        given = f"{min(len(figures), years)} years"
        refuse(name, given, "the same number of years as the income")


@method("Market, comparable deals", "P = Σ w_j · price_j · Π factors_j")
def market_comparables(sheet: Sheet) -> Fraction:
    """Equal weights where none is given.

    A comparable is {"price", "factors": {"quality": …, "date": …}, "weight"?}; a factor may be
    {"own", "reference"}, which is their quotient (volumes, price indices).
    """
    rows = sheet.rows("comparables")
    weights = _weights(rows)
    total = ZERO
    for index, (row, weight) in enumerate(zip(rows, weights, strict=True)):
        label = f"comparables[{index}]"
        price = at_least_zero(row.get("price"), f"{label}.price")
        factors = {
            name: _factor(value, f"{label}.factors.{name}"[:SHOWN_MAX])
            for name, value in mapping(row.get("factors", {}), f"{label}.factors").items()
        }
        adjusted = price * prod(factors.values(), start=Fraction(1))
        working = " × ".join(filter(None, [shown(price), named_product(factors)]))
        name = name_of(row.get("name", index + 1), f"{label}.name")
        total += weight * sheet.step(
            f"comparable {name}", "price × Π factors", adjusted, "{}", working
        )
    working = " + ".join(f"{shown(weight)} × comparable {i}" for i, weight in enumerate(weights, 1))
    return sheet.step("value", "P = Σ w × comparable", total, working)


def _weights(rows: Sequence[Any]) -> list[Fraction]:
    given = [row.get("weight") for row in rows]
    if all(weight is None for weight in given):
        return [Fraction(1, len(rows))] * len(rows)
    weights = [at_least_zero(w, f"comparables[{i}].weight") for i, w in enumerate(given)]
    if sum(weights) != 1:
        refuse("comparables.weight", text(sum(weights, ZERO)), "weights that sum to exactly 1")
    return weights


def _factor(given: object, label: str) -> Fraction:
    if isinstance(given, Mapping):
        own = above_zero(given.get("own"), f"{label}.own")
        return own / above_zero(given.get("reference"), f"{label}.reference")
    return above_zero(given, label)


METHODS = VALUE_METHODS | FIGURES


FIGURES_MAX = 50_000


def figures_in(given: object) -> int:
    """How many single values parameters hold, in lists and objects of any depth."""
    if isinstance(given, Mapping):
        return sum(map(figures_in, given.values()))
    return sum(map(figures_in, given)) if isinstance(given, list | tuple) else 1


def run(
    name: object, parameters: object, *, strict: bool = False, silent: bool = False
) -> Valuation:
    """A method by name over its parameters, each a value or {"value", "source"}.

    With `strict`, every parameter must state its source and nothing is taken by default; with `silent`,
    parameters and steps are not written down. Raises BadValue.
    """
    if not isinstance(name, str) or name not in METHODS:
        refuse("method", name, f"one of {', '.join(METHODS)}")
    if figures_in(parameters) > FIGURES_MAX:
        refuse("parameters", f"{figures_in(parameters)} figures", f"at most {FIGURES_MAX} figures")
    sheet = Sheet(mapping(parameters, "parameters"), strict=strict, silent=silent)
    value = METHODS[name].run(sheet)
    sheet.check_all_read()
    return Valuation(name, METHODS[name], tuple(sheet.parameters), tuple(sheet.steps), value)
