"""How the money of an order is split, and what each part gives of a refund: whole minor units, no database.

A refund is shown beforehand and posted from the same function, so that both are one to the unit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from exchange.payments.lifecycle import Bearer
from pricing.money import Money, round_to_minor
from pricing.worth.proceeds import Terms, share_out

HALF = Fraction(1, 2)


@dataclass(frozen=True)
class RefundAllocation:
    """Who gives how much of a refund: the exchange out of its own money, then the parts of the sale. `fee_tax`
    is what of the fee is its own tax."""

    exchange: Money
    tax: Money
    fee: Money
    fee_tax: Money
    shares: tuple[Money, ...]

    @property
    def of_sale(self) -> Money:
        """What comes out of the sale, by which its price falls: it is in the credit note."""
        return _sum([self.tax, self.fee, *self.shares])

    @property
    def seal(self) -> str:
        """All parts in one line, by which two allocations are compared."""
        parts = (self.exchange, self.tax, self.fee, *self.shares)
        return f"{self.tax.currency}:{'/'.join(str(part.minor) for part in parts)}"

    def __add__(self, other: "RefundAllocation") -> "RefundAllocation":
        shares = zip(self.shares, other.shares, strict=True)
        return RefundAllocation(
            self.exchange + other.exchange,
            self.tax + other.tax,
            self.fee + other.fee,
            self.fee_tax + other.fee_tax,
            tuple(one + two for one, two in shares),
        )


@dataclass(frozen=True)
class Split:
    """gross = tax + fee + Σ shares, to the minor unit. The fee is with its own tax, which is `fee_tax`; `firsts`
    is what of each share was taken before the rest was divided."""

    gross: Money
    tax: Money
    fee: Money
    fee_tax: Money
    shares: tuple[Money, ...]
    firsts: tuple[Money, ...] = ()

    @property
    def pool(self) -> Money:
        return self.gross - self.tax - self.fee

    @property
    def untouched(self) -> RefundAllocation:
        """Nothing given back of any part."""
        nothing = Money(0, self.gross.currency)
        return RefundAllocation(nothing, nothing, nothing, nothing, (nothing,) * len(self.shares))

    def less(self, given: RefundAllocation) -> "Split":
        """What is left to share out after what was given back before."""
        shares = zip(self.shares, given.shares, strict=True)
        return Split(
            self.gross - given.of_sale,
            self.tax - given.tax,
            self.fee - given.fee,
            self.fee_tax - given.fee_tax,
            tuple(share - part for share, part in shares),
        )


@dataclass(frozen=True)
class Parts:
    """What the parts of a sale still hold; the fee is with its own tax. Rates are of one."""

    tax: Money
    fee: Money
    fee_tax: Money
    shares: tuple[Money, ...]
    tax_rate: Fraction
    fee_tax_rate: Fraction

    @property
    def net(self) -> Money:
        return _sum([self.fee, *self.shares])

    @property
    def total(self) -> Money:
        return self.tax + self.net

    def less(self, given: RefundAllocation) -> "Parts":
        """What is left after a refund."""
        shares = zip(self.shares, given.shares, strict=True)
        return Parts(
            self.tax - given.tax,
            self.fee - given.fee,
            self.fee_tax - given.fee_tax,
            tuple(left - part for left, part in shares),
            self.tax_rate,
            self.fee_tax_rate,
        )


def split(*, net: Money, tax: Money, terms: Terms) -> Split:
    """Split what was paid by the waterfall of `pricing`: tax, fee, what parties get first, and the rest by
    shares. Each party of the shares has one part, in their order."""
    run = share_out(net, tax, terms)
    nothing = Money(0, net.currency)
    firsts = dict.fromkeys(terms.shares, nothing)
    for cost in run.recouped:
        firsts[cost.party] += cost.paid
    shares = tuple(firsts[part.party] + part.amount for part in run.parts)
    fee = run.fee + run.fee_tax
    return Split(run.gross, run.tax, fee, run.fee_tax, shares, tuple(firsts.values()))


def allocate_refund(
    refund: Money, *, left: Parts, bearer: Bearer = Bearer.SELLER
) -> RefundAllocation:
    """Who gives how much of a refund.

    What the exchange bears leaves the sale as it is; of an odd amount that both bear it gives the unit
    more. The rest takes its tax from the tax, and from fee and shares in proportion to what each still
    holds, by largest remainder: none gives more than it has, and the last refund takes exactly the rest.
    What the fee gives has its own tax in it.
    Raises RefundTooLarge where the sale holds less.
    """
    nothing = Money(0, refund.currency)
    exchange = {
        Bearer.SELLER: nothing,
        Bearer.SHARED: Money((refund.minor + 1) // 2, refund.currency),
        Bearer.EXCHANGE: refund,
    }[bearer]
    given = refund - exchange
    tax = _tax_within(given, rate=left.tax_rate, tax=left.tax, net=left.net)
    fee, *shares = (given - tax).refund_over([left.fee, *left.shares])
    fee_tax = _tax_within(
        fee, rate=left.fee_tax_rate, tax=left.fee_tax, net=left.fee - left.fee_tax
    )
    return RefundAllocation(exchange, tax, fee, fee_tax, tuple(shares))


def _tax_within(given: Money, *, rate: Fraction, tax: Money, net: Money) -> Money:
    """The tax that a gross amount holds: half up of its net, at most what is left of the tax, and at
    least so much that what is left of the net can give the rest."""
    exact = Fraction(given.minor) * rate / (1 + rate)
    near = round_to_minor(exact, given.currency)
    fits = [
        one
        for one in (near, near - 1, near + 1)
        if round_to_minor((given.minor - one) * rate, given.currency) == one
    ]
    within = min(fits[0] if fits else near, tax.minor, given.minor)
    return Money(max(within, given.minor - net.minor), given.currency)


def net_shown(given: Money, *, tax: Money, tax_rate: Fraction) -> Money:
    """The net amount nearest to `given` less `tax` of which `tax` is the tax, half up to the unit.

    It is that itself but for a unit where no net gives the gross amount, or where the last refund takes
    up what roundings left; a document shows the difference as its rounding.
    """
    net = given.minor - tax.minor
    if not tax_rate:
        return Money(net, given.currency)
    least = _ceiling((tax.minor - HALF) / tax_rate)
    most = _ceiling((tax.minor + HALF) / tax_rate) - 1
    return Money(min(max(net, least, 0), most) if least <= most else net, given.currency)


def _ceiling(exact: Fraction) -> int:
    return -(-exact.numerator // exact.denominator)


def _sum(amounts: Sequence[Money]) -> Money:
    return sum(amounts[1:], start=amounts[0])
