"""Proceeds: largest remainders one unit at a time, the waterfall line by line, royalties way by way."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from math import floor, isclose
from typing import Any

from pricing.money import Money
from pricing.worth.proceeds import Cost, Fee, Product, Terms, Use, distribute, royalties
from pricing.worth.shares import (
    LAMBDA_LEAST,
    Contribution,
    contribution_points,
    divide,
    robust_shares,
)
from pricing.worth.splitting import make_split
from tests.references.comparing import Comparison, Draw

CURRENCY = "JPY"
MINOR_MAX = 2**62
NAMES = ("a", "B", "b", "c", "10", "9", "é")


def _largest_remainder(minor: int, weights: Mapping[str, Fraction]) -> dict[str, int]:
    """Each share rounded down; then one unit more, again and again, where most is missing.

    Of equal ones, to the party that is listed earlier.
    """
    total = sum(weights.values(), Fraction(0))
    exact = {party: minor * weight / total for party, weight in weights.items()}
    parts = {party: floor(share) for party, share in exact.items()}
    while sum(parts.values()) < minor:
        most = max(exact[party] - parts[party] for party in parts)
        lucky = next(party for party in parts if exact[party] - parts[party] == most)
        parts[lucky] += 1
    return parts


def _by_name(weights: Mapping[str, Fraction]) -> dict[str, Fraction]:
    return dict(sorted(weights.items()))


Divided = tuple[int, dict[str, Fraction]]


def _weights(draw: Draw) -> dict[str, Fraction]:
    parties = draw.random.sample(NAMES, draw.count(least=1))
    divisor = draw.random.choice([1, 2, 3, 10**18])
    weights = {party: Fraction(draw.amount(), divisor) for party in parties}
    if draw.random.random() < 0.3:
        weights[parties[0]] = weights[parties[-1]]
    return weights


def _divided(draw: Draw) -> Divided:
    return draw.amount(largest=MINOR_MAX) - 1, _weights(draw)


def _divide(given: Divided) -> object:
    return {part.party: part.amount.minor for part in divide(Money(given[0], CURRENCY), given[1])}


def _conserves(given: Any, parts: object) -> None:
    assert isinstance(parts, dict)
    assert sum(parts.values()) == given[0], "units are lost or made"
    assert min(parts.values(), default=0) >= 0, "a part is negative"


Points = tuple[int, list[Contribution], dict[str, Fraction]]


def _points(draw: Draw) -> Points:
    kinds = {kind: Fraction(draw.random.randint(1, 8), 4) for kind in ("d", "e")}
    given = [
        Contribution(
            draw.random.choice(NAMES), draw.random.choice("de"), Fraction(draw.amount(), 2)
        )
        for _ in range(draw.count(least=1))
    ]
    return draw.amount(largest=10**18 - 1), given, kinds


def _summed(given: Points) -> dict[str, Fraction]:
    return {
        name: sum(
            (one.units * given[2][one.kind] for one in given[1] if one.party == name), Fraction(0)
        )
        for name in {one.party for one in given[1]}
    }


def _split_by_points(given: Points) -> object:
    """The whole request, so that ties go by name however the contributions are listed."""
    rows = [{"party": one.party, "kind": one.kind, "units": one.units} for one in given[1]]
    request = {"method": "points", "currency": CURRENCY, "amount": given[0]}
    split = make_split({**request, "contributions": rows, "weights": given[2]})
    return {party: part.minor for party, part in split.parts}


Fall = tuple[int, Terms]


def _fall(draw: Draw) -> Fall:
    parties = draw.random.sample(NAMES, draw.count(least=1, most=4))
    cuts = sorted(draw.random.randint(0, 60) for _ in parties[1:])
    shares = [Fraction(b - a, 60) for a, b in zip([0, *cuts], [*cuts, 60], strict=True)]
    gross = draw.amount(largest=MINOR_MAX) - 1
    least = draw.random.choice([0, draw.random.randint(0, gross + 1)])
    most = draw.random.choice([None, least + draw.random.randint(0, gross + 1)])
    costs = [
        Cost(
            f"cost {i}",
            Money(draw.random.randint(0, gross + 1), CURRENCY),
            draw.random.choice([None, Fraction(draw.random.randint(0, 7), 7)]),
        )
        for i in range(draw.random.randint(0, 3))
    ]
    rates = [Fraction(draw.random.randint(0, 20), 100) for _ in range(2)]
    inside = {parties[0]: {"x": Fraction(1, 3), "y": Fraction(2, 3)}}
    fee = Fee(rates[1], least, most, Fraction(draw.random.choice([0, 6, 19, 150]), 100))
    return gross, Terms(dict(zip(parties, shares, strict=True)), rates[0], fee, costs, inside)


def _line_by_line(given: Fall) -> object:
    """gross = tax + net; the fee within its bounds; costs from what is left; the rest is shared."""
    gross, terms = given
    net = _rounded(gross / (1 + terms.tax_rate))
    fee = max(_rounded(terms.fee.rate * net), terms.fee.least)
    fee = min(fee, net if terms.fee.most is None else min(terms.fee.most, net))
    # The net is the fee's with its tax: down from the fee without one to the first that fits.
    low, high = 0, fee
    while low < high:
        middle = (low + high + 1) // 2
        fits = middle + _rounded(terms.fee.tax_rate * middle) <= net
        low, high = (middle, high) if fits else (low, middle - 1)
    fee, fee_tax = low, _rounded(terms.fee.tax_rate * low)
    left, paid = net - fee - fee_tax, []
    for cost in terms.costs:
        cap = cost.amount.minor if cost.cap_share is None else floor(cost.cap_share * net)
        paid.append(min(cost.amount.minor, cap, left))
        left -= paid[-1]
    parts = _largest_remainder(left, terms.shares)
    inside = {
        party: _largest_remainder(parts[party], terms.inside[party]) for party in terms.inside
    }
    return gross - net, fee, fee_tax, paid, parts, inside


def _rounded(exact: Fraction) -> int:
    return floor(exact + Fraction(1, 2))  # half away from zero, of what is not negative


def _distribute(given: Fall) -> object:
    run = distribute(Money(given[0], CURRENCY), given[1])
    inside = {
        party: {unit.party: unit.amount.minor for unit in units}
        for party, units in run.inside.items()
    }
    parts = {part.party: part.amount.minor for part in run.parts}
    paid = [one.paid.minor for one in run.recouped]
    return run.tax.minor, run.fee.minor, run.fee_tax.minor, paid, parts, inside


Sold = tuple[int, list[Product], int]


def _products(draw: Draw) -> Sold:
    """Products of which each may use later ones; shares together stay below the whole."""
    count = draw.count(least=1)
    divisor = draw.random.choice([4, 7, 10**18])
    products = []
    for index in range(count):
        sources = draw.random.sample(
            range(index + 1, count), draw.random.randint(0, min(3, count - index - 1))
        )
        uses = tuple(
            Use(
                f"p{source}",
                share=Fraction(draw.random.randint(0, divisor // 4), divisor),
                each_minor=Fraction(draw.random.choice([0, 0, 1, draw.amount()]), 1000),
                calls=Fraction(draw.random.randint(0, 6), 2),
            )
            for source in sources
        )
        products.append(Product(f"p{index}", draw.random.choice(NAMES[:4]), uses))
    return draw.amount(largest=MINOR_MAX), products, draw.random.randint(1, 3)


def _way_by_way(given: Sold) -> object:
    """Follow every way from the product sold; what a product received is the sum over its ways.

    A product owes its sources what they receive of it; above its income that is refused.
    """
    minor, products, calls = given
    known = {product.name: product for product in products}
    received, owed = dict.fromkeys(known, Fraction(0)), dict.fromkeys(known, Fraction(0))

    def follow(name: str, income: Fraction, times: Fraction) -> None:
        received[name] += income
        for use in known[name].uses:
            due = use.share * income + use.each_minor * use.calls * times
            owed[name] += due
            follow(use.source, due, use.calls * times)

    follow("p0", Fraction(minor), Fraction(calls))
    if any(owed[name] > received[name] for name in known):
        return "RoyaltiesExceedPrice", "royalties_exceed_price"
    reached = _reached(known, "p0")
    kept: dict[str, Fraction] = {}
    for name in reached:
        owner = known[name].owner
        kept[owner] = kept.get(owner, Fraction(0)) + received[name] - owed[name]
    return _largest_remainder(minor, _by_name(kept))


def _reached(known: Mapping[str, Product], name: str) -> set[str]:
    return {name}.union(*(_reached(known, use.source) for use in known[name].uses))


def _royalties(given: Sold) -> object:
    paid = royalties(given[1], "p0", Money(given[0], CURRENCY), calls=given[2])
    return {owner: part.minor for owner, part in paid.owners.items()}


def _order_does_not_matter(given: Sold, answer: object) -> None:
    shuffled: Sequence[Product] = given[1][::-1]
    assert isinstance(answer, tuple) or _royalties((given[0], list(shuffled), given[2])) == answer
    if isinstance(answer, dict):
        _conserves(given, answer)


Alike = tuple[list[Fraction], list[list[float]], float]


def _alike(draw: Draw) -> Alike:
    n = draw.count(least=1)
    weights = draw.amounts(n)
    shares = [Fraction(weight, sum(weights)) for weight in weights]
    cells = [[draw.random.choice([0.0, 1.0, draw.random.random()]) for _ in shares] for _ in shares]
    similarity = [[cells[min(i, j)][max(i, j)] for j in range(n)] for i in range(n)]
    return shares, similarity, LAMBDA_LEAST + draw.random.choice([0.0, draw.random.random()])


def _is_discounted(given: Alike, _answer: object) -> None:
    """s · e^(−λ Σ similarity to others), to forty digits; what is taken off is withheld.

    Agarwal, Dahleh and Sarkar 2019. From λ = ln 2 on, a party that appears twice, with its share
    twice, has no more together than once.
    """
    shares, similarity, penalty = given
    found = robust_shares(shares, similarity, penalty=penalty)
    with localcontext(prec=40):
        for index, share in enumerate(shares):
            others = sum((Decimal(row) for row in similarity[index]), Decimal(0))
            power = Decimal(penalty) * (others - Decimal(similarity[index][index]))
            exact = Decimal(share.numerator) / share.denominator * (-power).exp()
            assert isclose(found.shares[index], exact, rel_tol=1e-12), "not the discounted share"
    assert isclose(found.withheld, 1 - sum(found.shares), abs_tol=1e-12), "something is lost"
    twice = [[*row, row[0]] for row in similarity]
    twice += [[1.0, *similarity[0][1:], 1.0]]
    twice[0][0] = twice[0][-1] = 1.0
    cloned = robust_shares([*shares, shares[0]], twice, penalty=penalty).shares
    assert cloned[0] + cloned[-1] <= found.shares[0] * (1 + 1e-12), "a clone gains"


COMPARISONS = (
    Comparison(
        "shares.divide",
        _divided,
        _divide,
        lambda given: _largest_remainder(*given),
        _conserves,
        quick=100,
    ),
    Comparison(
        "shares.contribution_points",
        _points,
        lambda given: contribution_points(given[1], given[2]),
        _summed,
        quick=60,
    ),
    Comparison(
        "splitting.make_split",
        _points,
        _split_by_points,
        lambda given: _largest_remainder(given[0], _by_name(_summed(given))),
        _conserves,
        quick=60,
    ),
    Comparison("proceeds.distribute", _fall, _distribute, _line_by_line, quick=100),
    Comparison(
        "proceeds.royalties", _products, _royalties, _way_by_way, _order_does_not_matter, quick=60
    ),
    Comparison(
        "shares.robust_shares",
        _alike,
        lambda given: len(robust_shares(given[0], given[1], penalty=given[2]).shares),
        lambda given: len(given[0]),
        _is_discounted,
        quick=60,
    ),
)
