"""What may leave of a product's data: the table, the document that is cut, the difference, the order."""

from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from exchange.catalog.disclosure import (
    Asker,
    Part,
    check_bytes,
    deliveries_of,
    disclosed,
    disclosed_difference,
    is_held,
    may_leave,
    order_obstacle,
    personal_columns,
)
from exchange.catalog.errors import DataStays
from exchange.catalog.facts import rename_columns
from exchange.catalog.lifecycle import Delivery, Grade
from tests.factories.accounts import NOON
from tests.factories.listings import a_column, a_document

LETTERS = {
    "c": Part.COUNTS,
    "v": Part.VALUES,
    "r": Part.ROWS,
    "s": Part.SAMPLE,
    "b": Part.BYTES,
}
# By grade, from general 1 to core. Towards buyers; towards everybody else the same without bytes.
TABLE = {
    "file": ["cvrsb", "cvrsb", "cb", "c", "c", ""],
    "api": ["cvrs", "cvrs", "c", "c", "c", ""],
    "external": ["cvrs", "cvrs", "c", "c", "c", ""],
    "service": ["cvrs", "cvrs", "c", "c", "c", ""],
    "sandbox": ["c", "c", "c", "c", "c", ""],
}
CASES = [
    (delivery, grade, parts)
    for delivery, row in TABLE.items()
    for grade, parts in zip(Grade.values, row, strict=True)
]
PERSONAL = {"column": "station", "kind": "phone", "share": "0.9", "basis": "values"}


def parts_of(letters: str) -> frozenset[Part]:
    return frozenset(LETTERS[letter] for letter in letters)


def test_the_table_speaks_of_every_delivery_and_grade() -> None:
    assert sorted(TABLE) == sorted(Delivery.values)
    assert len(CASES) == len(Delivery) * len(Grade) == 30


@pytest.mark.parametrize(("delivery", "grade", "letters"), CASES)
def test_what_leaves_depends_on_delivery_grade_and_who_asks(
    delivery: str, grade: str, letters: str
) -> None:
    def towards(asker: Asker) -> frozenset[Part]:
        return may_leave(delivery=delivery, grade=grade, asker=asker)

    assert towards(Asker.BUYER) == parts_of(letters)
    assert towards(Asker.ANYBODY) == parts_of(letters.replace("b", ""))
    assert towards(Asker.OPERATOR) == parts_of(letters.replace("b", ""))
    assert towards(Asker.SELLER) == frozenset(Part)


@pytest.mark.parametrize("delivery", Delivery.values)
def test_of_data_without_a_grade_counts_leave_alone(delivery: str) -> None:
    for asker in (Asker.ANYBODY, Asker.BUYER, Asker.OPERATOR):
        assert may_leave(delivery=delivery, grade="", asker=asker) == {Part.COUNTS}


def test_nothing_that_may_not_be_offered_yields_bytes() -> None:
    yielding = {
        (delivery, grade)
        for delivery in Delivery
        for grade in Grade
        if Part.BYTES in may_leave(delivery=delivery, grade=grade, asker=Asker.BUYER)
    }
    assert yielding == {
        (Delivery.FILE, Grade.GENERAL_1),
        (Delivery.FILE, Grade.GENERAL_2),
        (Delivery.FILE, Grade.GENERAL_3),
    }
    assert all(delivery in deliveries_of(grade) for delivery, grade in yielding)


def test_sensitive_grades_are_offered_in_few_ways() -> None:
    offered = {grade: sorted(deliveries_of(grade)) for grade in ("", *Grade.values)}
    every = sorted(Delivery.values)
    assert offered == {
        "": every,
        "general_1": every,
        "general_2": every,
        "general_3": every,
        "general_4": ["api", "sandbox"],
        "important": ["sandbox"],
        "core": [],
    }


def test_the_exchange_keeps_files_and_what_stays_in_the_sandbox() -> None:
    assert [way for way in Delivery.values if is_held(way)] == ["file", "sandbox"]


def test_only_a_sandbox_product_cannot_be_ordered() -> None:
    obstacles = {way: order_obstacle(way) for way in Delivery.values}
    sandbox = obstacles.pop("sandbox")
    assert sandbox is not None
    assert (sandbox.code, sandbox.http_status, sandbox.facts) == (
        "trusted_space_not_open",
        409,
        {"delivery": "sandbox"},
    )
    assert set(obstacles.values()) == {None}


def test_files_are_refused_by_one_code() -> None:
    check_bytes(frozenset({Part.BYTES}))
    with pytest.raises(DataStays) as refused:
        check_bytes(frozenset(set(Part) - {Part.BYTES}))
    assert (refused.value.code, refused.value.http_status) == ("data_stays", 403)


def test_counts_are_names_numbers_and_words_of_the_seller() -> None:
    document = a_document(
        a_column(
            "energy",
            original_name="E",
            description="Per quarter of an hour.",
            nulls=3,
            quantiles={"50": "4.1"},
            mixed={"kind": "text_among_numbers", "rows": 2, "examples": ["7301"]},
            invented_later="7301",
        ),
        a_column("station", type="text", unit=None, histogram=None),
        findings=[{**PERSONAL, "example": "1***9"}],
        notes=[{"code": "no_header", "text": "The file names no columns.", "rows": 0}],
        invented_later=["7301"],
    )
    empty: dict[str, Any] = {
        "example": None, "min": None, "max": None, "mean": None, "quantiles": None, "top": [],
        "histogram": None,
    }  # fmt: skip
    counted = {"distinct": 90, "distinct_is_estimate": False, "personal": False}
    assert disclosed(document, frozenset({Part.COUNTS}), ()) == {
        "name": "readings",
        "reader": "",
        "rows": 100,
        "columns": [
            {
                "name": "energy", "original_name": "E", "type": "decimal", "unit": "kWh",
                "description": "Per quarter of an hour.", "nulls": 3, **counted, **empty,
                "mixed": {"kind": "text_among_numbers", "rows": 2, "examples": []},
            },
            {
                "name": "station", "original_name": "station", "type": "text", "unit": None,
                "description": "", "nulls": 0, **counted, **empty, "mixed": None,
            },
        ],
        "coverage": {"time": None, "region": None},
        "quality": document["quality"],
        "findings": [{**PERSONAL, "example": ""}],
        "preview": {"columns": ["energy", "station"], "rows": []},
        "notes": document["notes"],
    }  # fmt: skip


def test_nothing_is_an_empty_table() -> None:
    assert disclosed(a_document(), frozenset(), ()) == {
        "name": "readings",
        "reader": "",
        "rows": 0,
        "columns": [],
        "coverage": {"time": None, "region": None},
        "quality": None,
        "findings": [],
        "preview": {"columns": [], "rows": []},
        "notes": [],
    }


def test_values_may_leave_without_rows_and_everything_as_it_is() -> None:
    document = a_document()
    seen = disclosed(document, frozenset({Part.COUNTS, Part.VALUES}), ())
    assert seen == {**document, "preview": {"columns": ["energy", "station"], "rows": []}}
    assert disclosed(document, parts_of("cvrs"), ()) == document


SERIES = {
    "column": "at",
    "unit": "month",
    "starts": ["2025-01-01 00:00:00", "2025-02-01 00:00:00"],
    "rows": [96, 2],
    "means": [{"column": "energy", "values": ["4.1", "7301"], "filled": [90, 2]}],
}


def a_document_over_time() -> dict[str, Any]:
    document = a_document(series=deepcopy(SERIES))
    document["coverage"]["region"]["grid"] = {"width": 2, "counts": [0, 4, 5, 91]}
    return document


def test_few_rows_of_a_month_or_a_field_are_told_as_five_and_without_a_mean() -> None:
    seen = disclosed(a_document_over_time(), parts_of("cvrs"), ())
    assert seen["series"] == {
        **SERIES,
        "rows": [96, 5],
        "means": [{"column": "energy", "values": ["4.1", None], "filled": [90, 5]}],
    }
    assert seen["coverage"]["region"]["grid"] == {"width": 2, "counts": [0, 5, 5, 91]}
    assert seen["coverage"]["region"]["box"] == [116.0, 39.0, 117.5, 40.5]


def test_counts_alone_have_no_series_and_no_grid() -> None:
    seen = disclosed(a_document_over_time(), parts_of("c"), ())
    assert "series" not in seen
    assert seen["coverage"] == {"time": None, "region": None}


def test_a_personal_column_is_in_no_mean_and_a_personal_time_in_no_series() -> None:
    document = a_document_over_time()
    document["columns"].append(a_column("at", type="datetime", histogram=None))
    document["preview"]["columns"].append("at")
    document["preview"]["rows"] = [["1.5", "S1", "2025-01-01"]]
    energy = disclosed(document, parts_of("cvrs"), ["energy"])["series"]
    assert (energy["means"], energy["rows"]) == ([], [96, 5])
    assert disclosed(document, parts_of("cvrs"), ["at"])["series"] is None


def test_a_renamed_column_is_renamed_in_its_series() -> None:
    document = a_document_over_time()
    rename_columns(document, {"energy": "load", "at": "measured_at"})
    assert document["series"]["column"] == "measured_at"
    assert [one["column"] for one in document["series"]["means"]] == ["load"]


def test_a_difference_without_values_says_how_far_columns_moved() -> None:
    drift = {"column": "energy", "drift": "0.100", "nulls": ["0.000", "0.010"]}
    table = {"rows": [100, 101], "columns_added": ["lat"], "score": ["95", "96"]}
    difference = {
        "rows": [100, 101],
        "tables_added": [],
        "tables_removed": [],
        "tables": {"readings": {**table, "drift": [{**drift, "mean": ["4.2", "76.5"]}]}},
    }
    assert disclosed_difference(difference, parts_of("c"), ()) == {
        **difference,
        "tables": {"readings": {**table, "drift": [drift]}},
    }
    assert disclosed_difference(difference, parts_of("cvrs"), ()) == difference
    assert disclosed_difference(difference, parts_of(""), ()) == {}
    assert disclosed_difference({}, parts_of("c"), ()) == {}


def test_a_personal_column_shows_its_empty_cells_and_nothing_else() -> None:
    document = a_document(
        a_column("energy", mixed={"kind": "text_among_numbers", "rows": 1, "examples": ["7301"]}),
        a_column("energy__text", original_name="energy", type="text", example="7301"),
        a_column("station", type="text", example="A"),
        coverage={
            "time": {"column": "energy", "from": "7301", "until": "7302", "rhythm_seconds": 1},
            "region": {"columns": ["energy", "station"], "box": [7301, 0, 1, 1], "values": []},
        },
        findings=[{**PERSONAL, "column": "energy", "example": "7301"}],
        preview={
            "columns": ["energy", "energy__text", "station"],
            "rows": [["7301", None, "A"], [None, "7301", "B"]],
        },
    )
    seen = disclosed(document, frozenset(Part), {"energy"})
    assert "7301" not in str(seen)
    assert seen["preview"]["rows"] == [["***", "***", "A"], ["***", "***", "B"]]
    assert seen["coverage"] == {"time": None, "region": None}
    assert [one.get("distinct") for one in seen["columns"]] == [None, None, 90]
    assert seen["columns"][2]["example"] == "A"


@dataclass(frozen=True)
class AFlag:
    column: str
    state: str = "flagged"
    lifted_at: datetime | None = None


@pytest.mark.parametrize(
    ("decisions", "flags", "published", "personal"),
    [
        ({}, [], True, {"station"}),  # found and never answered
        ({"station": {"personal": False, "why": "a code"}}, [], True, set()),
        ({"energy": {"personal": True, "why": ""}}, [], True, {"energy", "station"}),
        ({"station": {"personal": False, "why": "a code"}}, [AFlag("station")], True, {"station"}),
        ({"station": {"personal": False, "why": "a code"}}, [AFlag("station", "lift_asked")], True, {"station"}),
        ({}, [AFlag("E")], True, {"energy", "station"}),  # by the name in the data
        ({}, [AFlag("station", "lifted", NOON)], True, set()),
        ({}, [AFlag("station", "lifted", NOON - timedelta(days=2))], True, {"station"}),  # before it
        ({}, [AFlag("station", "lifted", NOON)], False, {"station"}),  # of a draft nothing was found
        ({}, [AFlag("station", "lifted", NOON), AFlag("station")], True, {"station"}),
    ],
)  # fmt: skip
def test_flags_count_before_answers_and_answers_before_findings(
    decisions: dict[str, Any], flags: list[AFlag], *, published: bool, personal: set[str]
) -> None:
    document = a_document(
        a_column("energy", original_name="E"), a_column("station"), findings=[PERSONAL]
    )
    at = NOON - timedelta(days=1) if published else None
    assert personal_columns(document, decisions, flags, published_at=at) == personal


def test_of_a_personal_column_no_movement_is_told() -> None:
    rows = [
        {"column": "E", "drift": "0.1", "nulls": ["0", "1"], "mean": ["1", "2"], "min": ["1", "2"]},
        {"column": "S", "drift": "0.2", "mean": ["3", "4"]},
    ]
    difference = {"tables": {"t": {"drift": rows}}}
    told = disclosed_difference(difference, frozenset(Part), {"E"})
    assert told["tables"]["t"]["drift"] == [{"column": "E", "nulls": ["0", "1"]}, rows[1]]
    told = disclosed_difference(difference, parts_of("c"), {"E"})
    assert told["tables"]["t"]["drift"] == [
        {"column": "E", "nulls": ["0", "1"]},
        {"column": "S", "drift": "0.2"},
    ]
