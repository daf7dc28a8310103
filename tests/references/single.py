"""One item: who wins and what it pays, from the definitions."""

from dataclasses import dataclass
from fractions import Fraction
from math import comb
from typing import Any

from pricing.mechanisms.bids import Bid
from pricing.mechanisms.single import (
    DutchClock,
    DutchPrice,
    NoAward,
    dutch,
    first_price,
    procurement,
    second_price,
    uniform_reserve,
    uniform_revenue,
)
from tests.references import laws
from tests.references.comparing import Comparison, Draw

Given = tuple[list[Bid], int]  # bids, reserve


def _draw(draw: Draw) -> Given:
    bids = [
        Bid(f"b{i}", draw.amount(), time=draw.random.randint(0, 2), seq=i)
        for i in range(draw.count())
    ]
    return bids, draw.random.choice([0, draw.amount()])


def _ranked(given: Given) -> list[Bid]:
    ranked = sorted(given[0], key=lambda bid: (-bid.price, bid.time, bid.seq))
    return [bid for bid in ranked if bid.price >= given[1]]


def _first_price_twin(given: Given) -> object:
    """The highest bid at or above the reserve pays itself."""
    return next(((bid.bidder, bid.price) for bid in _ranked(given)), (None, 0))


def _second_price_twin(given: Given) -> object:
    """The winner pays the second highest bid, at least the reserve (Vickrey 1961)."""
    ranked = _ranked(given)
    if not ranked:
        return None, 0
    return ranked[0].bidder, max([given[1], *(bid.price for bid in ranked[1:2])])


def _sold(rule: Any, given: Given) -> tuple[str | None, int]:
    sale = rule(given[0], reserve=given[1])
    return sale.winner, sale.price


def _second_price_laws(given: Given, _answer: object) -> None:
    bids, reserve = given
    laws.order_is_nothing(lambda turned: _sold(second_price, (turned, reserve)), bids)
    if not bids:
        return
    value, name = bids[0].price, bids[0].bidder

    def utility(lied: list[Bid]) -> int:
        winner, price = _sold(second_price, (lied, reserve))
        return value - price if winner == name else 0

    laws.nobody_gains_by_lying(bids, laws.lies_about(bids), utility)


@dataclass(frozen=True)
class Tender:
    """Offers, the most and the least that is accepted, and whether the next offer is paid."""

    offers: list[Bid]
    reserve: int
    minimum: int
    second: bool


def _draw_tender(draw: Draw) -> Tender:
    reserve = draw.amount()
    minimum = draw.random.choice([0, min(reserve, draw.amount())])
    return Tender(_draw(draw)[0], reserve, minimum, draw.random.random() < 0.5)


def _procurement(tender: Tender) -> object:
    award = procurement(
        tender.offers, reserve=tender.reserve, minimum=tender.minimum, second=tender.second
    )
    return award.winner, award.price, award.tied, award.reason


def _procurement_twin(tender: Tender) -> object:
    """The lowest offer between minimum and reserve; of equal ones the earliest."""
    offers = sorted(tender.offers, key=lambda offer: (offer.price, offer.time, offer.seq))
    inside = [offer for offer in offers if tender.minimum <= offer.price <= tender.reserve]
    if not inside:
        above = [offer.price > tender.reserve for offer in offers]
        reason = NoAward.OUTSIDE if any(above) else NoAward.BELOW_MINIMUM
        reason = NoAward.ABOVE_RESERVE if all(above) else reason
        return None, 0, (), reason if offers else NoAward.NO_OFFERS
    best = inside[0].price
    paid = best
    if tender.second:
        paid = inside[1].price if len(inside) > 1 else tender.reserve
    return inside[0].bidder, paid, tuple(o.bidder for o in inside if o.price == best), None


@dataclass(frozen=True)
class Falling:
    """A clock and who accepts when, how many units."""

    clock: DutchClock
    bids: list[Bid]
    supply: int
    price: DutchPrice


def _shown(clock: DutchClock, time: int) -> int:
    """Step by step: what the clock shows."""
    price = clock.start
    for _ in range(clock.opens_at + clock.every, time + 1, clock.every):
        price = max(clock.floor, price - clock.step)
    return max(clock.floor, price)


def _draw_falling(draw: Draw) -> Falling:
    random = draw.random
    start = draw.amount(least=2)
    clock = DutchClock(
        start=start,
        step=random.choice([1, 2, max(1, start // 7)]),
        every=random.randint(1, 4),
        floor=random.choice([1, max(1, start // 2)]),
        opens_at=random.randint(0, 5),
    )
    times = [clock.opens_at + random.randint(0, 20) for _ in range(draw.count())]
    bids = [
        Bid(f"b{random.randint(0, 2)}", _shown(clock, time), random.randint(1, 4), time, i)
        for i, time in enumerate(times)
    ]
    return Falling(clock, bids, random.randint(1, 8), random.choice(list(DutchPrice)))


def _dutch(falling: Falling) -> object:
    fills = dutch(falling.clock, falling.bids, supply=falling.supply, price=falling.price)
    return {fill.seq: (fill.quantity, fill.payment) for fill in fills}


def _dutch_twin(falling: Falling) -> object:
    """In the order of time each gets what is left; while the floor is shown, the earliest too."""
    left, got = falling.supply, {}
    for bid in sorted(falling.bids, key=lambda bid: (bid.time, bid.seq)):
        units = min(left, bid.quantity)
        if units:
            got[bid.seq] = units, bid.price
            left -= units
    last = min((price for _, price in got.values()), default=0)
    own = falling.price is DutchPrice.OWN
    return {seq: (units, units * (price if own else last)) for seq, (units, price) in got.items()}


def _draw_values(draw: Draw) -> tuple[Fraction, Fraction]:
    low = Fraction(draw.amount(least=1) - 1, 100)
    return low, low + Fraction(draw.amount(), 100)


def _zero_of_virtual_value(given: tuple[Fraction, Fraction]) -> Fraction:
    """v − (1 − F(v)) / f(v), which is a line for even values: where it crosses zero (Myerson 1981)."""
    low, high = given
    density = 1 / (high - low)
    at_low, at_high = (v - (1 - (v - low) * density) / density for v in given)
    return low if at_low >= 0 else low - at_low * (high - low) / (at_high - at_low)


def _draw_reserve(draw: Draw) -> tuple[int, Fraction]:
    amounts = sorted((draw.amount(), draw.amount()))
    return draw.random.randint(1, 12), draw.random.choice([Fraction(0), Fraction(*amounts)])


def _integrated(given: tuple[int, Fraction]) -> Fraction:
    """The reserve where one value alone reaches it, else the second highest value, over its density.

    n (1 − r) r^(n−1) · r + ∫ v · n (n − 1) v^(n−2) (1 − v) dv from r to 1, term by term.
    """
    n, reserve = given
    alone = comb(n, 1) * (1 - reserve) * reserve ** (n - 1) * reserve
    terms = {n: Fraction(n * (n - 1), n), n + 1: -Fraction(n * (n - 1), n + 1)}
    return alone + sum(
        (factor * (1 - reserve**power) for power, factor in terms.items()), Fraction(0)
    )


COMPARISONS = (
    Comparison(
        "single.first_price", _draw, lambda given: _sold(first_price, given), _first_price_twin
    ),
    Comparison(
        "single.second_price",
        _draw,
        lambda given: _sold(second_price, given),
        _second_price_twin,
        _second_price_laws,
    ),
    Comparison("single.procurement", _draw_tender, _procurement, _procurement_twin),
    Comparison("single.dutch", _draw_falling, _dutch, _dutch_twin),
    Comparison(
        "single.uniform_reserve",
        _draw_values,
        lambda given: uniform_reserve(*given),
        _zero_of_virtual_value,
    ),
    Comparison(
        "single.uniform_revenue",
        _draw_reserve,
        lambda given: uniform_revenue(*given),
        _integrated,
    ),
)
