"""Figures of cases as whole ticks and back: a case may price in any decimals or fractions."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import Any

from pricing.case import Case
from pricing.charges.exact import mapping, number, refuse, sequence
from pricing.mechanisms.bids import BIDS_MAX, Bid, check_count

# "3/500" and "1+1e-18": sums of decimals and of fractions of whole numbers.
TERM = re.compile(r"(?P<upper>[0-9.]+([eE][+-]?[0-9]+)?)(/(?P<lower>[0-9]+))?")


def exact(value: object, field: str) -> Fraction:
    """A number, decimal text, a fraction such as "3/500" or a sum such as "1+1e-18"."""
    if not isinstance(value, str):
        return number(value, field)
    text = value.replace(" ", "")
    terms = re.split(r"(?<![eE])\+", text)
    read = [TERM.fullmatch(term) for term in terms]
    if not all(read):
        refuse(field, value, 'a number, or text such as "3/500" or "1+1e-18"')
    total = Fraction(0)
    for term in read:
        if term is not None:
            lower = Fraction(int(term["lower"] or 1))
            if lower == 0:
                refuse(field, value, "a fraction of something")
            total += number(term["upper"], field) / lower
    return total


def positive(value: object, field: str) -> Fraction:
    """As `exact`, above zero."""
    found = exact(value, field)
    if found <= 0:
        refuse(field, value, "a number above zero")
    return found


class Ticks:
    """The scale on which all figures of a case are whole numbers."""

    def __init__(self, figures: Iterable[Fraction]) -> None:
        self.scale = lcm(*(figure.denominator for figure in figures))

    def of(self, figure: Fraction) -> int:
        return int(figure * self.scale)

    def back(self, ticks: Fraction | int) -> object:
        return written(Fraction(ticks) / self.scale)


def written(figure: Fraction | int) -> object:
    """A number where decimals can hold it, otherwise the fraction as text."""
    figure = Fraction(figure)
    if figure.denominator == 1:
        return int(figure)
    rest = figure.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return Decimal(figure.numerator) / figure.denominator if rest == 1 else str(figure)


def rows(case: Case, name: str) -> list[list[Any]]:
    """A list of lists of the input."""
    given = sequence(case.given(name), name, most=BIDS_MAX)
    return [list(sequence(row, f"{name}[{i}]", most=1000)) for i, row in enumerate(given)]


def named(case: Case, name: str = "bids") -> Mapping[str, Any]:
    """An object of the input: one entry for each bidder."""
    return mapping(case.given(name), name)


def units(case: Case, name: str = "units") -> int:
    return check_count(case.given(name), name)


def optional_floor(case: Case, name: str = "reserve") -> Fraction:
    """A reserve from the input or the parameters; zero where there is none."""
    given = case.input.get(name, case.params.get(name))
    return Fraction(0) if given is None else exact(given, name)


def unit_bids(case: Case, name: str = "bids") -> tuple[list[Bid], Ticks, int]:
    """One bid for each bidder, the ticks, and the reserve in ticks.

    Bidders are named by an object, or numbered from 0 by a list.
    """
    given = case.given(name)
    pairs = (
        list(given.items())
        if isinstance(given, Mapping)
        else [(str(i), value) for i, value in enumerate(sequence(given, name, most=BIDS_MAX))]
    )
    prices = [positive(price, f"{name}.{bidder}") for bidder, price in pairs]
    reserve = optional_floor(case)
    ticks = Ticks([*prices, reserve])
    bids = [
        Bid(bidder, ticks.of(price), seq=seq)
        for seq, ((bidder, _), price) in enumerate(zip(pairs, prices, strict=True))
    ]
    return bids, ticks, ticks.of(reserve)


def orders(
    case: Case, *, names: tuple[str, str] = ("buy", "sell"), price_at: int = 1
) -> tuple[list[Bid], list[Bid], Ticks, Ticks]:
    """Bids and offers from rows of quantity and price, with the ticks of prices and quantities.

    Offers are numbered on after the bids, as the cases number them.
    """
    sides = [rows(case, name) for name in names]
    figures = [
        [(positive(row[1 - price_at], names[i]), positive(row[price_at], names[i])) for row in side]
        for i, side in enumerate(sides)
    ]
    quantities = Ticks(quantity for side in figures for quantity, _ in side)
    prices = Ticks(price for side in figures for _, price in side)
    made: list[list[Bid]] = []
    for side in figures:
        start = len(made[0]) if made else 0
        made.append(
            [
                Bid(str(start + i), prices.of(price), quantities.of(quantity), seq=start + i)
                for i, (quantity, price) in enumerate(side)
            ]
        )
    return made[0], made[1], prices, quantities
