"""Words that mean the same: one finds what is written with another, and the very word comes first."""

import tomllib

import pytest
from django.db import connection

from exchange.catalog import interest
from exchange.catalog.search import finding, synonyms, words
from exchange.catalog.search.requests import command_of
from tests.factories import accounts
from tests.factories.accounts import NOON
from tests.factories.listings import a_listing


def titles(text: str) -> list[str]:
    page = finding.find(command_of(text=text, chosen={}), limit=20)
    return [card["title"] for card in page.cards]


def matches(stored: str, asked: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT %s::tsvector @@ %s::tsquery",
            [words.vector(("A", stored)), synonyms.query(asked)],
        )
        return bool(cursor.fetchone()[0])


def test_each_word_stands_in_one_group_and_is_short() -> None:
    with synonyms.FILE.open("rb") as file:
        listed = tomllib.load(file)["groups"]
    phrases = [tuple(words.pieces(written)) for group in listed for written in group]
    assert len(phrases) == len(set(phrases)) == len(synonyms.groups())
    for phrase in phrases:
        assert 1 <= len(phrase) <= synonyms.WORDS_MAX
        assert len(phrase) == 1 or not any(piece.is_run for piece in phrase)


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("城市天然气管网压力", "燃气"),
        ("Natural gas pressure", "燃气"),
        ("Gas pressure", "天然气"),
        ("城市燃气需求", "gas"),
        ("城市燃气需求", "Natural Gas"),
        ("城市天然气需求预测", "燃气需求"),  # inside a longer run
        ("Gas 需求 forecast", "燃气需求"),
        ("Gas of farms", "natural gas"),
        ("Smart meters and pressure", "电表 pressure"),
        ("电力负荷", "load"),
    ],
)
def test_a_word_finds_what_is_written_with_another_of_its_meaning(
    db: None, stored: str, asked: str
) -> None:
    assert matches(stored, asked)


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("城市天然气管网", '"燃气"'),  # in quotes it is the very word
        ("燃气 pressure", "pressure -燃气"),
        ("Gas pressure", "燃气 temperature"),
        ("Weather", "燃气"),
    ],
)
def test_what_is_not_meant_is_not_found(db: None, stored: str, asked: str) -> None:
    assert not matches(stored, asked)


def test_what_is_unwanted_is_the_very_word_alone(db: None) -> None:
    assert matches("Gas pressure", "pressure -燃气")


def test_the_very_word_comes_first_and_titles_before_texts(db: None) -> None:
    grid = accounts.an_organisation(name="Harbour Gas")
    a_listing(title="天然气日用量", price_minor=100)
    a_listing(title="Readings", price_minor=100, seller=grid)
    a_listing(title="Gas use by the hour", price_minor=100)
    a_listing(title="Mars spectrometry: gas chromatography")  # open data elsewhere
    assert titles("gas") == [
        "Gas use by the hour",
        "天然气日用量",
        "Readings",
        "Mars spectrometry: gas chromatography",
    ]
    others = titles("燃气")
    assert set(others[:2]) == {"天然气日用量", "Gas use by the hour"}
    assert others[2:] == ["Readings", "Mars spectrometry: gas chromatography"]


def test_a_saved_search_is_told_of_words_of_the_same_meaning(transactional_db: None) -> None:
    person = accounts.a_user()
    saved = interest.save_search(
        user_id=person.pk, name="", command=command_of(text="燃气", chosen={}), now=NOON
    )
    product = a_listing(title="Natural gas")
    assert [one.pk for one in interest.searches_fitting(product)] == [saved.pk]
