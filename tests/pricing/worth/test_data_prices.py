"""Prices of cells, views and bundles, and the combinations that undercut them."""

from itertools import combinations

import pytest

from pricing.exact import BadValue
from pricing.worth.bundles import (
    Wish,
    linear_item_prices,
    read_wishes,
    uniform_bundle_price,
    uniform_item_price,
)
from pricing.worth.views import (
    Arbitrage,
    Combination,
    Coverage,
    NotForSale,
    NotSolved,
    View,
    ViewPrices,
    due,
    grid,
)

PROVINCES = ("Guangdong", "Guangxi", "Yunnan")
WEIGHTS = {(p, c): 100 * (i + 1) for i, p in enumerate(PROVINCES) for c in ("load", "price")}


def test_a_query_costs_the_cells_that_it_reads() -> None:
    prices = Coverage(WEIGHTS)
    assert prices.price(grid(["Guangdong"], ["load"])) == 100
    assert prices.price(grid(PROVINCES, ["load", "price"])) == 1200
    assert prices.price(frozenset()) == 0


def test_everything_is_capped() -> None:
    prices = Coverage(WEIGHTS, cap=900)
    assert prices.price(grid(PROVINCES, ["load"])) == 600
    assert prices.price(grid(PROVINCES, ["load", "price"])) == 900


def test_what_is_owned_is_free_and_a_session_costs_its_union() -> None:
    prices = Coverage(WEIGHTS, cap=900)
    first, second = grid(PROVINCES, ["load"]), grid(PROVINCES[1:], ["load", "price"])
    assert due(prices, first) == 600
    assert due(prices, second, owned=first) == 300  # 500 more, but everything costs 900
    assert due(prices, first, owned=first) == 0
    assert due(prices, second) + due(prices, first, owned=second) == 900


def test_a_cell_without_a_price_is_not_for_sale() -> None:
    with pytest.raises(NotForSale) as refused:
        Coverage({"a": 1}).price(frozenset({"a", "b"}))
    assert refused.value.facts["value"] == "b"
    with pytest.raises(NotForSale):
        ViewPrices([View("a", frozenset({"a"}), 1)]).price(frozenset({"b"}))


@pytest.mark.parametrize("weight", [-1, 2**63, 1.5, True])
def test_weights_are_whole_minor_units(weight: int) -> None:
    with pytest.raises(BadValue, match="whole minor units"):
        Coverage({"a": weight})
    with pytest.raises(BadValue, match="cap"):
        Coverage({"a": 1}, cap=weight)


def view(name: str, cells: str, price: int) -> View:
    return View(name, frozenset(cells), price)


LIST = [
    view("north", "abc", 500),
    view("south", "def", 400),
    view("west", "ad", 100),
    view("rest", "bcef", 650),
    view("all", "abcdef", 1000),
]


def test_a_query_costs_the_cheapest_views_that_contain_it() -> None:
    prices = ViewPrices(LIST)
    assert prices.cheapest(frozenset("a")) == Combination(("west",), 100)
    assert prices.cheapest(frozenset("ab")) == Combination(("north",), 500)
    assert prices.cheapest(frozenset("bcef")) == Combination(("rest",), 650)
    assert prices.price(frozenset()) == 0
    assert due(prices, frozenset("abc"), owned=frozenset("ad")) == 500


def test_a_view_that_others_undercut_is_shown_with_them() -> None:
    assert ViewPrices(LIST).arbitrage() == [
        Arbitrage("all", 1000, Combination(("west", "rest"), 750))
    ]
    assert ViewPrices(LIST).arbitrage()[0].sentence == (
        "all costs 1000; west + rest gives as much for 750."
    )
    assert ViewPrices(LIST[:4]).arbitrage() == []


def test_a_part_dearer_than_the_whole_is_found() -> None:
    found = ViewPrices([view("part", "a", 90), view("whole", "ab", 80)]).arbitrage()
    assert found == [Arbitrage("part", 90, Combination(("whole",), 80))]


def test_a_free_view_that_is_not_needed_is_not_named() -> None:
    prices = ViewPrices([view("free", "a", 0), view("both", "ab", 5)])
    assert prices.cheapest(frozenset("ab")) == Combination(("both",), 5)


def test_large_lists_are_solved_to_the_unit() -> None:
    # Twenty cells, each for 7 alone; every pair of neighbours for 13; so ten pairs.
    cells = [f"c{i:02}" for i in range(20)]
    single = [View(cell, frozenset({cell}), 7) for cell in cells]
    pairs = [View(f"{a}+{b}", frozenset({a, b}), 13) for a, b in combinations(cells, 2)]
    assert ViewPrices(single + pairs).price(frozenset(cells)) == 130


def test_a_search_without_time_is_refused() -> None:
    cells = [f"c{i:03}" for i in range(300)]
    views = [
        View(f"v{i}", frozenset(cells[(i * j * j + i) % 300] for j in range(12)), 100 + i % 17)
        for i in range(900)
    ] + [View("every", frozenset(cells), 10**6)]
    with pytest.raises(NotSolved):
        ViewPrices(views, seconds=1e-9).price(frozenset(cells))


def test_views_are_named_once_and_priced_in_whole_units() -> None:
    with pytest.raises(BadValue, match="each name once"):
        ViewPrices([view("a", "a", 1), view("a", "b", 1)])
    with pytest.raises(BadValue, match=r"views\.a\.price"):
        ViewPrices([view("a", "a", -1)])


WISHES = [
    Wish("bank", frozenset("abc"), 90),
    Wish("utility", frozenset("ab"), 80),
    Wish("farm", frozenset("c"), 10),
    Wish("lab", frozenset("cd"), 12),
]


def test_one_price_for_every_bundle() -> None:
    posted = uniform_bundle_price(WISHES)
    assert (posted.bundle, posted.revenue, posted.bound) == (80, 160, 192)
    assert posted.buyers == ("bank", "utility")


def test_one_price_for_every_item() -> None:
    posted = uniform_item_price(WISHES)
    assert set(posted.items.values()) == {30}
    assert (posted.revenue, posted.buyers) == (150, ("bank", "utility"))


def test_a_price_for_each_item_sells_to_all_four() -> None:
    posted = linear_item_prices(WISHES)
    assert (posted.revenue, posted.buyers) == (192, ("bank", "utility", "farm", "lab"))
    assert posted.items["c"] == 10
    assert posted.items["a"] + posted.items["b"] == 80


def test_equal_revenue_goes_to_the_price_that_serves_more() -> None:
    wishes = [Wish("x", frozenset("a"), 10), Wish("y", frozenset("a"), 5)]
    assert uniform_bundle_price(wishes).bundle == 5
    assert uniform_item_price(wishes).items == {"a": 5}


@pytest.mark.parametrize(
    ("rows", "field"),
    [
        ([], "wishes"),
        ([{"buyer": "x", "items": ["a"], "value": -1}], "wishes[0].value"),
        ([{"buyer": "x", "items": ["a"], "value": "NaN"}], "wishes[0].value"),
        ([{"buyer": "x", "items": ["a"], "value": 2**53}], "wishes[0].value"),
        ([{"buyer": "x", "items": [], "value": 1}], "wishes.x.items"),
        ([{"buyer": "x", "items": ["a"], "value": 1}] * 2, "wishes"),
    ],
)
def test_wishes_that_are_none_are_refused(rows: list[object], field: str) -> None:
    with pytest.raises(BadValue) as refused:
        uniform_bundle_price(read_wishes(rows))
    assert refused.value.facts["field"] == field


def test_linear_programs_that_would_take_minutes_are_refused() -> None:
    wishes = [Wish(f"b{i}", frozenset(range(i, i + 21)), 100) for i in range(1000)]
    with pytest.raises(BadValue, match="at most 20000 items together"):
        linear_item_prices(wishes)
    with pytest.raises(BadValue, match="programs is 50; accepted is at most 23"):
        linear_item_prices(wishes[:500])
    assert uniform_item_price(wishes).revenue > 0
