"""Peers' own figures, answered by general rules."""

import json
from decimal import Decimal
from fractions import Fraction

from pricing.cases import evaluate
from pricing.documents import read_json
from tests.sets import Sets, each_set

FILE = "charge_vectors.json"
# Peers contradict each other: the safe answer is to price nothing; the option names the other.
REFUSED_ON_PURPOSE = {"polar-graduated-beyond"}


def vectors(sets: Sets) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads((sets.vectors / FILE).read_text())["vectors"]
    return found


def same(got: object, expected: object) -> bool:
    """Equal within a millionth, whichever of text and number is used."""
    if isinstance(expected, list):
        return (
            isinstance(got, list)
            and len(got) == len(expected)
            and all(same(a, b) for a, b in zip(got, expected, strict=True))
        )
    a, b = Fraction(Decimal(str(got))), Fraction(Decimal(str(expected)))
    return abs(a - b) * 10**6 <= max(Fraction(1), abs(b))


@each_set
def test_every_charge_vector_is_reproduced(sets: Sets) -> None:
    document = read_json(sets.vectors / FILE)
    answers = {str(row["id"]): row["result"] for row in evaluate(document, sets.vectors)}
    wrong = {}
    for vector in vectors(sets):
        expected, result = vector["expect"], answers[str(vector["id"])]
        assert isinstance(expected, dict)
        assert isinstance(result, dict)
        if vector["id"] in REFUSED_ON_PURPOSE:
            assert "covered_only" in str(result["error"])
        elif not all(key in result and same(result[key], expected[key]) for key in expected):
            wrong[vector["id"]] = (result, expected)
    assert wrong == {}
    assert len(answers) == sets.expects(excerpt=39, whole=162)


@each_set
def test_the_other_answer_to_a_conflict_has_an_option(sets: Sets) -> None:
    chosen = [vector for vector in vectors(sets) if vector["id"] in REFUSED_ON_PURPOSE]
    answers = evaluate(
        {"vectors": chosen}, sets.vectors, options={"beyond_last_tier": "covered_only"}
    )
    assert [row["result"] for row in answers] == [{"amount": "5000"}]
