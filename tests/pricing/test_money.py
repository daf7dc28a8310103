"""Money: whole minor units, one rounding, one split."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.money import CURRENCIES, MINOR_MAX, Money, round_to_minor
from pricing.refusals import CurrencyMismatch, NotAnAmount, NothingToSplitBy, UnknownCurrency

pytestmark = pytest.mark.deep

minors = st.integers(min_value=-MINOR_MAX, max_value=MINOR_MAX)
weights = st.lists(st.integers(min_value=0, max_value=10**9), min_size=1, max_size=12).filter(any)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [("12.34", "CNY", 1234), (" 7 ", "JPY", 7), ("1.005", "KWD", 1005), ("-0.01", "EUR", -1)],
)
def test_an_amount_is_read_exactly(text: str, currency: str, minor: int) -> None:
    assert Money.parse(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "1.001",
        "NaN",
        "Infinity",
        "1e3",
        "1_000",
        "١٢",
        "1,000.00",
        "9" * 20,
        "1.",
        "12345678901234567.00000000000001",
    ],
)
def test_what_is_no_amount_of_the_currency_is_refused(text: str) -> None:
    with pytest.raises(NotAnAmount):
        Money.parse(text, "CNY")


def test_an_unknown_currency_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownCurrency) as refused:
        Money(1, "XBT")
    assert "CNY" in str(refused.value.facts["accepted"])


@pytest.mark.parametrize("minor", [2**63, -(2**63), 1.5, True, "1"])
def test_an_amount_that_the_books_cannot_hold_is_refused(minor: object) -> None:
    with pytest.raises(NotAnAmount):
        Money(minor, "CNY")  # type: ignore[arg-type]  # the point of the test


def test_two_currencies_never_mix() -> None:
    with pytest.raises(CurrencyMismatch):
        Money(1, "CNY") + Money(1, "EUR")


@pytest.mark.parametrize(
    ("exact", "minor"), [("0.5", 1), ("-0.5", -1), ("1.4999", 1), ("2.5", 3), ("-2.5", -3)]
)
def test_rounding_is_half_away_from_zero(exact: str, minor: int) -> None:
    assert round_to_minor(Decimal(exact), "CNY") == minor


@given(minors, st.sampled_from(sorted(CURRENCIES)))
def test_printing_and_reading_give_the_same_amount(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    assert Money.parse(str(money.decimal), currency) == money


@given(minors, weights)
def test_a_split_conserves_and_stays_within_one_unit(minor: int, shares: list[int]) -> None:
    whole = Money(minor, "EUR")
    parts = [part.minor for part in whole.split(*shares)]
    total = sum(shares)
    assert sum(parts) == minor
    for part, share in zip(parts, shares, strict=True):
        assert abs(part * total - minor * share) < total
        assert share > 0 or part == 0


@given(minors, weights)
def test_a_split_of_the_opposite_is_the_opposite_split(minor: int, shares: list[int]) -> None:
    opposite = [-part for part in Money(-minor, "EUR").split(*shares)]
    assert opposite == Money(minor, "EUR").split(*shares)


@pytest.mark.parametrize("shares", [(), (0, 0), (3, -1)])
def test_a_split_without_weight_is_refused(shares: tuple[int, ...]) -> None:
    with pytest.raises(NothingToSplitBy):
        Money(100, "EUR").split(*shares)
