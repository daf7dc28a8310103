"""Money in whole minor units; the one rounding; the one split."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import overload

from pricing.refusals import (
    CurrencyMismatch,
    NotAnAmount,
    NothingToSplitBy,
    RefundTooLarge,
    UnknownCurrency,
)

# ISO 4217: code -> digits after the decimal point. An exponent, once used, can never change.
CURRENCIES: dict[str, int] = {
    "CNY": 2,
    "HKD": 2,
    "MOP": 2,
    "EUR": 2,
    "USD": 2,
    "GBP": 2,
    "CHF": 2,
    "SGD": 2,
    "AUD": 2,
    "CAD": 2,
    "JPY": 0,
    "KRW": 0,
    "KWD": 3,
    "BHD": 3,
}
MINOR_MAX = 2**63 - 1
# Plain digits only: what Decimal also reads (1e3, 1_000, digits of other scripts) is no amount.
AMOUNT = re.compile(r"(?P<sign>[+-]?)(?P<whole>[0-9]{1,19})(\.(?P<fraction>[0-9]{1,19}))?")


def exponent(currency: str) -> int:
    """Digits after the decimal point. Raises UnknownCurrency."""
    try:
        return CURRENCIES[currency]
    except (KeyError, TypeError):  # a list cannot be looked up
        raise UnknownCurrency(
            f"The currency {currency!r} is not known here.", accepted=sorted(CURRENCIES)
        ) from None


def round_to_minor(exact: Decimal | Fraction, currency: str) -> int:
    """Whole minor units of an exact amount in minor units: half away from zero.

    The only place where the exchange rounds money.
    """
    exponent(currency)
    if isinstance(exact, Decimal):
        return int(exact.to_integral_value(rounding=ROUND_HALF_UP))
    return half_away(exact)


def half_away(exact: Fraction) -> int:
    """The nearest whole number of a fraction; halves go away from zero."""
    whole = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
    return whole if exact >= 0 else -whole


def split_by_largest_remainder(whole: int, weights: Sequence[int]) -> list[int]:
    """Whole parts in proportion to whole weights; left-over units go to the largest remainders.

    Ties go to the earlier party. The parts sum to the whole, each is within one unit of its exact
    share, and a party of weight zero gets nothing. Raises NothingToSplitBy.
    """
    total = sum(weights)
    if total <= 0 or any(weight < 0 for weight in weights):
        raise NothingToSplitBy(
            "A split needs weights of zero or more, not all zero.", weights=list(weights)
        )
    magnitude = abs(whole)
    parts = [magnitude * weight // total for weight in weights]
    remainders = [magnitude * weight % total for weight in weights]
    by_remainder = sorted(range(len(parts)), key=lambda i: (-remainders[i], i))
    for i in by_remainder[: magnitude - sum(parts)]:
        parts[i] += 1
    return [part if whole >= 0 else -part for part in parts]


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """`minor` whole minor units of `currency`; may be negative, within 64 bits."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        exponent(self.currency)
        if type(self.minor) is not int:
            raise NotAnAmount("An amount is a whole number of minor units.", given=repr(self.minor))
        if abs(self.minor) > MINOR_MAX:
            raise NotAnAmount("The amount is too large for the books.", maximum=MINOR_MAX)

    @classmethod
    def parse(cls, text: str, currency: str) -> "Money":
        """Read `12.34` exactly. Raises NotAnAmount for what is no number or has too many digits."""
        digits = exponent(currency)
        read = AMOUNT.fullmatch(text.strip())
        if read is None:
            raise NotAnAmount(f"{text[:40]!r} is not an amount.", example="1234.50")
        sign, whole, fraction = read["sign"], read["whole"], (read["fraction"] or "").rstrip("0")
        if len(fraction) > digits:
            raise NotAnAmount(
                f"{currency} has {digits} digits after the decimal point.",
                digits=digits,
                given=text,
            )
        minor = int(whole + fraction.ljust(digits, "0"))
        return cls(-minor if sign == "-" else minor, currency)

    @property
    def decimal(self) -> Decimal:
        """The amount in major units, exactly, with the currency's digits."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def __str__(self) -> str:
        return f"{self.decimal:f} {self.currency}"

    def __add__(self, other: "Money") -> "Money":
        self._check_currency(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._check_currency(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._check_currency(other)
        return self.minor < other.minor

    def __le__(self, other: "Money") -> bool:
        self._check_currency(other)
        return self.minor <= other.minor

    def split(self, *weights: int) -> list["Money"]:
        """Parts in proportion to whole weights, by largest remainder; ties go to the earlier party.

        The parts sum to the whole and each is within one minor unit of its exact share; a party of
        weight zero gets nothing. Raises NothingToSplitBy.
        """
        return [
            Money(part, self.currency) for part in split_by_largest_remainder(self.minor, weights)
        ]

    def refund_over(self, remaining: Sequence["Money"]) -> list["Money"]:
        """What each party gives back of this refund, in proportion to what each still holds.

        `remaining` is what each received less what each has given back already, so that refunds one
        after the other never take more from a party than it was paid, and a full refund takes
        exactly the rest. Raises RefundTooLarge, CurrencyMismatch.
        """
        for share in remaining:
            self._check_currency(share)
        held = sum(share.minor for share in remaining)
        if any(share.minor < 0 for share in remaining) or not 0 <= self.minor <= held:
            raise RefundTooLarge(
                "A refund is zero or more and at most what the parties still hold.",
                given=self.minor,
                accepted=max(0, held),
            )
        return self.split(*(share.minor for share in remaining)) if held else list(remaining)

    def _check_currency(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(
                f"{self.currency} and {other.currency} cannot be put together.",
                expected=self.currency,
                given=other.currency,
            )


class MoneyOf:
    """Reads two attributes as one `Money`: `amount = MoneyOf("amount_minor", "currency")`."""

    def __init__(self, minor: str, currency: str) -> None:
        self.minor = minor
        self.currency = currency

    @overload
    def __get__(self, row: None, owner: type) -> "MoneyOf": ...
    @overload
    def __get__(self, row: object, owner: type) -> Money: ...
    def __get__(self, row: object | None, owner: type) -> "MoneyOf | Money":
        if row is None:
            return self
        return Money(getattr(row, self.minor), getattr(row, self.currency))
