"""Auction cases of vector files: each mechanism answers in the keys of its kind.

A case may price in any decimals or fractions: its figures become whole ticks, and the answers go back.
"""

import csv
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import partial
from math import lcm
from typing import Any

from pricing.documents import Case, Evaluator
from pricing.exact import decimal_places, mapping, number, refuse, sequence
from pricing.mechanisms import digital, markets, single, units
from pricing.mechanisms.bids import BIDS_MAX, Bid, Book, check_count

Result = dict[str, object]
ZERO = Fraction(0)
# "3/500", "-2.5" and "1+1e-18": sums of decimals and of fractions of whole numbers.
TERM = re.compile(r"(?P<upper>-?[0-9.]+([eE][+-]?[0-9]+)?)(/(?P<lower>[0-9]+))?")


def exact(value: object, field: str) -> Fraction:
    """A number, decimal text, a fraction such as "3/500" or a sum such as "1+1e-18"."""
    if not isinstance(value, str):
        return number(value, field)
    total = ZERO
    for word in re.split(r"(?<![eE])\+", value.replace(" ", "")):
        term = TERM.fullmatch(word)
        if term is None:
            refuse(field, value, 'a number, or text such as "3/500" or "1+1e-18"')
        lower = int(term["lower"] or 1)
        if lower == 0:
            refuse(field, value, "a fraction of something")
        total += number(term["upper"], field) / lower
    return total


def positive(value: object, field: str) -> Fraction:
    """As `exact`, above zero."""
    figure = exact(value, field)
    if figure <= 0:
        refuse(field, value, "a number above zero")
    return figure


def all_positive(values: Iterable[object], field: str) -> list[Fraction]:
    """As `positive`, for each of several."""
    return [positive(value, field) for value in values]


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
    ends = decimal_places(figure.denominator) is not None
    return Decimal(figure.numerator) / figure.denominator if ends else str(figure)


def rows(case: Case, name: str, *, least: int = 0) -> list[list[Any]]:
    """A list of lists of the input, each of `least` entries or more."""
    given = sequence(case.given(name), name, most=BIDS_MAX)
    return [row_of(row, f"{name}[{i}]", least=least) for i, row in enumerate(given)]


def row_of(given: object, field: str, *, least: int) -> list[Any]:
    """A list of `least` entries or more."""
    row = list(sequence(given, field, most=1000))
    if len(row) < least:
        refuse(field, row, f"a list of {least} entries")
    return row


def named(case: Case, name: str = "bids") -> Mapping[str, Any]:
    """An object of the input: one entry for each bidder."""
    return mapping(case.given(name), name)


def units_of(case: Case, name: str = "units") -> int:
    return check_count(case.given(name), name)


def optional_floor(case: Case, name: str = "reserve") -> Fraction:
    """A reserve from the input or the parameters; zero where there is none."""
    given = case.input.get(name, case.params.get(name))
    return ZERO if given is None else exact(given, name)


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

    Prices may be zero or negative.

    Offers are numbered on after the bids, as the cases number them.
    """
    sides = [rows(case, name, least=2) for name in names]
    figures = [
        [(positive(row[1 - price_at], names[i]), exact(row[price_at], names[i])) for row in side]
        for i, side in enumerate(sides)
    ]
    quantities = Ticks(quantity for side in figures for quantity, _ in side)
    prices = Ticks(price for side in figures for _, price in side)
    bids, offers = (
        [
            Bid(str(place), prices.of(price), quantities.of(quantity), seq=place)
            for place, (quantity, price) in enumerate(side, start)
        ]
        for side, start in zip(figures, (0, len(figures[0])), strict=True)
    )
    return bids, offers, prices, quantities


def _single_price(case: Case) -> Result:
    bids, ticks, reserve = unit_bids(case)
    best = digital.optimal_price(bids, reserve=reserve)
    second = digital.optimal_price(bids, least=2, reserve=reserve)
    return {
        "F": ticks.back(best.revenue),
        "price": ticks.back(best.price),
        "winners": best.winners,
        "F2": ticks.back(second.revenue),
    }


def _dop(case: Case) -> Result:
    bids, ticks, reserve = unit_bids(case)
    paid = digital.deterministic_optimal_price(bids, reserve=reserve)
    return {
        "F": ticks.back(digital.optimal_price(bids, reserve=reserve).revenue),
        "revenue": ticks.back(sum(paid.values())),
        "winners": len(paid),
    }


def _rsop_mean(case: Case) -> Result:
    bids, ticks, _ = unit_bids(case)
    mean = digital.random_sampling_mean([bid.price for bid in bids])
    return {"expected_revenue": str(mean / ticks.scale)}


def _rsop(case: Case) -> Result:
    bids, ticks, reserve = unit_bids(case)
    sampled = digital.random_sampling(bids, seed=case.given("seed"), reserve=reserve)
    paid = {bidder: ticks.back(amount) for bidder, amount in sampled.paid.items()}
    return {"revenue": ticks.back(sampled.revenue), "pay": paid}


def _myerson(case: Case) -> Result:
    bidders = units_of(case, "bidders")
    reserve = single.uniform_reserve(ZERO, Fraction(1))
    return {
        "reserve": str(reserve),
        "revenue_no_reserve": str(single.uniform_revenue(bidders, ZERO)),
        "revenue_with_reserve": str(single.uniform_revenue(bidders, reserve)),
    }


def _single(rule: Callable[..., single.Sale], case: Case) -> Result:
    bids, ticks, reserve = unit_bids(case)
    sale = rule(bids, reserve=reserve)
    return {"winner": sale.winner, "price": ticks.back(sale.price)}


def _procurement(case: Case) -> Result:
    bids, ticks, _ = unit_bids(case)
    reserve, minimum = positive(case.given("reserve"), "reserve"), optional_floor(case, "minimum")
    scale = Ticks([reserve, minimum, Fraction(1, ticks.scale)])
    factor = scale.scale // ticks.scale
    offers = [Bid(bid.bidder, bid.price * factor, seq=bid.seq) for bid in bids]
    award = single.procurement(offers, reserve=scale.of(reserve), minimum=scale.of(minimum))
    return {"winner": award.winner, "price": scale.back(award.price), "tied": list(award.tied)}


def _marginals(case: Case, name: str) -> tuple[list[str], list[Bid], Ticks, int]:
    """Bidders with falling values of one unit each, as unit bids."""
    given = named(case, name)
    values = {
        bidder: [exact(value, f"{name}.{bidder}") for value in sequence(vector, name, most=10_000)]
        for bidder, vector in given.items()
    }
    reserve = optional_floor(case)
    ticks = Ticks([reserve, *(value for vector in values.values() for value in vector)])
    bids: list[Bid] = []
    for bidder, vector in values.items():
        if vector != sorted(vector, reverse=True):
            refuse(f"{name}.{bidder}", given[bidder], "values that fall with every unit")
        prices = [ticks.of(value) for value in vector if value]
        bids += [Bid(bidder, price, seq=seq) for seq, price in enumerate(prices, len(bids))]
    return list(values), bids, ticks, ticks.of(reserve)


def _sums(bidders: list[str], bids: list[Bid], fills: list[int]) -> list[int]:
    totals = dict.fromkeys(bidders, 0)
    for bid, amount in zip(bids, fills, strict=True):
        totals[bid.bidder] += amount
    return list(totals.values())


def _uniform(price: units.UniformPrice, case: Case) -> Result:
    bidders, bids, ticks, reserve = _marginals(case, "bids")
    cleared = units.uniform_price(
        Book.of(bids), supply=units_of(case), reserve=reserve, price=price
    )
    won = _sums(bidders, bids, cleared.fills.tolist())
    return {
        "won": won,
        "price": ticks.back(cleared.price),
        "pay": [ticks.back(count * cleared.price) for count in won],
        "revenue": ticks.back(sum(won) * cleared.price),
    }


def _discriminatory(case: Case) -> Result:
    bidders, bids, ticks, reserve = _marginals(case, "bids")
    fills = units.discriminatory(Book.of(bids), supply=units_of(case), reserve=reserve).tolist()
    paid = _sums(bidders, bids, [f * bid.price for f, bid in zip(fills, bids, strict=True)])
    return {
        "won": _sums(bidders, bids, fills),
        "pay": [ticks.back(amount) for amount in paid],
        "revenue": ticks.back(sum(paid)),
    }


def _vickrey(case: Case) -> Result:
    bidders, bids, ticks, reserve = _marginals(case, "bids")
    won = units.multi_unit_vickrey(bids, supply=units_of(case), reserve=reserve)
    each = [won.get(bidder, units.Won()) for bidder in bidders]
    return {
        "won": [got.units for got in each],
        "pay": [ticks.back(got.payment) for got in each],
        "revenue": ticks.back(sum(got.payment for got in each)),
    }


def _clinching(case: Case) -> Result:
    _, bids, ticks, reserve = _marginals(case, "values" if "values" in case.input else "bids")
    supply = units_of(case)
    won = units.clinching(bids, supply=supply, reserve=reserve)
    uniform = units.uniform_price(Book.of(bids), supply=supply, reserve=reserve)
    return {
        "won": {bidder: got.units for bidder, got in won.items()},
        "clinch_prices": {
            bidder: [ticks.back(price) for price in got.prices] for bidder, got in won.items()
        },
        "pay": {bidder: ticks.back(got.payment) for bidder, got in won.items()},
        "uniform_highest_losing": ticks.back(uniform.price),
    }


def _book_building(case: Case) -> Result:
    """Rows of price and quantity."""
    given = [(positive(p, "bids"), positive(q, "bids")) for p, q, *_ in rows(case, "bids", least=2)]
    supply, floor = positive(case.given("supply"), "supply"), optional_floor(case, "floor")
    prices = Ticks([floor, *(price for price, _ in given)])
    quantities = Ticks([supply, *(quantity for _, quantity in given)])
    bids = [
        Bid(str(i), prices.of(price), quantities.of(quantity), seq=i)
        for i, (price, quantity) in enumerate(given)
    ]
    cleared = units.book_building(
        Book.of(bids), supply=quantities.of(supply), floor=prices.of(floor)
    )
    return {
        "clearing_price": prices.back(cleared.price),
        "fills": [quantities.back(filled) for filled in cleared.fills.tolist()],
        "covered": cleared.covered,
    }


def _pairs(rule: Callable[..., markets.Traded], case: Case) -> Result:
    sides = [
        all_positive(sequence(case.given(name), name, most=100_000), name)
        for name in ("buyers", "sellers")
    ]
    ticks = Ticks([Fraction(1, 2), *sides[0], *sides[1]])
    buyers, sellers = (
        [Bid(str(i), ticks.of(value), seq=i) for i, value in enumerate(side)] for side in sides
    )
    traded = rule(buyers, sellers)
    prices = {"buyer_price": traded.buyer_price, "seller_price": traded.seller_price}
    shown = {name: None if p is None else ticks.back(p) for name, p in prices.items()}
    return {"trades": traded.trades, **shown}


def _walrasian(case: Case) -> Result:
    """Each trader is a list of [units, value of each of them]."""
    names = ("buyers", "sellers")
    steps = {name: [step for trader in rows(case, name) for step in trader] for name in names}
    bids, offers, prices, quantities = orders(Case(case.kind, input=steps), names=names)
    matches = markets.efficient_matches(bids, offers)
    units_traded = sum(match.units for match in matches)
    return {"units": quantities.back(units_traded), "gain": _gain(matches, prices, quantities)}


def _gain(matches: list[markets.Match], prices: Ticks, quantities: Ticks) -> object:
    gain = sum(match.gain for match in matches)
    return written(Fraction(gain, prices.scale * quantities.scale))


def _welfare(case: Case) -> Result:
    bids, offers, prices, quantities = orders(case)
    return {"welfare": _gain(markets.efficient_matches(bids, offers), prices, quantities)}


def _volume(case: Case) -> Result:
    bids, offers, _, quantities = orders(case)
    return {"volume": quantities.back(sum(m.units for m in markets.most_matches(bids, offers)))}


def _huang(case: Case) -> Result:
    bids, offers, prices, quantities = orders(case)
    reduced = markets.multi_unit_reduction(bids, offers)

    def shown(side: tuple[tuple[Bid, Fraction], ...], price: int | None) -> list[object]:
        return [
            [order.seq, quantities.back(left), prices.back(price or 0)]
            for order, left in sorted(side, key=lambda pair: pair[0].seq)
        ]

    return {
        "buy": shown(reduced.bids, reduced.buyer_price),
        "sell": shown(reduced.offers, reduced.seller_price),
    }


def _budget(case: Case) -> Result:
    bids = [
        units.BudgetBid(str(name), spend, quantity, seq=seq)
        for seq, (name, *figures) in enumerate(rows(case, "bids", least=3))
        for spend, quantity in [all_positive(figures[:2], f"bids.{name}")]
    ]
    funded = units.budget_auction(
        bids,
        supply=positive(case.given("supply"), "supply"),
        reserve_price=positive(case.given("reserve_price"), "reserve_price"),
        least_raised=optional_floor(case, "min_funding"),
    )
    spent = zip(bids, funded.spent, strict=True)
    return {
        "clearing_price": written(funded.price),
        "fills_spend": {bid.bidder: written(paid) for bid, paid in spent},
        "sold": written(funded.sold),
        "partial": funded.partial,
        "cancelled": funded.cancelled,
    }


def _totals(case: Case) -> Result:
    """Sums of a published table of winners, columns apart by `|`."""
    with case.file(case.given("file")).open(newline="") as lines:
        table = list(csv.DictReader(lines, delimiter="|"))
    columns = table[0].keys() if table else ()
    who = next((name for name in ("bidder", "winner", "bid") if name in columns), None)
    if who is None or "total_bid_amount" not in columns:
        refuse("file", case.given("file"), "a table with columns bidder and total_bid_amount")
    amounts = all_positive((row["total_bid_amount"] for row in table), "total_bid_amount")
    winners = {row[who] for row in table}
    return {"rows": len(table), "winners": len(winners), "total": written(sum(amounts, ZERO))}


EVALUATORS: dict[str, Evaluator] = {
    "first_price": partial(_single, single.first_price),
    "second_price": partial(_single, single.second_price),
    "procurement": _procurement,
    "uniform_highest_losing_bid": partial(_uniform, units.UniformPrice.HIGHEST_LOSING),
    "uniform_lowest_winning_bid": partial(_uniform, units.UniformPrice.LOWEST_WINNING),
    "discriminatory": _discriminatory,
    "multiunit_vickrey": _vickrey,
    "ausubel_clinching": _clinching,
    "book_building": _book_building,
    "mcafee": partial(_pairs, partial(markets.mcafee, whole_ticks=False)),
    "trade_reduction": partial(_pairs, markets.trade_reduction),
    "walrasian_multiunit": _walrasian,
    "welfare_lp": _welfare,
    "volume_lp": _volume,
    "huang_trade_reduction": _huang,
    "budget_uniform_price": _budget,
    "reverse_auction_totals": _totals,
    "optimal_single_price": _single_price,
    "deterministic_optimal_price": _dop,
    "rsop_expected_revenue": _rsop_mean,
    "rsop": _rsop,
    "myerson_uniform01": _myerson,
}
