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
    """Who gives how much of a refund: the exchange out of its own money, then the parts of the sale."""

    exchange: Money
    tax: Money
    fee: Money
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
            tuple(one + two for one, two in shares),
        )


@dataclass(frozen=True)
class Split:
    """gross = tax + fee + Σ shares, to the minor unit. `firsts` is what of each share was taken before the
    rest was divided."""

    gross: Money
    tax: Money
    fee: Money
    shares: tuple[Money, ...]
    firsts: tuple[Money, ...] = ()

    @property
    def pool(self) -> Money:
        return self.gross - self.tax - self.fee

    @property
    def untouched(self) -> RefundAllocation:
        """Nothing given back of any part."""
        nothing = Money(0, self.gross.currency)
        return RefundAllocation(nothing, nothing, nothing, (nothing,) * len(self.shares))

    def less(self, given: RefundAllocation) -> "Split":
        """What is left to share out after what was given back before."""
        shares = zip(self.shares, given.shares, strict=True)
        return Split(
            self.gross - given.of_sale,
            self.tax - given.tax,
            self.fee - given.fee,
            tuple(share - part for share, part in shares),
        )


@dataclass(frozen=True)
class Parts:
    """What the parts of a sale still hold. `tax_rate` is of one."""

    tax: Money
    fee: Money
    shares: tuple[Money, ...]
    tax_rate: Fraction

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
            tuple(left - part for left, part in shares),
            self.tax_rate,
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
    return Split(run.gross, run.tax, run.fee, shares, tuple(firsts.values()))


def allocate_refund(
    refund: Money, *, left: Parts, bearer: Bearer = Bearer.SELLER
) -> RefundAllocation:
    """Who gives how much of a refund.

    What the exchange bears leaves the sale as it is; of an odd amount that both bear it gives the unit
    more. The rest takes its tax from the tax, and from fee and shares in proportion to what each still
    holds, by largest remainder: none gives more than it has, and the last refund takes exactly the rest.
    Raises RefundTooLarge where the sale holds less.
    """
    nothing = Money(0, refund.currency)
    exchange = {
        Bearer.SELLER: nothing,
        Bearer.SHARED: Money((refund.minor + 1) // 2, refund.currency),
        Bearer.EXCHANGE: refund,
    }[bearer]
    given = refund - exchange
    tax = _tax_within(given, left)
    fee, *shares = (given - tax).refund_over([left.fee, *left.shares])
    return RefundAllocation(exchange, tax, fee, tuple(shares))


def _tax_within(given: Money, left: Parts) -> Money:
    """The tax that a gross amount holds: half up of its net, at most what is left of the tax, and at
    least so much that the net parts can give the rest."""
    exact = Fraction(given.minor) * left.tax_rate / (1 + left.tax_rate)
    near = round_to_minor(exact, given.currency)
    fits = [
        tax
        for tax in (near, near - 1, near + 1)
        if round_to_minor((given.minor - tax) * left.tax_rate, given.currency) == tax
    ]
    tax = min(fits[0] if fits else near, left.tax.minor, given.minor)
    return Money(max(tax, given.minor - left.net.minor), given.currency)


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
