"""One item: sealed bids, the falling clock, proxy bids with a soft close, procurement."""

from collections.abc import Callable

import pytest

from pricing.exact import BadValue
from pricing.mechanisms.bids import Bid, DuplicateBid
from pricing.mechanisms.digital import (
    deterministic_optimal_price,
    optimal_price,
    random_sampling,
)
from pricing.mechanisms.english import (
    AuctionClosed,
    BidTooLow,
    EnglishTerms,
    OwnAuction,
    SoftClose,
    english,
    opened,
    place,
    replay,
)
from pricing.mechanisms.markets import mcafee, trade_reduction
from pricing.mechanisms.single import (
    Award,
    DutchClock,
    DutchPrice,
    Fill,
    NoAward,
    Sale,
    dutch,
    first_price,
    procurement,
    reserve_of,
    second_price,
)

# In cents: the increments that a large auction site publishes.
INCREMENTS = (
    (0, 5), (100, 25), (500, 50), (2500, 100), (10_000, 250),
    (25_000, 500), (50_000, 1000), (100_000, 2500), (250_000, 5000), (500_000, 10_000),
)  # fmt: skip
TERMS = EnglishTerms(opening=100, closes_at=1000, increments=INCREMENTS, seller="seller")


def sealed(*prices: int) -> list[Bid]:
    return [Bid(f"b{seq}", price, seq=seq) for seq, price in enumerate(prices)]


def test_the_earliest_of_tied_bids_wins_and_pays_the_tied_price() -> None:
    assert second_price(sealed(10, 10, 8)) == Sale("b0", 10)
    assert first_price(list(reversed(sealed(2, 10, 10)))) == Sale("b1", 10)


def test_the_reserve_is_a_bid_of_the_seller_that_loses_ties() -> None:
    assert second_price(sealed(7, 10, 8), reserve=9) == Sale("b1", 9)
    assert second_price(sealed(10), reserve=10) == Sale("b0", 10)
    assert second_price(sealed(9), reserve=10) == Sale(None, 0)
    assert first_price([]) == Sale(None, 0)


def test_a_bidder_has_one_sealed_bid() -> None:
    with pytest.raises(DuplicateBid) as refused:
        second_price([Bid("ann", 5, seq=1), Bid("ann", 6, seq=2)])
    assert refused.value.facts == {
        "field": "bids.bidder",
        "value": "ann",
        "accepted": "one bid for each bidder",
    }


def test_the_first_to_accept_the_clock_gets_it() -> None:
    clock = DutchClock(start=100, step=10, every=60, floor=55)
    bids = [Bid("late", 55, time=300, seq=1), Bid("early", 80, time=150, seq=2)]
    assert [clock.price_at(time) for time in (0, 59, 60, 239, 10_000)] == [100, 100, 90, 70, 55]
    assert dutch(clock, bids) == [Fill("early", 1, 80, 2)]


def test_acceptances_of_units_pay_their_own_price_or_the_last() -> None:
    clock = DutchClock(start=100, step=10, every=60, floor=55)
    bids = [Bid("b", 70, 3, time=180, seq=2), Bid("a", 90, 2, time=60, seq=1)]
    own = dutch(clock, bids, supply=4)
    last = dutch(clock, bids, supply=4, price=DutchPrice.LAST)
    assert own == [Fill("a", 2, 180, 1), Fill("b", 2, 140, 2)]
    assert last == [Fill("a", 2, 140, 1), Fill("b", 2, 140, 2)]


def test_a_price_that_the_clock_does_not_show_is_refused() -> None:
    clock = DutchClock(start=100, step=10, every=60, floor=55)
    with pytest.raises(BadValue, match="The field price is 80; accepted is 90"):
        dutch(clock, [Bid("a", 80, time=60)])


def test_a_proxy_bids_only_what_is_needed() -> None:
    path = replay(
        TERMS,
        [
            Bid("ann", 2000, time=1, seq=1),
            Bid("ben", 1000, time=2, seq=2),
            Bid("cem", 2000, time=3, seq=3),
            Bid("dan", 2600, time=4, seq=4),
        ],
    )
    assert [(at.leader, at.price) for at in path[1:]] == [
        ("ann", 100),
        ("ann", 1050),
        ("ann", 2000),
        ("dan", 2050),
    ]


def test_a_leader_who_raises_the_maximum_does_not_raise_the_price() -> None:
    bids = [Bid("ann", 500, time=1, seq=1), Bid("ann", 900, time=2, seq=2)]
    assert english(TERMS, bids).price == 100
    with pytest.raises(BidTooLow):
        english(TERMS, [*bids, Bid("ann", 900, time=3, seq=3)])


def test_a_secret_reserve_lifts_the_price_once_it_is_reached() -> None:
    terms = EnglishTerms(opening=100, closes_at=1000, increments=INCREMENTS, reserve=700)
    below = place(terms, opened(terms), Bid("ann", 600, time=1, seq=1))
    above = place(terms, below, Bid("ann", 800, time=2, seq=2))
    assert (below.price, below.reserve_met(terms)) == (100, False)
    assert (above.price, above.reserve_met(terms)) == (700, True)


def test_bids_near_the_end_move_it_up_to_the_cap() -> None:
    soft = SoftClose(window=300, extension=300, cap=1500)
    terms = EnglishTerms(opening=100, closes_at=1000, soft_close=soft)
    bids = [Bid(f"b{i}", 200 + i, time=time, seq=i) for i, time in enumerate((699, 700, 999, 1290))]
    assert [at.ends_at for at in replay(terms, bids)] == [1000, 1000, 1000, 1299, 1500]


def test_a_leader_who_raises_the_secret_maximum_does_not_move_the_end() -> None:
    soft = SoftClose(window=300, extension=300)
    terms = EnglishTerms(opening=100, closes_at=1000, soft_close=soft)
    first, raised = Bid("ann", 500, time=100, seq=1), Bid("ann", 900, time=950, seq=2)
    assert [at.ends_at for at in replay(terms, [first, raised])] == [1000, 1000, 1000]
    assert english(terms, [first, raised]).price == 100
    # A rival who reaches the leader's maximum changes the price, though not the leader.
    tied = english(terms, [first, raised, Bid("ben", 900, time=960, seq=3)])
    assert (tied.leader, tied.price, tied.ends_at) == ("ann", 900, 1260)


def test_a_leader_who_reaches_the_secret_reserve_moves_price_and_end() -> None:
    soft = SoftClose(window=300, extension=300)
    terms = EnglishTerms(opening=100, closes_at=1000, reserve=700, soft_close=soft)
    end = english(terms, [Bid("ann", 500, time=1, seq=1), Bid("ann", 800, time=950, seq=2)])
    assert (end.price, end.ends_at) == (700, 1250)


@pytest.mark.parametrize(
    ("bid", "refusal"),
    [
        (Bid("ann", 99, time=1), BidTooLow),
        (Bid("seller", 500, time=1), OwnAuction),
        (Bid("ann", 500, time=1000), AuctionClosed),
        (Bid("ann", 0, time=1), BadValue),
        (Bid("ann", 2**53 + 1, time=1), BadValue),
    ],
)
def test_bids_that_may_not_be_there_are_refused(bid: Bid, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        place(TERMS, opened(TERMS), bid)


def test_the_lowest_eligible_offer_wins() -> None:
    offers = [
        Bid("low", 70),
        Bid("tie", 90, seq=2),
        Bid("first", 90, seq=1),
        Bid("high", 120, seq=3),
    ]
    award = procurement(offers, reserve=100, minimum=80)
    assert award == Award("first", 90, ("first", "tie"))
    assert procurement(offers[:1], reserve=100, second=True).price == 100
    assert procurement(offers, reserve=100, second=True) == Award("low", 90, ("low",))


@pytest.mark.parametrize(
    ("prices", "reason"),
    [
        ((), NoAward.NO_OFFERS),
        ((101, 120), NoAward.ABOVE_RESERVE),
        ((70, 79), NoAward.BELOW_MINIMUM),
        ((70, 120), NoAward.OUTSIDE),
    ],
)
def test_no_award_has_a_reason(prices: tuple[int, ...], reason: NoAward) -> None:
    assert procurement(sealed(*prices), reserve=100, minimum=80) == Award(None, reason=reason)


def test_a_rule_for_one_item_refuses_a_bid_for_more() -> None:
    more = [Bid("a", 5, seq=1), Bid("b", 6, 2, seq=2)]
    rules: list[Callable[[], object]] = [
        lambda: first_price(more),
        lambda: second_price(more),
        lambda: procurement(more, reserve=10),
        lambda: mcafee(more, more[:1]),
        lambda: trade_reduction(more[:1], more),
        lambda: optimal_price(more),
        lambda: deterministic_optimal_price(more),
        lambda: random_sampling(more, seed="00" * 16),
    ]
    for rule in rules:
        with pytest.raises(BadValue, match=r"\[1\]\.quantity is 2; accepted is 1"):
            rule()


def test_the_reserve_is_found_where_the_density_is_zero() -> None:
    root = reserve_of(lambda v: v**2, lambda v: 2 * v, low=0, high=1)
    assert root == pytest.approx(3**-0.5, abs=1e-9)
    assert reserve_of(lambda v: v, lambda _: 1, low=0, high=1) == pytest.approx(0.5)
    assert reserve_of(lambda v: v - 8, lambda _: 1, low=8, high=9) == 8
    with pytest.raises(BadValue, match="high"):
        reserve_of(lambda _: 0, lambda _: 0, low=0, high=1)
