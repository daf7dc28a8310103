"""How people read money, moments and numbers: by Babel, in the reader's language.

One form each on every page, document, mail and notice: `CN¥5,512.00` (`¥5,512.00` in Chinese) and
`29 Nov 2026, 03:22` (`2026年11月29日 03:22`). CLDR's own short dates are ambiguous between day and
month for an exchange's readers.
"""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from unicodedata import bidirectional

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal
from django.utils import timezone
from django.utils.translation import get_language, to_locale

from pricing.money import Money

PATTERNS = {
    "en": {"date": "d MMM y", "minutes": "d MMM y, HH:mm", "seconds": "d MMM y, HH:mm:ss"},
    "zh": {"date": "y年M月d日", "minutes": "y年M月d日 HH:mm", "seconds": "y年M月d日 HH:mm:ss"},
}
# In pictures, where the year is known.
SHORT_PATTERNS = {
    "en": {"date": "d MMM", "minutes": "d MMM HH:mm", "month": "MMM y"},
    "zh": {"date": "M月d日", "minutes": "M月d日 HH:mm", "month": "y年M月"},
}
NOTHING = "–"
_RIGHT_TO_LEFT = frozenset({"R", "AL"})


@lru_cache(maxsize=8)
def _locale_for(language: str) -> Locale:
    return Locale.parse(to_locale(language))


def active_locale() -> Locale:
    """The reader's locale, for Babel."""
    return _locale_for(get_language() or "en")


def isolated_text(text: str) -> str:
    """The text as a part of a sentence. Where it has letters that go from right to left, marks that are not
    seen keep it from turning what stands around it."""
    is_turned = any(bidirectional(letter) in _RIGHT_TO_LEFT for letter in text)
    return f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}" if is_turned else text


def money_shown(amount: Money | None) -> str:
    """`¥1,234.50` in Chinese, `CN¥1,234.50` in English; exact, never rounded."""
    if amount is None:
        return NOTHING
    return str(format_currency(amount.decimal, amount.currency, locale=active_locale()))


def money_in_words(amount: Money) -> str:
    """`1,234.50 Chinese yuan`, `1,234.50人民币`: an amount read back before it binds somebody."""
    spelled = format_currency(
        amount.decimal, amount.currency, locale=active_locale(), format_type="name"
    )
    return f"{money_shown(amount)} ({spelled})"


def count_shown(number: int | None) -> str:
    """A whole number with the language's separators."""
    return NOTHING if number is None else str(format_decimal(number, locale=active_locale()))


def day_shown(day: date | None) -> str:
    """A plain date, which has no zone and no time, as it is."""
    if day is None:
        return NOTHING
    locale = active_locale()
    return str(format_date(day, _pattern(PATTERNS, locale, "date"), locale=locale))


def moment_shown(at: datetime | None, precision: str = "minutes", *, zone: bool = True) -> str:
    """A moment in the exchange's time zone; `precision` is date, minutes or seconds. With minutes
    stands the zone's offset, unless it is named beside it."""
    if at is None:
        return NOTHING
    locale, local = active_locale(), timezone.localtime(at)
    pattern = _pattern(PATTERNS, locale, precision)
    if zone and precision != "date":
        pattern += " (ZZZZZ)"
    return str(format_datetime(local, pattern, tzinfo=local.tzinfo, locale=locale))


def end_shown(at: datetime | None, precision: str = "minutes", *, zone: bool = True) -> str:
    """The moment at which something ends, which it does not hold at any more: as a date its last day, with
    minutes the midnight behind a day as that day's 24:00."""
    if at is None:
        return NOTHING
    last = timezone.localtime(at - timedelta.resolution)
    if precision == "date":
        return day_shown(last.date())
    if timezone.localtime(at).time() != time.min:
        return moment_shown(at, precision, zone=zone)
    locale = active_locale()
    pattern = _pattern(PATTERNS, locale, "minutes").replace("HH:mm", "'24:00'")
    if zone:
        pattern += " (ZZZZZ)"
    return str(format_datetime(last, pattern, tzinfo=last.tzinfo, locale=locale))


def short_day(day: date) -> str:
    """A day without its year: `14 Nov`, `11月14日`."""
    locale = active_locale()
    return str(format_date(day, _pattern(SHORT_PATTERNS, locale, "date"), locale=locale))


def short_month(day: date) -> str:
    """The month of a day: `Nov 2026`, `2026年11月`."""
    locale = active_locale()
    return str(format_date(day, _pattern(SHORT_PATTERNS, locale, "month"), locale=locale))


def month_named(label: str) -> str:
    """The month that files and facts name `2026-11`, in words."""
    return short_month(date.fromisoformat(f"{label}-01"))


def day_named(label: str) -> str:
    """The day that files and facts name `2026-11-19`, in words."""
    return day_shown(date.fromisoformat(label))


def short_moment(at: datetime) -> str:
    """A moment without its year."""
    locale, local = active_locale(), timezone.localtime(at)
    pattern = _pattern(SHORT_PATTERNS, locale, "minutes")
    return str(format_datetime(local, pattern, tzinfo=local.tzinfo, locale=locale))


def _pattern(patterns: dict[str, dict[str, str]], locale: Locale, precision: str) -> str:
    return patterns.get(locale.language, patterns["en"])[precision]
