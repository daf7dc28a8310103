"""Kinds of searches that found nothing: runs of Chinese, two ways of writing, slips of the pen, part of the words."""

import pytest

from exchange.catalog import interest
from exchange.catalog.models import SearchWord
from exchange.catalog.search import finding, spelling
from exchange.catalog.search.indexing import index_product
from exchange.catalog.search.requests import command_of
from tests.factories import accounts
from tests.factories.accounts import NOON
from tests.factories.listings import a_listing


def titles(text: str) -> list[str]:
    return [card["title"] for card in page_of(text).cards]


def page_of(text: str, *, limit: int = 5) -> finding.Page:
    return finding.find(command_of(text=text, chosen={}), limit=limit)


@pytest.mark.parametrize(
    ("title", "asked"),
    [
        ("电网负荷曲线", "電網負荷"),
        ("電網負荷曲線", "电网负荷"),
        ("臺灣地震測站波形", "台湾地震"),
        ("电网负荷曲线", '"電網負荷"'),
        ("ガス使用量", "ガス"),
        ("ガス使用量", "ｶﾞｽ"),
        ("船舶ＡＩＳ位置", "ais 船舶"),
        ("PM2.5监测", "ＰＭ２．５"),
        ("居民智能电表半小时读数", "电表数据"),
        ("居民智能电表半小时读数", "查询居民电表的数据"),
        ("天然气管网压力与流量监测", "燃气流量"),
        ("高速公路收费站车流量", "高速公路车流量"),
        ("上市公司日线行情", "股价"),
        ("数控机床主轴温升", "主轴温升实验"),  # no known word: by its pairs
    ],
)
def test_what_is_meant_is_found(db: None, title: str, asked: str) -> None:
    a_listing(title=title)
    a_listing(title="法院裁判文书摘要")
    assert titles(asked) == [title]


def test_voiced_kana_are_letters_of_their_own(db: None) -> None:
    a_listing(title="カス使用量")
    assert titles("ガス") == []


def test_what_was_written_the_same_way_comes_first(db: None) -> None:
    a_listing(title="電網負荷", price_minor=100)
    a_listing(title="电网负荷", price_minor=100)
    assert titles("電網負荷") == ["電網負荷", "电网负荷"]
    assert titles("电网负荷") == ["电网负荷", "電網負荷"]


def test_the_name_of_a_seller_does_not_outweigh_a_title(db: None) -> None:
    namesake = accounts.an_organisation(name="Harbour Gas")
    a_listing(title="Bins", seller=namesake, price_minor=100)
    a_listing(title="Readings", summary="Gas of each hour.", price_minor=100)
    a_listing(title="Natural gas use", price_minor=100)
    assert titles("gas") == ["Natural gas use", "Readings", "Bins"]
    assert titles("harbour gas") == ["Bins"]


@pytest.mark.parametrize(
    ("asked", "searched"),
    [
        ("precipitaton", "precipitation"),
        ("sentinal-2 imagery", "sentinel-2 imagery"),
        ("mammografy", "mammography"),
        ("mdoel", "model"),
        ("FORCAST of precipitation", "forecast of precipitation"),
    ],
)
def test_a_slip_of_the_pen_finds_the_nearest_word_and_says_so(
    db: None, asked: str, searched: str
) -> None:
    a_listing(
        title="Precipitation forecast, Sentinel-2 imagery, mammography by a model",
        price_minor=100,
    )
    page = page_of(asked)
    assert (page.command.text, page.mistyped, len(page.cards)) == (searched, asked, 1)


@pytest.mark.parametrize("asked", ["whale", "sold", "ab", "12345678", "电网", "zzzzzzzz"])
def test_a_word_that_is_far_from_every_other_is_left_as_it_is(db: None, asked: str) -> None:
    a_listing(title="Wind forecast")
    page = page_of(asked)
    assert (page.cards, page.mistyped) == ((), "")


def test_a_word_that_something_has_is_no_slip(db: None) -> None:
    a_listing(title="Sentinal of the north", price_minor=100)
    a_listing(title="Sentinel imagery", price_minor=100)
    assert (titles("sentinal"), page_of("sentinal").mistyped) == (["Sentinal of the north"], "")


def test_the_word_of_a_listing_that_is_gone_finds_nothing(db: None) -> None:
    SearchWord.objects.create(word="mammography", grams=["mam", "amm", "mmo", "mog", "ogr"])
    a_listing(title="Wind")
    page = page_of("mammografy")
    assert (page.cards, page.mistyped) == ((), "")


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [("model", "model", 0), ("mdoel", "model", 1), ("forcast", "forecast", 1), ("", "abc", 3)],
)
def test_letters_that_differ_are_counted(one: str, other: str, apart: int) -> None:
    assert spelling.distance(one, other) == spelling.distance(other, one) == apart


def test_what_has_most_of_the_words_follows_what_has_all(db: None) -> None:
    for title in ("1940 census schedules", "1950 census schedules", "Census", "Wind"):
        a_listing(title=title, price_minor=100)
    page = page_of("1940 census schedules")
    assert [card["title"] for card in page.cards] == ["1940 census schedules"]
    assert [card["title"] for card in page.near] == ["1950 census schedules"]
    assert finding.count(page.command, only=page.only).total == 1
    assert page_of("1940 -1950 census schedules").near == ()


def test_a_loose_page_is_counted_as_it_is_shown(db: None) -> None:
    a_listing(title="Solar cells", price_minor=100)
    a_listing(title="Data of a whale", price_minor=100)
    page = page_of("solar cells of whales in krill oceans")
    counts = finding.count(page.command, only=page.only)
    assert page.is_loose
    assert counts.total == sum(counts.facets["kind"].values()) == len(page.cards)


def test_saved_searches_go_by_the_same_words(transactional_db: None) -> None:
    person = accounts.a_user()
    for text in ("電網負荷", "电网数据", "水质数据"):
        command = command_of(text=text, chosen={})
        interest.save_search(user_id=person.pk, name="", command=command, now=NOON)
    product = a_listing(title="电网负荷曲线")
    told = {one.text for one in interest.searches_fitting(product)}
    assert told == {"電網負荷", "电网数据"}


@pytest.mark.parametrize(
    "asked",
    [
        "电" * 200,
        "数据" * 100,
        "电网负荷曲线地震天然气" * 18,
        " ".join(f"word{number}" for number in range(60)),
        " ".join("abcdefgh"[:number] * 9 for number in range(1, 9)),
        "'" * 200,
        "a -a " * 40,
        '"' * 199,
        "\\:*&|!<->()" * 18,
        "\u0301" * 200,
        "ﷺ" * 200,
    ],
)
def test_hostile_words_are_bounded_and_break_nothing(db: None, asked: str) -> None:
    a_listing(title="电网负荷曲线 word1")
    page = page_of(asked)
    assert len(page.cards) + len(page.near) <= 5


def test_words_are_learnt_once_and_stay(db: None) -> None:
    product = a_listing(title="Precipitation of Übersee", keywords=["hydrology"], summary="Gauges.")
    index_product(product=product)
    kept = set(SearchWord.objects.values_list("word", flat=True))
    assert {"precipitation", "ubersee", "hydrology", "gauge"} <= kept
