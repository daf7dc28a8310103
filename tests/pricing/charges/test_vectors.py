"""Peers' own figures, answered by general rules."""

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from pricing.cases import evaluate
from pricing.documents import read_json

VECTORS = Path(__file__).parents[4] / "shared" / "vectors" / "charge_vectors.json"
# Peers contradict each other: the safe answer is to price nothing; the option names the other.
REFUSED_ON_PURPOSE = {"polar-graduated-beyond"}


def vectors() -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(VECTORS.read_text())["vectors"]
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


@pytest.fixture
def file() -> Path:
    if not VECTORS.is_file():
        pytest.skip("the shared vectors are not beside the project")
    return VECTORS


def test_every_charge_vector_is_reproduced(file: Path) -> None:
    answers = {str(row["id"]): row["result"] for row in evaluate(read_json(file), file.parent)}
    wrong = {}
    for vector in vectors():
        expected, result = vector["expect"], answers[str(vector["id"])]
        assert isinstance(expected, dict)
        assert isinstance(result, dict)
        if vector["id"] in REFUSED_ON_PURPOSE:
            assert "covered_only" in str(result["error"])
        elif not all(key in result and same(result[key], expected[key]) for key in expected):
            wrong[vector["id"]] = (result, expected)
    assert wrong == {}
    assert len(answers) == 162


def test_the_other_answer_to_a_conflict_has_an_option(file: Path) -> None:
    chosen = [vector for vector in vectors() if vector["id"] in REFUSED_ON_PURPOSE]
    answers = evaluate(
        {"vectors": chosen}, file.parent, options={"beyond_last_tier": "covered_only"}
    )
    assert [row["result"] for row in answers] == [{"amount": "5000"}]
