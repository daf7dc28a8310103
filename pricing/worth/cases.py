"""Worth cases of vector files: games, neighbours and every valuation method by its name.

Fractions that end are numbers, others text such as "2/3". Amounts of valuation methods are rounded to
`currency_places`, two where the case does not say.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import partial

from pricing.charges.cases import places_of
from pricing.documents import Case, Evaluator
from pricing.exact import refuse, to_places, whole
from pricing.worth.games import (
    PLAYERS_MAX,
    Game,
    banzhaf,
    beta_shapley,
    read_game,
    read_weights,
    sample_shapley,
    shapley,
)
from pricing.worth.methods import METHODS, VALUE_METHODS, run
from pricing.worth.neighbours import by_matches, read_matches

PLACES = 2
# A case's field for a step of the workings.
STEPS = {"pv_before_tab": "present value", "tab_factor": "tax benefit"}


def _number(exact: Fraction) -> object:
    """A number where the fraction ends within float digits, else the fraction itself."""
    decimal = Decimal(exact.numerator) / Decimal(exact.denominator)
    return decimal if Fraction(decimal) == exact else exact


def _numbers(values: Sequence[Fraction]) -> list[object]:
    return [_number(value) for value in values]


def _game_of(case: Case) -> Game:
    return read_game({**case.params, **case.input})[0]


def _shapley_banzhaf(case: Case) -> object:
    game = _game_of(case)
    return {"shapley": _numbers(shapley(game)), "banzhaf": _numbers(banzhaf(game))}


def _beta_shapley(case: Case) -> object:
    fields = {**case.params, **case.input}
    found = beta_shapley(_game_of(case), fields.get("alpha", 1), fields.get("beta", 1))
    return {"values": _numbers(found)}


def _monte_carlo(case: Case) -> object:
    """Estimates for every player, and by weight where players of one weight are the same."""
    game = _game_of(case)
    found = sample_shapley(
        game, orders=case.params.get("orders", 200_000), seed=case.params.get("seed", 0)
    )
    answered: dict[str, object] = {
        "shapley": list(found.values),
        "standard_errors": list(found.standard_errors),
    }
    if "weights" in case.input:
        answered["shapley_by_weight"] = by_weight(case.input["weights"], found.values)
    return answered


def by_weight(weights: object, values: Sequence[float]) -> dict[str, float]:
    """The mean of the values of each weight, by the weight's text."""
    groups: dict[str, list[float]] = {}
    for weight, value in zip(read_weights(weights), values, strict=True):
        groups.setdefault(str(weight), []).append(value)
    return {weight: sum(found) / len(found) for weight, found in groups.items()}


def _neighbours(case: Case) -> object:
    """Values of the rows in order of distance; several test rows (lists of matches) are averaged."""
    given = case.given("match_by_distance")
    wanted = case.input.get("K", case.params.get("K"))
    neighbours = whole(wanted, "K", least=1, most=PLAYERS_MAX)
    several = isinstance(given, list) and bool(given) and isinstance(given[0], list)
    rows = [by_matches(read_matches(row), neighbours) for row in (given if several else [given])]
    if len({len(row) for row in rows}) != 1:
        refuse("match_by_distance", "lists of different lengths", "lists of one length")
    means = [sum(column, Fraction(0)) / len(rows) for column in zip(*rows, strict=True)]
    return {"values": _numbers(means), "sum": _number(sum(means, Fraction(0)))}


def _method(name: str, case: Case) -> object:
    """The value of a method, with the figures before and of the tax benefit where it has them."""
    places = places_of(case)
    given = {**case.params, **case.input}
    given.pop("currency_places", None)
    found = run(name, given)
    places = PLACES if places is None else places
    known = {step.name: step.value for step in found.steps}
    if STEPS["tab_factor"] not in known:
        return {"value": _amount(found.value, places, name)}
    # Peers multiply the present value that they print, so a case's value is of rounded figures too;
    # the library's own (`run`) is rounded once.
    present = to_places(known[STEPS["pv_before_tab"]], places)
    benefit = known[STEPS["tab_factor"]]
    return {
        "pv_before_tab": _number(present),
        "tab_factor": float(benefit),
        "value": _number(to_places(present * benefit, places)),
    }


def _amount(exact: Fraction, places: int, name: str) -> object:
    """Amounts are rounded; ratios and unit prices are not."""
    return _number(to_places(exact, places)) if name in VALUE_METHODS else float(exact)


EVALUATORS: dict[str, Evaluator] = {
    "shapley_banzhaf": _shapley_banzhaf,
    "beta_shapley": _beta_shapley,
    "shapley_monte_carlo": _monte_carlo,
    "knn_shapley": _neighbours,
    **{name: partial(_method, name) for name in METHODS},
}
