"""Exact numbers: how they are read, limited, rounded to places and printed."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any, NoReturn

from pricing.money import half_away
from pricing.refusals import PricingRefusal

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DIGITS_MAX = 18  # before the decimal point, and as many after it
SHOWN_MAX = 80
SHOWN_BELOW = 10**SHOWN_MAX
# Decimal() would take "1_000" and the digits of every script; a price list is stricter.
DECIMAL_TEXT = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")


# Most numbers are written like this, and are read without Decimal.
PLAIN_TEXT = re.compile(r"([+-]?[0-9]{1,18})(?:\.([0-9]{1,18}))?")
TENS = tuple(10**places for places in range(DIGITS_MAX + 1))


class BadValue(PricingRefusal):
    """A field holds what its rule does not accept; facts name field, value and what is accepted."""

    code = "bad_value"


def refuse(field: str, value: object, accepted: str) -> NoReturn:
    """Raise BadValue with the sentence every reader of this library uses."""
    field = field.encode(errors="backslashreplace").decode()  # a name from the input may be no text
    shown = _shown(value)
    if len(shown) > SHOWN_MAX:
        shown = shown[:SHOWN_MAX] + "…"
    raise BadValue(
        f"The field {field} is {shown}; accepted is {accepted}.",
        field=field,
        value=shown,
        accepted=accepted,
    )


def _shown(value: object) -> str:
    if isinstance(value, int) and abs(value) >= SHOWN_BELOW:
        return "a number of more than eighty digits"  # Python refuses to write thousands of them
    if isinstance(value, Fraction):
        return text(value)
    return str(value) if isinstance(value, Decimal) else repr(value)


def number(value: object, field: str) -> Fraction:
    """An exact number: an int, a Decimal, a Fraction or decimal text. Floats are refused.

    A float is refused because 0.1 is not a tenth: whoever means a tenth writes "0.1".
    """
    plain = PLAIN_TEXT.fullmatch(value) if type(value) is str else None
    if plain is not None:
        whole_part, fraction = plain.groups()
        if fraction is None:
            return Fraction(int(whole_part))
        return Fraction(int(whole_part + fraction), TENS[len(fraction)])
    if isinstance(value, bool | float) or not isinstance(value, int | str | Decimal | Fraction):
        refuse(field, value, 'a whole number or decimal text such as "12.50", never a float')
    if isinstance(value, Fraction):
        return value
    exact = _finite(value, field)
    if exact.adjusted() >= DIGITS_MAX or -int(exact.as_tuple().exponent) > DIGITS_MAX:
        refuse(field, value, f"at most {DIGITS_MAX} digits on each side of the decimal point")
    return Fraction(exact)


def _finite(value: int | str | Decimal, field: str) -> Decimal:
    if isinstance(value, str) and not DECIMAL_TEXT.fullmatch(value.strip()):
        refuse(field, value, 'a finite number such as "12.50"')
    exact = Decimal(value)
    if not exact.is_finite():
        refuse(field, value, "a finite number")
    return exact


def at_least_zero(value: object, field: str) -> Fraction:
    """An exact number of zero or more: a quantity, a price, an amount."""
    exact = number(value, field)
    if exact < 0:
        refuse(field, value, "a number of zero or more")
    return exact


def above_zero(value: object, field: str) -> Fraction:
    """An exact number above zero: a size, a factor, a length of time."""
    exact = number(value, field)
    if exact <= 0:
        refuse(field, value, "a number above zero")
    return exact


def percent(value: object, field: str) -> Fraction:
    """A percentage from 0 to 100, as the fraction that it is of one."""
    exact = number(value, field)
    if not 0 <= exact <= 100:  # noqa: PLR2004 - the whole
        refuse(field, value, "a percentage from 0 to 100")
    return exact / 100


def whole(value: object, field: str, *, least: int, most: int) -> int:
    """A whole number within bounds, as a number or as text."""
    exact = number(value, field)
    if exact.denominator != 1 or not least <= exact <= most:
        refuse(field, value, f"a whole number from {least} to {most}")
    return int(exact)


def optional(value: object, field: str) -> Fraction | None:
    """As `at_least_zero`, or None where nothing is given."""
    return None if value is None else at_least_zero(value, field)


def mapping(value: object, field: str) -> Mapping[str, Any]:
    """A JSON object."""
    if not isinstance(value, Mapping):
        refuse(field, value, "an object with named fields")
    return value


def word(value: object, field: str, accepted: str = "text") -> str:
    """Text that is not empty: a name, a currency, one of some words. Never a list put into words."""
    if not isinstance(value, str) or not value.strip():
        refuse(field, value, accepted)
    return value


def name_of(value: object, field: str) -> str:
    """A name as text or as a whole number, as text."""
    return str(value) if type(value) is int else word(value, field)


def sequence(value: object, field: str, *, most: int) -> Sequence[Any]:
    """A JSON list of limited length."""
    if not isinstance(value, list | tuple):
        refuse(field, value, "a list")
    if len(value) > most:
        refuse(field, f"{len(value)} entries", f"at most {most} entries")
    return value


def to_places(exact: Fraction, places: int) -> Fraction:
    """Rounded half away from zero to decimal places; negative places round to tens, hundreds …"""
    scale = Fraction(10) ** places
    return half_away(exact * scale) / scale


def text(exact: Fraction | Decimal | int) -> str:
    """Decimal text without trailing zeros; a fraction that never ends is shown to 28 digits."""
    if not isinstance(exact, Fraction):
        exact = Fraction(exact)
    if exact.denominator == 1:
        return str(exact.numerator)
    places = decimal_places(exact.denominator)
    if places is None:
        with localcontext(prec=28):
            return f"{Decimal(exact.numerator) / Decimal(exact.denominator):f}"
    digits = str(abs(exact.numerator) * 10**places // exact.denominator).rjust(places + 1, "0")
    sign = "-" if exact < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def exact_text(exact: Fraction) -> str:
    """Decimal text where it is exact, otherwise the fraction itself, such as "46400/3"."""
    return text(exact) if decimal_places(exact.denominator) is not None else str(exact)


def decimal_places(denominator: int) -> int | None:
    """How many decimals a fraction in lowest terms needs; None where it never ends."""
    powers = []
    for prime in (2, 5):
        power = 0
        while denominator % prime == 0:
            denominator //= prime
            power += 1
        powers.append(power)
    return max(powers) if denominator == 1 else None


def micros(moment: datetime) -> int:
    """Whole microseconds since 1970, exactly: time as mechanisms take it."""
    passed = moment - _EPOCH
    return (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds


def moment_of(passed_micros: int) -> datetime:
    """The moment so many microseconds after the beginning of 1970."""
    return _EPOCH + timedelta(microseconds=passed_micros)
