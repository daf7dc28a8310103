"""Split requests as documents: any way of sharing an amount, by name, with the parts it gives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from pricing.documents import as_text, check_unchanged, in_name_order
from pricing.exact import mapping, number, refuse, word
from pricing.money import Money
from pricing.refusals import PricingRefusal
from pricing.worth.games import banzhaf, beta_shapley, read_game, sample_shapley, shapley
from pricing.worth.proceeds import distribute, read_money, read_products, read_terms, royalties
from pricing.worth.shares import (
    LAMBDA_LEAST,
    Negative,
    Part,
    contribution_points,
    divide,
    fixed_shares,
    payable,
    read_contributions,
    read_named_numbers,
    read_similarity,
    robust_shares,
)
from pricing.worth.workings import shown

FORMAT = "assay.split/1"
WITHHELD = "withheld"
Fields = Mapping[str, Any]


class SplitDiffers(PricingRefusal):
    """A split is not what its own request gives: it was changed."""

    code = "split_differs"


@dataclass(frozen=True)
class Split:
    """What everybody gets of `amount`; `lines` say how, in the order of the arithmetic."""

    request: Fields
    amount: Money
    parts: tuple[tuple[str, Money], ...]
    lines: tuple[str, ...] = field(default=())


def make_split(request: object) -> Split:
    """Split the amount of a request by its method. The parts sum to the amount. Raises BadValue."""
    fields = mapping(in_name_order(request), "request")
    name = fields.get("method")
    if not isinstance(name, str) or name not in METHODS:
        refuse("method", name, f"one of {', '.join(METHODS)}")
    currency = word(fields.get("currency"), "currency", "an ISO 4217 code such as CNY")
    amount = read_money(fields.get("amount"), "amount", currency)
    parts, lines = METHODS[name](fields, amount)
    if sum(part.minor for _, part in parts) != amount.minor:
        raise AssertionError("a split lost or made money")
    return Split(fields, amount, tuple(parts), tuple(lines))


Made = tuple[list[tuple[str, Money]], list[str]]


def _by_weight(amount: Money, weights: Mapping[str, Fraction], how: str) -> Made:
    """Parts in the order in which parties are listed; a tie goes to the name that sorts first.

    What is withheld from everybody is no party: it comes last in a tie.
    """
    by_name = sorted(weights, key=lambda party: (party == WITHHELD, party))
    made = {part.party: part for part in divide(amount, {name: weights[name] for name in by_name})}
    parts = [made[party] for party in weights]
    lines = [
        f"{part.party}: {shown(weights[part.party])} {how}, {_percent(part)}" for part in parts
    ]
    return [(part.party, part.amount) for part in parts], lines


def _percent(part: Part) -> str:
    return f"{shown(part.share * 100)} % of the whole = {part.amount}"


def _fixed(fields: Fields, amount: Money) -> Made:
    return _by_weight(amount, fixed_shares(mapping(fields.get("shares"), "shares")), "of 1")


def _points(fields: Fields, amount: Money) -> Made:
    contributions = read_contributions(fields.get("contributions"))
    weights = read_named_numbers(fields.get("weights"), "weights")
    return _by_weight(amount, contribution_points(contributions, weights), "points")


def _game_values(fields: Fields) -> dict[str, Fraction]:
    game, names = read_game(mapping(fields.get("game"), "game"))
    kind = fields["method"]
    if kind == "banzhaf":
        values = banzhaf(game)
    elif kind == "beta_shapley":
        values = beta_shapley(game, fields.get("alpha"), fields.get("beta"))
    else:
        values = shapley(game)
    return dict(zip(names, values, strict=True))


def _game(fields: Fields, amount: Money) -> Made:
    """Values of a game; those that do not sum to the whole are shared in proportion."""
    values = payable(_game_values(fields), _negative(fields))
    return _by_weight(amount, values, "added on average")


def _sampled(fields: Fields, amount: Money) -> Made:
    game, names = read_game(mapping(fields.get("game"), "game"))
    found = sample_shapley(game, orders=fields.get("orders", 10_000), seed=fields.get("seed", 0))
    values = {name: Fraction(value) for name, value in zip(names, found.values, strict=True)}
    parts, lines = _by_weight(amount, payable(values, _negative(fields)), "added on average")
    margins = dict(zip(names, found.margin, strict=True))
    lines = [f"{line}, ± {margins[name]:.6g}" for line, (name, _) in zip(lines, parts, strict=True)]
    lines.append(f"{found.orders} random orders, seed {found.seed}, margins of 95 % confidence.")
    return parts, lines


def _clone_robust(fields: Fields, amount: Money) -> Made:
    values = _game_values(fields)
    total = sum(values.values(), Fraction(0))
    if total <= 0:
        refuse("game", shown(total), "a game in which all earn more than nothing")
    similarity = read_similarity(fields.get("similarity"), len(values))
    penalty = fields.get("penalty")
    given = LAMBDA_LEAST if penalty is None else float(number(penalty, "penalty"))
    robust = robust_shares(list(values.values()), similarity, penalty=given)
    if WITHHELD in values:
        refuse("game", WITHHELD, f"parties of another name: {WITHHELD} is what nobody gets")
    weights = {name: Fraction(share) for name, share in zip(values, robust.shares, strict=True)}
    weights[WITHHELD] = max(Fraction(0), total - sum(weights.values(), Fraction(0)))
    return _by_weight(amount, weights, "after the penalty for copies")


def _negative(fields: Fields) -> Negative:
    said = fields.get("negative", Negative.REFUSE.value)
    if not isinstance(said, str) or said not in {one.value for one in Negative}:
        refuse("negative", said, f"one of {', '.join(one.value for one in Negative)}")
    return Negative(said)


def _waterfall(fields: Fields, amount: Money) -> Made:
    run = distribute(amount, read_terms(fields.get("terms"), amount.currency))
    lines = [
        f"gross {run.gross} = tax {run.tax} + net {run.net}",
        f"net less the fee {run.fee} = {run.net - run.fee}",
        *(f"{one.party} recoups {one.paid}; {one.carried} stays" for one in run.recouped),
        f"pool {run.pool}",
    ]
    parts = [("tax", run.tax), ("fee", run.fee)]
    parts += [(f"{one.party} (cost)", one.paid) for one in run.recouped]
    for part in run.parts:
        lines.append(f"{part.party}: {_percent(part)}")
        inside = run.inside.get(part.party, ())
        lines += [f"{part.party}, {unit.party}: {_percent(unit)}" for unit in inside]
        parts += [(f"{part.party}, {unit.party}", unit.amount) for unit in inside] or [
            (part.party, part.amount)
        ]
    return parts, lines


def _royalties(fields: Fields, amount: Money) -> Made:
    products = read_products(fields.get("products"), amount.currency)
    sold = word(fields.get("sold"), "sold", "the name of a product")
    paid = royalties(products, sold, amount, calls=fields.get("calls", 1))
    lines = [
        f"{node.product.name}: {node.called.shown} calls, received {node.income.shown}, paid"
        f" upstream {node.due.shown}, kept {node.rest.shown} (minor units)"
        for node in paid.nodes
    ]
    return list(paid.owners.items()), lines


METHODS: dict[str, Callable[[Fields, Money], Made]] = {
    "fixed": _fixed,
    "points": _points,
    "shapley": _game,
    "banzhaf": _game,
    "beta_shapley": _game,
    "sampled_shapley": _sampled,
    "clone_robust": _clone_robust,
    "waterfall": _waterfall,
    "royalties": _royalties,
}


def split_document(split: Split) -> dict[str, Any]:
    """A split in JSON values, amounts in whole minor units."""
    return {
        "format": FORMAT,
        "request": as_text(split.request),
        "currency": split.amount.currency,
        "amount_minor": split.amount.minor,
        "parts": [{"party": party, "amount_minor": part.minor} for party, part in split.parts],
        "lines": list(split.lines),
    }


def explain(document: object) -> str:
    """The steps as a person would write them. Raises SplitDiffers where the document was changed."""
    fields = mapping(document, "split")
    split = make_split(fields.get("request"))
    check_unchanged(fields, split_document(split), SplitDiffers)
    return "\n".join([f"{split.amount} by {split.request['method']}.", *split.lines])
