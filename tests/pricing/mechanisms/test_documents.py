"""The documentation's auctions clear to the outcomes printed beside them."""

import json
import re
from pathlib import Path

import pytest

from pricing.mechanisms.evidence import clear
from pricing.mechanisms.outcomes import MECHANISMS

PAGE = (Path(__file__).parents[3] / "docs" / "pricing" / "mechanisms.md").read_text()
EXAMPLES = [
    (json.loads(auction), json.loads(outcome))
    for auction, outcome in re.findall(
        r"```json\n(\{.*?\})\n```\n\n```json outcome\n(\{.*?\})\n```", PAGE, re.DOTALL
    )
]


@pytest.mark.parametrize(
    ("auction", "outcome"), EXAMPLES, ids=[auction["mechanism"] for auction, _ in EXAMPLES]
)
def test_worked_auctions_clear_as_documented(
    auction: dict[str, object], outcome: dict[str, object]
) -> None:
    assert clear(auction)["outcome"] == outcome


def test_every_mechanism_is_worked_or_named_beside_its_sibling() -> None:
    worked = {str(auction["mechanism"]) for auction, _ in EXAMPLES}
    assert set(MECHANISMS) - worked == {
        "first_price",
        "trade_reduction",
        "deterministic_optimal_price",
    }
