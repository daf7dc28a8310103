"""The outcome of a package auction: allocation, VCG, core payments, what a coalition could do."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from pricing.mechanisms.core import Coalition, core_payments, whole_ticks
from pricing.mechanisms.packages import Allocation, Packages, vcg_margins


class Payment(StrEnum):
    """What winners pay: their bids, VCG prices, or core prices nearest to VCG or to their bids."""

    FIRST_PRICE = "first_price"
    VCG = "vcg"
    CORE = "core"
    CORE_NEAR_BIDS = "core_near_bids"


@dataclass(frozen=True, slots=True)
class PackageOutcome:
    """Payments in ticks for each winner. `vcg` is empty under first price, which does not need it."""

    allocation: Allocation
    payments: Mapping[str, Fraction]
    vcg: Mapping[str, int]

    @property
    def revenue(self) -> Fraction:
        return sum(self.payments.values(), Fraction(0))


def package_auction(
    auction: Packages, *, payment: Payment = Payment.CORE, ticks: bool = True
) -> PackageOutcome:
    """Allocate for the greatest welfare and let winners pay by the rule.

    VCG is truthful but may earn little where bids complement each other; core payments leave no
    group of bidders a reason to object. Core payments are rounded up to the tick unless asked.
    """
    best = auction.award()
    values = auction.value_of(best)
    floors = dict.fromkeys(values, 0)
    for index in best.won:
        bid = auction.bids[index]
        floors[bid.bidder] += auction.reserve_of(bid)
    if payment is Payment.FIRST_PRICE:
        return PackageOutcome(best, _above(floors, values), {})
    vcg = vcg_margins(auction, best)
    paid: Mapping[str, int | Fraction] = vcg
    if payment is not Payment.VCG:
        reference = values if payment is Payment.CORE_NEAR_BIDS else None
        exact = core_payments(
            values, vcg, lambda surplus: blocking(auction, surplus), reference=reference
        )
        paid = whole_ticks(exact) if ticks else exact
    shown = {bidder: vcg[bidder] + floors[bidder] for bidder in vcg}
    return PackageOutcome(best, _above(floors, paid), shown)


def _above(
    floors: Mapping[str, int], margins: Mapping[str, int] | Mapping[str, int | Fraction]
) -> dict[str, Fraction]:
    return {bidder: Fraction(floors[bidder] + margin) for bidder, margin in margins.items()}


def blocking(auction: Packages, surplus: Mapping[str, Fraction]) -> Coalition:
    """The coalition that could offer the seller most, its members keeping their surplus."""
    found = auction.best(surplus=surplus)
    values = auction.value_of(found)
    return Coalition(frozenset(values), sum(values.values()))
