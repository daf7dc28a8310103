"""The worked tables of docs/pricing/charges.md are what the code gives."""

import json
import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from pricing.charges.models import MODELS, Usage, read_percentage
from pricing.charges.plans import read_plan
from pricing.charges.quotes import price_charge
from pricing.charges.vectorised import quote_many
from pricing.exact import text
from tests.pricing.charges.strategies import plan, price_events

PAGE = (Path(__file__).parents[3] / "docs" / "pricing" / "charges.md").read_text()
WORKED = re.findall(
    r"```json\n([^`]*)```\n\n\| units \| price \|\n\|---\|---\|\n((?:\|.*\|\n)+)", PAGE
)
PERCENTAGES = re.findall(
    r"^\| ([\d.]+) \| (\S+) \| (\S+) \| (\S+) \| (\S+) \| (\S+) \| ([\d, ]+) \| ([\d.]+) \|$",
    PAGE,
    re.MULTILINE,
)


def rows(table: str) -> list[tuple[str, str]]:
    return [(a, b) for a, b in re.findall(r"^\| (\S+) \| (\S+) \|$", table, re.MULTILINE)]


def test_every_model_has_a_worked_table() -> None:
    worked = {json.loads(document)["model"] for document, _ in WORKED}
    assert worked == set(MODELS) - {"percentage", "graduated_percentage", "dynamic"}
    assert len(WORKED) == 8
    assert len(PERCENTAGES) == 6


@pytest.mark.parametrize(("document", "table"), WORKED)
def test_the_worked_prices_are_right(document: str, table: str) -> None:
    charge = read_plan(plan(json.loads(document))).charges[0]
    for units, price in rows(table):
        priced = price_charge(charge, Usage(Fraction(units)), currency="CNY")
        assert f"{priced.amount.decimal:f}" == price
        at_once = quote_many(charge, np.array([int(units)]), currency="CNY")
        assert at_once.tolist() == [int(Decimal(price) * 100)]


@pytest.mark.parametrize("row", PERCENTAGES)
def test_the_worked_percentages_are_right(row: tuple[str, ...]) -> None:
    keys = ("rate", "fixed", "free_events", "free_amount", "min", "max")
    fields = {key: value for key, value in zip(keys, row, strict=False) if value != "–"}
    events = [Fraction(event) for event in row[6].split(", ")]
    assert text(price_events(read_percentage(fields), events)) == row[7]


def test_every_finding_of_the_linter_is_on_the_page() -> None:
    source = (Path(__file__).parents[3] / "pricing" / "charges" / "linter.py").read_text()
    codes = set(re.findall(r'"((?:not|free|tier|units|no|unreachable|cap)_[a-z_]+)"', source))
    assert len(codes) == 9
    assert [code for code in sorted(codes) if f"`{code}`" not in PAGE] == []
