"""Auction documents: every mechanism clears again to the same bytes; bad input is named."""

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pricing.__main__ import main
from pricing.mechanisms.evidence import EvidenceDiffers, clear, evidence_bytes, reclear
from pricing.mechanisms.outcomes import MECHANISMS
from pricing.refusals import PricingRefusal

SEED = "00112233445566778899aabbccddeeff"
BIDS = [
    {"bidder": "ann", "price": 70, "time": 3, "seq": 1},
    {"bidder": "ben", "price": 90, "time": 2, "seq": 2},
    {"bidder": "cem", "price": 80, "time": 1, "seq": 3},
]
OFFERS = [{"bidder": "x", "price": 60, "seq": 1}, {"bidder": "y", "price": 75, "seq": 2}]
CLOCK = {"start": 90, "step": 10, "every": 1, "floor": 70}
RISING = [{**row, "time": time} for time, row in enumerate(sorted(BIDS, key=lambda r: int(str(r["price"]))), 1)]  # fmt: skip
ACCEPTED = [{"bidder": "ann", "price": 70, "time": 2, "seq": 1}]
DOCUMENTS: dict[str, dict[str, Any]] = {
    "dutch": {"terms": CLOCK, "bids": ACCEPTED},
    "procurement": {"terms": {"reserve": 85, "minimum": 75}},
    "english": {
        "terms": {"opening": 50, "closes_at": 10, "soft_close": {"window": 2, "extension": 2}},
        "bids": RISING,
    },
    "uniform_price": {"terms": {"supply": 2}},
    "discriminatory": {"terms": {"supply": 2}},
    "multiunit_vickrey": {"terms": {"supply": 2}},
    "clinching": {"terms": {"supply": 2}},
    "book_building": {"terms": {"supply": 2}},
    "call_market": {"offers": OFFERS},
    "mcafee": {"offers": OFFERS},
    "trade_reduction": {"offers": OFFERS},
    "budget_uniform_price": {
        "terms": {"supply": "10", "reserve_price": "1"},
        "bids": [{"bidder": "ann", "spend": "20", "quantity": "3", "seq": 1}],
    },
    "random_sampling": {"terms": {"seed": SEED}},
    "packages": {
        "bids": [
            {"bidder": "ann", "items": ["A"], "price": 80, "seq": 1},
            {"bidder": "ben", "items": {"B": 1}, "price": 60, "seq": 2},
            {"bidder": "all", "items": ["A", "B"], "price": 100, "seq": 3},
        ]
    },
    "licences": {
        "bids": [
            {"bidder": "ann", "values": [90, 40], "seq": 1},
            {"bidder": "ben", "values": [60, 55], "seq": 2},
        ]
    },
}


def document(mechanism: str, **changed: Any) -> dict[str, Any]:
    return {"mechanism": mechanism, "bids": BIDS, **DOCUMENTS.get(mechanism, {}), **changed}


@pytest.mark.parametrize("mechanism", sorted(MECHANISMS))
def test_evidence_clears_again_to_the_same_bytes_in_any_order_of_bids(mechanism: str) -> None:
    given = document(mechanism)
    evidence = clear(given)
    stored = json.loads(evidence_bytes(evidence))
    assert evidence_bytes(reclear(stored)) == evidence_bytes(evidence)
    turned = {**given, "bids": list(reversed(given["bids"]))}
    assert evidence_bytes(clear(turned)) == evidence_bytes(evidence)


@pytest.mark.parametrize(
    ("mechanism", "expected"),
    [
        ("second_price", {"winner": "ben", "price": 80}),
        ("first_price", {"winner": "ben", "price": 90}),
        ("procurement", {"winner": "cem", "price": 80}),
        ("english", {"winner": "ben", "price": 81, "bids": 3}),
        ("uniform_price", {"price": 70, "revenue": 140}),
        ("discriminatory", {"revenue": 170}),
        ("call_market", {"price": 77, "volume": 2}),
        ("packages", {"payments": {"ann": 60, "ben": 40}, "revenue": 100}),
        ("licences", {"licences": 2, "revenue": 55}),
        ("budget_uniform_price", {"price": 2, "sold": "10", "partial": False}),
    ],
)
def test_outcomes_say_who_won_and_what_is_paid(mechanism: str, expected: dict[str, Any]) -> None:
    outcome = clear(document(mechanism))["outcome"]
    assert {name: outcome[name] for name in expected} == expected


def test_a_changed_outcome_is_found_out() -> None:
    evidence = clear(document("second_price"))
    evidence["outcome"]["price"] = 70
    with pytest.raises(EvidenceDiffers, match="differs from what its auction gives in: outcome"):
        reclear(evidence)


HUGE = 2**53 + 1


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"bids": []}, "The field bids is empty"),
        ({"bids": [{**BIDS[0], "price": 0}]}, r"bids\[0\]\.price is 0; accepted is a whole number"),
        ({"bids": [{**BIDS[0], "price": HUGE}]}, "price is 9007199254740993; accepted"),
        ({"bids": [{**BIDS[0], "price": 10.5}]}, "price is 10.5; accepted is a whole number"),
        ({"bids": [{**BIDS[0], "price": float("nan")}]}, "price is nan"),
        ({"bids": [{**BIDS[0], "price": "70"}]}, "price is '70'"),
        ({"bids": [{**BIDS[0], "price": True}]}, "price is True"),
        ({"bids": [{**BIDS[0], "quantity": -1}]}, "quantity is -1; accepted"),
        ({"bids": [{**BIDS[0], "seq": None}]}, "seq is None"),
        ({"bids": [{**BIDS[0], "wish": 1}]}, r"bids\[0\]\.wish is 1; accepted is only"),
        ({"bids": [BIDS[0], {**BIDS[1], "seq": 1}]}, "bids.seq is 1 twice"),
        ({"bids": [BIDS[0], {**BIDS[1], "bidder": "ann"}]}, "bids.bidder is 'ann' twice"),
        ({"terms": {"seller": "ann"}}, r"bids\[0\]\.bidder is 'ann', the seller"),
        ({"terms": {"closes_at": 3}}, r"bids\[0\]\.time is 3; accepted is a time from 0 and before 3"),
        ({"terms": {"reserve": -5}}, "terms.reserve is -5"),
        ({"terms": {"reserv": 5}}, "terms.reserv is 5; accepted is only"),
        ({"terms": {"opens_at": 2}}, r"bids\[2\]\.time is 1; accepted is a time from 2 on"),
        ({"terms": {"opens_at": "2"}}, "terms.opens_at is '2'; accepted is a whole number"),
        ({"terms": {"opens_at": Decimal("NaN")}}, "terms.opens_at is NaN; accepted is a whole number"),
        ({"terms": {"opens_at": 9, "closes_at": 9}}, "closes_at is 9; accepted is a time after 9"),
        ({"terms": {"seller": ["ann"]}}, r"terms.seller is \['ann'\]; accepted is a name"),
        ({"bids": [{**BIDS[0], "bidder": "\ud800"}]}, "accepted is a name without lone surrogates"),
        ({"bids": [{**BIDS[0], "quantity": 2}]}, r"bids\[0\]\.quantity is 2; accepted is 1"),
        ({"mechanism": "tombola"}, "mechanism is 'tombola'; accepted is one of"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_with_field_value_and_what_is_accepted(
    changed: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(PricingRefusal, match=sentence) as refused:
        clear({**document("second_price"), **changed})
    assert {"field", "value", "accepted"} <= set(refused.value.facts)


@pytest.mark.parametrize(
    ("terms", "sentence"),
    [
        ({"increments": 5}, "terms.increments is 5; accepted is a list"),
        ({"increments": [5]}, r"terms.increments\[0\] is 5; accepted is a row of two"),
        ({"increments": [[0, 1, 2]]}, "accepted is a row of two"),
        ({"increments": [[0, "1"]]}, r"terms.increments\[0\]\[1\] is '1'; accepted is a whole"),
        ({"increments": [[0, Decimal("Infinity")]]}, r"increments\[0\]\[1\] is Infinity"),
        ({"increments": []}, "rows that start at 0 and rise"),
        ({"soft_close": 5}, "terms.soft_close is 5; accepted is an object"),
        ({"soft_close": {"window": 1}}, "terms.soft_close.extension is None; accepted is a whole"),
        ({"soft_close": {"window": 1, "extension": 1, "wish": 1}}, "soft_close.wish is 1; accepted"),
        ({"soft_close": {"window": 1, "extension": 1, "cap": "9"}}, "soft_close.cap is '9'"),
        ({"closes_at": None}, "terms.closes_at is None; accepted is a whole number"),
        ({"opens_at": 2}, r"bids\[0\]\.time is 1; accepted is a time from 2 and before 10"),
    ],
)  # fmt: skip
def test_bad_terms_of_an_english_auction_are_refused(terms: dict[str, Any], sentence: str) -> None:
    given = document("english", terms={"opening": 50, "closes_at": 10, **terms})
    with pytest.raises(PricingRefusal, match=sentence):
        clear(given)


def test_text_that_no_file_can_hold_is_refused_wherever_it_stands() -> None:
    given = document("packages", terms={"supply": {"A": 1, "B": 1, "\ud800": 1}})
    with pytest.raises(PricingRefusal, match="lone surrogates"):
        clear(given)


def test_a_refusal_of_such_text_can_be_printed() -> None:
    with pytest.raises(PricingRefusal, match="accepted is only") as refused:
        clear(document("second_price", terms={"\ud800": 1}))
    assert str(refused.value).encode()
    assert json.dumps(refused.value.facts, ensure_ascii=False).encode()


def test_a_number_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(PricingRefusal, match=r"terms\.reserve is nan; accepted is a whole number"):
        clear(document("second_price", terms={"reserve": float("nan")}))


def test_evidence_of_earlier_rules_holds_where_todays_give_the_same() -> None:
    evidence = clear(document("second_price")) | {"rules_version": 2}
    assert reclear(evidence) == evidence
    with pytest.raises(EvidenceDiffers, match="rules_version"):
        reclear(evidence | {"rules_version": 1})


def test_the_program_prints_json_alone(tmp_path: Path) -> None:
    auction = tmp_path / "auction.json"
    items = [f"i{at}" for at in range(12)]
    rows = [
        {"bidder": f"b{at}", "items": [items[at % 12], items[at * 5 % 12 - 1]], "price": 10**7 + at, "seq": at}
        for at in range(40)
        if items[at % 12] != items[at * 5 % 12 - 1]
    ]  # fmt: skip
    auction.write_text(json.dumps({"mechanism": "packages", "bids": rows}))
    words = [sys.executable, "-m", "pricing", "clear", str(auction), "--json"]
    ran = subprocess.run(words, capture_output=True, text=True, check=True)
    assert json.loads(ran.stdout)["outcome"]["welfare"] > 0


def test_the_program_clears_checks_and_explains(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    auction, evidence = tmp_path / "auction.json", tmp_path / "evidence.json"
    auction.write_text(json.dumps(document("uniform_price")))
    assert main(["clear", str(auction), "--json"]) == 0
    evidence.write_text(capsys.readouterr().out)
    assert main(["clear", str(evidence)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "uniform_price: units at one price",
        "",
        "covered: True",
        "price: 70",
        "revenue: 140",
        "sold: 2",
        "",
        "awards",
        "bidder  quantity  payment",
        "------  --------  -------",
        "ben            1       70",
        "cem            1       70",
        "",
        "Cleared again: the same bytes.",
    ]
    assert main(["explain", str(evidence)]) == 0
    assert "1. ben (number 2): price 90, quantity 1, time 2" in capsys.readouterr().out
    evidence.write_text(evidence.read_text().replace('"revenue": 140', '"revenue": 141'))
    assert main(["clear", str(evidence)]) == 2
    assert "differs" in capsys.readouterr().err
