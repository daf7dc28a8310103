"""Equal units, two-sided markets, budgets and goods without scarcity: worked figures."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from pricing.documents import Case
from pricing.exact import BadValue
from pricing.laws import BrokenLawError
from pricing.mechanisms import markets, units
from pricing.mechanisms.bids import Bid, Book, Rationing
from pricing.mechanisms.cases import EVALUATORS
from pricing.mechanisms.digital import (
    SinglePrice,
    best_single_price,
    commitment,
    deterministic_optimal_price,
    optimal_price,
    random_sampling,
)
from pricing.mechanisms.markets import PricePolicy, call_market
from pricing.mechanisms.single import uniform_reserve, uniform_revenue
from pricing.mechanisms.units import BudgetBid, budget_auction
from tests.pricing.mechanisms.figures import figures

SEED = "00112233445566778899aabbccddeeff"


def bids(*rows: tuple[int, int]) -> list[Bid]:
    """Bids of (quantity, price)."""
    return [Bid(f"b{i}", price, quantity, seq=i) for i, (quantity, price) in enumerate(rows)]


def book(*rows: tuple[int, int]) -> Book:
    return Book.of(bids(*rows))


def test_the_choice_of_the_uniform_price_is_stated() -> None:
    rows = book((2, 50), (2, 40), (2, 30))
    losing = units.uniform_price(rows, supply=4)
    winning = units.uniform_price(rows, supply=4, price=units.UniformPrice.LOWEST_WINNING)
    assert (losing.price, losing.fills.tolist()) == (30, [2, 2, 0])
    assert (winning.price, winning.fills.tolist()) == (40, [2, 2, 0])
    assert units.uniform_price(rows, supply=3).price == 40
    assert units.uniform_price(rows, supply=9, reserve=35).price == 35


def test_a_million_bids_at_one_price_are_served_by_time() -> None:
    count = 1_000_000
    times = np.arange(count, dtype=np.int64)[::-1].copy()
    ones = np.ones(count, dtype=np.int64)
    cleared = units.uniform_price(Book(ones * 7, ones, times, times), supply=10)
    assert cleared.price == 7
    assert np.flatnonzero(cleared.fills).tolist() == list(range(count - 10, count))


def test_a_book_is_built_at_the_highest_price_that_places_everything() -> None:
    rows = book((40, 120), (35, 110), (50, 100), (60, 90))
    built = units.book_building(rows, supply=100)
    assert (built.price, built.fills.tolist()) == (100, [40, 35, 25, 0])
    tied = units.book_building(book((40, 120), (50, 100), (30, 100)), supply=101)
    assert tied.fills.tolist() == [40, 38, 23]
    short = units.book_building(rows, supply=200, floor=80)
    assert (short.covered, short.price, short.sold) == (False, 80, 0)


def test_the_price_may_lie_between_ticks_far_apart() -> None:
    rows = book((5, 10), (4, 2**50), (9, 3))
    assert units.uniform_price(rows, supply=7).price == 10
    assert units.uniform_price(rows, supply=9).price == 3


def test_clinching_leaves_tied_units_to_the_earliest() -> None:
    tied = [Bid("a", 5, seq=1), Bid("b", 5, seq=0), Bid("c", 5, seq=2)]
    assert units.clinching(tied, supply=2) == {
        "a": units.Won(1, (5,)),
        "b": units.Won(1, (5,)),
    }


@pytest.mark.parametrize(
    ("policy", "price"),
    [(PricePolicy.LOW, 4), (PricePolicy.MID, 5), (PricePolicy.HIGH, 6), (PricePolicy.PRESSURE, 5)],
)
def test_the_price_inside_the_interval_is_a_policy(policy: PricePolicy, price: int) -> None:
    called = call_market(book((6, 6)), book((1, 1), (2, 2), (3, 4), (9, 7)), policy=policy)
    assert figures(called.price, called.volume) == (price, 6)
    assert called.offers.tolist() == [1, 2, 3, 0]


def test_surplus_offers_press_the_price_down_and_surplus_bids_up() -> None:
    down = call_market(book((1, 3), (2, 4), (5, 1)), book((4, 2), (1, 1), (5, 6)))
    assert figures(down.price, down.volume) == (2, 3)
    assert (down.bids.tolist(), down.offers.tolist()) == ([1, 2, 0], [2, 1, 0])
    up = call_market(book((5, 9), (1, 7)), book((2, 3)))
    assert figures(up.price, up.bids.tolist()) == (9, [2, 0])


def test_a_market_is_rationed_pro_rata_on_request() -> None:
    called = call_market(book((3, 9)), book((4, 5), (2, 5)), rationing=Rationing.PRO_RATA)
    assert called.offers.tolist() == [2, 1]


def test_no_price_without_a_bid_that_reaches_an_offer() -> None:
    called = call_market(book((1, 3)), book((1, 4)))
    assert (called.price, called.volume, called.bids.tolist()) == (None, 0, [0])


def test_mcafee_trades_all_pairs_or_all_but_one() -> None:
    buyers = [Bid(f"b{p}", p, seq=i) for i, p in enumerate((17, 14, 13, 9, 6))]
    sellers = [Bid(f"s{p}", p, seq=i) for i, p in enumerate((1, 4, 5, 8, 11))]
    all_pairs = markets.mcafee(buyers, sellers, whole_ticks=False)
    assert (all_pairs.trades, all_pairs.buyer_price) == (4, Fraction(17, 2))
    assert markets.mcafee(buyers, sellers).buyer_price == 8
    sellers[4] = Bid("s13", 13, seq=4)
    fewer = markets.mcafee(buyers, sellers)
    assert figures(fewer.trades, fewer.buyer_price, fewer.seller_price) == (3, 9, 8)
    assert fewer.surplus == 3


def test_the_marginal_budget_is_filled_in_part() -> None:
    one = Fraction(1)
    funded = budget_auction([BudgetBid("a", 20 * one, 10 * one)], supply=one, reserve_price=one)
    assert figures(funded.price, funded.spent, funded.partial) == (2, (2,), True)
    tied = [BudgetBid(name, one, one, seq=i) for i, name in enumerate("ab")]
    assert figures(*budget_auction(tied, supply=one, reserve_price=one).spent) == (1, 0)
    failed = budget_auction(tied, supply=one, reserve_price=one, least_raised=5 * one)
    assert figures(failed.cancelled, failed.raised) == (True, 0)


LARGE = bids((6_572_999, 65), (4_849_413, 48), (1_696_865, 16), (5_380_095, 53))


@pytest.mark.parametrize("times", [1, 1_000, 300_000_000])
@pytest.mark.parametrize("rationing", list(Rationing))
def test_no_more_is_sold_than_there_is_at_any_count(times: int, rationing: Rationing) -> None:
    rows = Book.of([replace(bid, quantity=bid.quantity * times) for bid in LARGE])
    supply = 8_269_863 * times
    cleared = units.uniform_price(rows, supply=supply, rationing=rationing)
    left = supply - 6_572_999 * times
    assert (cleared.fills.tolist(), cleared.sold) == ([6_572_999 * times, 0, 0, left], supply)


def test_counts_beyond_what_a_sum_may_be_are_refused() -> None:
    with pytest.raises(BadValue, match="quantities that sum to at most 9007199254740992"):
        book((2**53, 1), (1, 1))
    columns = np.array([2, 1]), np.array([2**62, 2**62]), np.zeros(2, int), np.arange(2)
    with pytest.raises(BadValue, match="quantities that sum to at most 9007199254740992"):
        units.uniform_price(Book(*columns), supply=1)


def test_a_crowd_is_served_in_a_sort() -> None:
    crowd = [Bid(f"b{i}", 1 + i * 7919 % 100_003, 1 + i % 3, seq=i) for i in range(20_000)]
    won = units.multi_unit_vickrey(crowd, supply=15_000)
    assert won == units.clinching(crowd, supply=15_000)
    assert sum(got.units for got in won.values()) == 15_000


def test_an_outcome_that_breaks_a_law_cannot_be_made() -> None:
    rows = book((2, 50), (1, 40))
    for fills in ([3, 0], [2, -1], [2, 1], [0, 1]):
        with pytest.raises(BrokenLawError):
            units.Cleared(45, np.array(fills), covered=False, given=(rows, 2, 0))
    for price, seller in ((5, 6), (8, 3), (5, 2)):
        with pytest.raises(BrokenLawError):
            markets.Traded(("a",), ("x",), Fraction(price), Fraction(seller), (7, 3))
    with pytest.raises(BrokenLawError, match="each unit has a price"):
        units.Won(2, (1,))
    with pytest.raises(BrokenLawError, match="no match loses"):
        markets.Match(Bid("a", 1), Bid("b", 2), 1)


def test_more_bids_than_are_cleared_in_seconds_are_refused() -> None:
    many = [Bid("a", 1)] * 200_001
    with pytest.raises(BadValue, match="bids is '200001 entries'; accepted is at most 200000"):
        units.clinching(many, supply=1)
    with pytest.raises(BadValue, match="at most 200000 entries"):
        markets.most_matches(many, many)


def prices(*values: int) -> list[Bid]:
    return [Bid(f"b{i}", value, seq=i) for i, value in enumerate(values)]


def test_of_equal_revenues_the_lower_price_serves_more() -> None:
    assert optimal_price(prices(8, 4, 1, 1)) == SinglePrice(4, 2)
    assert optimal_price(prices(6, 3, 2)) == SinglePrice(2, 3)
    assert optimal_price(prices(100, 1, 1), least=2) == SinglePrice(1, 3)
    assert optimal_price(prices(100, 30, 30), reserve=40) == SinglePrice(100, 1)


def test_revenues_beyond_64_bits_are_exact() -> None:
    top = np.full(5000, 2**53, dtype=np.int64)
    assert best_single_price(top).revenue == 5000 * 2**53


def test_each_is_offered_the_best_price_of_the_others() -> None:
    paid = deterministic_optimal_price(prices(*[10] * 10, *[1] * 90))
    assert paid == {f"b{i}": 1 for i in range(10)}


def test_the_seed_of_the_halves_is_committed_before() -> None:
    sold = random_sampling(prices(9, 8, 7, 6), seed=SEED, committed=commitment(SEED))
    again = random_sampling(list(reversed(prices(9, 8, 7, 6))), seed=SEED)
    assert sold.paid == again.paid
    with pytest.raises(BadValue, match="commitment"):
        random_sampling(prices(9, 8), seed="ff" * 16, committed=commitment(SEED))
    with pytest.raises(BadValue, match="32 or more hexadecimal"):
        random_sampling(prices(9, 8), seed="guess")


def test_reserves_of_known_distributions() -> None:
    half = Fraction(1, 2)
    assert uniform_reserve(Fraction(0), Fraction(1)) == half
    assert uniform_reserve(Fraction(8), Fraction(10)) == 8
    assert [uniform_revenue(n, half) for n in (1, 2, 3, 5)] == [
        Fraction(1, 4), Fraction(5, 12), Fraction(17, 32), Fraction(43, 64),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("book_building", {"bids": [[3]], "supply": 3}),
        ("budget_uniform_price", {"bids": [["a", 1]], "supply": 1, "reserve_price": 1}),
        ("welfare_lp", {"buy": [[]], "sell": [[1, 2]]}),
        ("volume_lp", {"buy": [[1, 2]], "sell": [[1]]}),
        ("uniform_highest_losing_bid", {"bids": {"a": [5, "1+1e-18"]}, "units": 1}),
    ],
)
def test_a_malformed_case_is_refused(kind: str, given: dict[str, object]) -> None:
    with pytest.raises(BadValue, match="accepted is"):
        EVALUATORS[kind](Case(kind, {}, given))


def test_cases_of_a_market_may_have_prices_of_zero_and_below() -> None:
    given = {"buy": [[2, 0], [1, "-3.5"]], "sell": [[2, -5], [1, -4]]}
    assert EVALUATORS["welfare_lp"](Case("welfare_lp", {}, given)) == {"welfare": Decimal("10.5")}
