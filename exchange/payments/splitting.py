"""The waterfall: gross less tax is net, less the service fee is what the parties share.

Plain arithmetic over whole minor units; every part is fixed when the money is released.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pricing.money import Money, round_to_minor


@dataclass(frozen=True)
class Split:
    """gross = tax + fee + Σ shares, to the minor unit."""

    gross: Money
    tax: Money
    fee: Money
    shares: tuple[Money, ...]

    @property
    def pool(self) -> Money:
        return self.gross - self.tax - self.fee


@dataclass(frozen=True)
class RefundAllocation:
    """How a refund is allocated to the parts of a split."""

    tax: Money
    fee: Money
    shares: tuple[Money, ...]


def split(*, gross: Money, tax: Money, fee_rate: Decimal, weights: Sequence[int]) -> Split:
    """Split what was paid. The fee is a share of the net amount, rounded half up once; the pool goes
    out by largest remainder, and a party of weight zero gets nothing."""
    net = gross - tax
    fee = Money(round_to_minor(Decimal(net.minor) * fee_rate, net.currency), net.currency)
    return Split(gross, tax, fee, tuple((net - fee).split(*weights)))


def allocate_refund(
    *, refund: Money, tax_left: Money, fee_left: Money, shares_left: Sequence[Money]
) -> RefundAllocation:
    """Spread a refund over what each part still holds, so that no part gives more than it got and
    the last refund takes exactly the rest."""
    tax, fee, *shares = refund.refund_over([tax_left, fee_left, *shares_left])
    return RefundAllocation(tax, fee, tuple(shares))
