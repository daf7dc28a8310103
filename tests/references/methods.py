"""Values by the formulas of the methods table, written out in fractions."""

from collections.abc import Callable
from fractions import Fraction
from math import isqrt, prod
from typing import Any

from pricing.worth.figures import guide_price, price_band
from pricing.worth.methods import run
from pricing.worth.reports import conclude
from tests.references.comparing import Comparison, Draw

Parameters = dict[str, Any]
PLACES = 25  # roots have sixty digits; everything else is exact
TIMINGS = {"end of year": Fraction(0), "mid year": Fraction(1, 2), "start of year": Fraction(1)}
LARGEST = 10**17


def _amount(draw: Draw) -> Fraction:
    return Fraction(draw.amount(largest=LARGEST), draw.random.choice([1, 100]))


def _share(draw: Draw) -> Fraction:
    return Fraction(draw.random.randint(0, 100), 100)


def _rated(draw: Draw) -> Parameters:
    return {
        "rate": Fraction(draw.random.randint(-30, 60), 100),
        "timing": draw.random.choice(list(TIMINGS)),
    }


def _years(draw: Draw, *names: str) -> Parameters:
    count = draw.count(least=1, most=5)
    return {name: [_amount(draw) for _ in range(count)] for name in names}


def _power(base: Fraction, halves: int) -> Fraction:
    """A power in halves: whole ones exactly, a root to seventy digits."""
    whole = base ** (halves // 2)
    digits = 10**70
    root = Fraction(isqrt(base.numerator * digits * digits // base.denominator), digits)
    return root * whole if halves % 2 else Fraction(whole)


def _present(flows: list[Fraction], given: Parameters) -> Fraction:
    """Σ F_t / (1 + i)^(t − d): d is nothing at the end of the year, ½ in its middle, 1 at its start."""
    early = TIMINGS[given["timing"]]
    return sum(
        (
            flow * _power(1 / (1 + given["rate"]), int(2 * (year - early)))
            for year, flow in enumerate(flows, 1)
        ),
        Fraction(0),
    )


def _benefit(given: Parameters) -> Fraction:
    """TAB = 1 / (1 − τ · a / n), a the present value of 1 a year over n years; 1 without a life."""
    life = given["tab_life"]
    if not life:
        return Fraction(1)
    annuity = _present([Fraction(1)] * life, given)
    return Fraction(1, 1 - given["tax"] * annuity / life)


def _taxed(draw: Draw) -> Parameters:
    tax = Fraction(draw.random.randint(0, 30), 100)
    life = draw.random.choice([None, draw.random.randint(1, 12)])
    return {"tax": tax, "tab_life": life, **_rated(draw), "rate": _share(draw)}


def _costs(draw: Draw) -> Parameters:
    return {"costs": {kind: _amount(draw) for kind in "abc"[: draw.count(least=1, most=3)]}}


def _return(draw: Draw) -> Parameters:
    named = ("return_rate", "quality", "circulation", "monopoly", "risk")
    return {**_costs(draw), **{name: _share(draw) for name in named}}


def _scenarios(draw: Draw) -> Parameters:
    scenarios = [
        {**_years(draw, "cash_flow"), "rate": _share(draw), "weight": _share(draw)}
        for _ in range(draw.count(least=1, most=3))
    ]
    return {"scenarios": scenarios, "timing": draw.random.choice(list(TIMINGS))}


def _deals(draw: Draw) -> Parameters:
    return {
        "comparables": [
            {
                "price": _amount(draw),
                "factors": {
                    "quality": 1 + _share(draw),
                    "volume": {"own": _amount(draw), "reference": _amount(draw)},
                },
            }
            for _ in range(draw.count(least=1, most=4))
        ]
    }


def _market(given: Parameters) -> Fraction:
    adjusted = [
        row["price"]
        * row["factors"]["quality"]
        * row["factors"]["volume"]["own"]
        / row["factors"]["volume"]["reference"]
        for row in given["comparables"]
    ]
    return sum(adjusted, Fraction(0)) / len(adjusted)


def _factors(draw: Draw) -> Parameters:
    """The age is a whole number of half half-lives, so that freshness has an exact figure."""
    half_life = draw.random.randint(1, 365)
    return {
        "reference_price": _amount(draw),
        "quality": 1 + _share(draw),
        "reference_quality": 1 + _share(draw),
        "half_life_days": 2 * half_life,
        "age_days": half_life * draw.random.randint(0, 12),
        "exclusivity": 1 + 2 * _share(draw),
        "scope": 1 + _share(draw),
        "concession": (1 + _share(draw)) / 2,
    }


def _by_factors(given: Parameters) -> Fraction:
    """p_ref · q / q_ref · 2^(−age / half-life) · exclusivity · scope · concession."""
    halves = 2 * given["age_days"] // given["half_life_days"]
    named = ("reference_price", "quality", "exclusivity", "scope", "concession")
    value = Fraction(_power(Fraction(1, 2), halves) / given["reference_quality"])
    for name in named:
        value *= Fraction(given[name])
    return value


def _less(given: Parameters, income: str, other: str) -> list[Fraction]:
    return [a - b for a, b in zip(given[income], given[other], strict=True)]


Formula = Callable[[Parameters], Fraction]
FORMULAS: dict[str, tuple[Callable[[Draw], Parameters], Formula]] = {
    "cost_adjusted": (
        lambda draw: {**_costs(draw), "adjustment": _share(draw)},
        lambda g: sum(g["costs"].values()) * g["adjustment"],
    ),
    "cost_replacement": (
        lambda draw: {
            "replacement_cost": 2 * LARGEST + _amount(draw),
            "functional_obsolescence": _amount(draw),
            "economic_obsolescence": _amount(draw),
        },
        lambda g: g["replacement_cost"] - g["functional_obsolescence"] - g["economic_obsolescence"],
    ),
    "cost_with_return": (
        _return,
        lambda g: (
            sum(g["costs"].values())
            * (1 + g["return_rate"])
            * prod([g["quality"], g["circulation"], 1 + g["monopoly"], 1 - g["risk"]])
        ),
    ),
    "income_direct": (
        lambda draw: {**_years(draw, "cash_flow"), **_rated(draw)},
        lambda g: _present(g["cash_flow"], g),
    ),
    "income_share": (
        lambda draw: {**_years(draw, "revenue"), "share": _share(draw), **_rated(draw)},
        lambda g: g["share"] * _present(g["revenue"], g),
    ),
    "income_excess": (
        lambda draw: {**_years(draw, "revenue", "contributions"), **_rated(draw)},
        lambda g: _present(_less(g, "revenue", "contributions"), g),
    ),
    "income_increment": (
        lambda draw: {**_years(draw, "with", "without"), **_rated(draw)},
        lambda g: _present(_less(g, "with", "without"), g),
    ),
    "income_scenarios": (
        _scenarios,
        lambda g: sum(
            (
                one["weight"] * _present(one["cash_flow"], {**one, "timing": g["timing"]})
                for one in g["scenarios"]
            ),
            Fraction(0),
        ),
    ),
    "relief_from_royalty": (
        lambda draw: {**_years(draw, "revenue"), "royalty": _share(draw), **_taxed(draw)},
        lambda g: _present(g["revenue"], g) * g["royalty"] * (1 - g["tax"]) * _benefit(g),
    ),
    "multi_period_excess_earnings": (
        lambda draw: {**_years(draw, "cash_flow", "contributory_charges"), **_taxed(draw)},
        lambda g: (
            _present(_less(g, "cash_flow", "contributory_charges"), g)
            * (1 - g["tax"])
            * _benefit(g)
        ),
    ),
    "with_and_without": (
        lambda draw: {**_years(draw, "with", "without"), **_taxed(draw)},
        lambda g: _present(_less(g, "with", "without"), g) * (1 - g["tax"]) * _benefit(g),
    ),
    "market_comparables": (_deals, _market),
    "unit_price_from_value": (
        lambda draw: {
            "asset_value": _amount(draw),
            "recovery": _share(draw),
            "expected_units": _amount(draw),
        },
        lambda g: g["asset_value"] * g["recovery"] / g["expected_units"],
    ),
    "unit_price_from_cost": (
        lambda draw: {"unit_cost": _amount(draw), "margin": _share(draw)},
        lambda g: g["unit_cost"] + g["unit_cost"] * g["margin"],
    ),
    "unit_price_from_factors": (_factors, _by_factors),
    "security_return": (
        lambda draw: {
            "single_loss": _amount(draw),
            "occurrences_before": 3 * _share(draw),
            "occurrences_after": 3 * _share(draw),
            "cost": _amount(draw),
        },
        # What is lost less in a year, less the cost, for each unit of cost.
        lambda g: (
            g["single_loss"] * (g["occurrences_before"] - g["occurrences_after"]) / g["cost"] - 1
        ),
    ),
    "permitted_revenue": (
        lambda draw: {
            "plan_cost": _amount(draw) + LARGEST,
            "subsidy": _amount(draw),
            "permitted_profit": _amount(draw),
            "excess_brought_forward": 2 * _amount(draw),
        },
        lambda g: max(
            Fraction(0),
            g["plan_cost"] - g["subsidy"] + g["permitted_profit"] - g["excess_brought_forward"],
        ),
    ),
}


def _rounded(exact: Fraction) -> int:
    scaled: int = round(exact * 10**PLACES)
    return scaled


def _compared(name: str) -> Comparison:
    draw, formula = FORMULAS[name]
    return Comparison(
        f"methods.{name}",
        draw,
        lambda given: _rounded(run(name, given).value),
        lambda given: _rounded(formula(given)),
        quick=30,
    )


Concluded = tuple[dict[str, Fraction], dict[str, Fraction], Fraction]


def _concluded(draw: Draw) -> Concluded:
    names = "abcd"[: draw.count(least=1, most=4)]
    cuts = sorted(draw.random.randint(0, 60) for _ in names[1:])
    weights = [Fraction(b - a, 60) for a, b in zip([0, *cuts], [*cuts, 60], strict=True)]
    values = {name: _amount(draw) * draw.random.choice([0, 1, 1]) for name in names}
    return values, dict(zip(names, weights, strict=True)), _share(draw)


def _conclude(given: Concluded) -> object:
    found = conclude(given[0], given[1], rights_discount=given[2])
    return found.value, found.spread, found.wide


def _weighted(given: Concluded) -> object:
    """Σ w · V less the discount; wide where the largest is over one and a half of the smallest."""
    values, weights, discount = given
    value = sum((weights[name] * values[name] for name in values), Fraction(0)) * (1 - discount)
    low, high = min(values.values()), max(values.values())
    return value, high / low if low else None, high > low * Fraction(3, 2)


Asked = tuple[list[Fraction], Fraction, Fraction]


def _guide(given: Asked) -> object:
    prices, floor, income = given
    found = guide_price(cost_floor=floor, income_per_unit=income, comparables=prices)
    band = price_band(prices)
    quartiles = band and (band.low, band.middle, band.high)
    return quartiles, found.low, found.high, found.covers_cost


def _guided(given: Asked) -> object:
    """Quartiles on the line between ordered prices; with five deals they are the range, above cost."""
    prices, floor, income = given
    ordered = sorted(prices)
    quartiles = None
    if ordered:
        last = len(ordered) - 1
        quartiles = tuple(
            ordered[quarter * last // 4]
            + Fraction(quarter * last % 4, 4)
            * (ordered[min(last, quarter * last // 4 + 1)] - ordered[quarter * last // 4])
            for quarter in (1, 2, 3)
        )
    low, high = (quartiles[0], quartiles[2]) if quartiles and len(prices) > 4 else (floor, income)
    return quartiles, max(floor, low), max(floor, high), high >= floor


COMPARISONS = (
    *map(_compared, FORMULAS),
    Comparison("reports.conclude", _concluded, _conclude, _weighted, quick=60),
    Comparison(
        "figures.guide_price",
        lambda draw: ([_amount(draw) for _ in range(draw.count())], _amount(draw), _amount(draw)),
        _guide,
        _guided,
        quick=60,
    ),
)
