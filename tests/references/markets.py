"""Markets of two sides from their definitions: every price tried, every allocation enumerated."""

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache

from pricing.mechanisms import markets
from pricing.mechanisms.bids import Bid, Book, Rationing
from pricing.mechanisms.markets import PricePolicy, call_market
from tests.references import laws
from tests.references.comparing import Comparison, Draw


@dataclass(frozen=True)
class Orders:
    """Two sides, the policy that chooses inside the interval of prices, and who is rationed how."""

    bids: list[Bid]
    offers: list[Bid]
    policy: PricePolicy = PricePolicy.PRESSURE
    rationing: Rationing = Rationing.TIME


def _side(draw: Draw, first: int, *, units: int = 5, moved: int = 0) -> list[Bid]:
    return [
        Bid(
            f"p{first + i}",
            draw.amount() - moved,
            draw.random.randint(1, units),
            draw.random.randint(0, 2),
            i,
        )
        for i in range(draw.count())
    ]


def _draw(draw: Draw) -> Orders:
    # In one draw of three some prices are zero or negative, as they are in markets of electricity.
    moved = draw.amount() if draw.random.random() < 1 / 3 else 0
    return Orders(
        _side(draw, 0, moved=moved),
        _side(draw, 10, moved=moved),
        draw.random.choice(list(PricePolicy)),
        draw.random.choice(list(Rationing)),
    )


def _call(orders: Orders) -> object:
    called = call_market(
        Book.of(orders.bids),
        Book.of(orders.offers),
        policy=orders.policy,
        rationing=orders.rationing,
        whole_ticks=False,
    )
    found = called.interval
    interval = None if found is None else (found.low, found.high)
    return interval, called.price, called.volume, called.bids.tolist(), called.offers.tolist()


def call_market_twin(orders: Orders) -> object:
    """Try each price at which demand or supply can change.

    Between two neighbouring order prices both are constant, so the prices of all orders and the
    ticks beside them are enough. Most volume, then least imbalance, then the policy.
    """
    bids, offers = orders.bids, orders.offers
    ticks = sorted({order.price + step for order in bids + offers for step in (-1, 0, 1)})
    demand = {p: sum(bid.quantity for bid in bids if bid.price >= p) for p in ticks}
    supply = {p: sum(offer.quantity for offer in offers if offer.price <= p) for p in ticks}
    volume = max((min(demand[p], supply[p]) for p in ticks), default=0)
    if not volume:
        return None, None, 0, [0] * len(bids), [0] * len(offers)
    best = [p for p in ticks if min(demand[p], supply[p]) == volume]
    least = min(abs(demand[p] - supply[p]) for p in best)
    best = [p for p in best if abs(demand[p] - supply[p]) == least]
    low, high = best[0], best[-1]
    bids_left = [p for p in best if demand[p] > supply[p]]
    offers_left = [p for p in best if demand[p] < supply[p]]
    match orders.policy:
        case PricePolicy.LOW:
            price = Fraction(low)
        case PricePolicy.HIGH:
            price = Fraction(high)
        case PricePolicy.PRESSURE if bids_left and offers_left:
            price = Fraction(bids_left[-1] + offers_left[0], 2)
        case PricePolicy.PRESSURE if bids_left or offers_left:
            price = Fraction(high if bids_left else low)
        case _:
            price = Fraction(low + high, 2)
    mirrored = [replace(offer, price=-offer.price) for offer in offers]
    rationing = orders.rationing
    bought, sold = (laws.best_served(each, volume, rationing) for each in (bids, mirrored))
    return (low, high), price, volume, bought, sold


def _one_each(draw: Draw) -> Orders:
    return Orders(_side(draw, 0, units=1), _side(draw, 10, units=1))


def _pairs(orders: Orders) -> tuple[list[Bid], list[Bid], int]:
    bids = sorted(orders.bids, key=lambda bid: (-bid.price, bid.time, bid.seq))
    offers = sorted(orders.offers, key=lambda offer: (offer.price, offer.time, offer.seq))
    pairs = [i for i in range(min(len(bids), len(offers))) if bids[i].price >= offers[i].price]
    return bids, offers, len(pairs)


def _shown(traded: markets.Traded) -> object:
    return traded.buyers, traded.sellers, traded.buyer_price, traded.seller_price


def _trade_reduction_twin(orders: Orders) -> object:
    """The last of the pairs that gain sets the prices and does not trade."""
    bids, offers, pairs = _pairs(orders)
    if pairs < 2:
        return (), (), None, None
    kept = pairs - 1
    return (
        tuple(bid.bidder for bid in bids[:kept]),
        tuple(offer.bidder for offer in offers[:kept]),
        bids[kept].price,
        offers[kept].price,
    )


def _mcafee_twin(orders: Orders) -> object:
    """The middle of the next pair, if the last pair that gains accepts it (McAfee 1992)."""
    bids, offers, pairs = _pairs(orders)
    if pairs and pairs < min(len(bids), len(offers)):
        middle = Fraction(bids[pairs].price + offers[pairs].price, 2)
        if offers[pairs - 1].price <= middle <= bids[pairs - 1].price:
            buyers = tuple(bid.bidder for bid in bids[:pairs])
            sellers = tuple(offer.bidder for offer in offers[:pairs])
            return buyers, sellers, middle, middle
    return _trade_reduction_twin(orders)


def _few_units(draw: Draw) -> Orders:
    return Orders(_side(draw, 0, units=2)[:4], _side(draw, 10, units=2)[:4])


def _most(orders: Orders, *, gain: bool) -> int:
    """Every way to give units of bids to offers that they reach: the largest gain, or volume."""
    wanted = [bid.price for bid in orders.bids for _ in range(bid.quantity)]
    given = [offer.price for offer in orders.offers for _ in range(offer.quantity)]

    @cache
    def best(index: int, taken: frozenset[int]) -> int:
        if index == len(wanted):
            return 0
        found = best(index + 1, taken)
        for offer, price in enumerate(given):
            if offer not in taken and price <= wanted[index]:
                worth = wanted[index] - price if gain else 1
                found = max(found, worth + best(index + 1, taken | {offer}))
        return found

    return best(0, frozenset())


def _gain(orders: Orders) -> object:
    return sum(match.gain for match in markets.efficient_matches(orders.bids, orders.offers))


def _volume(orders: Orders) -> object:
    return sum(match.units for match in markets.most_matches(orders.bids, orders.offers))


def _matches_hold(matches: list[markets.Match]) -> None:
    assert all(match.bid.price >= match.offer.price for match in matches), "a match loses"
    for side in ("bid", "offer"):
        for order in {getattr(match, side) for match in matches}:
            units = sum(match.units for match in matches if getattr(match, side) == order)
            assert 0 < units <= order.quantity, "an order trades more than it has"


def _reduced(orders: Orders) -> object:
    reduced = markets.multi_unit_reduction(orders.bids, orders.offers)
    sides = [{bid.seq: units for bid, units in side} for side in (reduced.bids, reduced.offers)]
    return *sides, reduced.buyer_price, reduced.seller_price


def _reduced_twin(orders: Orders) -> object:
    """Unit by unit: the orders of the last pair that gains drop out and set the prices.

    What one side then has too much is taken off in equal parts; who has less than its part gives
    all, and the others share the rest (Huang, Scheller-Wolf and Sycara 2002).
    """
    bids, offers, _ = _pairs(orders)
    wanted = [bid for bid in bids for _ in range(bid.quantity)]
    given = [offer for offer in offers for _ in range(offer.quantity)]
    gaining = [pair for pair in zip(wanted, given, strict=False) if pair[0].price >= pair[1].price]
    if not gaining:
        return {}, {}, None, None
    last_bid, last_offer = gaining[-1]
    kept = bids[: bids.index(last_bid)], offers[: offers.index(last_offer)]
    volume = min(sum(order.quantity for order in side) for side in kept)
    left = [_level(side, sum(order.quantity for order in side) - volume) for side in kept]
    return *left, last_bid.price, last_offer.price


def _level(side: list[Bid], excess: int) -> dict[int, Fraction]:
    """Quantities less min(quantity, level), at the one level at which the excess is taken."""
    quantities = {order.seq: order.quantity for order in side}
    for poor in range(len(side) + 1):  # how many give all they have
        sums = sorted(quantities.values())
        rich = len(side) - poor
        level = (
            Fraction(excess - sum(sums[:poor]), rich) if rich else Fraction(max(sums, default=0))
        )
        taken = {seq: min(Fraction(quantity), level) for seq, quantity in quantities.items()}
        if level >= 0 and sum(taken.values()) == excess:
            return {seq: quantities[seq] - part for seq, part in taken.items()}
    raise AssertionError("no level takes the excess")


COMPARISONS = (
    Comparison("markets.call_market", _draw, _call, call_market_twin),
    Comparison(
        "markets.mcafee",
        _one_each,
        lambda orders: _shown(markets.mcafee(orders.bids, orders.offers, whole_ticks=False)),
        _mcafee_twin,
        lambda orders, _: laws.truthful_pairs(markets.mcafee, orders.bids, orders.offers),
    ),
    Comparison(
        "markets.trade_reduction",
        _one_each,
        lambda orders: _shown(markets.trade_reduction(orders.bids, orders.offers)),
        _trade_reduction_twin,
        lambda orders, _: laws.truthful_pairs(markets.trade_reduction, orders.bids, orders.offers),
    ),
    Comparison(
        "markets.efficient_matches",
        _few_units,
        _gain,
        lambda orders: _most(orders, gain=True),
        lambda orders, _: _matches_hold(markets.efficient_matches(orders.bids, orders.offers)),
        quick=30,
    ),
    Comparison(
        "markets.most_matches",
        _few_units,
        _volume,
        lambda orders: _most(orders, gain=False),
        lambda orders, _: _matches_hold(markets.most_matches(orders.bids, orders.offers)),
        quick=30,
    ),
    Comparison("markets.multi_unit_reduction", _few_units, _reduced, _reduced_twin),
)
