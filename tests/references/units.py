"""Several equal units from the definitions: unit by unit, price by price, exact fractions."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from pricing.mechanisms import units
from pricing.mechanisms.bids import Bid, Book, Rationing
from pricing.mechanisms.units import BudgetBid, UniformPrice
from tests.references import laws
from tests.references.comparing import Comparison, Draw


@dataclass(frozen=True)
class Sale:
    """Bids, how many units there are, the reserve, and the rules that are chosen."""

    bids: list[Bid]
    supply: int
    reserve: int
    price: UniformPrice
    rationing: Rationing


def _draw(draw: Draw, *, most: int = 6) -> Sale:
    random = draw.random
    names = random.choice([2, 3, 10])
    counts = most if random.random() < 0.8 else 2**30  # counts beyond what floats hold as well
    bids = [
        Bid(
            f"b{i % names}",
            draw.amount(),
            random.randint(1, counts),
            random.randint(0, 2),
            i,
        )
        for i in range(draw.count())
    ]
    supply = random.randint(1, max(2, 2 * sum(bid.quantity for bid in bids)))
    reserve = random.choice([0, draw.amount()])
    chosen = random.choice(list(UniformPrice)), random.choice(list(Rationing))
    return Sale(bids, supply, reserve, *chosen)


def _draw_small(draw: Draw) -> Sale:
    """Few units, as they are counted one by one."""
    sale = _draw(draw, most=3)
    bids = [Bid(b.bidder, b.price, 1 + b.quantity % 3, b.time, b.seq) for b in sale.bids]
    return Sale(bids, 1 + sale.supply % 10, sale.reserve, sale.price, sale.rationing)


def _uniform(sale: Sale) -> object:
    cleared = units.uniform_price(
        Book.of(sale.bids),
        supply=sale.supply,
        reserve=sale.reserve,
        price=sale.price,
        rationing=sale.rationing,
    )
    return cleared.price, cleared.fills.tolist(), cleared.covered


def _uniform_twin(sale: Sale) -> object:
    """The best units win. The price is that of the worst that wins, or of the best that does not.

    The reserve is an offer of the seller for as many units as there are, ranked last.
    """
    kept = [bid if bid.price >= sale.reserve else None for bid in sale.bids]
    bids = [bid for bid in kept if bid is not None]
    served = iter(laws.best_served(bids, sale.supply, sale.rationing))
    fills = [0 if bid is None else next(served) for bid in kept]
    covered = sum(bid.quantity for bid in bids) >= sale.supply
    filled = [(bid, units) for bid, units in zip(sale.bids, fills, strict=True) if bid in bids]
    winning = [bid.price for bid, units in filled if units]
    losing = [bid.price for bid, units in filled if units < bid.quantity]
    if sale.price is UniformPrice.LOWEST_WINNING:
        return min(winning, default=sale.reserve), fills, covered
    return max(losing, default=sale.reserve), fills, covered


def _discriminatory(sale: Sale) -> object:
    return units.discriminatory(
        Book.of(sale.bids), supply=sale.supply, reserve=sale.reserve, rationing=sale.rationing
    ).tolist()


def _discriminatory_twin(sale: Sale) -> object:
    """The best units win, and each pays its own bid."""
    within = [bid for bid in sale.bids if bid.price >= sale.reserve]
    served = dict(
        zip(
            [bid.seq for bid in within],
            laws.best_served(within, sale.supply, sale.rationing),
            strict=True,
        )
    )
    return [served.get(bid.seq, 0) for bid in sale.bids]


def _book_building(sale: Sale) -> object:
    built = units.book_building(Book.of(sale.bids), supply=sale.supply, floor=sale.reserve)
    return built.price, built.fills.tolist(), built.covered


def _book_building_twin(sale: Sale) -> object:
    """Try each price of a bid from the top until demand reaches the supply."""
    for price in sorted({bid.price for bid in sale.bids}, reverse=True):
        asked = sum(bid.quantity for bid in sale.bids if bid.price >= price)
        if price >= sale.reserve and asked >= sale.supply:
            fills = laws.best_served(sale.bids, sale.supply, Rationing.PRO_RATA)
            return price, fills, True
    return sale.reserve, [0] * len(sale.bids), False


def _won(rule: Any, sale: Sale) -> object:
    won = rule(sale.bids, supply=sale.supply, reserve=sale.reserve)
    return {bidder: got.prices for bidder, got in won.items()}


def _units_won(sale: Sale, bids: list[Bid]) -> list[tuple[int, str]]:
    """Price and bidder of each of the best units, best first; the seller's own count last."""
    ranked = sorted(bids, key=lambda bid: (-bid.price, bid.time, bid.seq))
    each = [(bid.price, bid.bidder) for bid in ranked for _ in range(bid.quantity)]
    return [unit for unit in each if unit[0] >= sale.reserve][: sale.supply]


def _vickrey_twin(sale: Sale) -> object:
    """Who wins k units pays, for each, the bid of the others that would have won in its place."""
    won: dict[str, int] = {}
    for _, bidder in _units_won(sale, sale.bids):
        won[bidder] = won.get(bidder, 0) + 1
    payments = {}
    for bidder, count in won.items():
        others = _units_won(sale, [bid for bid in sale.bids if bid.bidder != bidder])
        prices = [price for price, _ in others]
        prices += [sale.reserve] * (sale.supply - len(prices))
        payments[bidder] = tuple(sorted(prices)[:count])
    return payments


def _vickrey_laws(sale: Sale, _answer: object) -> None:
    won = units.multi_unit_vickrey(sale.bids, supply=sale.supply, reserve=sale.reserve)
    awards = {bidder: (got.units, got.payment) for bidder, got in won.items()}
    laws.payments_hold(sale.bids, awards, supply=sale.supply, reserve=sale.reserve)
    laws.order_is_nothing(
        lambda turned: _won(units.multi_unit_vickrey, _with(sale, turned)), sale.bids
    )
    if not sale.bids:
        return
    name = sale.bids[0].bidder
    values = sorted(
        (bid.price for bid in sale.bids if bid.bidder == name for _ in range(bid.quantity)),
        reverse=True,
    )

    def utility(lied: list[Bid]) -> int:
        got = units.multi_unit_vickrey(lied, supply=sale.supply, reserve=sale.reserve)
        mine = got.get(name, units.Won())
        return sum(values[: mine.units]) - mine.payment

    laws.nobody_gains_by_lying(sale.bids, laws.lies_about(sale.bids), utility)


def _with(sale: Sale, bids: list[Bid]) -> Sale:
    return Sale(bids, sale.supply, sale.reserve, sale.price, sale.rationing)


@dataclass(frozen=True)
class Budgets:
    """Budgets with limits, the supply and the seller's bounds."""

    bids: list[BudgetBid]
    supply: Fraction
    reserve_price: Fraction
    least_raised: Fraction


def _draw_budgets(draw: Draw) -> Budgets:
    random = draw.random
    bids = [
        BudgetBid(
            f"b{i}",
            Fraction(draw.amount(), random.choice([1, 2, 3])),
            Fraction(random.randint(1, 9), random.choice([1, 2, 7])),
            random.randint(0, 2),
            i,
        )
        for i in range(draw.count())
    ]
    return Budgets(
        bids,
        Fraction(random.randint(1, 12), random.choice([1, 2, 5])),
        Fraction(draw.amount(), random.choice([1, 3, 8])),
        random.choice([Fraction(0), Fraction(draw.amount())]),
    )


def _budget(given: Budgets) -> object:
    funded = units.budget_auction(
        given.bids,
        supply=given.supply,
        reserve_price=given.reserve_price,
        least_raised=given.least_raised,
    )
    return funded.price, funded.spent, funded.units, funded.cancelled


def _budget_twin(given: Budgets) -> object:
    """The highest price at which all who accept it would spend what the supply costs, or more.

    Budgets that accept a price p are those of limits from p up. Between two limits they are the same
    and the supply costs the more the higher p is, so that the highest price is the limit itself or
    the budgets above it ÷ the supply. At a limit the marginal budgets, by time, fill what is left.
    """
    bids = [bid for bid in given.bids if bid.limit >= given.reserve_price]
    limits = {bid.limit for bid in bids}
    tried = limits | {
        sum((bid.spend for bid in bids if bid.limit >= limit), Fraction(0)) / given.supply
        for limit in limits
    }
    prices = [
        price
        for price in tried
        if price >= given.reserve_price
        and sum(bid.spend for bid in bids if bid.limit >= price) >= price * given.supply
    ]
    price = max(prices, default=given.reserve_price)
    left = price * given.supply
    spent = dict.fromkeys((bid.seq for bid in given.bids), Fraction(0))
    for bid in sorted(bids, key=lambda bid: (-bid.limit, bid.time, bid.seq)):
        if bid.limit >= price:
            spent[bid.seq] = min(left, bid.spend)
            left -= spent[bid.seq]
    if sum(spent.values()) < given.least_raised:
        nothing = (Fraction(0),) * len(given.bids)
        return price, nothing, nothing, True
    paid = tuple(spent.values())
    return price, paid, tuple(each / price for each in paid), False


COMPARISONS = (
    Comparison("units.uniform_price", _draw, _uniform, _uniform_twin),
    Comparison("units.discriminatory", _draw, _discriminatory, _discriminatory_twin),
    Comparison("units.book_building", _draw, _book_building, _book_building_twin),
    Comparison(
        "units.multi_unit_vickrey",
        _draw_small,
        lambda sale: _won(units.multi_unit_vickrey, sale),
        _vickrey_twin,
        _vickrey_laws,
    ),
    Comparison(
        "units.clinching", _draw_small, lambda sale: _won(units.clinching, sale), _vickrey_twin
    ),
    Comparison("units.budget_auction", _draw_budgets, _budget, _budget_twin),
)
