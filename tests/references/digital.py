"""Goods without scarcity: every price of a bid tried, every split of the bidders enumerated."""

from fractions import Fraction

import numpy as np

from pricing.mechanisms import digital
from pricing.mechanisms.bids import Bid
from tests.references import laws
from tests.references.comparing import Comparison, Draw

Given = tuple[list[Bid], int, int]  # bids, the fewest buyers, reserve
SEED = "00112233445566778899aabbccddeeff"


def _draw(draw: Draw) -> Given:
    bids = [Bid(f"b{i}", draw.amount(), seq=i) for i in range(2 * draw.count())]
    return bids, draw.random.randint(1, 3), draw.random.choice([0, draw.amount()])


def _best(prices: list[int], least: int, reserve: int) -> tuple[int, int]:
    """The price that earns most and its buyers, of equal earnings the lower price; zeros for none."""
    tried = [
        (price * buyers, -price, buyers)
        for price in prices
        if price >= reserve and (buyers := sum(p >= price for p in prices)) >= least
    ]
    _, price, buyers = max(tried, default=(0, 0, 0))
    return -price, buyers


def _optimal(given: Given) -> object:
    bids, least, reserve = given
    found = digital.optimal_price(bids, least=least, reserve=reserve)
    return found.price, found.winners


def _dop_twin(given: Given) -> object:
    """Each is offered the best price of the others, at least the reserve."""
    bids, _, reserve = given
    paid = {}
    for bid in bids:
        others = [other.price for other in bids if other.seq != bid.seq]
        offered = max(_best(others, 1, reserve)[0], reserve)
        if 0 < offered <= bid.price:
            paid[bid.bidder] = offered
    return paid


def _dop(given: Given) -> object:
    return digital.deterministic_optimal_price(given[0], reserve=given[2])


def _dop_laws(given: Given, _answer: object) -> None:
    bids, _, reserve = given
    if not bids:
        return
    value, name = bids[0].price, bids[0].bidder

    def utility(lied: list[Bid]) -> int:
        paid = digital.deterministic_optimal_price(lied, reserve=reserve)
        return value - paid[name] if name in paid else 0

    laws.nobody_gains_by_lying(bids, laws.lies_about(bids), utility)


def _halves(given: Given) -> object:
    sampled = digital.random_sampling(given[0], seed=SEED, reserve=given[2])
    return dict(sampled.paid), sampled.prices


def _halves_twin(given: Given) -> object:
    """By the published coin: each half is offered the best price of the other."""
    bids, _, reserve = given
    first = [bid for bid in bids if digital.in_first_half(SEED, bid.bidder)]
    second = [bid for bid in bids if bid not in first]
    to_second, to_first = (
        max(_best([bid.price for bid in half], 1, reserve)[0], reserve) for half in (first, second)
    )
    offers = {bid.bidder: to_first if bid in first else to_second for bid in bids}
    paid = {bid.bidder: offers[bid.bidder] for bid in bids if 0 < offers[bid.bidder] <= bid.price}
    return paid, (to_first, to_second)


def _mean_twin(given: Given) -> object:
    """Over all splits, each as likely: what both halves pay for the other's best price."""
    prices = [bid.price for bid in given[0][:7]]
    total = 0
    for split in range(2 ** len(prices)):
        halves = [[p for i, p in enumerate(prices) if (split >> i & 1) == side] for side in (0, 1)]
        for here, there in (halves, halves[::-1]):
            offered, _ = _best(there, 1, 0)
            total += offered * sum(price >= offered for price in here) if offered else 0
    return Fraction(total, 2 ** len(prices))


def _column(given: Given) -> object:
    found = digital.best_single_price(
        np.array([bid.price for bid in given[0]], dtype=np.int64), least=given[1], reserve=given[2]
    )
    return found.price, found.winners


def _optimal_twin(given: Given) -> object:
    return _best([bid.price for bid in given[0]], given[1], given[2])


COMPARISONS = (
    Comparison("digital.optimal_price", _draw, _optimal, _optimal_twin),
    Comparison("digital.best_single_price", _draw, _column, _optimal_twin),
    Comparison("digital.deterministic_optimal_price", _draw, _dop, _dop_twin, _dop_laws),
    Comparison("digital.random_sampling", _draw, _halves, _halves_twin),
    Comparison(
        "digital.random_sampling_mean",
        _draw,
        lambda given: digital.random_sampling_mean([bid.price for bid in given[0][:7]]),
        _mean_twin,
        quick=30,
    ),
)
