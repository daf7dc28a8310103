"""`split` and `arbitrage` of the program: tables, documents, explanations, refusals."""

import json
from pathlib import Path
from typing import Any

import pytest

from pricing.__main__ import main
from pricing.worth.splitting import METHODS, SplitDiffers, explain, make_split, split_document

GAME = {"values": {"A": "20", "AB": "60", "AC": "50", "ABC": "120"}}
WATERFALL = {
    "shares": {"exchange": "0.6", "gas": "0.3", "institute": "0.1"},
    "tax_rate": "0.06",
    "fee": {"rate": "0.02"},
    "costs": [{"party": "lab", "amount": "100000"}],
    "inside": {"exchange": {"unit": "0.5", "fund": "0.5"}},
}
PRODUCTS = [
    {"name": "score", "owner": "bank tech", "uses": [{"source": "meters", "share": "0.4"}]},
    {"name": "meters", "owner": "grid"},
]


def parts(**request: Any) -> dict[str, int]:
    split = make_split({"currency": "CNY", **request})
    assert sum(part.minor for _, part in split.parts) == split.amount.minor
    return {party: part.minor for party, part in split.parts}


def test_every_way_of_splitting() -> None:
    contributions = [
        {"party": "A", "kind": "data", "units": 3},
        {"party": "B", "kind": "compute", "units": 1},
    ]
    answers = {
        "fixed": parts(method="fixed", amount="0.05", shares={"a": "0.5", "b": "0.5"}),
        "points": parts(
            method="points",
            amount="100",
            contributions=contributions,
            weights={"data": 1, "compute": 1},
        ),
        "shapley": parts(method="shapley", amount="120", game=GAME),
        "banzhaf": parts(method="banzhaf", amount="100", game={"left": 1, "right": 2}),
        "beta_shapley": parts(method="beta_shapley", amount="120", game=GAME, alpha=1, beta=1),
        "sampled_shapley": parts(
            method="sampled_shapley", amount="1", game={"n": 4}, orders=4000, seed=5
        ),
        "clone_robust": parts(
            method="clone_robust",
            amount="1.00",
            game={"values": {"A": 1, "B": 1, "AB": 1}},
            similarity=[[1, 1], [1, 1]],
        ),
        "waterfall": parts(method="waterfall", amount="2400000", terms=WATERFALL),
        "royalties": parts(method="royalties", amount="10", sold="score", products=PRODUCTS),
    }
    assert set(answers) == set(METHODS)
    assert answers["fixed"] == {"a": 3, "b": 2}
    assert answers["points"] == {"A": 7500, "B": 2500}
    assert answers["shapley"] == answers["beta_shapley"] == {"A": 6500, "B": 3000, "C": 2500}
    assert answers["banzhaf"] == {"left 1": 6000, "right 1": 2000, "right 2": 2000}
    assert all(abs(minor - 25) <= 3 for minor in answers["sampled_shapley"].values())
    assert answers["clone_robust"] == {"A": 25, "B": 25, "withheld": 50}
    assert answers["royalties"] == {"bank tech": 600, "grid": 400}
    assert answers["waterfall"] == {
        "tax": 13584906,
        "fee": 4528302,
        "lab (cost)": 10000000,
        "exchange, unit": 63566037,
        "exchange, fund": 63566038,
        "gas": 63566038,
        "institute": 21188679,
    }


@pytest.fixture
def request_file(tmp_path: Path) -> Path:
    path = tmp_path / "split.json"
    path.write_text(
        json.dumps({"method": "shapley", "currency": "CNY", "amount": "120", "game": GAME})
    )
    return path


def test_a_split_is_a_table_a_document_and_an_explanation(
    request_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["split", str(request_file)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "A: 65 added on average, 54.1666666667 % of the whole = 65.00 CNY",
        "B: 30 added on average, 25 % of the whole = 30.00 CNY",
        "C: 25 added on average, 20.8333333333 % of the whole = 25.00 CNY",
        "",
        "party        CNY",
        "--------  ------",
        "A          65.00",
        "B          30.00",
        "C          25.00",
        "together  120.00",
    ]
    assert main(["split", str(request_file), "--json"]) == 0
    document = tmp_path / "done.json"
    document.write_text(capsys.readouterr().out)
    assert main(["explain", str(document)]) == 0
    assert capsys.readouterr().out.startswith("120.00 CNY by shapley.\nA: 65 added")


def test_ties_go_by_name_however_the_request_is_written() -> None:
    request = {"method": "fixed", "currency": "CNY", "amount": "0.01"}
    for names in ("ab", "ba"):
        split = make_split({**request, "shares": dict.fromkeys(names, "0.5")})
        assert [(party, part.minor) for party, part in split.parts] == [("a", 1), ("b", 0)]


def test_a_split_that_was_changed_is_refused() -> None:
    split = make_split({"method": "fixed", "currency": "CNY", "amount": "1", "shares": {"a": "1"}})
    document = split_document(split)
    assert explain(document).endswith("100 % of the whole = 1.00 CNY")
    with pytest.raises(SplitDiffers) as refused:
        explain({**document, "amount_minor": 99})
    assert refused.value.facts["field"] == "amount_minor"


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        ({"method": "luck"}, "The field method is 'luck'"),
        ({"method": "fixed", "amount": "-1"}, "The field amount is '-1'"),
        ({"method": "fixed", "amount": "0.001"}, "whole minor units of CNY"),
        ({"method": "fixed", "amount": "1", "currency": "XXX"}, "'XXX' is not known"),
        ({"method": "fixed", "amount": "1", "shares": {"a": "0.9"}}, "sums to 0.9"),
        (
            {"method": "shapley", "amount": "1", "game": {"values": {"A": -5, "AB": 1}}},
            "The value of A",
        ),
        (
            {"method": "shapley", "amount": "1", "game": GAME, "negative": "flor"},
            "The field negative",
        ),
        (
            {"method": "clone_robust", "amount": "1", "game": GAME, "similarity": [[1]]},
            "The field similarity",
        ),
    ],
)
def test_a_split_that_cannot_be_is_refused(
    request_: dict[str, Any], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "split.json"
    path.write_text(json.dumps({"currency": "CNY", **request_}))
    assert main(["split", str(path)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert sentence in printed.err
    assert printed.err.count("\n") == 1


@pytest.mark.parametrize("command", ["value", "split", "arbitrage"])
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("[" * 400 + "]" * 400, "at most 20 levels"),
        ("[]", "The field"),
        ("{", "is not JSON"),
        ('{"method": "income_direct", "method": "fixed"}', "is there twice"),
    ],
)
def test_a_file_that_is_no_request_is_refused(
    command: str,
    content: str,
    sentence: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "file.json"
    path.write_text(content)
    assert main([command, str(path)]) == 2
    assert sentence in capsys.readouterr().err


def test_the_program_finds_arbitrage_and_ends_with_code_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "list.json"
    views = [
        {"name": "part", "cells": ["a"], "price": 90},
        {"name": "whole", "cells": ["a", "b"], "price": 80},
    ]
    path.write_text(json.dumps({"views": views}))
    assert main(["arbitrage", str(path)]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "part         90  whole                80"
    path.write_text(json.dumps({"versions": [{"x": 1, "price": 10}, {"x": 2, "price": 25}]}))
    assert main(["arbitrage", str(path), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)["arbitrage"]
    assert [one["sentence"] for one in found] == ["x=2 costs 25; 2 × x=1 gives as much for 20."]
    path.write_text(json.dumps({"versions": [{"x": 1, "price": 10}, {"x": 2, "price": 20}]}))
    assert main(["arbitrage", str(path)]) == 0
    assert capsys.readouterr().out == "Nothing found.\n"
