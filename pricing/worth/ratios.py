"""Fractions of many digits, not reduced: adding and comparing them needs no greatest common divisor.

A chain of products multiplies one share into the next; reducing such fractions at every step takes hours
where the arithmetic itself takes milliseconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, cmp_to_key

from pricing.laws import law
from pricing.worth.workings import PLACES_SHOWN, shown

KEY_BITS = 128  # of a remainder; where they agree, the whole fractions are compared


@dataclass(frozen=True)
class Ratio:
    """`above` / `below`, with `below` above zero."""

    above: int
    below: int

    @cached_property
    def exact(self) -> Fraction:
        """The fraction in lowest terms."""
        return Fraction(self.above, self.below)

    @property
    def shown(self) -> str:
        """To ten places, rounded half away from zero, as text."""
        scale = 10**PLACES_SHOWN
        magnitude = (2 * abs(self.above) * scale + self.below) // (2 * self.below)
        return shown(Fraction(magnitude if self.above >= 0 else -magnitude, scale))


def by_largest_remainder(shares: Mapping[str, Ratio], total: int) -> dict[str, int]:
    """Shares of zero or more that sum to a whole total, as whole numbers that sum to it.

    Each is rounded down, and one more goes to those with the largest remainders, ties by name.
    """
    parts, rest = {}, {}
    for name in sorted(shares):
        share = shares[name]
        parts[name], left = divmod(share.above, share.below)
        if left:
            rest[name] = Ratio(left, share.below)
    missing = total - sum(parts.values())
    law(0 <= missing <= len(rest), "shares of an amount sum to something else")
    keys = {name: (left.above << KEY_BITS) // left.below for name, left in rest.items()}
    ranked = sorted(rest, key=lambda name: -keys[name])
    if 0 < missing < len(ranked) and keys[ranked[missing - 1]] == keys[ranked[missing]]:
        edge = keys[ranked[missing]]
        first = next(i for i, name in enumerate(ranked) if keys[name] == edge)
        alike = [name for name in ranked if keys[name] == edge]
        exactly = cmp_to_key(_larger_first)
        alike.sort(key=lambda name: exactly(rest[name]))
        ranked[first : first + len(alike)] = alike
    for name in ranked[:missing]:
        parts[name] += 1
    return parts


def _larger_first(one: Ratio, other: Ratio) -> int:
    if one.below is other.below:
        return (other.above > one.above) - (other.above < one.above)
    left, right = one.above * other.below, other.above * one.below
    return (right > left) - (right < left)
