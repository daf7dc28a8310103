"""The steps of a price in sentences: "First 200 lookups × CN¥75.00 = CN¥15,000.00".

A quote says each step as a kind, a quantity, a price and an amount. What else a sentence needs (the
end of a tier, the units that are free, the size of a package) stands in the charge of its plan, and
what a discount, a maximum or a minimum starts from is the sum of the steps before it.
"""

from collections.abc import Iterator
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exchange.web.usage.rates import exact_count, exact_money, quantity_words, unit_words
from pricing.charges.models import Graduated, Line, LineKind, Package, Volume
from pricing.charges.plans import Charge, Plan
from pricing.charges.quotes import Adjustment, PricedCharge, Quote
from pricing.charges.tiers import Tier
from pricing.money import Money

HUNDRED = 100


def charge_steps(quote: Quote, number: int) -> tuple[str, ...]:
    """How the amount of the quote's charge of that number (from 0) comes about."""
    charge, priced = quote.plan.charges[number], quote.charges[number]
    used = None if charge.meter is None else quote.request.usage[charge.meter].units
    return tuple(_Steps(charge, quote.plan.currency).of(priced, used))


def adjustment_step(quote: Quote, number: int) -> str:
    """What is taken off all charges, or added to them, by the quote's adjustment of that number."""
    before = quote.subtotal + Money(
        sum(one.amount.minor for one in quote.adjustments[:number]), quote.plan.currency
    )
    line: Adjustment = quote.adjustments[number]
    if line.kind is LineKind.GRACE:
        return ngettext(
            "The first period costs nothing.",
            "The first %(count)s periods cost nothing.",
            quote.plan.grace_periods,
        ) % {"count": quote.plan.grace_periods}
    amount = Fraction(line.amount.decimal)
    said = _term(line.kind, quote.plan, quote.plan.currency, Fraction(before.decimal), amount)
    return said or line.text


class _Steps:
    """The sentences of one charge."""

    def __init__(self, charge: Charge, currency: str) -> None:
        self.charge, self.currency = charge, currency

    def of(self, priced: PricedCharge, used: Fraction | None) -> Iterator[str]:
        before, tiers = Fraction(0), self._tiers_entered(priced.lines)
        for line in priced.lines:
            if line.kind is LineKind.CONVERTED and used is not None:
                yield _("%(quantity)s counted as %(count)s") % {
                    "quantity": quantity_words(self.charge.meter or "", used),
                    "count": exact_count(line.quantity or Fraction(0)),
                }
            else:
                yield (
                    self._given(line)
                    or self._priced(line, next(tiers) if _has_tier(line) else 0)
                    or _term(line.kind, self.charge, self.currency, before, line.amount)
                    or line.text
                )
            before += line.amount

    def _given(self, line: Line) -> str:
        """What of the use costs nothing."""
        used = exact_count(line.quantity or Fraction(0))
        match line.kind:
            case LineKind.SAMPLE:
                said = _("%(used)s of %(given)s that are free once, as a sample")
                return said % {"used": used, "given": self._units(self.charge.sample_units)}
            case LineKind.FREE:
                said = _("%(used)s of %(given)s that are free in each period")
                return said % {"used": used, "given": self._units(self.charge.free_units)}
            case LineKind.GIVEN_AWAY:
                said = _("%(units)s beyond the last tier are not billed")
                return said % {"units": self._units(line.quantity or Fraction(0))}
        return ""

    def _priced(self, line: Line, tier_index: int) -> str:
        """Units, packages and fees."""
        amount = exact_money(line.amount, self.currency)
        match line.kind:
            case LineKind.UNIT | LineKind.TIER:
                return _("%(units)s × %(price)s = %(amount)s") % {
                    "units": self._of_tier(line.quantity or Fraction(0), tier_index),
                    "price": exact_money(line.price or Fraction(0), self.currency),
                    "amount": amount,
                }
            case LineKind.TIER_FLAT:
                return self._flat_of_tier(tier_index, amount)
            case LineKind.PACKAGE:
                return self._packages(line, amount)
            case LineKind.FIXED if line.price is None:
                return _("Fixed fee of %(amount)s") % {"amount": amount}
            case LineKind.FIXED:
                return _("%(share)s of a fixed fee of %(fee)s = %(amount)s") % {
                    "share": str(line.quantity),
                    "fee": exact_money(line.price or Fraction(0), self.currency),
                    "amount": amount,
                }
        return ""

    def _packages(self, line: Line, amount: str) -> str:
        size = self.charge.pricing.size if isinstance(self.charge.pricing, Package) else Fraction(1)
        number = int(line.quantity or 0)
        said = ngettext(
            "%(count)s package of %(size)s × %(price)s = %(amount)s",
            "%(count)s packages of %(size)s × %(price)s = %(amount)s",
            number,
        )
        return said % {
            "count": exact_count(Fraction(number)),
            "size": self._units(size),
            "price": exact_money(line.price or Fraction(0), self.currency),
            "amount": amount,
        }

    def _of_tier(self, quantity: Fraction, tier_index: int) -> str:
        """The units of a line, and which of all they are."""
        units, pricing = self._units(quantity), self.charge.pricing
        if isinstance(pricing, Volume):
            return _("All %(units)s") % {"units": units}
        if not isinstance(pricing, Graduated) or len(pricing.tiers.rows) == 1:
            return units
        first, later = _("First %(units)s"), _("Next %(units)s")
        return (first if tier_index == 0 else later) % {"units": units}

    def _flat_of_tier(self, tier_index: int, amount: str) -> str:
        rows = self._rows()
        tier = rows[tier_index]
        if tier.up_to is not None:
            said = _("Tier up to %(end)s: %(amount)s once")
            return said % {"end": exact_count(tier.up_to), "amount": amount}
        below = rows[tier_index - 1].up_to if tier_index else None
        if below is None:
            return _("%(amount)s once") % {"amount": amount}
        said = _("Tier above %(end)s: %(amount)s once")
        return said % {"end": exact_count(below), "amount": amount}

    def _rows(self) -> tuple[Tier, ...]:
        pricing = self.charge.pricing
        return pricing.tiers.rows if isinstance(pricing, Graduated | Volume) else ()

    def _tiers_entered(self, lines: tuple[Line, ...]) -> Iterator[int]:
        """The number of its tier, for each line that has one, in order.

        Graduated prices have a line for the units of each tier entered (unless it only has a flat
        price) and one for its flat price; a volume price has those of the one tier that was chosen.
        """
        pricing = self.charge.pricing
        if isinstance(pricing, Graduated):
            for index, tier in enumerate(pricing.tiers.rows):
                yield from [index] * (bool(tier.unit or not tier.flat) + bool(tier.flat))
            return
        with_tier = [line for line in lines if _has_tier(line)]
        if isinstance(pricing, Volume) and with_tier:
            chosen = pricing.tiers.index(with_tier[0].quantity or Fraction(0))
            yield from [chosen] * len(with_tier)

    def _units(self, quantity: Fraction) -> str:
        """A quantity after conversion counts in units of its own."""
        if self.charge.conversion is not None or self.charge.meter is None:
            return unit_words(quantity)
        return quantity_words(self.charge.meter, quantity)


def _has_tier(line: Line) -> bool:
    return line.kind in {LineKind.TIER, LineKind.TIER_FLAT}


def _term(
    kind: LineKind, of: Charge | Plan, currency: str, before: Fraction, amount: Fraction
) -> str:
    """A discount, a maximum or a minimum of a charge or a plan, on what the steps before came to."""
    match kind:
        case LineKind.DISCOUNT:
            return _("%(percent)s %% off %(amount)s") % {
                "percent": exact_count(of.terms.discount * HUNDRED),
                "amount": exact_money(before, currency),
            }
        case LineKind.MAXIMUM:
            said = _("Down to the maximum of %(amount)s")
        case LineKind.MINIMUM:
            said = _("Up to the minimum of %(amount)s")
        case _:
            return ""
    return said % {"amount": exact_money(before + amount, currency)}
