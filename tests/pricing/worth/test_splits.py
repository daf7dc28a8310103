"""Splits, waterfalls and royalties to the last cent."""

from fractions import Fraction
from typing import Any

import pytest

from pricing.exact import BadValue
from pricing.money import Money
from pricing.refusals import NothingToSplitBy, PricingRefusal
from pricing.worth.proceeds import (
    CircularProducts,
    RoyaltiesExceedPrice,
    distribute,
    read_products,
    read_terms,
    royalties,
)
from pricing.worth.shares import (
    HarmfulParty,
    Negative,
    SharesDoNotSum,
    contribution_points,
    divide,
    fixed_shares,
    payable,
    read_contributions,
    read_named_numbers,
)


def cny(text: str) -> Money:
    return Money.parse(text, "CNY")


def written(parts: Any) -> dict[str, str]:
    return {part.party: f"{part.amount.decimal:f}" for part in parts}


TERMS: dict[str, Any] = {
    "shares": {"exchange": "0.60", "city gas": "0.30", "institute": "0.10"},
    "tax_rate": "0.06",
    "fee": {"rate": "0.02"},
    "inside": {"exchange": {"unit": "0.4", "platform": "0.3", "security": "0.1", "fund": "0.2"}},
}


def test_the_waterfall_of_the_rule_book() -> None:
    run = distribute(cny("2400000"), read_terms(TERMS, "CNY"))
    assert (run.net, run.tax, run.fee) == (cny("2264150.94"), cny("135849.06"), cny("45283.02"))
    assert run.pool == cny("2218867.92")
    assert written(run.parts) == {
        "exchange": "1331320.75",
        "city gas": "665660.38",
        "institute": "221886.79",
    }
    assert written(run.inside["exchange"]) == {
        "unit": "532528.30",
        "platform": "399396.23",
        "security": "133132.07",
        "fund": "266264.15",
    }


def test_costs_are_recouped_in_their_order_and_under_their_caps() -> None:
    costs = [
        {"party": "lab", "amount": "500.00", "cap_share": "0.25"},
        {"party": "host", "amount": "700.00"},
        {"party": "late", "amount": "200.00"},
    ]
    terms = read_terms({**TERMS, "tax_rate": "0", "costs": costs}, "CNY")
    run = distribute(cny("1000"), terms)
    assert [(one.party, one.paid, one.carried) for one in run.recouped] == [
        ("lab", cny("250"), cny("250")),
        ("host", cny("700"), cny("0")),
        ("late", cny("30"), cny("170")),
    ]
    assert run.pool == cny("0")
    assert {part.amount for part in run.parts} == {cny("0")}


def test_a_fee_keeps_between_its_least_and_its_most() -> None:
    fee = {"rate": "0.02", "min": "5.00", "max": "50.00"}
    terms = read_terms({**TERMS, "tax_rate": 0, "fee": fee}, "CNY")
    assert [distribute(cny(gross), terms).fee for gross in ("3", "100", "1000", "9000")] == [
        cny("3"),
        cny("5"),
        cny("20"),
        cny("50"),
    ]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"shares": {"a": "0.6", "b": "0.3"}}, "shares"),
        ({"shares": {"a": "1.1", "b": "-0.1"}}, "shares.b"),
        ({"shares": {"a": 0.5, "b": "0.5"}}, "shares.a"),
        ({"tax_rate": "-0.06"}, "tax_rate"),
        ({"fee": {"rate": "1.01"}}, "fee.rate"),
        ({"fee": {"rate": "0.1", "min": "5", "max": "4"}}, "fee.max"),
        ({"fee": {"rate": "0.1", "min": "0.001"}}, "fee.min"),
        ({"costs": [{"party": "x", "amount": "-1"}]}, "costs[0].amount"),
        ({"costs": [{"party": "x", "amount": "1", "cap_share": "2"}]}, "costs[0].cap_share"),
        ({"inside": {"nobody": {"a": "1"}}}, "inside.nobody"),
        ({"inside": {"exchange": {"a": "0.9"}}}, "inside.exchange"),
    ],
)
def test_terms_that_do_not_hold_are_refused(changed: dict[str, Any], field: str) -> None:
    with pytest.raises(PricingRefusal) as refused:
        read_terms({**TERMS, **changed}, "CNY")
    assert refused.value.facts["field"] == field
    assert "accepted" in refused.value.message


def test_receipts_below_zero_are_refused() -> None:
    with pytest.raises(BadValue, match="gross"):
        distribute(Money(-1, "CNY"), read_terms(TERMS, "CNY"))


def test_shares_must_be_the_whole() -> None:
    with pytest.raises(SharesDoNotSum) as refused:
        fixed_shares({"a": "0.6", "b": "0.39"})
    assert refused.value.message == (
        "The field shares sums to 0.99; accepted are shares that sum to exactly 1."
    )


def test_points_are_units_by_their_weight() -> None:
    given = [
        {"party": "A", "kind": "data", "units": 30},
        {"party": "B", "kind": "compute", "units": "12.5"},
        {"party": "A", "kind": "labour", "units": 5},
    ]
    weights = read_named_numbers({"data": 2, "compute": 4, "labour": 1}, "weights")
    points = contribution_points(read_contributions(given), weights)
    assert points == {"A": 65, "B": 50}
    assert written(divide(cny("100"), points)) == {"A": "56.52", "B": "43.48"}


def test_security_cost_follows_grade_and_calls() -> None:
    given = [
        {"party": "general", "kind": "grade 1", "units": 8000},
        {"party": "important", "kind": "grade 4", "units": 1000},
    ]
    points = contribution_points(
        read_contributions(given), {"grade 1": Fraction(1), "grade 4": Fraction(8)}
    )
    assert written(divide(cny("300000"), points)) == {
        "general": "150000.00",
        "important": "150000.00",
    }


def test_a_contribution_of_an_unknown_kind_is_refused() -> None:
    given = read_contributions([{"party": "A", "kind": "luck", "units": 1}])
    with pytest.raises(BadValue) as refused:
        contribution_points(given, {"data": Fraction(1)})
    assert refused.value.facts == {
        "field": "contributions[0].kind",
        "value": "'luck'",
        "accepted": "one of data",
    }


def test_nobody_with_a_weight_is_refused() -> None:
    with pytest.raises(NothingToSplitBy):
        divide(cny("1"), {"a": Fraction(0)})


def test_harm_is_paid_nothing_only_where_that_was_agreed() -> None:
    values = {"a": Fraction(5, 6), "b": Fraction(-1, 6), "c": Fraction(1, 3)}
    with pytest.raises(HarmfulParty, match="value of b"):
        payable(values)
    floored = payable(values, Negative.FLOOR)
    assert written(divide(cny("7"), floored)) == {"a": "5.00", "b": "0.00", "c": "2.00"}


BATTERY: list[dict[str, Any]] = [
    {
        "name": "residual value",
        "owner": "data firm",
        "uses": [
            {"source": "car trips", "share": "0.20"},
            {"source": "battery tests", "each": "0.05", "calls": "2"},
        ],
    },
    {"name": "car trips", "owner": "car maker", "uses": [{"source": "telematics", "share": "0.5"}]},
    {"name": "battery tests", "owner": "battery plant"},
    {"name": "telematics", "owner": "carrier"},
]


def test_a_call_pays_every_source_upstream() -> None:
    products = read_products(BATTERY, "CNY")
    paid = royalties(products, "residual value", cny("1000.00"), calls=1000)
    assert {owner: f"{part.decimal:f}" for owner, part in paid.owners.items()} == {
        "data firm": "700.00",
        "car maker": "100.00",
        "battery plant": "100.00",
        "carrier": "100.00",
    }
    calls = {node.product.name: node.calls for node in paid.nodes}
    assert calls["battery tests"] == 2000
    assert paid.nodes[0].received == 100_000


def test_a_source_on_two_ways_is_paid_for_both() -> None:
    rows = [
        {
            "name": "top",
            "owner": "a",
            "uses": [{"source": "l", "share": "0.3"}, {"source": "r", "share": "0.3"}],
        },
        {"name": "l", "owner": "b", "uses": [{"source": "root", "share": "0.5"}]},
        {"name": "r", "owner": "c", "uses": [{"source": "root", "share": "0.5"}]},
        {"name": "root", "owner": "a"},
    ]
    paid = royalties(read_products(rows, "CNY"), "top", cny("0.10"))
    # a keeps 40 % and gets 15 % twice: 7 cents of 10 and the left-over goes by largest remainder.
    assert {owner: part.minor for owner, part in paid.owners.items()} == {"a": 7, "b": 2, "c": 1}


def test_a_sale_for_nothing_pays_nobody() -> None:
    paid = royalties(read_products(BATTERY[2:], "CNY"), "telematics", cny("0"))
    assert paid.owners == {"carrier": cny("0")}


def test_royalties_above_the_price_are_refused() -> None:
    with pytest.raises(RoyaltiesExceedPrice) as refused:
        royalties(read_products(BATTERY, "CNY"), "residual value", cny("0.10"))
    assert refused.value.facts == {
        "field": "products.residual value",
        "value": "12",
        "accepted": "10",
    }


def chain(products: int, share: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {"name": f"p{i}", "owner": f"o{i}", "uses": [{"source": f"p{i + 1}", "share": share}]}
        for i in range(products - 1)
    ]
    return [*rows, {"name": f"p{products - 1}", "owner": "last"}]


def test_a_long_chain_of_shares_with_many_digits_is_exact() -> None:
    share = "0.999999999999999999"
    products = read_products(chain(1_000, share), "CNY")
    paid = royalties(products, "p0", Money(10**17, "CNY"))
    kept = Fraction(1) - Fraction(share)
    assert paid.nodes[2].kept == 10**17 * Fraction(share) ** 2 * kept
    # Each keeps a little less than a tenth of a unit, and the last a little more beyond its whole ones.
    assert paid.owners["last"].minor == 10**17 - 99
    assert [paid.owners[f"o{i}"].minor for i in (0, 98, 99, 998)] == [1, 1, 0, 0]
    assert sum(part.minor for part in paid.owners.values()) == 10**17


def test_a_chain_of_thousands_of_products_ends_in_time() -> None:
    products = read_products(chain(10_000, "0.9"), "CNY")
    paid = royalties(products, "p0", Money(10**6, "CNY"))
    assert [paid.owners[f"o{i}"].minor for i in range(4)] == [100_000, 90_000, 81_000, 72_900]
    assert paid.owners["last"].minor == 0


def test_a_chain_of_more_digits_than_are_computed_is_refused() -> None:
    products = read_products(chain(1_200, "0.999999999999999999"), "CNY")
    with pytest.raises(BadValue, match="at most 20000 digits from the product sold") as refused:
        royalties(products, "p0", cny("1"))
    assert refused.value.facts["field"] == "products"


def test_a_tie_deep_in_a_tree_goes_by_the_name_of_the_owner() -> None:
    leaves: list[dict[str, Any]] = [
        {"name": f"leaf {owner}", "owner": owner, "uses": []}
        for owner in ("z", "é", "b", "10", "9")
    ]
    uses = [{"source": leaf["name"], "share": "0.2"} for leaf in leaves]
    products = read_products([{"name": "top", "owner": "a", "uses": uses}, *leaves], "JPY")
    paid = royalties(products, "top", Money(7, "JPY"))
    owners = {owner: part.minor for owner, part in paid.owners.items()}
    assert owners == {"10": 2, "9": 2, "a": 0, "b": 1, "z": 1, "é": 1}


def test_a_product_made_of_itself_is_refused() -> None:
    rows = [
        {"name": "a", "owner": "x", "uses": [{"source": "b", "share": "0.1"}]},
        {"name": "b", "owner": "y", "uses": [{"source": "a", "share": "0.1"}]},
    ]
    with pytest.raises(CircularProducts) as refused:
        royalties(read_products(rows, "CNY"), "a", cny("1"))
    assert "made of themselves" in refused.value.message


@pytest.mark.parametrize(
    ("rows", "field"),
    [
        ([{"name": "a"}], "products[0].owner"),
        (
            [{"name": "a", "owner": "x", "uses": [{"source": "b", "share": "1.5"}]}],
            "products[0].uses[0].share",
        ),
        (
            [{"name": "a", "owner": "x", "uses": [{"source": "b", "each": "-1"}]}],
            "products[0].uses[0].each",
        ),
        ([{"name": "a", "owner": "x", "uses": [{"source": "b"}]}], "products.a.uses"),
        ([{"name": "a", "owner": "x"}, {"name": "a", "owner": "y"}], "products"),
        ([{"name": "b", "owner": "x"}], "sold"),
    ],
)
def test_products_that_do_not_hold_are_refused(rows: list[dict[str, Any]], field: str) -> None:
    with pytest.raises(BadValue) as refused:
        royalties(read_products(rows, "CNY"), "a", cny("1"))
    assert refused.value.facts["field"] == field
