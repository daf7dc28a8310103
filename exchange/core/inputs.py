"""Amounts, numbers, days and moments as people and programs write them: what is read, and what is refused.

One reading for every form, the API, imports and the console. Full-width digits and signs count as their
plain forms. What could be read in two ways is refused with what would be accepted, never guessed: a comma
stands only between groups of three digits, a day begins with its year, an hour that a change of the clock
leaves out or brings twice needs its offset.
"""

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import NoReturn

from django.utils import timezone
from django.utils.translation import gettext as _

from exchange.core.formatting import count_shown, money_shown
from exchange.core.refusals import Invalid
from pricing.money import Money, exponent

# The largest amount in any one field, in minor units of every currency: exact in JSON, and far enough
# below what the books hold that a tax, a fee or a sum of thousands still fits.
AMOUNT_MINOR_MAX = 10**15
# JSON numbers are exact up to here for every reader.
JSON_EXACT_MAX = 2**53 - 1
INPUT_CHARS_MAX = 40
YEAR_MIN, YEAR_MAX = 2000, 2100
DAY_MIN, DAY_MAX = date(YEAR_MIN, 1, 1), date(YEAR_MAX, 12, 31)
OFFSET_MAX = timedelta(hours=14)

_PLAIN = {
    **{0xFF10 + digit: str(digit) for digit in range(10)},
    **dict(zip(map(ord, "．，：－／＋　"), ".,:-/+ ", strict=True)),
}  # fmt: skip
_NUMBER = re.compile(
    r"(?P<whole>[0-9]{1,19}|[1-9][0-9]{0,2}(,[0-9]{3}){1,6})(\.(?P<fraction>[0-9]{1,19}))?"
)
_DAY = re.compile(
    r"(?P<year>[0-9]{4})(?:(?P<sign>[-/.])(?P<month>[0-9]{1,2})(?P=sign)(?P<day>[0-9]{1,2})"
    r"|年 ?(?P<month_zh>[0-9]{1,2})月 ?(?P<day_zh>[0-9]{1,2})日)"
)
_TIME = re.compile(
    r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(:(?P<second>[0-9]{2})(\.(?P<fraction>[0-9]{1,9}))?)?"
    r" ?(?P<offset>[zZ]|[+-][0-9]{2}(:?[0-9]{2})?)?"
)
_BETWEEN = re.compile(r"[Tt ]|(?<=日)")


class InputUnreadable(Invalid):
    """An amount, a number, a day or a moment is not written as it is read; `accepted` shows how."""

    code = "input_unreadable"


class InputOutOfRange(Invalid):
    """An amount, a number, a day or a moment is outside what is accepted; `least` and `most` say what is."""

    code = "input_out_of_range"


def plain(text: str) -> str:
    """The text without space around it, full-width digits and signs as plain ones."""
    return text.translate(_PLAIN).strip()


def is_shown(text: str, *, has_lines: bool = False) -> bool:
    """Whether each character is one that readers see: no control, none that turns the direction of
    writing, no private one. A text that `has_lines` may have line breaks and tabs."""
    return all(
        unicodedata.category(letter)[0] != "C" or (has_lines and letter in "\n\t")
        for letter in text
    )


def largest(currency: str) -> Money:
    """The largest amount that is accepted anywhere in that currency."""
    return Money(AMOUNT_MINOR_MAX, currency)


def read_amount(text: str, currency: str, *, least_minor: int = 1) -> Money:
    """`1234.50` or `1,234.50`, with no more decimals than the currency has.

    Raises InputUnreadable and InputOutOfRange; pricing's UnknownCurrency.
    """
    digits = exponent(currency)
    read = _NUMBER.fullmatch(plain(text))
    shown = f"1,234.{'500'[:digits]}" if digits else "1,234"
    if read is None:
        raise InputUnreadable(
            _("“%(text)s” is not an amount in %(currency)s. Write it as %(example)s: the point before the decimals, commas only between groups of three digits, no sign.")
            % {"text": text.strip()[:INPUT_CHARS_MAX], "currency": currency, "example": shown},
            accepted=shown,
        )  # fmt: skip
    fraction = read["fraction"] or ""
    if len(fraction) > digits:
        raise InputUnreadable(
            _("%(currency)s has %(digits)d digits after the point, not %(given)d. Write it as %(example)s.")
            % {"currency": currency, "digits": digits, "given": len(fraction), "example": shown},
            accepted=shown,
        )  # fmt: skip
    minor = int(read["whole"].replace(",", "") + fraction.ljust(digits, "0"))
    return checked_amount(minor, currency, least_minor=least_minor)


def checked_amount(
    minor: int, currency: str, *, least_minor: int = 1, field: str | None = None
) -> Money:
    """The amount, which is in the range that is accepted. Raises InputOutOfRange, of the `field`."""
    facts: dict[str, object] = {"least": least_minor, "most": AMOUNT_MINOR_MAX}
    if field is not None:
        facts["field"] = field
    if minor < least_minor:
        said = _("Give an amount above zero.") if least_minor == 1 else _("At least %(least)s.")
        least = money_shown(Money(least_minor, currency))
        raise InputOutOfRange(said % {"least": least}, **facts)
    if minor > AMOUNT_MINOR_MAX:
        raise InputOutOfRange(
            _("At most %(most)s.") % {"most": money_shown(largest(currency))}, **facts
        )
    return Money(minor, currency)


def read_number(
    text: str, *, places: int, least: Decimal | None = None, most: Decimal | None = None
) -> Decimal:
    """A number of zero or more with at most `places` decimals: a rate, a price of one, a percentage.

    Raises InputUnreadable and InputOutOfRange.
    """
    read = _NUMBER.fullmatch(plain(text))
    if read is None or len(read["fraction"] or "") > places:
        raise InputUnreadable(
            _("“%(text)s” is not a number with at most %(places)d decimals. Write it as %(example)s.")
            % {"text": text.strip()[:INPUT_CHARS_MAX], "places": places, "example": "1234.5"},
            accepted="1234.5",
        )  # fmt: skip
    number = Decimal(f"{read['whole'].replace(',', '')}.{read['fraction'] or '0'}")
    if least is not None and number < least:
        raise InputOutOfRange(_("At least %(least)s.") % {"least": least}, least=str(least))
    if most is not None and number > most:
        raise InputOutOfRange(_("At most %(most)s.") % {"most": most}, most=str(most))
    return number


def read_count(text: str, *, least: int = 0, most: int = JSON_EXACT_MAX) -> int:
    """`1234` or `1,234`: a whole number, which has no point. Raises InputUnreadable and InputOutOfRange."""
    read = _NUMBER.fullmatch(plain(text))
    if read is None or read["fraction"] is not None:
        raise InputUnreadable(
            _("“%(text)s” is not a whole number. Write it as %(example)s, without point and sign.")
            % {"text": text.strip()[:INPUT_CHARS_MAX], "example": "1234"},
            accepted="1234",
        )  # fmt: skip
    count = int(read["whole"].replace(",", ""))
    if count < least:
        raise InputOutOfRange(_("At least %(least)s.") % {"least": count_shown(least)}, least=least)
    if count > most:
        raise InputOutOfRange(_("At most %(most)s.") % {"most": count_shown(most)}, most=most)
    return count


def read_day(text: str) -> date:
    """`2026-12-31`, also with slashes or points, or `2026年12月31日`. Raises InputUnreadable and
    InputOutOfRange."""
    read = _DAY.fullmatch(plain(text))
    day = _day_of(read) if read else None
    if day is None:
        _no_day(text, "2026-12-31")
    return _in_range(day)


def read_moment(text: str, *, needs_zone: bool = False, takes_first: bool = False) -> datetime:
    """A day and a time, as `2026-12-31T23:59` or `2026-12-31 23:59:00+08:00`.

    Without an offset it is the exchange's own time, unless `needs_zone`. An hour that the exchange's
    clock leaves out is refused; of one that comes twice `takes_first` takes the first, as a form must
    whose field has no place for an offset. What is finer than a microsecond is cut. Raises InputUnreadable and InputOutOfRange.
    """
    day_text, time_text = _parted(plain(text))
    day_read, time_read = _DAY.fullmatch(day_text), _TIME.fullmatch(time_text)
    day = _day_of(day_read) if day_read else None
    if day is None or time_read is None or (needs_zone and not time_read["offset"]):
        _no_day(text, "2026-12-31T23:59:00Z" if needs_zone else "2026-12-31T23:59")
    _in_range(day)
    try:
        clock = time(
            int(time_read["hour"]), int(time_read["minute"]), int(time_read["second"] or 0),
            int((time_read["fraction"] or "0").ljust(6, "0")[:6]),
        )  # fmt: skip
    except ValueError:
        _no_day(text, "2026-12-31T23:59")
    at = datetime.combine(day, clock)
    if time_read["offset"]:
        return at.replace(tzinfo=UTC) - _offset(time_read["offset"])
    return _in_own_zone(at, takes_first=takes_first)


def _parted(text: str) -> tuple[str, str]:
    between = _BETWEEN.search(text, 8)
    return (text[: between.start()], text[between.end() :].strip()) if between else (text, "")


def _day_of(read: re.Match[str]) -> date | None:
    month, day = read["month"] or read["month_zh"], read["day"] or read["day_zh"]
    try:
        return date(int(read["year"]), int(month), int(day))
    except ValueError:
        return None


def _no_day(text: str, example: str) -> NoReturn:
    said = (
        _("“%(text)s” is not a day. Write it as %(example)s, the year first.")
        if len(example) <= len("2026-12-31")
        else _("“%(text)s” is not a day and a time. Write it as %(example)s, the year first.")
    )
    raise InputUnreadable(
        said % {"text": text.strip()[:INPUT_CHARS_MAX], "example": example}, accepted=example
    )


def _in_range(day: date) -> date:
    if not DAY_MIN <= day <= DAY_MAX:
        raise InputOutOfRange(
            _("Give a day from %(first)s to %(last)s.")
            % {"first": DAY_MIN.isoformat(), "last": DAY_MAX.isoformat()},
            least=DAY_MIN.isoformat(),
            most=DAY_MAX.isoformat(),
        )
    return day


def _offset(text: str) -> timedelta:
    if text in "zZ":
        return timedelta(0)
    hours, minutes = int(text[1:3]), int(text[3:].replace(":", "") or 0)
    offset = timedelta(hours=hours, minutes=minutes)
    if minutes >= 60 or offset > OFFSET_MAX:  # noqa: PLR2004 - minutes of an hour
        raise InputOutOfRange(
            _("No clock on earth is %(offset)s off; offsets go from −14:00 to +14:00.")
            % {"offset": text},
            least="-14:00",
            most="+14:00",
        )
    return -offset if text[0] == "-" else offset


def _in_own_zone(at: datetime, *, takes_first: bool) -> datetime:
    zone = timezone.get_default_timezone()
    first, second = at.replace(tzinfo=zone, fold=0), at.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != at:
        before, after = second.astimezone(UTC), first.astimezone(UTC)
        choices = [
            moment.astimezone(zone).isoformat(timespec="minutes") for moment in (before, after)
        ]
        raise InputUnreadable(
            _("The clock of %(zone)s leaves that hour out. Write %(before)s or %(after)s.")
            % {"zone": zone, "before": choices[0], "after": choices[1]},
            accepted=choices,
        )
    if takes_first:
        return first.astimezone(UTC)
    choices = [moment.isoformat(timespec="minutes") for moment in (first, second)]
    raise InputUnreadable(
        _("The clock of %(zone)s shows that hour twice. Write %(before)s or %(after)s.")
        % {"zone": zone, "before": choices[0], "after": choices[1]},
        accepted=choices,
    )
