"""Lines: what a price is made of, each with the sentence that explains it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class LineKind(StrEnum):
    """Why a line is there."""

    CONVERTED = "converted"
    SAMPLE = "sample"
    FREE = "free"
    FIXED = "fixed"
    UNIT = "unit"
    PACKAGE = "package"
    TIER = "tier"
    TIER_FLAT = "tier_flat"
    PERCENTAGE = "percentage"
    EVENT = "event"
    GIVEN_AWAY = "given_away"
    DISCOUNT = "discount"
    MAXIMUM = "maximum"
    MINIMUM = "minimum"
    COUPON = "coupon"
    CREDIT = "credit"
    GRACE = "grace"


@dataclass(frozen=True, slots=True)
class Line:
    """`amount` is exact and in major units; `quantity` × `price` is the amount where both exist."""

    kind: LineKind
    text: str
    amount: Fraction
    quantity: Fraction | None = None
    price: Fraction | None = None


def total(lines: Iterable[Line]) -> Fraction:
    """The exact sum."""
    return sum((line.amount for line in lines), Fraction(0))
