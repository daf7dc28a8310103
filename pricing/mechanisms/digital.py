"""Goods without scarcity: the best single price, and two truthful ways of coming near it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256

import numpy as np

from pricing.exact import refuse
from pricing.mechanisms.bids import (
    INT64_MAX,
    Bid,
    Ints,
    bucketed,
    check_bids,
    check_count,
    check_floor,
    window,
)

SPLIT_BIDDERS_MAX = 16
SEED_BYTES_MIN = 16


@dataclass(frozen=True, slots=True)
class SinglePrice:
    """The price, how many buy at it and what they pay together."""

    price: int
    winners: int

    @property
    def revenue(self) -> int:
        return self.price * self.winners


NOTHING = SinglePrice(0, 0)


def best_single_price(prices: Ints, *, least: int = 1, reserve: int = 0) -> SinglePrice:
    """The most that one price for all can earn with `least` buyers or more, none below the reserve.

    Of prices that earn the same the lower one is taken: more are served. A histogram bounds what
    each range of prices can earn; only ranges that may hold the best price are sorted.
    """
    if reserve:
        prices = prices[prices >= reserve]
    if prices.size < max(least, 1):
        return NOTHING
    start, shift, size = window(int(prices.min()), int(prices.max()))
    buckets = bucketed(prices, start, shift)
    counts = np.bincount(buckets, minlength=size)
    served = np.cumsum(counts[::-1])[::-1]
    lowest = start + (np.arange(size) << shift)
    if (start + (size << shift)) * prices.size > INT64_MAX:
        # Beyond 64 bits: whole numbers of Python.
        served, lowest = served.astype(object), lowest.astype(object)
    possible = (counts > 0) & (served >= least)
    promised = (lowest * served * possible).max()
    kept = possible & ((lowest + (1 << shift) - 1) * served >= promised)
    above = np.cumsum((counts * ~kept)[::-1])[::-1]  # bids that are not looked at, but are served
    offered = np.sort(prices[kept[buckets]])
    buyers = np.arange(offered.size, 0, -1) + above[bucketed(offered, start, shift)]
    earned = offered.astype(lowest.dtype) * buyers * (buyers >= least)
    at = int(np.argmax(earned))
    return SinglePrice(int(offered[at]), int(buyers[at]))


def optimal_price(bids: Sequence[Bid], *, least: int = 1, reserve: int = 0) -> SinglePrice:
    """F, the benchmark of one price; F(2) with `least` 2. Not truthful: a yardstick."""
    return best_single_price(_prices(bids), least=least, reserve=reserve)


def _prices(bids: Sequence[Bid]) -> Ints:
    check_bids(bids, one_each=True)
    return np.array([bid.price for bid in bids], dtype=np.int64)


def deterministic_optimal_price(bids: Sequence[Bid], *, reserve: int = 0) -> Mapping[str, int]:
    """DOP: each is offered the best price of all the others, and buys if that is not above its bid.

    Truthful, but may earn far less than F. Returns what each buyer pays.
    """
    check_floor(reserve, "reserve")
    check_bids(bids, one_each=True)
    offers = _best_of_others(sorted(bid.price for bid in bids if bid.price >= reserve))
    return {
        bid.bidder: offered
        for bid in bids
        if 0 < (offered := max(offers.get(bid.price, 0), reserve)) <= bid.price
    }


def _best_of_others(rising: Sequence[int]) -> dict[int, int]:
    """For each price: the best single price once one bid of it is left out, 0 where none is left.

    Leaving out a bid takes a buyer from every price up to its own and none from a higher one: the
    best of those below, seen from the lowest up, meets the best of those above, seen from the top.
    """
    served = {price: len(rising) - at for at, price in reversed(list(enumerate(rising)))}
    distinct = sorted(served)
    below: dict[int, tuple[int, int]] = {}  # (earns, price) with one buyer less
    best = (0, 0)
    for price in distinct:
        best = below[price] = _better((price * (served[price] - 1), price), best)
    offers: dict[int, int] = {}
    best = (0, 0)
    for price in reversed(distinct):
        offers[price] = _better(below[price], best)[1]
        best = _better((price * served[price], price), best)
    return offers


def _better(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """What earns more; of equal earnings the lower price; nothing for a price that earns nothing."""
    if not one[0]:
        return other
    return max(one, other, key=lambda each: (each[0], -each[1]))


def commitment(seed: str) -> str:
    """What is published before the opening; the seed follows after the close."""
    return f"sha256:{sha256(check_seed(seed).encode()).hexdigest()}"


def check_seed(seed: object) -> str:
    """At least 16 random bytes in hexadecimal digits, so that a commitment cannot be guessed."""
    if (
        not isinstance(seed, str)
        or len(seed) < 2 * SEED_BYTES_MIN
        or set(seed) - set("0123456789abcdef")
    ):
        refuse("seed", seed, f"{2 * SEED_BYTES_MIN} or more hexadecimal digits 0-9 a-f")
    return seed


def in_first_half(seed: str, bidder: str) -> bool:
    """The coin of one bidder: a function of seed and name, so that no bid can move it."""
    return sha256(f"{seed}:{bidder}".encode()).digest()[0] % 2 == 0


@dataclass(frozen=True, slots=True)
class Sampled:
    """RSOP: `prices` are what the bidders of the first and of the second half are offered."""

    paid: Mapping[str, int]
    prices: tuple[int, int]

    @property
    def revenue(self) -> int:
        return sum(self.paid.values())


def random_sampling(
    bids: Sequence[Bid], *, seed: str, committed: str | None = None, reserve: int = 0
) -> Sampled:
    """RSOP: two random halves, each offered the best price of the other, at least the reserve.

    Truthful. A half whose other half is empty is offered nothing, or the reserve where there is
    one. Raises BadValue where the seed is not the committed one.
    """
    check_floor(reserve, "reserve")
    if committed is not None and commitment(seed) != committed:
        refuse("seed", seed, f"the seed of the commitment {committed}")
    check_seed(seed)
    prices = _prices(bids)
    first = np.array([in_first_half(seed, bid.bidder) for bid in bids], dtype=bool)
    to_second, to_first = (
        max(best_single_price(half, reserve=reserve).price, reserve)
        for half in (prices[first], prices[~first])
    )
    paid = {
        bid.bidder: offered
        for bid, here in zip(bids, first, strict=True)
        if 0 < (offered := to_first if here else to_second) <= bid.price
    }
    return Sampled(paid, (to_first, to_second))


def random_sampling_mean(prices: Sequence[int]) -> Fraction:
    """The exact mean revenue of RSOP over all splits. Raises BadValue above 16 bids."""
    count = len(prices)
    check_count(count, "bids", least=0, most=SPLIT_BIDDERS_MAX)
    ranked = sorted(prices)
    everyone = 2**count - 1
    best = [_best_of(ranked, members) for members in range(everyone + 1)]
    earned = 0
    for members in range(everyone + 1):
        offered = best[everyone ^ members]
        if offered:
            buyers = sum(
                1 for i, price in enumerate(ranked) if members >> i & 1 and price >= offered
            )
            earned += offered * buyers
    # Both halves of a split earn; each is seen here as the members of one subset.
    return Fraction(2 * earned, 2**count)


def _best_of(ranked: Sequence[int], members: int) -> int:
    """The best single price of a subset of rising prices, given as bits; the lower on a tie."""
    left = members.bit_count()
    best = revenue = 0
    for index, price in enumerate(ranked):
        if members >> index & 1:
            if price * left > revenue:
                best, revenue = price, price * left
            left -= 1
    return best
