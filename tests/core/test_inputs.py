"""What is read of amounts, numbers, days and moments, and what is refused with what would be accepted."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from rest_framework.serializers import ValidationError

from exchange.api.fields import WholeField
from exchange.core.inputs import (
    InputOutOfRange,
    InputUnreadable,
    read_amount,
    read_count,
    read_day,
    read_moment,
    read_number,
)
from exchange.core.refusals import Invalid
from pricing.money import CURRENCIES, Money


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1,234.50", "CNY", 123_450),
        ("1234.5", "CNY", 123_450),
        ("１，２３４．５", "CNY", 123_450),
        (" 007 ", "CNY", 700),
        ("0.01", "CNY", 1),
        ("10,000,000,000,000.00", "CNY", 10**15),
        ("12", "JPY", 12),
        ("1,234", "JPY", 1234),
        ("12.098", "KWD", 12_098),
    ],
)
def test_amounts_that_are_read(text: str, currency: str, minor: int) -> None:
    assert read_amount(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("12,5", "CNY"), ("25,00", "CNY"), ("1234,567", "CNY"), ("0,123", "CNY"), ("1.234,50", "EUR"),
        ("1 234", "CNY"), ("1_000", "CNY"), ("1e5", "CNY"), ("1E5", "CNY"), ("-1", "CNY"),
        ("+1", "CNY"), ("−1", "CNY"), ("٣", "CNY"), ("१२", "CNY"), ("十", "CNY"), ("¥5", "CNY"),
        ("12.", "CNY"), (".5", "CNY"), ("", "CNY"), ("NaN", "CNY"), ("Infinity", "CNY"),
        ("0x10", "CNY"), ("1,,000", "CNY"), ("1,000,", "CNY"), ("12.345", "CNY"), ("12.500", "CNY"),
        ("12.5", "JPY"), ("12.0", "JPY"), ("1.2345", "KWD"), ("1" * 30, "CNY"),
    ],
)  # fmt: skip
def test_what_could_be_read_in_two_ways_is_refused_with_what_would_be_accepted(
    text: str, currency: str
) -> None:
    with pytest.raises(InputUnreadable) as caught:
        read_amount(text, currency)
    accepted = str(caught.value.facts["accepted"])
    assert accepted in str(caught.value)
    assert read_amount(accepted, currency).minor > 0


@pytest.mark.parametrize("currency", sorted(CURRENCIES))
def test_each_currency_has_one_upper_limit_which_the_refusal_names(currency: str) -> None:
    most = Money(10**15, currency)
    assert read_amount(f"{most.decimal:f}", currency) == most
    with pytest.raises(InputOutOfRange) as caught:
        read_amount(f"{Money(10**15 + 1, currency).decimal:f}", currency)
    assert caught.value.facts["most"] == 10**15
    assert "000,000" in str(caught.value)
    with pytest.raises(InputOutOfRange):
        read_amount("0", currency)
    assert read_amount("0", currency, least_minor=0).minor == 0


def test_numbers_that_are_not_money_are_read_the_same_way() -> None:
    assert read_number("1,234.00000001", places=8) == Decimal("1234.00000001")
    for text in ("12,5", "1e-9", "-0", "1.123", "0" * 41):
        with pytest.raises(Invalid):
            read_number(text, places=2)
    with pytest.raises(InputOutOfRange):
        read_number("0", places=2, least=Decimal("0.01"))
    with pytest.raises(InputOutOfRange):
        read_number("90.01", places=2, most=Decimal(90))


@pytest.mark.parametrize(
    "text", ["2026-12-31", "2026/12/31", "2026.12.31", "2026年12月31日", "２０２６－１２－３１"]
)
def test_days_that_are_read(text: str) -> None:
    assert read_day(text) == date(2026, 12, 31)


@pytest.mark.parametrize(
    "text",
    [
        "05/06/2027", "31.12.2026", "20261231", "2027-W01-1", "2026-12/31", "2026-02-30", "26-12-31",
        "0001-01-01", "1969-12-31", "1999-12-31", "2101-01-01", "9999-12-31", "2026-366", "",
        "epoch", "infinity", "tomorrow", "2026-12-31T00:00",
    ],
)  # fmt: skip
def test_days_that_are_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read_day(text)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-12-31T23:59", datetime(2026, 12, 31, 15, 59, tzinfo=UTC)),
        ("2026-12-31 23:59:30", datetime(2026, 12, 31, 15, 59, 30, tzinfo=UTC)),
        ("2026年12月31日 23:59", datetime(2026, 12, 31, 15, 59, tzinfo=UTC)),
        ("2026-12-31T23:59Z", datetime(2026, 12, 31, 23, 59, tzinfo=UTC)),
        ("2026-12-31T23:59:00.123456789Z", datetime(2026, 12, 31, 23, 59, 0, 123456, tzinfo=UTC)),
        ("2026-12-31T10:00+14:00", datetime(2026, 12, 30, 20, 0, tzinfo=UTC)),
        ("2026-12-31T10:00-1400", datetime(2027, 1, 1, 0, 0, tzinfo=UTC)),
        ("2100-12-31T23:59-14:00", datetime(2101, 1, 1, 13, 59, tzinfo=UTC)),
        ("2000-01-01T00:00+14:00", datetime(1999, 12, 31, 10, 0, tzinfo=UTC)),
    ],
)
def test_moments_that_are_read(text: str, at: datetime) -> None:
    assert read_moment(text) == at


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-31", "9999-12-30T00:00", "0001-01-01T00:00:00", "2026-12-31T10:00+23:59",
        "2026-12-31T10:00-16:00", "2026-12-31T10:00+14:01", "2026-12-31T10:00+08:60",
        "2026-12-31T24:00", "2026-12-31T10:60", "2026-12-31T10:00:60", "2026-12-31T10",
        "2026-12-31T10:00+99:99", "2026-12-31T10:00 UTC", "", "now", "１", "9999-12-31T23:59:59-14:00",
    ],
)  # fmt: skip
def test_moments_that_are_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read_moment(text)


def test_a_moment_of_a_program_names_its_zone_where_that_is_needed() -> None:
    with pytest.raises(InputUnreadable):
        read_moment("2026-12-31T10:00", needs_zone=True)
    assert read_moment("2026-12-31T10:00Z", needs_zone=True).utcoffset() is not None


@pytest.fixture
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "get_default_timezone", lambda: ZoneInfo("Europe/Berlin"))


def test_an_hour_that_the_clock_leaves_out_is_refused_with_both_choices(in_berlin: None) -> None:
    with pytest.raises(InputUnreadable) as caught:
        read_moment("2026-03-29T02:30", takes_first=True)
    assert caught.value.facts["accepted"] == ["2026-03-29T01:30+01:00", "2026-03-29T03:30+02:00"]


def test_an_hour_that_comes_twice_is_refused_with_both_choices_or_is_the_first(
    in_berlin: None,
) -> None:
    with pytest.raises(InputUnreadable) as caught:
        read_moment("2026-10-25T02:30")
    choices = caught.value.facts["accepted"]
    assert choices == ["2026-10-25T02:30+02:00", "2026-10-25T02:30+01:00"]
    first = read_moment("2026-10-25T02:30", takes_first=True)
    assert first == read_moment(choices[0]) != read_moment(choices[1])


def test_whole_numbers_are_grouped_or_not_and_never_cut_at_a_point() -> None:
    assert [read_count(text) for text in ("12", " 1,234 ", "１２，０００")] == [12, 1234, 12_000]
    # A point groups in some countries and begins the decimals in others.
    for text in ("1.000", "12.0", "12.5", "1_000", "1e3", "12,5", "+5", "-1", "٣", "", "1" * 20):
        with pytest.raises(InputUnreadable):
            read_count(text)


def test_the_api_reads_whole_numbers_as_numbers_or_digits_alone() -> None:
    field = WholeField(min_value=1, max_value=3650)
    assert [field.run_validation(value) for value in (12, "12")] == [12, 12]
    for value in ("1_0", "1.000", "1e1", " 12", "１２", 12.0, True, None, 3651, 0, "9" * 30):
        with pytest.raises(ValidationError):
            field.run_validation(value)


def test_a_whole_number_out_of_its_range_is_refused_with_the_range() -> None:
    with pytest.raises(InputOutOfRange) as caught:
        read_count("9,999,999,999", least=1, most=3650)
    assert caught.value.facts["most"] == 3650
    with pytest.raises(InputOutOfRange):
        read_count("0", least=1)
