"""After the price: percentage discount, then maximum, then minimum; then coupon and credits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from pricing.exact import at_least_zero, number, optional, percent, refuse, text, to_places
from pricing.refusals import PricingRefusal

ZERO = Fraction(0)


class CreditsLeftOver(PricingRefusal):
    """More credit was put on a charge than the charge amounts to."""

    code = "credits_left_over"


@dataclass(frozen=True)
class Terms:
    """What a charge commits to: a discount (of one), a maximum and a minimum spend per period."""

    discount: Fraction = ZERO
    maximum: Fraction | None = None
    minimum: Fraction | None = None


@dataclass(frozen=True)
class Committed:
    """`charge` − `discount` + `topup` = `total`. The discount is by percentage and by maximum."""

    charge: Fraction
    by_percentage: Fraction
    by_maximum: Fraction
    topup: Fraction

    @property
    def discount(self) -> Fraction:
        return self.by_percentage + self.by_maximum

    @property
    def total(self) -> Fraction:
        return self.charge - self.discount + self.topup


def read_terms(fields: Mapping[str, object], field: str = "") -> Terms:
    """`discount_percent`, `maximum`, `minimum`. Raises BadValue where the minimum is above."""
    maximum = optional(fields.get("maximum"), f"{field}maximum")
    minimum = optional(fields.get("minimum"), f"{field}minimum")
    if maximum is not None and minimum is not None and minimum > maximum:
        refuse(f"{field}minimum", minimum, f"at most the maximum of {text(maximum)}")
    given = fields.get("discount_percent")
    discount = ZERO if given is None else percent(given, f"{field}discount_percent")
    return Terms(discount, maximum, minimum)


def maximum_discount(line: Fraction, billed_before: Fraction, maximum: Fraction) -> Fraction:
    """What a maximum spend takes off a line: the excess over it, never more than the line."""
    return min(max(ZERO, line), max(ZERO, billed_before + line - maximum))


def commit(
    charge: Fraction,
    terms: Terms,
    *,
    billed_before: Fraction = ZERO,
    period_ended: bool = True,
    places: int | None = None,
) -> Committed:
    """A charge under its terms. The maximum always holds; the minimum is billed at period's end.

    `billed_before` is what the period was billed so far. With `places` every part is rounded.
    """

    def rounded(exact: Fraction) -> Fraction:
        return exact if places is None else to_places(exact, places)

    charge = rounded(charge)
    by_percentage = rounded(charge * terms.discount)
    line = charge - by_percentage
    over = ZERO
    if terms.maximum is not None:
        over = rounded(maximum_discount(line, billed_before, terms.maximum))
    topup = ZERO
    if terms.minimum is not None and period_ended:
        topup = rounded(max(ZERO, terms.minimum - billed_before - line + over))
    return Committed(charge, by_percentage, over, topup)


def apply_credits(
    due: Fraction, balances: Sequence[Fraction], *, all_of_them: bool = False
) -> list[Fraction]:
    """How much of each credit is used, in their order, until nothing is due.

    With `all_of_them` a credit that is not used up is refused: CreditsLeftOver.
    """
    used: list[Fraction] = []
    left = max(ZERO, due)
    for credit in balances:
        used.append(min(credit, left))
        left -= used[-1]
    unused = sum(balances, ZERO) - sum(used, ZERO)
    if all_of_them and unused:
        raise CreditsLeftOver(
            f"The field credits is {text(sum(balances, ZERO))} in all; accepted is at most what is"
            f" due, {text(max(ZERO, due))}.",
            field="credits",
            value=text(sum(balances, ZERO)),
            accepted=text(max(ZERO, due)),
        )
    return used


@dataclass(frozen=True)
class Coupon:
    """An amount off, or a share off. One of the two."""

    amount: Fraction | None
    share: Fraction | None

    def credit(self, base: Fraction) -> Fraction:
        """What it takes off, never more than there is."""
        if self.share is not None:
            return max(ZERO, base) * self.share
        return min(self.amount or ZERO, max(ZERO, base))


def read_coupon(fields: Mapping[str, object], amount_key: str = "amount") -> Coupon:
    """An amount or a percentage, exactly one. Raises BadValue."""
    amount, rate = fields.get(amount_key), fields.get("percent")
    if (amount is None) == (rate is None):
        refuse("coupon", f"{amount_key} {amount}, percent {rate}", "one of the two")
    return Coupon(
        amount=None if amount is None else at_least_zero(amount, f"coupon.{amount_key}"),
        share=None if rate is None else percent(rate, "coupon.percent"),
    )


@dataclass(frozen=True)
class Tax:
    """A tax rate (of one), on top of the price or included in it."""

    rate: Fraction
    included: bool = False

    def of(self, net: Fraction) -> Fraction:
        """The tax on a precise amount, itself precise: it is rounded once, by whoever bills it."""
        return net * self.rate / (1 + self.rate) if self.included else net * self.rate


def read_tax(fields: Mapping[str, object]) -> Tax:
    """`percent` and `included`. Raises BadValue."""
    included = fields.get("included", False)
    if not isinstance(included, bool):
        refuse("tax.included", included, "true or false")
    if number(fields.get("percent", 0), "tax.percent") < 0:
        refuse("tax.percent", fields["percent"], "a percentage from 0 to 100")
    return Tax(percent(fields.get("percent", 0), "tax.percent"), included)
