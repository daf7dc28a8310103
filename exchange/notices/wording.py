"""Facts as they are kept, and as they are read: in the reader's language, at the time of reading."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from babel import Locale
from babel.dates import format_datetime
from babel.numbers import format_currency, format_decimal
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language, to_locale

from exchange.core.titles import Title, in_own_language
from exchange.notices.kinds import KINDS
from pricing.money import Money


def kept(facts: Mapping[str, object]) -> dict[str, Any]:
    """The facts as JSON. Raises TypeError for a value that could not be printed later."""
    return {name: _kept(value) for name, value in facts.items()}


def line_of(kind: str, facts: Mapping[str, Any]) -> str:
    """The sentence in the active language. A kind that is gone is shown by its name."""
    known = KINDS.get(kind)
    if known is None:
        return kind
    locale = Locale.parse(to_locale(get_language() or "en"))
    return str(known.line) % {name: _shown(value, locale) for name, value in facts.items()}


def _kept(value: object) -> Any:
    if isinstance(value, Money):
        return {"minor": value.minor, "currency": value.currency}
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    if isinstance(value, Title):
        both = {"en": value.english, "zh": value.chinese}
        return both if value.chinese else value.english
    if isinstance(value, str | int):
        return value
    raise TypeError(f"A notice cannot keep {type(value).__name__}.")


def _shown(value: Any, locale: Locale) -> str:
    if isinstance(value, dict) and "minor" in value:
        amount = Money(value["minor"], value["currency"])
        return format_currency(amount.decimal, amount.currency, locale=locale)
    if isinstance(value, dict) and "en" in value:
        return in_own_language(value["en"], value["zh"])
    if isinstance(value, dict) and (at := parse_datetime(str(value.get("at")))):
        local = timezone.localtime(at)
        return format_datetime(local, "medium", tzinfo=local.tzinfo, locale=locale)
    return format_decimal(value, locale=locale) if isinstance(value, int) else str(value)
