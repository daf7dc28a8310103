"""Inputs on which floats, tolerances or the order of writing once decided, each with its right value."""

import json
from pathlib import Path
from typing import Any

import pytest

from pricing.__main__ import main
from pricing.exact import BadValue
from pricing.worth.curves import Menu, two_quality_menu
from pricing.worth.reports import explain, make_report, replay, report_document
from pricing.worth.splitting import make_split
from tests.pricing.charges.strategies import plan as plan_of
from tests.pricing.worth.strategies import engagement


def parts(**request: Any) -> dict[str, int]:
    return {party: part.minor for party, part in make_split(request).parts}


def test_a_tie_of_points_goes_by_name_not_by_who_is_named_first() -> None:
    contributions = [
        {"party": "C", "kind": "e", "units": 3},
        {"party": "B", "kind": "d", "units": 2},
    ]
    for listed in (contributions, contributions[::-1]):
        assert parts(
            method="points",
            currency="JPY",
            amount="26",
            weights={"d": "0.5", "e": "1"},
            contributions=listed,
        ) == {"B": 7, "C": 19}


@pytest.mark.parametrize("method", ["shapley", "banzhaf", "beta_shapley", "sampled_shapley"])
def test_a_tie_of_game_values_goes_by_name_however_parties_are_listed(method: str) -> None:
    values = {"A": 1, "B": 1, "C": 1, "AB": 2, "AC": 2, "BC": 2, "ABC": 3}
    for parties in ("ABC", "CBA", "BCA"):
        request = {"method": method, "currency": "JPY", "amount": "4", "alpha": 2, "beta": 1}
        split = make_split({**request, "game": {"parties": list(parties), "values": values}})
        assert [(party, part.minor) for party, part in split.parts] == [
            (party, 2 if party == "A" else 1) for party in parties
        ]


def test_what_is_withheld_comes_after_every_party_in_a_tie() -> None:
    game = {"parties": ["y", "z"], "values": {"y": 1, "z": 1, "y+z": 1}}
    request = {"method": "clone_robust", "currency": "JPY", "game": game}
    halves = parts(**request, amount="2", similarity=[[1, 1], [1, 1]])
    assert halves == {"y": 1, "z": 0, "withheld": 1}
    named = {"parties": ["y", "withheld"], "values": {"y+withheld": 1}}
    with pytest.raises(BadValue, match="parties of another name"):
        make_split({**request, "amount": "1", "game": named, "similarity": [[1, 0], [0, 1]]})


@pytest.mark.parametrize(
    ("low_type", "high_type", "buyers", "menu"),
    [
        ((1, 2), (1, 2), (1, 1), Menu(None, 2, 4)),
        ((1, 10), (2, 12), (10, 1), Menu(None, 10, 110)),
        ((40, 50), (60, 100), (10, 10), Menu(40, 80, 1200)),
        ((40, 50), (60, 100), (4, 10), Menu(None, 100, 1000)),
        ((0, 0), (0, 0), (5, 5), Menu(None, 0, 0)),
        ((3, 4), (3, 9), (7, 0), Menu(None, 4, 28)),
        ((0, 10**15), (0, 10**15 + 1), (10**9, 10**9), Menu(None, 10**15, 2 * 10**24)),
        ((0, 5), (0, 10), (1, 1), Menu(None, 5, 10)),  # as much as 10 earns, and both buy
    ],
)
def test_one_quality_for_all_may_be_the_best_menu(
    low_type: tuple[int, int], high_type: tuple[int, int], buyers: tuple[int, int], menu: Menu
) -> None:
    found = two_quality_menu(
        low_type=low_type, high_type=high_type, low_buyers=buyers[0], high_buyers=buyers[1]
    )
    assert found == menu


@pytest.mark.parametrize("values", [(1,), (1, 2, 3), (1.5, 2), "12", (2, 1), (-1, 1), None])
def test_a_type_has_two_whole_values(values: Any) -> None:
    with pytest.raises(BadValue) as refused:
        two_quality_menu(low_type=values, high_type=(5, 9), low_buyers=1, high_buyers=1)
    assert refused.value.facts["field"] == "low_type"


@pytest.mark.parametrize("zero", ["0.0", "0.00", "-0", 0, "0e3", {"value": "0.0"}])
def test_no_discount_needs_no_source_however_zero_is_written(zero: object) -> None:
    written = report_document(make_report(engagement(rights_discount=zero)))
    again = replay(json.loads(json.dumps(written)))
    assert explain(again).endswith("Value: 1100840.08 CNY.")
    with pytest.raises(BadValue, match=r"rights_discount\.source"):
        make_report(engagement(rights_discount="0.01"))


def test_a_report_with_a_fractional_zero_is_explained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "engagement.json"
    path.write_text(json.dumps(engagement(rights_discount=0.0)))
    assert main(["value", str(path), "--json"]) == 0
    report = tmp_path / "report.json"
    report.write_text(capsys.readouterr().out)
    assert main(["explain", str(report)]) == 0
    assert capsys.readouterr().out.endswith("Value: 1100840.08 CNY.\n")


WORDS: list[tuple[str, dict[str, Any], str]] = [
    ("split", {"method": ["fixed"]}, "method"),
    ("split", {"method": "fixed", "currency": ["CNY"], "amount": 1}, "currency"),
    (
        "split",
        {"method": "shapley", "amount": 1, "game": {"n": 3}, "negative": ["floor"]},
        "negative",
    ),
    ("split", {"method": "shapley", "amount": 1, "game": {"n": 3, "game": ["miner"]}}, "game"),
    (
        "split",
        {"method": "shapley", "amount": 1, "game": {"parties": [["A"]], "values": {"A": 1}}},
        "parties[0]",
    ),
    (
        "split",
        {"method": "points", "amount": 1, "contributions": 5, "weights": {}},
        "contributions",
    ),
    (
        "split",
        {
            "method": "points",
            "amount": 1,
            "weights": {"d": 1},
            "contributions": [{"party": ["A"], "kind": "d", "units": 1}],
        },
        "contributions[0].party",
    ),
    (
        "split",
        {"method": "points", "amount": 1, "weights": {"d": 1}, "contributions": [5]},
        "contributions[0]",
    ),
    ("split", {"method": "royalties", "amount": 1, "sold": [], "products": []}, "sold"),
    ("value", {"method": ["income_direct"], "parameters": {}}, "method"),
    (
        "value",
        {"method": "income_excess", "parameters": {"revenue": [1], "contributions": 5, "rate": 0}},
        "contributions",
    ),
    (
        "value",
        {
            "method": "income_excess",
            "parameters": {"revenue": [1], "contributions": [[1], 5], "rate": 0},
        },
        "contributions[1]",
    ),
    ("value", engagement(methods=[{"method": ["cost"], "parameters": {}}]), "methods[0].method"),
    ("value", engagement(currency=["CNY"]), "currency"),
    ("value", engagement(base_date=["2026-06-30"]), "base_date"),
    ("arbitrage", {"versions": [{"name": ["a"], "x": 1, "price": 1}]}, "versions[0].name"),
    ("arbitrage", {"views": [{"name": "a", "cells": [["b"]], "price": 1}]}, "views[0].cells"),
    ("arbitrage", {"views": [{"name": "\ud800", "cells": ["b"], "price": 1}]}, "document"),
    ("explain", {"format": ["assay.split/1"]}, "format"),
]


@pytest.mark.parametrize(("command", "document", "field"), WORDS)
def test_a_list_where_a_word_is_wanted_is_refused(
    command: str,
    document: dict[str, Any],
    field: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "file.json"
    path.write_text(json.dumps({"currency": "CNY", **document} if command == "split" else document))
    assert main([command, str(path), "--json"]) == 2
    refusal = json.loads(capsys.readouterr().out)["error"]
    assert refusal["facts"]["field"] == field
    assert "accepted is" in refusal["message"]


def test_a_preview_of_a_list_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan, periods = tmp_path / "plan.json", tmp_path / "periods.json"
    calls = {"name": "calls", "model": "per_unit", "meter": "calls", "unit": "0.10"}
    plan.write_text(json.dumps(plan_of(calls)))
    periods.write_text("[1]")
    assert main(["quote", str(plan), "--preview", str(periods)]) == 2
    assert "The field preview is [1]" in capsys.readouterr().err
