"""Packages and licences: allocation, VCG, core payments, ties, reserves, time."""

from fractions import Fraction

import pytest

from pricing.exact import BadValue
from pricing.mechanisms.core import whole_ticks
from pricing.mechanisms.evidence import clear
from pricing.mechanisms.licences import LicenceBid, licence_auction
from pricing.mechanisms.packages import Language, PackageBid, Packages, Payment, package_auction
from tests.pricing.mechanisms.figures import figures


def auction(
    *rows: tuple[str, str, int],
    language: Language = Language.XOR,
    supply: dict[str, int] | None = None,
    reserves: dict[str, int] | None = None,
) -> Packages:
    """Rows of bidder, letters of the items, price."""
    bids = [
        PackageBid(
            who, tuple((item, items.count(item)) for item in sorted(set(items))), price, seq=i
        )
        for i, (who, items, price) in enumerate(rows)
    ]
    found = {item: 1 for bid in bids for item, _ in bid.items}
    return Packages.of(bids, {**found, **(supply or {})}, language=language, reserves=reserves)


LOCAL_GLOBAL = (("ann", "A", 80), ("ben", "B", 60), ("all", "AB", 100))


def test_vcg_may_earn_less_than_a_loser_would_pay() -> None:
    outcome = package_auction(auction(*LOCAL_GLOBAL), payment=Payment.VCG)
    assert outcome.payments == {"ann": 40, "ben": 20}


def test_core_payments_leave_the_loser_no_reason_to_object() -> None:
    outcome = package_auction(auction(*LOCAL_GLOBAL))
    assert outcome.payments == {"ann": 60, "ben": 40}
    assert outcome.vcg == {"ann": 40, "ben": 20}


def test_halves_of_a_tick_are_rounded_up_and_stay_in_the_core() -> None:
    rows = (("ann", "A", 2), ("ben", "B", 2), ("all", "AB", 3))
    exact = package_auction(auction(*rows), ticks=False)
    assert exact.payments == {"ann": Fraction(3, 2), "ben": Fraction(3, 2)}
    assert package_auction(auction(*rows)).payments == {"ann": 2, "ben": 2}
    assert whole_ticks({"ann": Fraction(7, 3)}) == {"ann": 3}


def test_first_price_pays_the_bids() -> None:
    outcome = package_auction(auction(*LOCAL_GLOBAL), payment=Payment.FIRST_PRICE)
    assert figures(outcome.payments, outcome.revenue) == ({"ann": 80, "ben": 60}, 140)


def test_an_or_bidder_wins_several_bids_and_an_xor_bidder_one() -> None:
    rows = (("ann", "A", 10), ("ann", "B", 9), ("ben", "AB", 12))
    both = package_auction(auction(*rows, language=Language.OR))
    one = package_auction(auction(*rows), payment=Payment.VCG)
    assert figures(both.allocation.welfare, both.payments) == (19, {"ann": 12})
    assert figures(one.allocation.welfare, one.payments) == (12, {"ben": 10})


def test_the_core_of_or_bidders_counts_their_surplus_once() -> None:
    rows = (("ann", "A", 10), ("ann", "B", 10), ("ben", "C", 10), ("all", "ABC", 24))
    outcome = package_auction(auction(*rows, language=Language.OR))
    assert outcome.vcg == {"ann": 14, "ben": 4}
    assert outcome.payments == {"ann": 17, "ben": 7}


def test_there_may_be_several_of_an_item() -> None:
    rows = (("w1", "A", 2), ("w2", "A", 2), ("g", "AA", 3))
    outcome = package_auction(auction(*rows, supply={"A": 2}), ticks=False)
    assert set(outcome.payments.values()) == {Fraction(3, 2)}


def test_reserves_are_bids_of_the_seller_for_each_item() -> None:
    rows = (("ann", "A", 80), ("ben", "B", 20))
    outcome = package_auction(auction(*rows, reserves={"A": 50, "B": 30}), payment=Payment.VCG)
    assert outcome.payments == {"ann": 50}
    assert package_auction(auction(("ann", "A", 50), reserves={"A": 50})).payments == {"ann": 50}


def test_of_equally_good_allocations_the_earliest_bids_win() -> None:
    rows = [("ann", "A", 5), ("ben", "B", 5), ("all", "AB", 10)]
    assert set(package_auction(auction(*rows)).payments) == {"ann", "ben"}
    assert set(package_auction(auction(*reversed(rows))).payments) == {"all"}


def test_a_proven_allocation_has_no_gap() -> None:
    best = auction(*LOCAL_GLOBAL).best()
    assert figures(best.welfare, best.bound, best.gap) == (140, 140, 0)


def test_an_item_that_is_not_for_sale_is_refused() -> None:
    with pytest.raises(BadValue, match=r"bids\[0\]\.items is 'Z'; accepted is items of the supply"):
        Packages.of([PackageBid("ann", (("Z", 1),), 5)], {"A": 1})


SHARED = [LicenceBid(f"s{i}", (value,) * 3, seq=i) for i, value in enumerate((40, 35, 30))]
SOLE = LicenceBid("sole", (90, 0, 0), seq=9)


def test_three_shared_licences_beat_one_exclusive_one() -> None:
    sold = licence_auction([*SHARED, SOLE])
    assert (sold.licences, sold.welfare) == (3, 105)
    assert sold.vcg == {"s0": 25, "s1": 20, "s2": 15}
    assert sold.payments == {"s0": 35, "s1": 30, "s2": 25}


def test_one_exclusive_licence_pays_what_the_others_lose() -> None:
    sold = licence_auction([*SHARED[:2], SOLE])
    assert figures(sold.licences, sold.payments) == (1, {"sole": 75})


def test_a_reserve_is_asked_for_every_licence() -> None:
    sold = licence_auction([*SHARED, SOLE], reserve=34)
    assert figures(sold.licences, sold.payments) == (1, {"sole": 41})


def test_values_that_rise_with_more_licences_are_refused() -> None:
    with pytest.raises(BadValue, match="values that never rise"):
        licence_auction([LicenceBid("ann", (5, 6))])


PACKAGE_AUCTION: dict[str, object] = {
    "mechanism": "packages",
    "terms": {"supply": {"A": 1}},
    "bids": [{"bidder": "ann", "items": ["A"], "price": 3, "seq": 1}],
}


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"supply": []}, "terms.supply is "),
        ({"supply": {"A": 1.5}}, "supply.A is 1.5"),
        ({"supply": {"A": 1, "": 1}}, "items with names of 1 to 200 characters"),
        ({"supply": {"A": 1, "\ud800": 1}}, "items with names without lone surrogates"),
        ({"reserves": {"A": -1}}, "reserves.A is -1"),
        ({"reserves": {"B": 1}}, "items of the supply: A"),
        ({"language": ["or"]}, "one of xor, or"),
        ({"payment": None}, "one of first_price, vcg"),
        ({"time_limit_seconds": 1.5}, "never a float"),
        ({"time_limit_seconds": "1e400"}, "digits"),
        ({"time_limit_seconds": 3601}, "at most 3600"),
        ({"\ud800": 1}, r"terms.\ud800 is 1"),
    ],
)
def test_malformed_terms_are_refused_in_one_sentence(terms: dict[str, object], said: str) -> None:
    document = {**PACKAGE_AUCTION, "terms": {"supply": {"A": 1}, **terms}}
    with pytest.raises(BadValue) as refused:
        clear(document)
    assert said in refused.value.message
    assert refused.value.message.encode()


@pytest.mark.parametrize("values", [None, [], [1.5], ["3"], [True], [2**60], [0], [1, 2], {}])
def test_malformed_values_of_licences_are_refused(values: object) -> None:
    bids = [{"bidder": "ann", "values": values, "seq": 1}]
    with pytest.raises(BadValue, match="values"):
        clear({"mechanism": "licences", "bids": bids})
