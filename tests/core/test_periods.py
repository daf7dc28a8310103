"""Months are those of the exchange's time zone, whoever asks and from wherever."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from exchange.core.periods import after_periods

SHANGHAI = ZoneInfo("Asia/Shanghai")
# The last day of January, half past midnight in Shanghai, is still the day before in UTC.
FIRST = datetime(2020, 1, 1, tzinfo=UTC)
BEGAN = datetime(2027, 1, 30, 16, 30, tzinfo=UTC)


def test_months_begin_on_the_days_of_the_exchange() -> None:
    ends = [after_periods(BEGAN, "P1M", count).astimezone(SHANGHAI) for count in range(6)]
    assert [f"{end:%m-%d %H:%M}" for end in ends] == [
        "01-31 00:30", "02-28 00:30", "03-31 00:30", "04-30 00:30", "05-31 00:30", "06-30 00:30",
    ]  # fmt: skip


def test_the_zone_of_who_asks_changes_nothing(settings: Any) -> None:
    expected = after_periods(BEGAN, "P3M", 1)
    with timezone.override("America/New_York"):
        assert after_periods(BEGAN, "P3M", 1) == expected
    settings.TIME_ZONE = "Pacific/Auckland"
    # 05:30 of 31 January in Auckland; its summer time is over by the end of April.
    assert after_periods(BEGAN, "P3M", 1).isoformat() == "2027-04-29T17:30:00+00:00"


@given(
    st.integers(0, 600_000_000).map(lambda seconds: FIRST + timedelta(seconds=seconds)),
    st.integers(0, 60),
)
def test_a_period_ends_on_the_day_it_began_or_on_the_months_last(
    began: datetime, count: int
) -> None:
    begins, end = (at.astimezone(SHANGHAI) for at in (began, after_periods(began, "P1M", count)))
    months = (end.year - begins.year) * 12 + end.month - begins.month
    assert months == count
    assert end.timetz() == begins.timetz()
    is_last = (end + timedelta(days=1)).month != end.month
    assert end.day == begins.day or (is_last and end.day < begins.day)
