"""Finding listings: words, order, facets, pages, bounds."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from exchange.catalog.lifecycle import OfferState
from exchange.catalog.models import Product, SearchEntry
from exchange.catalog.search import finding
from exchange.catalog.search.finding import BadPlace
from exchange.catalog.search.indexing import index_product
from exchange.catalog.search.requests import (
    PriceRange,
    SearchRequest,
    Sort,
    command_kept,
    command_of,
)
from tests.factories import accounts
from tests.factories.accounts import NOON
from tests.factories.listings import a_document, a_listing, a_revision, an_offer


def titles(text: str = "", sort: str = "", **chosen: list[str]) -> list[str]:
    page = finding.find(command_of(text=text, chosen=chosen, sort=sort), limit=20)
    return [card["title"] for card in page.cards]


def test_a_title_counts_more_than_a_text_and_the_newer_comes_first(db: None) -> None:
    a_listing(title="Weather", description="Solar power of stations, solar power by hour.")
    a_listing(title="Solar power, old")
    a_listing(title="Solar power, new", listed_at=NOON + timedelta(days=1))
    assert titles("solar power") == ["Solar power, new", "Solar power, old", "Weather"]


@pytest.mark.parametrize("asked", ["电", "电力", "负荷", "电力负荷", "loads", "power load"])
def test_english_and_chinese_of_any_length_find_the_listing(db: None, asked: str) -> None:
    a_listing(title="Power load readings", title_zh="省级电力负荷数据")
    a_listing(title="Farm machines", title_zh="农机作业")
    assert titles(asked) == ["Power load readings"]


def test_column_names_seller_and_keywords_are_found_too(db: None) -> None:
    seller = accounts.an_organisation(name="Northern Grid")
    a_listing(
        title="A", seller=seller, keywords=["battery"], document=a_document(), price_minor=100
    )
    assert titles("northern grid") == titles("battery") == titles("station") == ["A"]


def test_values_of_one_facet_widen_and_facets_narrow(db: None) -> None:
    a_listing(title="A", kind="dataset", region="CN-BJ")
    a_listing(title="B", kind="report", region="CN-BJ")
    a_listing(title="C", kind="report", region="CN-SH")
    assert set(titles(kind=["dataset", "report"], region=["CN-BJ"])) == {"A", "B"}
    assert titles(kind=["model"]) == []


def test_a_facet_counts_as_if_it_had_no_choice_and_the_others_as_chosen(db: None) -> None:
    a_listing(kind="dataset", region="CN-BJ")
    a_listing(kind="report", region="CN-BJ")
    a_listing(kind="report", region="CN-SH")
    counts = finding.count(command_of(text="", chosen={"kind": ["report"]}))
    assert (counts.total, counts.is_capped) == (2, False)
    assert counts.facets["kind"] == {"dataset": 1, "report": 2}
    assert counts.facets["region"] == {"CN-BJ": 1, "CN-SH": 1}


def test_every_facet_is_filled_from_what_is_published(db: None) -> None:
    product = a_listing(
        kind="dataset",
        industry="energy",
        rhythm="daily",
        region="CN-GD",
        delivery="file",
        price_minor=12_000,
        document=a_document(),
        has_sample=True,
    )
    assert SearchEntry.objects.get(product=product).facets == [
        "currency:CNY",
        "delivery:file",
        "format:csv",
        "industry:energy",
        "kind:dataset",
        "pricing:one_off",
        "quality:A",
        "region:CN-GD",
        "rhythm:daily",
        "sample:yes",
        f"seller:{product.seller.public_id}",
        "use:derive",
        "use:internal_use",
    ]


def test_lists_are_ordered_by_price_by_quality_and_by_age(db: None) -> None:
    a_listing(title="dear", price_minor=900, listed_at=NOON + timedelta(days=2))
    a_listing(title="cheap", price_minor=100, document=a_document(), listed_at=NOON)
    a_listing(title="free", price_minor=0, delivery="file", listed_at=NOON + timedelta(days=1))
    a_listing(title="asked", price_minor=None, listed_at=NOON - timedelta(days=1))
    assert titles(sort="price") == ["free", "cheap", "dear", "asked"]
    assert titles(sort="newest") == titles() == ["dear", "free", "cheap", "asked"]
    assert titles(sort="quality")[0] == "cheap"


def test_what_is_sold_or_delivered_here_comes_before_open_data_elsewhere(db: None) -> None:
    a_listing(title="Meter elsewhere", listed_at=NOON + timedelta(days=3))
    a_listing(title="Meter file", delivery="file", listed_at=NOON)
    a_listing(title="Meter sold", price_minor=100, listed_at=NOON + timedelta(days=1))
    a_listing(title="Bins", description="meter", price_minor=None)
    assert titles("meter") == ["Meter sold", "Meter file", "Bins", "Meter elsewhere"]
    assert titles()[-1] == "Meter elsewhere"
    assert titles(sort="price") == ["Meter elsewhere", "Meter file", "Meter sold", "Bins"]


def test_open_data_elsewhere_is_left_out_and_counted_unless_it_is_asked_for(db: None) -> None:
    a_listing(title="Meter elsewhere", region="CN-BJ")
    a_listing(title="Weather elsewhere")
    a_listing(title="Meter sold", price_minor=100, region="CN-BJ")
    here = command_of(text="meter", chosen={}, has_elsewhere=False)
    page, counts = finding.find(here, limit=5), finding.count(here)
    assert [card["title"] for card in page.cards] == ["Meter sold"]
    assert (page.command, counts.total, counts.elsewhere) == (here, 1, 1)
    assert counts.facets["delivery"] == {"external": 1}
    all_of_it = finding.count(replace(here, has_elsewhere=True))
    assert (all_of_it.total, all_of_it.elsewhere) == (2, 0)
    assert finding.count(SearchRequest(has_elsewhere=False)).elsewhere == 2


@pytest.mark.parametrize(
    ("asked", "shown", "is_loose"),
    [
        ("weather", ["Weather elsewhere"], False),  # nothing here has the word
        ("weather elsewhere", ["Weather elsewhere"], False),
        ("sold whales", ["Meter sold"], True),
        ("weather whales", ["Weather elsewhere"], True),
        ("krill", [], False),
    ],
)
def test_a_search_that_finds_nothing_here_shows_what_lies_elsewhere(
    db: None, asked: str, shown: list[str], *, is_loose: bool
) -> None:
    a_listing(title="Weather elsewhere")
    a_listing(title="Meter sold", price_minor=100)
    page = finding.find(command_of(text=asked, chosen={}, has_elsewhere=False), limit=5)
    assert [card["title"] for card in page.cards] == shown
    assert page.is_loose == is_loose
    assert page.command.has_elsewhere == (shown == ["Weather elsewhere"])


@pytest.mark.parametrize(
    ("lowest", "highest", "shown"),
    [
        (100, 200, ["one", "two"]),
        (101, None, ["two", "three"]),
        (None, 199, ["free", "one"]),
        (0, 0, ["free"]),
        (301, 400, []),
    ],
)
def test_a_range_of_prices_counts_both_ends_and_what_has_no_price_is_in_none(
    db: None, lowest: int | None, highest: int | None, shown: list[str]
) -> None:
    for title, price in (("free", 0), ("one", 100), ("two", 200), ("three", 300), ("asked", None)):
        a_listing(title=title, price_minor=price)
    priced = SearchRequest(sort=Sort.PRICE, price=PriceRange("CNY", lowest, highest))
    page = finding.find(priced, limit=10)
    assert [card["title"] for card in page.cards] == shown
    assert finding.count(priced).total == len(shown)
    dollars = replace(priced, price=PriceRange("USD", lowest, highest))
    found = [card["title"] for card in finding.find(dollars, limit=10).cards]
    assert found == [title for title in shown if title == "free"]


def test_pages_of_a_range_of_prices_go_through_it_once(db: None) -> None:
    for number in range(6):
        a_listing(title=f"Meter {number}", price_minor=100 + number // 2)
    priced = SearchRequest(sort=Sort.PRICE, price=PriceRange("CNY", 100, 101))
    first = finding.find(priced, limit=3)
    second = finding.find(priced, place=first.following, limit=3)
    seen = [card["title"] for card in (*first.cards, *second.cards)]
    assert (sorted(seen), second.following) == ([f"Meter {number}" for number in range(4)], "")
    other = replace(priced, price=PriceRange("CNY", 100, 102))
    with pytest.raises(BadPlace):
        finding.find(other, place=first.following, limit=3)


def test_a_range_of_prices_is_read_from_the_index(db: None) -> None:
    for number in range(5):
        a_listing(price_minor=100 * number)
    priced = SearchRequest(sort=Sort.PRICE, price=PriceRange("CNY", 100, 300), has_elsewhere=False)
    for command, index in (
        (priced, "search_cheapest_here"),
        (replace(priced, has_elsewhere=True), "search_cheapest"),
        (SearchRequest(has_elsewhere=False), "search_newest"),
        (SearchRequest(), "search_newest"),
    ):
        assert f"using {index} " in _plan(command), command


def _plan(command: SearchRequest) -> str:
    """How the database reads the first page where it may not read the whole table."""
    asked: list[tuple[str, object]] = []

    def note(execute: object, sql: str, facts: object, *more: object) -> object:
        asked.append((sql, facts))
        return execute(sql, facts, *more)  # type: ignore[operator]  # Django's own

    with connection.execute_wrapper(note):
        finding.find(command, limit=5)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN {asked[0][0]}", asked[0][1])  # type: ignore[arg-type]
        return "\n".join(row[0] for row in cursor.fetchall())


def test_a_kept_search_is_the_search_that_was_kept() -> None:
    asked = command_of(
        text="gas",
        chosen={"kind": ["report"]},
        price=PriceRange("JPY", None, 5_000),
        has_elsewhere=False,
    )
    assert command_kept(text=asked.text, facets=asked.facets) == asked
    assert asked.query() == "q=gas&kind=report&price_to=5000&currency=JPY"


@pytest.mark.parametrize("sort", list(Sort))
def test_pages_go_through_everything_once_in_every_order(db: None, sort: Sort) -> None:
    for number in range(7):
        a_listing(title=f"Meter {number}", price_minor=number % 2 * 100)
    command = command_of(text="meter", chosen={}, sort=sort)
    seen: list[str] = []
    place = ""
    for _page in range(4):
        page = finding.find(command, place=place, limit=2)
        seen += [card["title"] for card in page.cards]
        place = page.following
    assert place == ""
    assert sorted(seen) == [f"Meter {number}" for number in range(7)]


def test_a_listing_that_comes_between_two_pages_moves_nobody(db: None) -> None:
    for number in range(4):
        a_listing(title=f"Meter {number}", listed_at=NOON + timedelta(days=number))
    command = SearchRequest(sort=Sort.NEWEST)
    first = finding.find(command, limit=2)
    a_listing(title="Meter new", listed_at=NOON + timedelta(days=9))
    second = finding.find(command, place=first.following, limit=2)
    assert [card["title"] for card in second.cards] == ["Meter 1", "Meter 0"]


@pytest.mark.parametrize("place", ["x", "W10:abc", "…", "a" * 1000])
def test_a_place_that_no_list_gave_out_is_refused(db: None, place: str) -> None:
    with pytest.raises(BadPlace):
        finding.find(SearchRequest(), place=place, limit=2)


def test_a_place_is_good_for_its_own_list_alone(db: None) -> None:
    for number in range(3):
        a_listing(title=f"Meter {number}")
    page = finding.find(SearchRequest(), limit=1)
    with pytest.raises(BadPlace):
        finding.find(command_of(text="meter", chosen={}), place=page.following, limit=1)


def test_when_no_listing_has_all_words_those_with_some_are_shown(db: None) -> None:
    a_listing(title="Solar power")
    page = finding.find(command_of(text="solar whales", chosen={}), limit=5)
    assert ([card["title"] for card in page.cards], page.is_loose) == (["Solar power"], True)
    nothing = finding.find(command_of(text="whales krill", chosen={}), limit=5)
    assert (nothing.cards, nothing.is_loose) == ((), False)


def test_figures_beyond_the_bound_say_so(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        a_listing(title=f"Meter {number}")
    monkeypatch.setattr(finding, "COUNTED_MAX", 3)
    counts = finding.count(SearchRequest())
    assert (counts.total, counts.is_capped, counts.facets["kind"]) == (3, True, {"dataset": 3})


def test_ranking_looks_at_no_more_than_its_bound(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        a_listing(title="Weather", description=f"meter {number}")
    a_listing(title="Meter")
    monkeypatch.setattr(finding, "RANKED_MAX", 2)
    assert titles("meter") == ["Meter", "Weather", "Weather"]


def test_the_entry_follows_the_product(db: None) -> None:
    product = a_listing(title="Old title", price_minor=100)
    product.title = "New title"
    product.save(update_fields=["title"])
    index_product(product=product)
    assert (titles("old"), titles("new")) == ([], ["New title"])
    offer = product.offers.get()
    offer.state, offer.withdrawn_at = OfferState.WITHDRAWN, NOON
    offer.save(update_fields=["state", "withdrawn_at"])
    an_offer(product, price_minor=50)
    index_product(product=product)
    card = SearchEntry.objects.get(product=product).card
    assert (card["price_minor"], card["offers"]) == (50, 1)
    a_revision(product, document=a_document())
    index_product(product=product)
    card = SearchEntry.objects.get(product=product).card
    assert (card["revision"], card["rows"], card["grade"]) == (1, 100, "A")


def test_indexing_again_changes_nothing(db: None) -> None:
    product = a_listing(document=a_document())
    before = SearchEntry.objects.filter(product=product).values().get()
    index_product(product=product)
    assert SearchEntry.objects.filter(product=product).values().get() == before


def test_the_database_keeps_one_entry_for_a_product_and_honest_figures(db: None) -> None:
    product = a_listing()
    for change in ({"price_order": -1}, {"quality_score": 101}):
        with pytest.raises(IntegrityError), transaction.atomic():
            SearchEntry.objects.filter(product=product).update(**change)
    assert SearchEntry.objects.filter(product=product).count() == 1
    assert Product.objects.count() == 1


def test_one_page_asks_the_database_a_fixed_number_of_times(
    db: None, django_assert_num_queries: object
) -> None:
    for number in range(6):
        a_listing(title=f"Meter {number}", document=a_document())
    with django_assert_num_queries(3):  # type: ignore[operator]  # the page, the counts, one choice
        command = command_of(text="meter", chosen={"kind": ["dataset"]})
        finding.find(command, limit=5)
        finding.count(command)


def test_what_an_address_cannot_mean_is_left_out() -> None:
    command = command_of(
        text="  a \x00 b  ", chosen={"kind": ["", "x\x00"], "nonsense": ["y"]}, sort="upwards"
    )
    assert command == SearchRequest(text="a b", chosen={}, sort=Sort.RELEVANCE)
    assert command_of(text="", chosen={}, sort="relevance").sort is Sort.NEWEST


def test_one_search_has_one_address() -> None:
    one = command_of(text="a", chosen={"region": ["B", "A", "A"], "kind": ["x"]})
    other = command_of(text="a", chosen={"kind": ["x"], "region": ["A", "B"]})
    assert one.query() == other.query() == "q=a&kind=x&region=A&region=B&elsewhere=show"
    here = replace(one, has_elsewhere=False)
    assert here.toggled("region", "A").query() == "q=a&kind=x&region=B"
    assert one.toggled("kind", "x").toggled("kind", "x").query() == one.query()
