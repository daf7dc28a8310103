"""Laws of package and licence auctions: brute force over all allocations and all coalitions."""

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.mechanisms.licences import LicenceBid, licence_auction
from pricing.mechanisms.packages import Language, PackageBid, Packages, Payment, package_auction
from tests.depth import examples

pytestmark = pytest.mark.deep

ITEMS = "ABCD"
SUPPLY = {"A": 1, "B": 1, "C": 2, "D": 1}
bundles = st.dictionaries(st.sampled_from(ITEMS), st.just(1), min_size=1, max_size=3)
languages = st.sampled_from(list(Language))


@st.composite
def package_bids(draw: st.DrawFn) -> list[PackageBid]:
    """Up to six bidders, some of them with two bids."""
    rows = draw(st.lists(st.tuples(bundles, st.integers(1, 30)), min_size=1, max_size=8))
    return [
        PackageBid(f"b{seq % 6}", tuple(sorted(items.items())), price, seq=seq)
        for seq, (items, price) in enumerate(rows)
    ]


def fits(chosen: Iterable[PackageBid], language: Language) -> bool:
    used: dict[str, int] = {}
    names = []
    for bid in chosen:
        names.append(bid.bidder)
        for item, count in bid.items:
            used[item] = used.get(item, 0) + count
    alone = language is Language.OR or len(set(names)) == len(names)
    return alone and all(count <= SUPPLY[item] for item, count in used.items())


def worth(bids: list[PackageBid], language: Language) -> int:
    """The greatest sum of any allocation, by trying all."""
    return max(
        sum(bid.price for bid in chosen)
        for size in range(len(bids) + 1)
        for chosen in combinations(bids, size)
        if fits(chosen, language)
    )


def assert_in_core(
    payments: Mapping[str, Fraction],
    values: Mapping[str, int],
    everyone: set[str],
    value: Callable[[set[str]], int],
) -> None:
    """No coalition can offer the seller more while its members keep what they have."""
    revenue = sum(payments.values())
    for size in range(len(everyone) + 1):
        for members in combinations(sorted(everyone), size):
            kept = sum(values[m] - payments[m] for m in members if m in payments)
            assert value(set(members)) - kept <= revenue


@settings(max_examples=examples(25))
@given(package_bids(), languages)
def test_allocation_vcg_and_core_agree_with_brute_force(
    bids: list[PackageBid], language: Language
) -> None:
    auction = Packages.of(bids, SUPPLY, language=language)
    core = package_auction(auction, ticks=False)
    values = auction.value_of(core.allocation)
    assert fits([auction.bids[i] for i in core.allocation.won], language)
    assert core.allocation.welfare == worth(bids, language) == sum(values.values())
    for who, paid in core.vcg.items():
        others = worth([bid for bid in bids if bid.bidder != who], language)
        assert paid == others - (core.allocation.welfare - values[who])
        assert 0 <= paid <= core.payments[who] <= values[who]
    everyone = {bid.bidder for bid in bids}

    def value(members: set[str]) -> int:
        return worth([bid for bid in bids if bid.bidder in members], language)

    assert_in_core(core.payments, values, everyone, value)
    ticks = package_auction(auction).payments
    assert_in_core(ticks, values, everyone, value)
    assert sum(core.payments.values()) <= sum(ticks.values()) < core.revenue + len(ticks) + 1


@settings(max_examples=examples(15))
@given(package_bids(), st.integers(1, 30))
def test_no_lie_gains_under_vcg(bids: list[PackageBid], lie: int) -> None:
    """One bid for each bidder: its value is its bid."""
    single = [PackageBid(f"b{i}", bid.items, bid.price, seq=i) for i, bid in enumerate(bids)]
    told = [PackageBid("b0", single[0].items, lie, seq=0), *single[1:]]

    def gain(said: list[PackageBid]) -> Fraction:
        paid = package_auction(Packages.of(said, SUPPLY), payment=Payment.VCG).payments
        return single[0].price - paid["b0"] if "b0" in paid else Fraction(0)

    assert gain(told) <= gain(single)
    assert gain(single) >= 0


@settings(max_examples=examples(15))
@given(package_bids())
def test_the_order_of_bids_changes_no_outcome(bids: list[PackageBid]) -> None:
    turned = Packages.of(list(reversed(bids)), SUPPLY)
    assert package_auction(turned) == package_auction(Packages.of(bids, SUPPLY))


vectors = st.lists(st.integers(1, 30), min_size=1, max_size=4).map(
    lambda values: tuple(sorted(values, reverse=True))
)


def licence_worth(bids: list[LicenceBid]) -> int:
    return max(
        (
            sum(bid.value(size) for bid in chosen)
            for size in range(1, len(bids) + 1)
            for chosen in combinations(bids, size)
        ),
        default=0,
    )


@settings(max_examples=examples(40))
@given(st.lists(vectors, min_size=1, max_size=6), vectors)
def test_licences_are_sold_in_the_best_number_at_core_prices(
    values: list[tuple[int, ...]], lie: tuple[int, ...]
) -> None:
    bids = [LicenceBid(f"b{i}", vector, seq=i) for i, vector in enumerate(values)]
    sold = licence_auction(bids, ticks=False)
    assert sold.welfare == licence_worth(bids) == sum(sold.values.values())
    assert len(sold.payments) <= sold.licences
    assert all(sold.vcg[w] <= sold.payments[w] <= sold.values[w] for w in sold.payments)

    def value(members: set[str]) -> int:
        return licence_worth([bid for bid in bids if bid.bidder in members])

    assert_in_core(sold.payments, sold.values, {bid.bidder for bid in bids}, value)

    def gain(said: list[LicenceBid]) -> Fraction:
        outcome = licence_auction(said, payment=Payment.VCG)
        if "b0" not in outcome.payments:
            return Fraction(0)
        return bids[0].value(outcome.licences) - outcome.payments["b0"]

    assert gain([LicenceBid("b0", lie, seq=0), *bids[1:]]) <= gain(bids)
