"""Arbitrage decided in whole numbers: near ties, many digits, free entries, and what stays undecided."""

import json
import random
import time
from fractions import Fraction
from pathlib import Path

import pytest

from pricing.__main__ import main
from pricing.worth import copies, covers
from pricing.worth.covers import Cover
from pricing.worth.curves import Version, arbitrage, check
from pricing.worth.views import Arbitrage, Combination, NotSolved, View, ViewPrices


def versions(*points: tuple[str, int]) -> list[Version]:
    return [
        Version(f"v{i}", Fraction(x), Fraction(price)) for i, (x, price) in enumerate(points, 1)
    ]


@pytest.mark.parametrize(
    ("points", "name", "cheaper", "price"),
    [
        ([("0.333333333", 10), ("0.5", 20), ("1", 100)], "v3", ("2 × v2",), 40),
        ([("9999999", 1), ("10000000", 100)], "v2", ("2 × v1",), 2),
        ([("0.333333333333333333", 10), ("1", 31)], "v2", None, None),
        ([("0.333333333333333334", 10), ("1", 31)], "v2", ("3 × v1",), 30),
        ([("999999999999999999", 1), ("1999999999999999998", 3)], "v2", ("2 × v1",), 2),
        ([("999999999999999999", 1), ("1999999999999999999", 3)], "v2", None, None),
        ([("1", 0), ("2", 0), ("1000000", 5)], "v3", ("500000 × v2",), 0),
        ([("1", 9007199253), ("2", 9007199254)], "v1", None, None),
        ([("2", 9007199252), ("3", 9007199254), ("5", 9007199253)], "v2", ("v3",), 9007199253),
    ],
)
def test_versions_are_compared_to_the_last_unit(
    points: list[tuple[str, int]], name: str, cheaper: tuple[str, ...] | None, price: int | None
) -> None:
    found = {one.name: one.cheaper for one in arbitrage(versions(*points))}
    expected = Combination(cheaper, price) if cheaper and price is not None else None
    assert found.get(name) == expected


def test_what_the_steps_decide_the_table_decides_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = random.Random(7)  # noqa: S311 - examples
    for _ in range(60):
        xs = sorted(drawn.sample(range(1, 60), 6))
        given = versions(*((str(x), 10 * x + drawn.randint(-9, 9)) for x in xs))
        by_steps = [(one.name, one.cheaper.price) for one in arbitrage(given)]
        with monkeypatch.context() as patch:
            patch.setattr(copies, "STEPS_EACH", 0)
            assert [(one.name, one.cheaper.price) for one in arbitrage(given)] == by_steps


def test_versions_that_stay_undecided_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(copies, "STEPS_EACH", 0)
    monkeypatch.setattr(copies, "AMOUNT_MAX", 0)
    given = versions(("2", 20), ("3", 29), ("7", 70))
    checked = check(given)
    assert checked.undercut == ()
    assert checked.unsure == ("v3",)
    with pytest.raises(NotSolved, match="Not decided within the limits of the search: v3"):
        arbitrage(given)
    path = tmp_path / "list.json"
    rows = [{"name": one.name, "x": str(one.x), "price": int(one.price)} for one in given]
    path.write_text(json.dumps({"versions": rows}))
    assert main(["arbitrage", str(path)]) == 1
    assert capsys.readouterr().out == "Not decided within the limits of the search: v3.\n"
    assert main(["arbitrage", str(path), "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {"arbitrage": [], "unsure": ["v3"]}


def view(name: str, cells: str, price: int) -> View:
    return View(name, frozenset(cells), price)


def test_views_are_compared_to_the_last_unit() -> None:
    large = 9 * 10**11
    pair = [view("a", "a", large // 2), view("b", "b", large // 2 - 1), view("ab", "ab", large)]
    cheaper = Combination(("a", "b"), large - 1)
    assert ViewPrices(pair).arbitrage() == [Arbitrage("ab", large, cheaper)]
    equal = [*pair[:1], view("b", "b", large // 2), pair[2]]
    assert ViewPrices(equal).arbitrage() == []


def test_free_views_undercut_every_price() -> None:
    found = ViewPrices([view("free", "ab", 0), view("dear", "a", 1), view("also", "b", 0)])
    assert found.arbitrage() == [Arbitrage("dear", 1, Combination(("free",), 0))]


def test_the_solver_decides_what_the_steps_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = random.Random(3)  # noqa: S311 - examples
    for _ in range(15):
        cells = [frozenset(drawn.sample(range(12), 4)) for _ in range(25)]
        holders = [tuple(i for i, held in enumerate(cells) if cell in held) for cell in range(12)]
        rows = [row for row in holders if row]
        prices = [10**9 + drawn.randint(-3, 3) for _ in cells]
        by_steps = Cover(rows, prices, 10**12)
        assert by_steps.solve(0)
        with monkeypatch.context() as patch:
            patch.setattr(covers, "STEPS_MAX", 0)
            by_solver = Cover(rows, prices, 10**12, steps=0)
            assert by_solver.solve(30)
        assert by_solver.below == by_steps.below


@pytest.mark.deep
def test_thousands_of_views_end_in_time_and_what_is_undecided_is_said() -> None:
    drawn = random.Random(2)  # noqa: S311 - examples
    views = [
        View(
            f"v{i}",
            frozenset(map(str, drawn.sample(range(300), drawn.randint(1, 12)))),
            drawn.randint(1, 10**5),
        )
        for i in range(3_000)
    ]
    started = time.monotonic()
    checked = ViewPrices(views, seconds=8).check()
    assert time.monotonic() - started < 20
    assert checked.undercut
    named = {one.name: one for one in views}
    for sale in checked.undercut[:500]:
        bought = [named[name] for name in sale.cheaper.views]
        assert named[sale.name].cells <= frozenset().union(*(one.cells for one in bought))
        assert sum(one.price for one in bought) == sale.cheaper.price < sale.price
    assert not {one.name for one in checked.undercut} & set(checked.unsure)
