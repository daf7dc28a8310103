"""Core payments: the exact point, where floats and a solver's tolerance used to decide."""

import random
from collections.abc import Mapping
from fractions import Fraction
from itertools import combinations

import pytest

from pricing.mechanisms import core
from pricing.mechanisms.core import Coalition, CoreNotReached, core_payments, whole_ticks
from pricing.mechanisms.licences import LicenceBid, Licensed, licence_auction
from pricing.mechanisms.packages import Language, PackageBid, Packages, Payment, package_auction

HALF = Fraction(1, 2)


def packages(
    *bids: tuple[str, str, int], language: Language = Language.OR, supply: str = "ABCD"
) -> Mapping[str, Fraction | int]:
    """The core payments of bids written as bidder, items, price; one of each item."""
    rows = [
        PackageBid(bidder, tuple((item, 1) for item in items), price, seq=seq)
        for seq, (bidder, items, price) in enumerate(bids)
    ]
    auction = Packages.of(rows, dict.fromkeys(supply, 1), language=language)
    return package_auction(auction, ticks=False).payments


def licences(*values: list[int], payment: Payment = Payment.CORE) -> Licensed:
    bids = [LicenceBid(f"b{i}", tuple(row), seq=i) for i, row in enumerate(values)]
    return licence_auction(bids, payment=payment, ticks=False)


def test_nobody_is_paid_for_winning() -> None:
    paid = packages(("a", "A", 15), ("b", "B", 10), ("c", "C", 19), ("a", "ABC", 19))
    assert paid == {"a": 0, "b": 2, "c": 2}


def test_found_by_the_property_a_payment_is_never_below_vickrey() -> None:
    rows = (
        ("b0", "B", 1), ("b1", "A", 1), ("b2", "A", 3), ("b3", "CD", 17),
        ("b4", "C", 1), ("b5", "BD", 3), ("b0", "AC", 3),
    )  # fmt: skip
    bids = [
        PackageBid(bidder, tuple((item, 1) for item in items), price, seq=seq)
        for seq, (bidder, items, price) in enumerate(rows)
    ]
    auction = Packages.of(bids, {"A": 1, "B": 1, "C": 2, "D": 1}, language=Language.XOR)
    core = package_auction(auction, ticks=False)
    assert core.payments == {"b0": 0, "b2": 2, "b3": 3, "b4": 0}
    assert core.vcg == {"b0": 0, "b2": 1, "b3": 2, "b4": 0}


def test_the_nearest_point_may_lie_between_ticks() -> None:
    assert packages(("b0", "B", 1), ("b1", "A", 2), ("b2", "AB", 2)) == {
        "b0": HALF,
        "b1": 3 * HALF,
    }


def test_near_ties_at_ten_million() -> None:
    licensed = licences(
        [12000001, 9000001, 8999999],
        [18000000, 12000001, 2999999],
        [17999999, 14999999, 11999999],
        [17999999, 11999999, 9000001],
    )
    exact = {"b1": 17999997 * HALF, "b2": 12000001 * HALF, "b3": 12000005 * HALF}
    assert sorted(licensed.payments.values()) == sorted(exact.values())
    assert sum(whole_ticks({k: Fraction(v) for k, v in licensed.payments.items()}).values()) == (
        8999999 + 6000001 + 6000003
    )


def test_near_bids_at_ten_million() -> None:
    licensed = licences(
        [15000002, 12000001, 8999997],
        [14999999, 9000003, 1],
        [8999998, 2999997],
        payment=Payment.CORE_NEAR_BIDS,
    )
    assert licensed.payments == {"b0": 5999997, "b1": 3000001}


def test_one_tick_is_shared_between_equals() -> None:
    licensed = licences([20000000, 20000000], [1], [20000000, 20000000])
    assert licensed.payments == {"b0": HALF, "b2": HALF}


@pytest.mark.parametrize("scale", [1, 10**7, 10**15, 10**40])
def test_the_same_point_at_every_scale(scale: int) -> None:
    """Day and Raghavan's example and its multiples: a and b pay 28 at least, a and c 26."""
    values = {"a": 20 * scale, "b": 20 * scale, "c": 20 * scale}
    coalitions = [
        Coalition(frozenset("c"), (28 + 20) * scale),
        Coalition(frozenset("b"), (26 + 20) * scale),
    ]

    def blocking(surplus: Mapping[str, Fraction]) -> Coalition:
        return max(coalitions, key=lambda c: c.worth - sum(surplus[m] for m in c.members))

    paid = core_payments(values, {"a": 10 * scale, "b": 10 * scale, "c": 10 * scale}, blocking)
    assert paid == {"a": 16 * scale, "b": 12 * scale, "c": 10 * scale}


def test_what_no_payment_can_satisfy_is_said() -> None:
    """An oracle that errs: it lets a coalition offer more than all winners are worth."""
    with pytest.raises(CoreNotReached, match="No payments satisfy every coalition"):
        core_payments({"a": 5, "b": 5}, {"a": 1, "b": 1}, lambda _: Coalition(frozenset("x"), 11))


@pytest.mark.parametrize("seed", range(40))
def test_every_row_is_weighed_against_a_slow_twin(seed: int) -> None:
    """Three winners, every coalition's worth at random, against all vertices of all active sets."""
    draw = random.Random(seed)  # noqa: S311 - a game
    winners = "abc"
    values = {w: draw.randint(5, 30) for w in winners}
    floors = {w: draw.randint(0, 4) for w in winners}
    worth = {
        frozenset(members): draw.randint(0, sum(values[m] for m in winners))
        for size in range(3)
        for members in combinations(winners, size)
    }
    rows = [
        (
            frozenset(winners) - members,
            min(w, sum(values.values())) - sum(values[m] for m in members),
        )
        for members, w in worth.items()
    ]

    def blocking(surplus: Mapping[str, Fraction]) -> Coalition:
        best = max(worth, key=lambda members: worth[members] - sum(surplus[m] for m in members))
        return Coalition(best, min(worth[best], sum(values.values())))

    paid = core_payments(values, floors, blocking)
    assert all(floors[w] <= paid[w] <= values[w] for w in winners)
    assert all(sum(paid[w] for w in row) >= bound for row, bound in rows)
    # No lattice point of quarters has a smaller total, or the same total and a smaller distance.
    total = sum(paid.values())
    far = sum((paid[w] - floors[w]) ** 2 for w in winners)
    for a in range(floors["a"] * 2, values["a"] * 2 + 1):
        for b in range(floors["b"] * 2, values["b"] * 2 + 1):
            other = {"a": Fraction(a, 2), "b": Fraction(b, 2)}
            other["c"] = total - other["a"] - other["b"]
            least = max(
                [Fraction(floors["c"])]
                + [
                    bound - sum(other[w] for w in row if w != "c")
                    for row, bound in rows
                    if "c" in row
                ]
            )
            fits = all(sum(other[w] for w in row) >= bound for row, bound in rows if "c" not in row)
            if not fits or least > values["c"]:
                continue
            assert other["a"] + other["b"] + least >= total
            if floors["c"] <= other["c"] <= values["c"] and other["c"] >= least:
                assert sum((other[w] - floors[w]) ** 2 for w in winners) >= far


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("payment", [Payment.CORE, Payment.CORE_NEAR_BIDS])
def test_what_floats_propose_is_the_point_of_fractions(
    seed: int, payment: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Values fall with the number of licences, at small amounts with ties and at large ones."""
    draw = random.Random(seed)  # noqa: S311 - a game
    top = [10, 10**6, 2**53][seed % 3]
    rows = [sorted((draw.randint(1, top) for _ in range(24)), reverse=True) for _ in range(24)]
    monkeypatch.setattr(core, "FRACTIONS_MAX", 1000)
    exact = licences(*rows, payment=payment)
    monkeypatch.setattr(core, "FRACTIONS_MAX", 0)
    monkeypatch.setattr(core, "_Nearest", None)  # what is proposed is proven, nothing falls back
    assert licences(*rows, payment=payment) == exact


def test_a_thousand_bidders_with_a_thousand_values() -> None:
    rows = [[(10**6 - 997 * i) * 1000 // (1000 + k) for k in range(1000)] for i in range(1000)]
    licensed = licences(*rows)
    assert licensed.licences == len(licensed.payments) > 100
    assert all(licensed.vcg[who] <= paid for who, paid in licensed.payments.items())
