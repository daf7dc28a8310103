"""Clearing a million bids beside sorting them, and winner determination beside the bare solver."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from bench.measure import Measurement, in_turns
from pricing.mechanisms.bids import Book
from pricing.mechanisms.case_packages import read_cats
from pricing.mechanisms.digital import best_single_price
from pricing.mechanisms.markets import call_market
from pricing.mechanisms.packages import PackageBid, Packages
from pricing.mechanisms.units import uniform_price

SEED = 20260131
MILLION = 1_000_000
TICKS = 10_000  # 1.00 to 100.00 in steps of a cent
WIDE = 10_000_000  # 0.01 to 100,000.00: more ticks than any histogram has buckets
TURNS = 15
LAWFUL = 0.7  # half a sort, and the laws of a million fills
CATS = Path(__file__).parents[2] / "shared" / "data" / "auction_cats" / "hard0000.txt"


def _prices(count: int, ticks: int = TICKS) -> NDArray[np.int64]:
    return np.random.default_rng(SEED).integers(1, ticks, count)


def _book(prices: NDArray[np.int64]) -> Book:
    zeros = np.zeros_like(prices)
    return Book(prices, np.ones_like(prices), zeros, np.arange(prices.size))


def _timed(work: Callable[[], object]) -> Callable[[], float]:
    def once() -> float:
        started = time.perf_counter()
        work()
        return time.perf_counter() - started

    return once


def _uniform(count: int, ticks: int = TICKS) -> Callable[[], object]:
    book = _book(_prices(count, ticks))
    return lambda: uniform_price(_fresh(book), supply=count // 2)


def _fresh(book: Book) -> Book:
    """The same columns without what an earlier turn learnt about them."""
    return Book(book.prices, book.quantities, book.times, book.seqs)


def _call(ticks: int) -> Callable[[], object]:
    prices = _prices(MILLION, ticks)
    bids, offers = _book(prices[: MILLION // 2]), _book(prices[MILLION // 2 :])
    return lambda: call_market(_fresh(bids), _fresh(offers))


def _beside_sort(
    name: str, work: Callable[[], object], goal: float, ticks: int = TICKS
) -> Measurement:
    prices = _prices(MILLION, ticks)
    ours, sort = in_turns(_timed(work), _timed(lambda: np.sort(prices)), turns=TURNS)
    return Measurement(
        name, ours * 1e3, "ms", "np.sort, ms", sort * 1e3, goal, lower_is_better=True
    )


def uniform() -> Measurement:
    """Price and fills of a million unit bids for half a million units."""
    return _beside_sort("clear.uniform_1e6", _uniform(MILLION), LAWFUL)


def call() -> Measurement:
    """Price, volume and fills of a million orders, half of them offers."""
    return _beside_sort("clear.call_1e6", _call(TICKS), LAWFUL)


def uniform_wide() -> Measurement:
    """As `clear.uniform_1e6`, over ten million ticks."""
    return _beside_sort("clear.uniform_wide", _uniform(MILLION, WIDE), 1.0, WIDE)


def call_wide() -> Measurement:
    """As `clear.call_1e6`, over ten million ticks."""
    return _beside_sort("clear.call_wide", _call(WIDE), 1.0, WIDE)


def optimal_price() -> Measurement:
    """The best single price for a million values within a histogram's reach."""
    prices = _prices(MILLION)
    return _beside_sort("optimal_price_1e6", lambda: best_single_price(prices), 1.2)


def optimal_price_wide() -> Measurement:
    """The same for values so far apart that they must be sorted."""
    prices = np.random.default_rng(SEED).integers(1, 2**40, MILLION)
    ours, sort = in_turns(
        _timed(lambda: best_single_price(prices)), _timed(lambda: np.sort(prices)), turns=TURNS
    )
    name, peer = "optimal_price_wide", "np.sort, ms"
    return Measurement(name, ours * 1e3, "ms", peer, sort * 1e3, 1.2, lower_is_better=True)


def _package_auction() -> Packages:
    """A hard instance of the Combinatorial Auction Test Suite, or a random one where it is absent."""
    bids = []
    if CATS.is_file():
        for number, price, goods in read_cats(CATS)[1]:
            items = tuple(sorted((str(good), 1) for good in goods))
            bids.append(PackageBid(str(number), items, int(price * 10_000), seq=number))
    else:
        random = np.random.default_rng(SEED)
        for seq in range(300):
            goods = tuple(int(good) for good in random.choice(80, 3, replace=False))
            items = tuple(sorted((str(good), 1) for good in goods))
            bids.append(PackageBid(str(seq), items, int(random.integers(1, 10**7)), seq=seq))
    return Packages.of(bids, {item: 1 for bid in bids for item, _ in bid.items})


def winners() -> Measurement:
    """Winner determination from bids to the exact allocation, beside HiGHS on the finished matrix,
    whose answer is within its tolerance."""
    auction = _package_auction()
    uses, limits = auction.rows
    cells = [(row, bid, units) for bid, used in enumerate(uses) for row, units in used]
    rows, columns, units = zip(*cells, strict=True)
    matrix = csr_array((units, (rows, columns)), shape=(len(limits), len(uses)), dtype=float)
    prices = np.array([bid.price / 10_000 for bid in auction.bids])

    def bare() -> object:
        return milp(
            -prices,
            constraints=LinearConstraint(matrix, ub=limits),
            bounds=Bounds(0, 1),
            integrality=np.ones(prices.size),
            options={"mip_rel_gap": 0.0},
        )

    ours, peer = in_turns(
        _timed(lambda: Packages.of(auction.bids, auction.supply).best()), _timed(bare), turns=3
    )
    return Measurement(
        "wdp.cats", ours * 1e3, "ms", "HiGHS bare, ms", peer * 1e3, 1.1, lower_is_better=True
    )


def growth(power: int) -> Callable[[], Measurement]:
    """What a bid costs among 10^power, beside what it costs among a hundred thousand."""

    def measured() -> Measurement:
        count = 10**power
        ours, peer = in_turns(_timed(_uniform(count)), _timed(_uniform(100_000)), turns=7)
        return Measurement(
            name=f"clear.growth_1e{power}",
            value=ours / count * 1e9,
            unit="ns/bid",
            peer="among 1e5, ns/bid",
            peer_value=peer / 100_000 * 1e9,
            goal=100 if power < 4 else 4,  # a short book does not pay for its set-up
            lower_is_better=True,
        )

    return measured


BENCHES = {
    "clear.uniform_1e6": uniform,
    "clear.call_1e6": call,
    "clear.uniform_wide": uniform_wide,
    "clear.call_wide": call_wide,
    "optimal_price_1e6": optimal_price,
    "optimal_price_wide": optimal_price_wide,
    "wdp.cats": winners,
    **{f"clear.growth_1e{power}": growth(power) for power in (3, 4, 6, 7)},
}
