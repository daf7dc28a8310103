"""Laws of auctions and markets, on random instances."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.mechanisms import markets, single, units
from pricing.mechanisms.bids import Bid, Book, Rationing
from pricing.mechanisms.digital import (
    best_single_price,
    deterministic_optimal_price,
    in_first_half,
    optimal_price,
    random_sampling,
    random_sampling_mean,
)
from pricing.mechanisms.english import EnglishTerms, least_bid, opened, place
from pricing.mechanisms.markets import PricePolicy, call_market
from pricing.mechanisms.units import BudgetBid, budget_auction

pytestmark = pytest.mark.deep

SEED = "00112233445566778899aabbccddeeff"
ticks = st.integers(1, 12)
policies = st.sampled_from(list(PricePolicy))
rationings = st.sampled_from(list(Rationing))


def orders(*, most: int = 8, units: int = 5) -> st.SearchStrategy[list[Bid]]:
    rows = st.lists(st.tuples(ticks, st.integers(1, units), st.integers(0, 3)), max_size=most)
    return rows.map(lambda rows: [Bid(f"b{i % 5}", p, q, t, i) for i, (p, q, t) in enumerate(rows)])


singles = st.lists(ticks, max_size=8).map(
    lambda prices: [Bid(f"b{i}", price, seq=i) for i, price in enumerate(prices)]
)
Gain = Callable[[Sequence[Bid], str, int], Fraction | int]


def _second(bids: Sequence[Bid], who: str, value: int) -> int:
    sale = single.second_price(bids, reserve=3)
    return value - sale.price if sale.winner == who else 0


def _mcafee(bids: Sequence[Bid], who: str, value: int) -> Fraction | int:
    sellers = [Bid(f"s{p}", p, seq=p) for p in (2, 4, 5, 7, 9)]
    traded = markets.mcafee(bids, sellers)
    return value - (traded.buyer_price or 0) if who in traded.buyers else 0


def _mcafee_seller(bids: Sequence[Bid], who: str, value: int) -> Fraction | int:
    buyers = [Bid(f"s{p}", p, seq=p) for p in (2, 4, 5, 7, 9)]
    traded = markets.mcafee(buyers, bids)
    return (traded.seller_price or 0) - value if who in traded.sellers else 0


def _sampled(bids: Sequence[Bid], who: str, value: int) -> int:
    paid = random_sampling(bids, seed=SEED).paid
    return value - paid[who] if who in paid else 0


def _dop(bids: Sequence[Bid], who: str, value: int) -> int:
    paid = deterministic_optimal_price(bids)
    return value - paid[who] if who in paid else 0


@pytest.mark.parametrize("gain", [_second, _mcafee, _mcafee_seller, _sampled, _dop])
@given(bids=singles.filter(bool), lie=ticks)
def test_no_lie_gains_in_a_truthful_mechanism(gain: Gain, bids: list[Bid], lie: int) -> None:
    honest = bids[0]
    lying = [replace(honest, price=lie), *bids[1:]]
    told = gain(bids, honest.bidder, honest.price)
    assert told >= 0
    assert gain(lying, honest.bidder, honest.price) <= told


@given(
    st.lists(st.lists(ticks, min_size=1, max_size=4), min_size=1, max_size=4),
    st.lists(ticks, min_size=1, max_size=4),
    st.integers(1, 6),
    st.integers(0, 5),
)
def test_no_lie_gains_in_multi_unit_vickrey(
    values: list[list[int]], lie: list[int], supply: int, reserve: int
) -> None:
    falling = [sorted(vector, reverse=True) for vector in values]

    def gain(said: list[list[int]]) -> int:
        won = units.multi_unit_vickrey(unit_bids(said), supply=supply, reserve=reserve)
        mine = won.get("b0", units.Won())
        worth = sum((falling[0] + [0] * 4)[: mine.units])
        return worth - mine.payment

    assert gain(falling) >= 0
    assert gain([sorted(lie, reverse=True), *falling[1:]]) <= gain(falling)


def unit_bids(values: list[list[int]]) -> list[Bid]:
    rows = [(f"b{i}", value) for i, vector in enumerate(values) for value in vector]
    return [Bid(bidder, value, seq=seq) for seq, (bidder, value) in enumerate(rows)]


@given(
    st.lists(st.lists(ticks, min_size=1, max_size=4), min_size=1, max_size=4),
    st.integers(1, 8),
    st.integers(0, 5),
)
def test_clinching_ends_in_the_vickrey_outcome(
    values: list[list[int]], supply: int, reserve: int
) -> None:
    bids = unit_bids(values)
    vickrey = units.multi_unit_vickrey(bids, supply=supply, reserve=reserve)
    assert units.clinching(bids, supply=supply, reserve=reserve) == vickrey


@given(orders(), st.integers(1, 20), st.integers(0, 8), rationings)
def test_one_price_serves_the_best_bids_and_no_more_than_there_is(
    bids: list[Bid], supply: int, reserve: int, rationing: Rationing
) -> None:
    book = Book.of(bids)
    lowest = units.UniformPrice.LOWEST_WINNING
    losing = units.uniform_price(book, supply=supply, reserve=reserve, rationing=rationing)
    winning = units.uniform_price(
        book, supply=supply, reserve=reserve, price=lowest, rationing=rationing
    )
    fills = losing.fills.tolist()
    eligible = sum(bid.quantity for bid in bids if bid.price >= reserve)
    assert sum(fills) == min(supply, eligible)
    assert fills == winning.fills.tolist()
    for bid, filled in zip(bids, fills, strict=True):
        assert 0 <= filled <= bid.quantity
        assert not filled or bid.price >= winning.price >= losing.price >= reserve
        assert filled == bid.quantity or bid.price <= winning.price or bid.price < reserve


@given(orders(), st.integers(1, 20))
def test_the_order_of_arrival_in_the_list_changes_nothing(bids: list[Bid], supply: int) -> None:
    turned = list(reversed(bids))
    first = units.uniform_price(Book.of(bids), supply=supply)
    second = units.uniform_price(Book.of(turned), supply=supply)
    assert first.price == second.price
    assert first.fills.tolist() == list(reversed(second.fills.tolist()))


@given(orders(units=1), st.integers(1, 8))
def test_paying_the_own_bid_earns_no_less_than_one_price_on_equal_bids(
    bids: list[Bid], supply: int
) -> None:
    book = Book.of(bids)
    own = int((units.discriminatory(book, supply=supply) * book.prices).sum())
    uniform = units.uniform_price(book, supply=supply)
    assert own >= uniform.price * uniform.sold


@given(orders(), orders(), policies, rationings)
def test_a_call_trades_the_most_at_a_price_of_the_interval(
    bids: list[Bid], offers: list[Bid], policy: PricePolicy, rationing: Rationing
) -> None:
    called = call_market(Book.of(bids), Book.of(offers), policy=policy, rationing=rationing)

    def volume(price: Fraction | int) -> int:
        demand = sum(bid.quantity for bid in bids if bid.price >= price)
        return min(demand, sum(offer.quantity for offer in offers if offer.price <= price))

    assert called.volume == max(volume(price) for price in range(1, 13))
    assert int(called.bids.sum()) == int(called.offers.sum()) == called.volume
    if called.price is not None:
        assert volume(called.price) == called.volume
        sides = ((bids, called.bids, 1), (offers, called.offers, -1))
        for side, fills, sign in sides:
            for order, filled in zip(side, fills.tolist(), strict=True):
                assert not filled or sign * (order.price - called.price) >= 0


@given(orders(), orders(), st.integers(40_000, 10**12))
def test_a_wide_market_clears_as_a_narrow_one(
    bids: list[Bid], offers: list[Bid], factor: int
) -> None:
    """Prices far apart are found by histograms that get finer; the outcome is only scaled."""
    low, high = PricePolicy.LOW, PricePolicy.HIGH
    wide = [[replace(b, price=b.price * factor) for b in side] for side in (bids, offers)]
    for policy in (low, high):
        narrow = call_market(Book.of(bids), Book.of(offers), policy=policy)
        scaled = call_market(Book.of(wide[0]), Book.of(wide[1]), policy=policy)
        assert (scaled.volume, scaled.bids.tolist()) == (narrow.volume, narrow.bids.tolist())
        assert scaled.offers.tolist() == narrow.offers.tolist()


@given(singles, singles)
def test_mcafee_loses_at_most_one_trade_and_never_money(
    buyers: list[Bid], sellers: list[Bid]
) -> None:
    pairs = len(markets.efficient_matches(buyers, sellers))
    traded = markets.mcafee(buyers, sellers)
    assert traded.trades in {pairs, max(0, pairs - 1)}
    assert traded.surplus >= 0
    assert markets.trade_reduction(buyers, sellers).trades == max(0, pairs - 1)


@given(orders(), orders())
def test_the_largest_volume_needs_no_search(bids: list[Bid], offers: list[Bid]) -> None:
    greedy = sum(match.units for match in markets.most_matches(bids, offers))
    # Hall: what bids under a price cannot take lies with the offers from that price on.
    bound = min(
        sum(bid.quantity for bid in bids if bid.price >= price)
        + sum(offer.quantity for offer in offers if offer.price < price)
        for price in range(14)
    )
    assert greedy == bound


@given(st.lists(st.integers(1, 10**6), max_size=30), st.integers(0, 10**6), st.integers(1, 3))
def test_the_best_single_price_is_the_best_of_all_bids(
    prices: list[int], reserve: int, least: int
) -> None:
    found = best_single_price(np.array(prices, dtype=np.int64), least=least, reserve=reserve)
    served = {p: sum(1 for other in prices if other >= p) for p in prices if p >= reserve}
    revenues = [(p * count, -p) for p, count in served.items() if count >= least]
    best = max(revenues, default=(0, 0))
    assert (found.revenue, -found.price) == best


@given(singles)
def test_digital_goods_earn_at_most_their_yardsticks(bids: list[Bid]) -> None:
    best, two = optimal_price(bids).revenue, optimal_price(bids, least=2).revenue
    assert two <= best <= sum(bid.price for bid in bids)
    halves = [[b for b in bids if in_first_half(SEED, b.bidder) is side] for side in (True, False)]
    earned = random_sampling(bids, seed=SEED).revenue
    assert earned <= sum(optimal_price(half).revenue for half in halves)
    assert random_sampling_mean([bid.price for bid in bids]) <= best


@given(st.lists(st.tuples(ticks, ticks), max_size=6), ticks)
def test_budgets_buy_at_one_price_at_most_the_supply(
    rows: list[tuple[int, int]], supply: int
) -> None:
    bids = [BudgetBid(str(i), Fraction(s), Fraction(q), seq=i) for i, (s, q) in enumerate(rows)]
    funded = budget_auction(bids, supply=Fraction(supply), reserve_price=Fraction(1, 3))
    assert funded.sold <= supply
    for bid, spent, got in zip(bids, funded.spent, funded.units, strict=True):
        assert 0 <= spent <= bid.spend
        assert got * funded.price == spent
        assert not spent or bid.limit >= funded.price
        assert spent == bid.spend or bid.limit <= funded.price


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), max_size=12))
def test_the_standing_price_never_falls_and_lies_between_the_two_best(
    rows: list[tuple[int, int]],
) -> None:
    terms = EnglishTerms(opening=2, closes_at=100, increments=((0, 1), (10, 3)))
    standing = opened(terms)
    for time, (bidder, extra) in enumerate(rows):
        least = least_bid(terms, standing, str(bidder))
        after = place(terms, standing, Bid(str(bidder), least + extra, time=time, seq=time))
        assert after.price >= standing.price
        assert after.second <= after.price <= after.top
        standing = after
