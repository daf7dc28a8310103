"""Money, counts, instants and languages as printed."""

from datetime import UTC, date, datetime

import pytest
from babel.numbers import get_currency_precision
from django.utils import translation

from exchange.web.templatetags import assay
from pricing.money import CURRENCIES, Money


@pytest.mark.parametrize(
    ("language", "minor", "currency", "printed"),
    [
        ("en", 123450, "CNY", "CN¥1,234.50"),
        ("zh-hans", 123450, "CNY", "¥1,234.50"),
        ("en", 1234, "JPY", "¥1,234"),
        ("zh-hans", 1234, "JPY", "JP¥1,234"),
        ("en", 1, "KWD", "KWD0.001"),
        ("en", -5, "EUR", "-€0.05"),
        ("en", 2**63 - 1, "CNY", "CN¥92,233,720,368,547,758.07"),
        ("zh-hans", 0, "USD", "US$0.00"),
    ],
)
def test_money_is_printed_exactly(language: str, minor: int, currency: str, printed: str) -> None:
    with translation.override(language):
        assert assay.money(Money(minor, currency)) == printed


@pytest.mark.parametrize(("currency", "digits"), sorted(CURRENCIES.items()))
def test_the_printer_knows_as_many_digits_of_each_currency_as_the_books(
    currency: str, digits: int
) -> None:
    assert get_currency_precision(currency) == digits


def test_an_instant_is_printed_in_the_exchanges_time_zone_and_marked_in_universal_time() -> None:
    at = datetime(2026, 11, 22, 16, 30, 5, tzinfo=UTC)
    with translation.override("en"):
        assert ">23 Nov 2026, 00:30</time>" in assay.when(at)
        assert 'datetime="2026-11-22T16:30:05+00:00"' in assay.when(at)
    with translation.override("zh-hans"):
        assert ">2026年11月23日 00:30:05</time>" in assay.when(at, "seconds")
        assert ">2026年11月23日</time>" in assay.when(at, "date")


def test_counts_have_the_languages_separators_and_nothing_is_a_dash() -> None:
    with translation.override("en"):
        assert assay.count(1234567) == "1,234,567"
    assert assay.count(None) == "–"
    assert assay.money(None) == "–"
    assert assay.when(None) == "–"


@pytest.mark.parametrize(("code", "tag"), [("en", "en"), ("zh-hans", "zh-Hans")])
def test_languages_carry_the_tag_browsers_know(code: str, tag: str) -> None:
    assert assay.language_tag(code) == tag


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("", ""),
        ("plain & simple", "plain &amp; simple"),
        ("`a` is <b> of `c`", "<code>a</code> is &lt;b&gt; of <code>c</code>"),
    ],
)
def test_code_spans_are_marked_and_the_rest_is_escaped(text: str, printed: str) -> None:
    assert assay.code_spans(text) == printed


@pytest.mark.parametrize(
    ("size_bytes", "english", "chinese"),
    [
        (0, "0 bytes", "0字节"),
        (832, "832 bytes", "832字节"),
        (1_449, "1.4 kB", "1.4 kB"),
        (99_500_000_000, "99.5 GB", "99.5 GB"),
        (None, "–", "–"),
    ],
)
def test_sizes_stand_in_the_unit_that_a_person_would_use(
    size_bytes: int | None, english: str, chinese: str
) -> None:
    assert assay.size(size_bytes) == english
    with translation.override("zh-hans"):
        assert assay.size(size_bytes) == chinese


def test_a_plain_date_is_printed_as_it_is() -> None:
    with translation.override("en"):
        assert (
            assay.when(date(2026, 11, 23), "date")
            == '<time datetime="2026-11-23">23 Nov 2026</time>'
        )
