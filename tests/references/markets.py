"""The call market from its definition: the price at which most units change hands."""

from dataclasses import dataclass
from fractions import Fraction

from pricing.mechanisms.bids import Bid, Book
from pricing.mechanisms.markets import PricePolicy, call_market
from tests.references.comparing import Comparison, Draw


@dataclass(frozen=True)
class Orders:
    """Two sides and the policy that chooses inside the interval of prices."""

    bids: list[Bid]
    offers: list[Bid]
    policy: PricePolicy


def _side(draw: Draw, first: int) -> list[Bid]:
    return [
        Bid(f"p{first + i}", draw.amount(), draw.random.randint(1, 5), draw.random.randint(0, 2), i)
        for i in range(draw.count())
    ]


def _draw(draw: Draw) -> Orders:
    return Orders(_side(draw, 0), _side(draw, 10), draw.random.choice(list(PricePolicy)))


def _ours(orders: Orders) -> object:
    called = call_market(
        Book.of(orders.bids), Book.of(orders.offers), policy=orders.policy, whole_ticks=False
    )
    return called.price, called.volume


def _twin(orders: Orders) -> object:
    """Try each price at which demand or supply can change.

    Between two neighbouring order prices both are constant, so the prices of all orders and the
    ticks beside them are enough. Most volume, then least imbalance, then the policy.
    """
    ticks = {order.price + step for order in orders.bids + orders.offers for step in (-1, 0, 1)}
    at = {
        price: (
            sum(bid.quantity for bid in orders.bids if bid.price >= price),
            sum(offer.quantity for offer in orders.offers if offer.price <= price),
        )
        for price in sorted(ticks)
        if price > 0
    }
    most = max((min(pair) for pair in at.values()), default=0)
    if not most:
        return None, 0
    best = {price: pair for price, pair in at.items() if min(pair) == most}
    least = min(abs(demand - supply) for demand, supply in best.values())
    prices = [price for price, pair in best.items() if abs(pair[0] - pair[1]) == least]
    demand, supply = best[prices[0]]
    policy = orders.policy
    if policy is PricePolicy.PRESSURE and demand != supply:
        policy = PricePolicy.LOW if supply > demand else PricePolicy.HIGH
    if policy is PricePolicy.LOW:
        return Fraction(prices[0]), most
    if policy is PricePolicy.HIGH:
        return Fraction(prices[-1]), most
    return Fraction(prices[0] + prices[-1], 2), most


COMPARISONS = (Comparison("markets.call_market", _draw, _ours, _twin),)
