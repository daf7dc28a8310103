"""Charges, quotes and splits from their definitions: one charge, one bill, one linter by enumeration."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

from pricing.charges.linter import lint
from pricing.charges.models import Usage
from pricing.charges.plans import read_plan
from pricing.charges.quotes import make_quote, price_charge
from pricing.charges.requests import read_request
from pricing.charges.vectorised import quote_many
from pricing.money import Money, split_by_largest_remainder
from pricing.refusals import NotAnAmount, NothingToSplitBy, RefundTooLarge
from tests.references.comparing import Comparison, Draw

ZERO, HALF = Fraction(0), Fraction(1, 2)
PLACES = {"JPY": 0, "CNY": 2, "KWD": 3}
BOOKS_END = 2**63
STEPS = 24  # of the meter, that two accounts together use at most in the enumeration
Fields = dict[str, Any]


def _half_up(exact: Fraction) -> int:
    """The nearest whole number of what is not below zero; a half goes up."""
    return (exact + HALF) // 1


def _in_books(minor: int) -> int:
    if minor >= BOOKS_END:
        raise NotAnAmount("The amount is too large for the books.")
    return minor


# Draws


def figure(draw: Draw, *, largest: int = 10**15) -> str:
    """An amount of the scale as decimal text, with up to four decimals."""
    places = draw.random.choice([0, 0, 1, 2, 4])
    amount = draw.amount(largest=largest)
    whole, rest = divmod(amount, 10**places)
    return f"{whole}.{rest:0{places}}" if places else str(amount)


def _tiers(draw: Draw) -> list[Fields]:
    ends: list[int | None] = list(range(draw.random.randint(1, 9), 60, draw.random.randint(1, 20)))
    ends = [*ends[: draw.count()], None]
    return [
        {
            "up_to": None if end is None else str(end),
            "unit": figure(draw),
            "flat": draw.random.choice(["0", figure(draw)]),
        }
        for end in ends
    ]


def _charge(draw: Draw, name: str = "use") -> Fields:
    choice = draw.random.choice
    model = choice(["per_unit", "package", "graduated", "volume"])
    fields: Fields = {"name": name, "meter": "use", "model": model}
    if model == "per_unit":
        fields["unit"] = figure(draw)
    elif model == "package":
        fields |= {"package_size": choice(["1", "4", "2.5"]), "package_price": figure(draw)}
    else:
        fields["tiers"] = _tiers(draw)
    if choice([True, False]):
        fields["convert"] = {
            "op": choice(["multiply", "divide"]),
            "factor": choice(["1", "3", "7.5", "1000"]),
            "rounding": choice(["none", "ceiling", "floor", "half_up"]),
            "precision": choice([-1, 0, 1]),
        }
    bounds = sorted((figure(draw), figure(draw)), key=Fraction)
    optional = {
        "free_units": choice(["1", "2.5", "40"]),
        "discount_percent": choice(["10", "33.3", "100"]),
        "minimum": bounds[0],
        "maximum": bounds[1],
    }
    return fields | {key: value for key, value in optional.items() if choice([1, 0, 0])}


@dataclass(frozen=True)
class Priced:
    """A plan, and the quantity of its one meter."""

    plan: Fields
    units: Fraction


def _plan(draw: Draw, charges: list[Fields]) -> Fields:
    currency = draw.random.choice(sorted(PLACES))
    return {"plan": "p", "version": 1, "currency": currency, "charges": charges}


def draw_priced(draw: Draw) -> Priced:
    units = draw.random.choice([draw.random.randint(0, 60), draw.amount(largest=10**12)])
    tenths = draw.random.choice([1, 1, 10])
    return Priced(_plan(draw, [_charge(draw)]), Fraction(units, tenths))


# One charge


def _converted(fields: Fields, units: Fraction) -> Fraction:
    """Multiplied or divided, then rounded to a number of decimals."""
    convert = fields.get("convert")
    if convert is None:
        return units
    factor, rounding = Fraction(convert["factor"]), convert["rounding"]
    units = units * factor if convert["op"] == "multiply" else units / factor
    grain: Fraction = Fraction(1, 10) ** convert["precision"]
    if rounding == "none":
        return units
    grains = units / grain
    if rounding == "half_up":
        return _half_up(grains) * grain
    return (-(-grains // 1) if rounding == "ceiling" else grains // 1) * grain


def _model_price(fields: Fields, units: Fraction) -> Fraction:
    """Per unit, per package begun, by each unit's own tier, or by the one tier that holds all."""
    if fields["model"] == "per_unit":
        return units * Fraction(fields["unit"])
    if fields["model"] == "package":
        return -(-units // Fraction(fields["package_size"])) * Fraction(fields["package_price"])
    amount, below = ZERO, ZERO
    for tier in fields["tiers"]:
        end = units if tier["up_to"] is None else Fraction(tier["up_to"])
        unit, flat = Fraction(tier["unit"]), Fraction(tier["flat"])
        if fields["model"] == "volume":
            if units <= end:
                return units * unit + flat
        elif units > below or not below:
            amount += (min(units, end) - below) * unit + flat
        below = end
    return amount


def charge_price(fields: Fields, units: Fraction) -> Fraction:
    """Convert, round, free units, price, percentage, maximum, minimum: in that order."""
    billed = max(ZERO, _converted(fields, units) - Fraction(fields.get("free_units", 0)))
    price = _model_price(fields, billed)
    price -= price * Fraction(fields.get("discount_percent", 0)) / 100
    if "maximum" in fields:
        price = min(price, Fraction(fields["maximum"]))
    return max(price, Fraction(fields.get("minimum", 0)))


def _charge_answer(given: Priced) -> object:
    exact = charge_price(given.plan["charges"][0], given.units)
    return exact, _in_books(_half_up(exact * 10 ** PLACES[given.plan["currency"]]))


def _our_charge(given: Priced) -> object:
    plan = read_plan(given.plan)
    priced = price_charge(plan.charges[0], Usage(given.units), currency=plan.currency)
    return priced.exact, priced.amount.minor


def _draw_many(draw: Draw) -> tuple[Fields, list[int]]:
    units = [draw.random.choice([draw.random.randint(0, 60), draw.amount()]) for _ in range(12)]
    return _plan(draw, [_charge(draw)]), units


def _many(given: tuple[Fields, list[int]]) -> object:
    """Each quantity by itself."""
    plan, quantities = given
    exact = [charge_price(plan["charges"][0], Fraction(units)) for units in quantities]
    return [_in_books(_half_up(price * 10 ** PLACES[plan["currency"]])) for price in exact]


def _our_many(given: tuple[Fields, list[int]]) -> object:
    plan = read_plan(given[0])
    return quote_many(plan.charges[0], np.array(given[1]), currency=plan.currency).tolist()


# A whole bill


@dataclass(frozen=True)
class Bill:
    """A plan and a request for its one meter."""

    plan: Fields
    request: Fields


def draw_bill(draw: Draw) -> Bill:
    choice = draw.random.choice
    flats = [
        {"name": f"flat {number}", "model": "flat", "amount": figure(draw, largest=10**12)}
        for number in range(draw.count(most=3))
    ]
    plan = _plan(draw, [_charge(draw), *flats])
    plan["tax"] = {"percent": choice(["0", "6", "13", "100"]), "included": choice([True, False])}
    bounds = sorted((figure(draw), figure(draw)), key=Fraction)
    terms = {"discount_percent": "12.5", "minimum": bounds[0], "maximum": bounds[1]}
    plan |= {key: value for key, value in terms.items() if choice([1, 0, 0])}
    request: Fields = {
        "usage": {"use": str(draw.random.randint(0, 60))},
        "issued_at": "2026-01-31T00:00:00Z",
        "credits": [choice(["0.5", "0.005", figure(draw)]) for _ in range(draw.count())],
    }
    if choice([True, False]):
        request["coupon"] = choice([{"percent": "33.3"}, {"amount": figure(draw)}])
    return Bill(plan, request)


def bill(given: Bill) -> tuple[list[int], int, int, int, int]:
    """Charges rounded one by one; then all in whole minor units: discount, maximum, minimum, coupon,
    credits (their exact sum, rounded once), tax of what is left.
    """
    plan, request = given.plan, given.request
    minor = Fraction(10 ** PLACES[plan["currency"]])
    units = Fraction(request["usage"]["use"])
    charges = [
        _in_books(_half_up(minor * (Fraction(fields["amount"]) if "amount" in fields
                                    else charge_price(fields, units))))
        for fields in plan["charges"]
    ]  # fmt: skip
    due = subtotal = _in_books(sum(charges))
    due -= _half_up(due * Fraction(plan.get("discount_percent", 0)) / 100)
    if "maximum" in plan:
        due -= _half_up(max(ZERO, due - minor * Fraction(plan["maximum"])))
    due += _half_up(max(ZERO, minor * Fraction(plan.get("minimum", 0)) - due))
    coupon = request.get("coupon", {})
    off = due * Fraction(coupon.get("percent", 0)) / 100 + minor * Fraction(coupon.get("amount", 0))
    due -= _half_up(min(Fraction(due), off))
    credit = sum((Fraction(given) for given in request["credits"]), ZERO)
    net = due - _half_up(min(Fraction(due), minor * credit))
    rate = Fraction(plan["tax"]["percent"]) / 100
    if plan["tax"]["included"]:
        return charges, subtotal, net, _half_up(net * rate / (1 + rate)), net
    tax = _half_up(net * rate)
    return charges, subtotal, net, tax, _in_books(net + tax)


def _our_bill(given: Bill) -> object:
    plan = read_plan(given.plan)
    quote = make_quote(plan, read_request(given.request, plan))
    charges = [charge.amount.minor for charge in quote.charges]
    return charges, quote.subtotal.minor, quote.net.minor, quote.tax.minor, quote.total.minor


# Events


@dataclass(frozen=True)
class Events:
    """A percentage charge and the events of its meter."""

    plan: Fields
    events: list[Fraction]


def _draw_events(draw: Draw) -> Events:
    choice = draw.random.choice
    fields: Fields = {
        "name": "use",
        "meter": "use",
        "model": "percentage",
        "rate": choice(["0", "2.99", "100"]),
    }
    bounds = sorted((figure(draw), figure(draw)), key=Fraction)
    optional = {
        "fixed": figure(draw), "free_events": draw.random.randint(0, 4),
        "free_amount": figure(draw), "min": bounds[0], "max": bounds[1],
    }  # fmt: skip
    fields |= {key: value for key, value in optional.items() if choice([True, False])}
    events = [Fraction(choice(["0", figure(draw)])) for _ in range(draw.count(least=1))]
    return Events(_plan(draw, [fields]), events)


def _events(given: Events) -> object:
    """Event by event: free while both free events and free amount are left; the event that reaches
    the free amount pays for what is above it, and its fee.
    """
    fields = given.plan["charges"][0]
    free_events = fields.get("free_events") or None
    free_amount = Fraction(fields.get("free_amount", 0)) or None
    price, used, ended = ZERO, ZERO, not (free_events or free_amount)
    for number, value in enumerate(given.events, 1):
        used += value
        paid = value
        if not ended and free_amount is not None and used >= free_amount:
            ended, paid = True, used - free_amount
        elif not ended:
            ended = number == free_events
            continue
        cost = paid * Fraction(fields["rate"]) / 100 + Fraction(fields.get("fixed", 0))
        cost = max(cost, Fraction(fields.get("min", 0)))
        price += min(cost, Fraction(fields["max"])) if "max" in fields else cost
    return price


def _our_events(given: Events) -> object:
    usage = Usage(sum(given.events, ZERO), tuple(given.events))
    plan = read_plan(given.plan)
    lines = plan.charges[0].pricing.lines(usage)
    return sum((line.amount for line in lines), ZERO)


# Splits


def _draw_split(draw: Draw) -> tuple[int, list[int]]:
    weights = [draw.random.choice([0, draw.amount()]) for _ in range(draw.count())]
    return draw.amount(largest=2**63 - 1) * draw.random.choice([1, -1]), weights


def _split(given: tuple[int, list[int]]) -> object:
    """Round every exact share down, then give the units that are left one by one to the largest
    remainder, the earliest among equals.
    """
    whole, weights = given
    if not sum(weights):
        raise NothingToSplitBy("nothing to split by")
    exact = [Fraction(abs(whole) * weight, sum(weights)) for weight in weights]
    parts = [share // 1 for share in exact]
    for _ in range(abs(whole) - sum(parts)):
        short = [share - part for share, part in zip(exact, parts, strict=True)]
        parts[short.index(max(short))] += 1
    return parts if whole >= 0 else [-part for part in parts]


def _split_conserves(given: tuple[int, list[int]], answer: object) -> None:
    if isinstance(answer, list):
        assert sum(answer) == given[0], "every minor unit goes to somebody"


def _draw_refunds(draw: Draw) -> tuple[list[int], list[int]]:
    paid = [draw.random.choice([0, draw.amount(largest=10**15)]) for _ in range(draw.count())]
    return paid, [draw.amount(largest=10**15) for _ in range(draw.count(least=1))]


def _refunds(given: tuple[list[int], list[int]]) -> object:
    """One refund after the other, each split by what the parties still hold."""
    left, given_back = list(given[0]), []
    for refund in given[1]:
        if refund > sum(left):
            raise RefundTooLarge("more than is left")
        parts = _split((refund, left)) if sum(left) else left
        assert isinstance(parts, list)
        left = [held - part for held, part in zip(left, parts, strict=True)]
        given_back.append(parts)
    return given_back


def _our_refunds(given: tuple[list[int], list[int]]) -> object:
    left, given_back = [Money(paid, "CNY") for paid in given[0]], []
    for refund in given[1]:
        parts = Money(refund, "CNY").refund_over(left)
        left = [held - part for held, part in zip(left, parts, strict=True)]
        given_back.append([part.minor for part in parts])
    return given_back


# The linter


@dataclass(frozen=True)
class Linted:
    """A plan of one charge, and what its meter counts in; None for any decimal quantity."""

    plan: Fields
    step: Fraction | None


def _draw_linted(draw: Draw) -> Linted:
    return Linted(_plan(draw, [_charge(draw)]), draw.random.choice([None, Fraction(1)]))


def _beaten(fields: Fields, step: Fraction) -> Iterator[str]:
    """Every pair of quantities whose prices the books of any currency hold: does more cost less, do
    two accounts pay less than one?
    """
    exact = [charge_price(fields, number * step) for number in range(STEPS + 1)]
    prices = [price if price < BOOKS_END // 1000 else None for price in exact]
    if any(price and more is not None and more < price for price, more in pairwise(prices)):
        yield "not_monotone"
    for one in range(1, STEPS):
        for other in range(1, STEPS + 1 - one):
            first, second, both = prices[one], prices[other], prices[one + other]
            if first is None or second is None or both is None:
                continue
            if both > first + second:
                yield "two accounts"


def _our_lint(given: Linted) -> object:
    """What enumeration finds and the linter does not say, and proofs that quotes do not have."""
    fields = given.plan["charges"][0]
    findings = lint(given.plan, step=given.step)
    said = {finding.code for finding in findings}
    if said & {"not_subadditive", "free_units_invite_splitting", "unsure"}:
        said.add("two accounts")
    steps = [given.step] if given.step else [Fraction(1), Fraction(1, 10), Fraction(7, 4)]
    missed = {what for step in steps for what in _beaten(fields, step)} - said
    wrong = [
        finding
        for finding in findings
        for units, price in _figures(finding.proof)
        if charge_price(fields, units) != price
    ]
    return missed, wrong


def _figures(proof: Any) -> Iterator[tuple[Fraction, Fraction]]:
    names = (
        ("units", "price"),
        ("more_units", "lower_price"),
        ("first_units", "first_price"),
        ("second_units", "second_price"),
    )
    return (
        (Fraction(proof[units]), Fraction(proof[price])) for units, price in names if units in proof
    )


def _sound(_given: Linted) -> object:
    """Nothing is missed and nothing is invented."""
    return set(), []


COMPARISONS = (
    Comparison("charges.lint", _draw_linted, _our_lint, _sound, quick=8),
    Comparison("charges.make_quote", draw_bill, _our_bill, bill, quick=60),
    Comparison("charges.percentage", _draw_events, _our_events, _events, quick=100),
    Comparison("charges.price_charge", draw_priced, _our_charge, _charge_answer, quick=100),
    Comparison("charges.quote_many", _draw_many, _our_many, _many, quick=40),
    Comparison("money.refund_over", _draw_refunds, _our_refunds, _refunds),
    Comparison(
        "money.split_by_largest_remainder",
        _draw_split,
        lambda given: split_by_largest_remainder(*given),
        _split,
        _split_conserves,
    ),
)
