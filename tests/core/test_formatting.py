"""Money and moments have one form in each language."""

from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from exchange.core import formatting
from pricing.money import Money

AT = datetime(2026, 11, 28, 19, 22, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "money", "moment", "day", "short_day", "short_moment"),
    [
        (
            "en", "CN¥5,512.00", "29 Nov 2026, 03:22 (+08:00)", "29 Nov 2026", "14 Nov",
            "29 Nov 03:22",
        ),
        (
            "zh-hans", "¥5,512.00", "2026年11月29日 03:22 (+08:00)", "2026年11月29日", "11月14日",
            "11月29日 03:22",
        ),
    ],
)  # fmt: skip
def test_each_language_has_one_form(
    language: str, money: str, moment: str, day: str, short_day: str, short_moment: str
) -> None:
    with translation.override(language):
        assert formatting.money_shown(Money(551_200, "CNY")) == money
        assert formatting.moment_shown(AT) == moment
        assert formatting.moment_shown(AT, zone=False) == moment.removesuffix(" (+08:00)")
        assert formatting.moment_shown(AT, "date") == day
        assert formatting.day_shown(date(2026, 11, 29)) == day
        assert formatting.short_day(date(2026, 11, 14)) == short_day
        assert formatting.short_moment(AT) == short_moment


def test_what_is_not_there_is_a_dash() -> None:
    assert formatting.money_shown(None) == formatting.moment_shown(None) == formatting.NOTHING
    assert formatting.end_shown(None) == formatting.NOTHING
    assert formatting.day_shown(None) == formatting.count_shown(None) == formatting.NOTHING


@pytest.mark.parametrize(
    ("at", "day", "minutes", "in_chinese"),
    [
        (
            datetime(2026, 12, 2, 16, 0, tzinfo=UTC), "2 Dec 2026", "2 Dec 2026, 24:00 (+08:00)",
            "2026年12月2日 24:00 (+08:00)",
        ),
        (
            datetime(2026, 12, 31, 16, 0, tzinfo=UTC), "31 Dec 2026", "31 Dec 2026, 24:00 (+08:00)",
            "2026年12月31日 24:00 (+08:00)",
        ),
        (
            datetime(2026, 12, 2, 16, 1, tzinfo=UTC), "3 Dec 2026", "3 Dec 2026, 00:01 (+08:00)",
            "2026年12月3日 00:01 (+08:00)",
        ),
        (AT, "29 Nov 2026", "29 Nov 2026, 03:22 (+08:00)", "2026年11月29日 03:22 (+08:00)"),
    ],
)  # fmt: skip
def test_what_ends_at_a_midnight_ends_with_the_day_before(
    at: datetime, day: str, minutes: str, in_chinese: str
) -> None:
    assert formatting.end_shown(at, "date") == day
    assert formatting.end_shown(at) == minutes
    assert formatting.end_shown(at, zone=False) == minutes.removesuffix(" (+08:00)")
    with translation.override("zh-hans"):
        assert formatting.end_shown(at) == in_chinese


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("Sun Data", "Sun Data"),
        ("晴川数据", "晴川数据"),
        ("מדידות בע״מ 2019", "\u2068מדידות בע״מ 2019\u2069"),
        ("Meters قراءات", "\u2068Meters قراءات\u2069"),
        ("", ""),
    ],
)
def test_a_name_from_right_to_left_turns_nothing_that_stands_around_it(
    text: str, part: str
) -> None:
    assert formatting.isolated_text(text) == part
