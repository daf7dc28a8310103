"""Quotes by the million against the explained, exact path of one quote at a time."""

import time
from collections.abc import Callable
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from bench.measure import Measurement
from pricing.charges.models import Usage
from pricing.charges.plans import Charge, read_plan
from pricing.charges.quotes import price_charge
from pricing.charges.vectorised import quote_many

SEED = 20260131
TURNS = 5
SCALAR_QUOTES = 5_000
CURRENCY = "CNY"
PLAN = {
    "plan": "bench",
    "version": 1,
    "currency": CURRENCY,
    "charges": [
        {
            "name": "calls",
            "model": "graduated",
            "meter": "calls",
            "tiers": [
                {"up_to": "1000", "unit": "0.10", "flat": "5"},
                {"up_to": "10000", "unit": "0.05"},
                {"up_to": "100000", "unit": "0.025"},
                {"up_to": None, "unit": "0.0125"},
            ],
        }
    ],
}


def _charge() -> Charge:
    return read_plan(PLAN).charges[0]


def _units(count: int) -> NDArray[np.int64]:
    return np.random.default_rng(SEED).integers(0, 200_000, count)


def _seconds(work: Callable[[], object]) -> float:
    """The quickest of some turns: what the work costs when nothing disturbs it."""
    turns = []
    for _ in range(TURNS):
        started = time.perf_counter()
        work()
        turns.append(time.perf_counter() - started)
    return min(turns)


def _vectorised_per_second(count: int) -> float:
    charge, units = _charge(), _units(count)
    return count / _seconds(lambda: quote_many(charge, units, currency=CURRENCY))


def vectorised() -> Measurement:
    """Graduated quotes per second at once and one by one; the amounts are equal."""
    charge, units = _charge(), _units(SCALAR_QUOTES)
    exact = [Fraction(int(count)) for count in units]

    def one_by_one() -> list[int]:
        return [price_charge(charge, Usage(u), currency=CURRENCY).amount.minor for u in exact]

    assert quote_many(charge, units, currency=CURRENCY).tolist() == one_by_one()
    return Measurement(
        name="quote.vectorised",
        value=_vectorised_per_second(1_000_000),
        unit="quotes/s",
        peer="the explained path, one quote at a time, quotes/s",
        peer_value=SCALAR_QUOTES / _seconds(one_by_one),
        goal=50,
    )


def enough() -> Measurement:
    """Graduated quotes per second against the 100,000 that a cost preview of a fleet needs."""
    return Measurement(
        name="quote.enough",
        value=_vectorised_per_second(100_000),
        unit="quotes/s",
        peer="what is asked for, quotes/s",
        peer_value=100_000,
        goal=1,
    )


def growth(count: int) -> Callable[[], Measurement]:
    """What one quote costs among `count`, beside what it costs among a hundred thousand."""

    def measured() -> Measurement:
        return Measurement(
            name=f"quote.growth_1e{len(str(count)) - 1}",
            value=1e9 / _vectorised_per_second(count),
            unit="ns/quote",
            peer="among 1e5, ns/quote",
            peer_value=1e9 / _vectorised_per_second(100_000),
            goal=50 if count < 10_000 else 4,  # a short array does not pay for its set-up
            lower_is_better=True,
        )

    return measured


BENCHES = {
    "quote.vectorised": vectorised,
    "quote.enough": enough,
    **{f"quote.growth_1e{power}": growth(10**power) for power in (3, 4, 6, 7)},
}
