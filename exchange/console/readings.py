"""Values as an operator reads them."""

from collections.abc import Iterable
from decimal import Decimal

from babel.numbers import format_currency, format_decimal, format_percent
from django.utils.translation import get_language, to_locale

from exchange.core.rules import UNITS, RuleKey, RuleKind
from exchange.members.roles import Kind
from pricing.money import Money


def money_shown(amount: Money) -> str:
    """The amount in the reader's language; with its code, since ¥ and $ are several currencies."""
    return format_currency(amount.decimal, amount.currency, format="¤¤ #,##0.00", locale=_locale())


def value_shown(declared: RuleKey, value: str | int) -> str:
    """A rule's value with its unit."""
    if declared.kind is RuleKind.MONEY:
        return money_shown(Money(int(value), declared.unit))
    number = Decimal(value)
    if declared.unit == "fraction":
        return format_percent(number, format="#,##0.##%", locale=_locale())
    figure = format_decimal(number, locale=_locale())
    if declared.unit not in UNITS:
        return figure
    several = 2  # a fraction takes the plural
    count = int(number) if number == int(number) else several
    return str(UNITS[declared.unit] % {"figure": figure, "count": count})


def share_shown(share: Decimal) -> str:
    """A share as a percentage, in the reader's language."""
    return format_percent(share, format="#,##0.#%", locale=_locale())


def figure_shown(number: float) -> str:
    """A figure to one place."""
    return format_decimal(number, format="#,##0.#", locale=_locale())


def chance_shown(chance: float) -> str:
    """A probability; what is next to nothing is said to be below a bound."""
    least = 0.0001
    if chance < least:
        return f"< {format_decimal(least, format='0.####', locale=_locale())}"
    return format_decimal(chance, format="0.####", locale=_locale())


def kinds_shown(kinds: Iterable[str]) -> str:
    """Qualifications by name."""
    return ", ".join(str(Kind(kind).label) for kind in kinds) or "–"


def _locale() -> str:
    return to_locale(get_language() or "en")
