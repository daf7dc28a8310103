"""How good the search is: the judged words of `judged.toml` through it, and precision at five.

Of a word with fewer than five relevant listings, only so many places count.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from exchange.catalog.lifecycle import Delivery
from exchange.catalog.models import Product
from exchange.catalog.open_data import details_of_record
from exchange.catalog.search import finding
from exchange.catalog.search.indexing import index_product
from exchange.catalog.search.requests import command_of
from tests.factories import accounts
from tests.factories.listings import LICENCE, a_column, a_document, a_revision, many_listings
from tests.sets import whole_sets

JUDGED = Path(__file__).with_name("judged.toml")
RECORDS = whole_sets.data / "catalogue_open_data" / "datasets"
PLACES = 5
GOAL = 0.9
SELLERS = ("贵州数据", "Harbour Gas Data", "城市天气服务")
FIRST_CHINESE = "\u2e80"
CHINESE = {
    "kind": "dataset",
    "summary": "-",
    "delivery": Delivery.FILE,
    "refund_policy": "none",
    "grade": "general_1",
    "licence": LICENCE,
}


@dataclass(frozen=True)
class Judged:
    """One search with the listings that a person would call relevant."""

    text: str
    relevant: frozenset[str]

    @property
    def is_chinese(self) -> bool:
        return max(self.text) >= FIRST_CHINESE

    def precision(self, found: Sequence[str]) -> float:
        places = min(PLACES, len(self.relevant))
        return len(self.relevant & set(found[:places])) / places


def queries() -> list[Judged]:
    with JUDGED.open("rb") as file:
        listed = tomllib.load(file)["query"]
    return [Judged(one["text"], frozenset(one["relevant"])) for one in listed]


def test_the_set_is_large_enough_and_names_what_there_is() -> None:
    asked = queries()
    for is_chinese in (True, False):
        assert len({one.text for one in asked if one.is_chinese is is_chinese}) >= 30
    if RECORDS.is_dir():
        known = {file.stem for file in RECORDS.iterdir()} | {str(number) for number in range(50)}
        assert frozenset().union(*(one.relevant for one in asked)) <= known


@pytest.mark.skipif(not RECORDS.is_dir(), reason="the whole catalogue is not on this machine")
def test_nine_of_ten_first_listings_are_relevant_in_both_languages(
    db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    names = _listed()
    reached: dict[bool, list[float]] = {True: [], False: []}
    told: list[str] = []
    for one in queries():
        page = finding.find(command_of(text=one.text, chosen={}), limit=PLACES)
        found = [names[card["id"]] for card in (*page.cards, *page.near)]
        precision = one.precision(found)
        reached[one.is_chinese].append(precision)
        if precision < 1:
            told.append(f"{precision:.2f} {one.text}: {', '.join(found) or 'nothing'}")
    means = {kind: sum(many) / len(many) for kind, many in reached.items()}
    with capsys.disabled():
        print(f"\nprecision at {PLACES}: English {means[False]:.3f}, Chinese {means[True]:.3f}")
        print("\n".join(told))
    assert min(means.values()) >= GOAL


def _listed() -> dict[str, str]:
    """The records and the Chinese titles as listings; how the judged set names each by its id."""
    registry = accounts.an_organisation(name="Registry of Open Data")
    made = {
        file.stem: Product(seller=registry, kind="dataset", **_record(file))
        for file in sorted(RECORDS.iterdir())
    }
    with JUDGED.open("rb") as file:
        judged = tomllib.load(file)
    sellers = [accounts.an_organisation(name=name) for name in SELLERS]
    for number, title in enumerate(judged["chinese"][0]["titles"]):
        seller = sellers[number % len(sellers)]
        made[str(number)] = Product(seller=seller, title=title, **CHINESE)
    many_listings(list(made.values()))
    for one in judged["chinese_columns"]:
        product = made[str(one["title"])]
        a_revision(product, document=a_document(*map(a_column, one["names"])))
        index_product(product=product)
    return {product.public_id: name for name, product in made.items()}


def _record(file: Path) -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return details_of_record(yaml.load(file.read_bytes(), Loader=loader))  # noqa: S506
