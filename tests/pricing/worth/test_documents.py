"""The worked tables of docs/pricing/worth.md are what the code gives."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from pricing.exact import to_places
from pricing.worth.curves import arbitrage, read_versions
from pricing.worth.methods import METHODS, run
from pricing.worth.splitting import METHODS as SPLITS
from pricing.worth.splitting import make_split
from pricing.worth.views import ViewPrices, read_views
from pricing.worth.workings import Standing

PAGE = (Path(__file__).parents[3] / "docs" / "pricing" / "worth.md").read_text()
BLOCKS = [
    (json.loads(document), header, rows)
    for document, header, rows in re.findall(
        r"```json\n([^`]*)```\n\n(\| .*\|)\n\|[-|]*\|\n((?:\|.*\|\n)+)", PAGE
    )
]
VALUES = [(document, rows) for document, header, rows in BLOCKS if header == "| figure | value |"]
PARTS = [(document, rows) for document, header, rows in BLOCKS if header == "| party | CNY |"]
LISTS = [(document, rows) for document, header, rows in BLOCKS if "cheaper together" in header]


def cells(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in row.strip("| ").split("|")] for row in table.splitlines()]


def test_every_block_on_the_page_is_read() -> None:
    assert PAGE.count("```json") == len(BLOCKS) == len(VALUES) + len(PARTS) + len(LISTS)
    assert (len(VALUES), len(PARTS), len(LISTS)) == (9, 6, 2)
    assert {document["method"] for document, _ in PARTS} == set(SPLITS) - {
        "fixed",
        "beta_shapley",
        "sampled_shapley",
    }


@pytest.mark.parametrize(("document", "table"), VALUES)
def test_the_worked_values_are_right(document: Any, table: str) -> None:
    found = run(document["method"], document["parameters"])
    for name, written in cells(table):
        figure = found.value if name == "value" else found.figure(name)
        places = len(written.partition(".")[2])
        assert f"{float(to_places(figure, places)):.{places}f}" == written, name


@pytest.mark.parametrize(("document", "table"), PARTS)
def test_the_worked_splits_are_right(document: Any, table: str) -> None:
    split = make_split(document)
    assert [[party, f"{part.decimal:f}"] for party, part in split.parts] == cells(table)


@pytest.mark.parametrize(("document", "table"), LISTS)
def test_the_worked_arbitrage_is_right(document: Any, table: str) -> None:
    if "views" in document:
        found = ViewPrices(read_views(document["views"])).arbitrage()
    else:
        found = arbitrage(read_versions(document["versions"]))
    assert [
        [one.name, str(one.price), " + ".join(one.cheaper.views), str(one.cheaper.price)]
        for one in found
    ] == cells(table)


def test_every_method_is_listed_with_its_formula_and_standing() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| (.*) \| (published|decision support) \|$", PAGE, re.MULTILINE
    )
    assert {name: (formula, standing) for name, formula, standing in rows} == {
        name: (
            method.formula,
            "published" if method.standing is Standing.PUBLISHED else "decision support",
        )
        for name, method in METHODS.items()
    }
