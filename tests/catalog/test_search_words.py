"""Words of English and Chinese, folded alike in what is stored and what is asked."""

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from exchange.catalog.search import words

CHINESE = st.text(alphabet="电力数据交易所省市能源负荷", min_size=1, max_size=12)


def matches(stored: str, asked: str, *, every: bool = True) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT %s::tsvector @@ %s::tsquery",
            [words.vector(("A", stored)), words.query(asked, every=every)],
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("Smart meter readings", "METERS"),
        ("Batteries of electric boxes", "battery box"),
        ("Zürich café", "zurich cafe"),
        ("ＡＢＣ　wide letters", "abc"),
        ("省级电力负荷数据", "电力"),
        ("省级电力负荷数据", "负荷数据"),
        ("省级电力负荷数据", "省"),
        ("省级电力负荷数据", "据"),
        ("省级电力负荷数据", "省级 数据"),
        ("PM2.5监测数据", "pm2.5监测"),
        ("smart meter readings", '"smart meter"'),
        ("smart meter readings", "smart -gas"),
    ],
)
def test_what_is_written_is_found(db: None, stored: str, asked: str) -> None:
    assert matches(stored, asked)


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("电网与动力设备", "电力"),  # both characters, not the pair
        ("力电", "电力"),
        ("电力与负荷", "电力负荷"),  # both pairs, not the phrase
        ("smart gas meter", '"smart meter"'),
        ("smart gas meter", "smart -gas"),
        ("smart meter", "smart water"),
    ],
)
def test_what_is_not_written_is_not_found(db: None, stored: str, asked: str) -> None:
    assert not matches(stored, asked)


def test_any_word_is_enough_when_not_every_word_is_asked_for(db: None) -> None:
    assert matches("smart meter", "smart water", every=False)
    assert not matches("smart meter", "cold water", every=False)


def test_no_phrase_reaches_from_one_field_into_the_next(db: None) -> None:
    stored = words.vector(("A", "电力"), ("B", "数据"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::tsvector @@ %s::tsquery", [stored, words.query("电力数据")])
        assert cursor.fetchone()[0] is False


@pytest.mark.parametrize("asked", ["", "   ", "!!! ??", "-meter", "''", "\\"])
def test_signs_alone_ask_for_nothing(asked: str) -> None:
    assert words.query(asked) == ""


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_text_breaks_the_notation(stored: str, asked: str) -> None:
    """Quotes, backslashes and operators of the query language never reach it."""
    signs = set(words.vector(("A", stored)) + words.query(asked)) & set('\\"\x00:*')
    assert signs <= {":"}
    for lexeme in words.vector(("A", stored)).split("'")[1::2]:
        assert lexeme
        assert not any(char.isspace() or char in "'\\&|!<>()" for char in lexeme)


@pytest.mark.django_db
@given(CHINESE, CHINESE)
def test_chinese_is_found_exactly_where_it_stands(stored: str, asked: str) -> None:
    assert matches(stored, asked) is (asked in stored)


def test_a_very_long_text_keeps_within_what_a_vector_holds(db: None) -> None:
    stored = words.vector(("A", "电力数据 " * 30_000))
    with connection.cursor() as cursor:
        cursor.execute("SELECT length(%s::tsvector)", [stored])
        assert cursor.fetchone()[0] == 4 + 3
