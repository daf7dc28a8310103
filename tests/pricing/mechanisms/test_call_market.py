"""The call market at every scale: the exact crossing, the price inside it, and its laws."""

import csv
import io
from dataclasses import replace
from fractions import Fraction
from zipfile import ZipFile

import numpy as np
import pytest

from pricing.laws import BrokenLawError
from pricing.mechanisms import evidence
from pricing.mechanisms.bids import Bid, Book, Rationing
from pricing.mechanisms.markets import Called, PricePolicy, call_market, interval
from tests.pricing.mechanisms.figures import figures
from tests.references.markets import Orders, call_market_twin
from tests.sets import Sets, each_set

HOMES = "electricity_homes_pv/citylearn_2022_phase_all.zip"


def book(*rows: tuple[int, int]) -> Book:
    """Orders of (quantity, price)."""
    orders = [Bid(f"b{i}", price, quantity, seq=i) for i, (quantity, price) in enumerate(rows)]
    return Book.of(orders)


def at(*prices: int) -> Book:
    return book(*((1, price) for price in prices))


@pytest.mark.parametrize(
    ("bids", "offers", "price", "volume"),
    [
        ((50_000,), (1_000, 40_000), 20_499, 1),
        ((32_778,), (10, 32_768), 16_388, 1),
        ((93, 94), (94, 32_770, 2), 93, 1),
    ],
)
def test_a_book_that_spans_many_ticks_clears_at_the_exact_price(
    bids: tuple[int, ...], offers: tuple[int, ...], price: int, volume: int
) -> None:
    called = call_market(at(*bids), at(*offers))
    assert figures(called.price, called.volume) == (price, volume)
    assert called.bids.sum() == called.offers.sum() == volume


def test_the_crossing_is_found_over_the_whole_range_of_prices() -> None:
    top = 2**53
    found = interval(at(top, -top), at(-top, top))
    assert found is not None
    assert (found.low, found.high, found.demand, found.supply) == (-top + 1, top - 1, 1, 1)


def test_where_each_part_of_the_interval_presses_towards_the_other_the_price_is_between() -> None:
    bids, offers = at(10, 5), at(1, 6)
    found = interval(bids, offers)
    assert found is not None
    assert (found.low, found.high, found.turn, found.volume) == (1, 10, 6, 1)
    prices = {p: call_market(bids, offers, policy=p, whole_ticks=False).price for p in PricePolicy}
    assert prices == {
        PricePolicy.PRESSURE: Fraction(11, 2),
        PricePolicy.LOW: 1,
        PricePolicy.MID: Fraction(11, 2),
        PricePolicy.HIGH: 10,
    }
    skewed = call_market(at(100, 5), offers, whole_ticks=False)
    assert skewed.price == Fraction(11, 2)
    assert (skewed.bids.tolist(), skewed.offers.tolist()) == ([1, 0], [1, 0])


def test_who_must_get_rid_of_electricity_pays_for_it() -> None:
    cleared = evidence.clear(
        {
            "mechanism": "call_market",
            "bids": [{"bidder": "pump", "price": -2000, "quantity": 30, "seq": 1}],
            "offers": [
                {"bidder": "wind", "price": -5000, "quantity": 20, "seq": 1},
                {"bidder": "gas", "price": 0, "quantity": 40, "seq": 2},
            ],
        }
    )
    assert cleared["outcome"] == {
        "price": -2000,
        "volume": 20,
        "bought": [{"bidder": "pump", "quantity": 20, "payment": -40_000}],
        "sold": [{"bidder": "wind", "quantity": 20, "payment": -40_000}],
    }
    assert evidence.reclear(cleared) == cleared


def test_a_price_of_zero_is_a_price() -> None:
    called = call_market(at(0), at(-4), policy=PricePolicy.HIGH)
    assert figures(called.price, called.volume) == (0, 1)
    halfway = call_market(at(0), at(-3))
    assert halfway.price == -2  # the midpoint of -1.5, down to a tick


def test_an_outcome_that_breaks_a_law_cannot_be_made() -> None:
    bids, offers = at(5), at(3, 4)
    fair = call_market(bids, offers)
    one, none = np.array([1]), np.array([0, 0])
    for volume, sold in ((1, none), (2, np.array([1, 1])), (1, np.array([2, -1]))):
        with pytest.raises(BrokenLawError):
            Called(fair.price, volume, fair.interval, one, sold, (bids, offers))
    with pytest.raises(BrokenLawError, match="no offer gets less"):
        Called(Fraction(3), 1, fair.interval, one, np.array([0, 1]), (bids, offers))


def test_a_million_orders_over_ten_million_ticks_trade_what_a_full_sort_says() -> None:
    random = np.random.default_rng(7)
    prices = random.integers(1, 10_000_000, 1_000_000)
    zeros, ones, seqs = (np.zeros_like(prices), np.ones_like(prices), np.arange(prices.size))
    half = prices.size // 2
    bids, offers = (
        Book(prices[part], ones[part], zeros[part], seqs[part])
        for part in (slice(half), slice(half, None))
    )
    called = call_market(bids, offers)
    gaining = np.sort(bids.prices)[::-1] >= np.sort(offers.prices)
    assert called.volume == int(gaining.sum())


def neighbourhood(sets: Sets) -> list[Orders]:
    """A market of homes for each hour: who lacks electricity bids for it, who has more than it uses
    offers it, in Wh. Loads, the yield of 4 kW of panels, tariff and carbon intensity are measured; what a home asks
    and bids (in millionths of a dollar, the tariff less a step for each home, and an offer that follows
    the carbon intensity) is made up.
    """
    with ZipFile(sets.data / HOMES) as archive:

        def rows(name: str) -> list[dict[str, str]]:
            return list(csv.DictReader(io.TextIOWrapper(archive.open(name), encoding="utf-8")))

        homes = [rows(name) for name in sorted(archive.namelist()) if name.startswith("Building")]
        tariff, carbon = rows("pricing.csv"), rows("carbon_intensity.csv")
    markets = []
    for hour in range(0, len(tariff), sets.expects(excerpt=1, whole=101)):
        bids, offers = [], []
        for seq, home in enumerate(homes):
            row = home[hour]
            lacks = (
                Fraction(row["non_shiftable_load"]) - 4 * Fraction(row["solar_generation"]) / 1000
            )
            energy = int(abs(lacks) * 1000)
            if lacks > 0 and energy:
                price = int(Fraction(tariff[hour]["electricity_pricing"]) * 1_000_000) - 137 * seq
                bids.append(Bid(f"home {seq}", price, energy, seq=seq))
            elif energy:
                asked = int(Fraction(carbon[hour]["carbon_intensity"]) * 1_000_000) + 11 * seq
                offers.append(Bid(f"home {seq}", asked, energy, seq=seq))
        markets.append(Orders(bids, offers))
    return markets


@each_set
@pytest.mark.parametrize("rationing", list(Rationing))
@pytest.mark.parametrize("policy", list(PricePolicy))
def test_a_market_of_homes_clears_every_hour_as_the_definition_says(
    sets: Sets, policy: PricePolicy, rationing: Rationing
) -> None:
    traded = 0
    for hour in neighbourhood(sets):
        orders = replace(hour, policy=policy, rationing=rationing)
        called = call_market(
            Book.of(orders.bids),
            Book.of(orders.offers),
            policy=policy,
            rationing=rationing,
            whole_ticks=False,
        )
        found = called.interval and (called.interval.low, called.interval.high)
        filled = called.bids.tolist(), called.offers.tolist()
        assert (found, called.price, called.volume, *filled) == call_market_twin(orders)
        traded += called.volume
    assert traded == sets.expects(excerpt=7_303, whole=134_545)  # Wh
