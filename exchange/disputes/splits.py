"""Who has how much of an order's money now, and what each gives of a refund: shown before anybody decides."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from exchange.disputes.models import Dispute
from exchange.orders.models import Order
from exchange.payments import order_refunds, settlement
from exchange.payments.lifecycle import Bearer
from pricing.money import Money


@dataclass(frozen=True)
class SplitRow:
    """One part of the money: what it would be without a refund, and what it gives of one."""

    who: str
    share: Money
    gives: Money

    @property
    def keeps(self) -> Money:
        return self.share - self.gives


@dataclass(frozen=True)
class SplitView:
    """The parts, which sum to the order's total, and what goes back to the buyer."""

    rows: tuple[SplitRow, ...]
    back: Money

    @property
    def total(self) -> SplitRow:
        nothing = Money(0, self.back.currency)
        shares = sum((row.share for row in self.rows), nothing)
        return SplitRow(_("Together"), shares, self.back)


def split_as_asked(dispute: Dispute) -> SplitView | None:
    """What each part gives if a dispute ends as asked for, as far as that is left; nothing where no money is
    asked back, nor once it has ended, when the documents say it."""
    if dispute.outcome or not dispute.wanted.minor:
        return None
    return split_view(dispute.order, min(dispute.wanted, order_refunds.refundable(dispute.order)))


def split_as_offered(dispute: Dispute) -> SplitView | None:
    """What each part gives if the offer that stands is taken; nothing of one that moves no money."""
    left = order_refunds.refundable(dispute.order)
    if dispute.offered is None or not left.minor:
        return None
    return split_view(dispute.order, min(dispute.offered, left))


def split_view(order: Order, refund: Money) -> SplitView:
    """How the order's money is split where `refund` of it goes back, to the unit, as it will be posted.
    Raises NotPaid, and NothingRefundable for more than can go back."""
    parts = settlement.split_of(order)
    nothing = Money(0, order.currency)
    fee, tax, shares = nothing, nothing, (nothing,) * len(parts.shares)
    if refund.minor:
        given = order_refunds.preview(order, amount=refund, bearer=Bearer.SELLER).allocation
        fee, tax, shares = given.fee, given.tax, given.shares
    names = [party.organisation.name for party in settlement.parties_of(order)]
    sellers = zip(names, parts.shares, shares, strict=True)
    return SplitView(
        (
            *(SplitRow(name, share, gives) for name, share, gives in sellers),
            SplitRow(_("Service fee"), parts.fee, fee),
            SplitRow(_("Value-added tax"), parts.tax, tax),
        ),
        refund,
    )
