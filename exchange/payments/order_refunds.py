"""Money of an order given back to its buyer: before the release, after it, and after the seller was paid.

Who gives how much is `allocation.allocate_refund` over what each part still holds; `preview` shows it and
`refund` posts it. Before the release the parts are those that the release would make.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.core.lifecycle import Doer
from exchange.core.refusals import NotFound
from exchange.core.use_case import use_case
from exchange.ledger import books
from exchange.orders.lifecycle import ORDER
from exchange.orders.models import Order
from exchange.payments import fees, invoices, refunds, settlement
from exchange.payments.allocation import Parts, RefundAllocation, allocate_refund
from exchange.payments.chart import Chart
from exchange.payments.errors import NothingRefundable, NotPaid, RefundChanged
from exchange.payments.gateway.port import ProviderRefund
from exchange.payments.lifecycle import PAYMENT, Bearer
from exchange.payments.models import Payment, Refund, Settlement, SettlementShare
from exchange.payments.refunds import Source
from pricing.money import Money


@dataclass(frozen=True)
class Preview:
    """What a refund would take from whom: `allocation.shares` are those of `parties`, in their order.
    `left` is what can be refunded afterwards."""

    amount: Money
    bearer: Bearer
    parties: tuple[Organisation, ...]
    allocation: RefundAllocation
    left: Money

    @property
    def seal(self) -> str:
        """The allocation in few characters, to be sent back with the confirmation of what was shown."""
        return self.allocation.seal


@dataclass(frozen=True)
class OrderMoney:
    """The money of an order that was paid, as far as a refund or a chargeback asks."""

    payment: Payment
    settlement: Settlement | None
    shares: tuple[SettlementShare, ...]
    parties: tuple[Organisation, ...]
    left: Parts


def refundable(order: Order) -> Money:
    """What can still be given back: captured less refunded. Nothing where nothing was paid."""
    payment = _payment(order)
    return payment.refundable if payment else Money(0, order.currency)


def order_named(order_id: str) -> Order:
    """The order. Raises NotFound."""
    order = Order.objects.filter(public_id=order_id).select_related("buyer", "seller").first()
    if order is None:
        raise NotFound(_("There is no such order."))
    return order


def parts_named(order: Order, seal: str) -> list[tuple[str, Money]]:
    """The parts of an allocation that give something, in the reader's language."""
    currency, _colon, parts = seal.partition(":")
    names = [
        _("The exchange, out of its own money"),
        _("Value-added tax"),
        _("Service fee of the exchange"),
        *(party.organisation.name for party in settlement.parties_of(order)),
    ]
    amounts = [Money(int(part), currency) for part in parts.split("/")]
    return [(name, part) for name, part in zip(names, amounts, strict=True) if part.minor]


def preview(order: Order, *, amount: Money, bearer: Bearer = Bearer.SELLER) -> Preview:
    """How a refund would be borne, to the unit, as things stand; nothing is written. Raises NotPaid and
    NothingRefundable."""
    state = state_of(order)
    _check_amount(amount, state.payment)
    return Preview(
        amount,
        bearer,
        state.parties,
        allocate_refund(amount, left=state.left, bearer=bearer),
        state.payment.refundable - amount,
    )


@use_case()
def refund(
    order: Order,
    *,
    reason: str,
    actor: Doer,
    now: datetime,
    amount: Money | None = None,
    bearer: Bearer = Bearer.SELLER,
    seen: str = "",
    made_as: str = "",
    to_wallet: bool = False,
) -> Refund:
    """Give the buyer of a locked order money back: all that is left, or `amount` of it.

    Before the release it comes from what is held. Afterwards each seller gives from what it has here and
    owes us what it was paid already. What the seller bears is in a credit note beside the invoice, as
    soon as there is one. `seen` is the seal of what was shown, `made_as` the provider's name for a refund
    that it has made already. With `to_wallet` it goes into the buyer's wallet. Raises NotPaid,
    NothingRefundable and RefundChanged.
    """
    state = state_of(order, lock=True)
    wanted = state.payment.refundable if amount is None else amount
    _check_amount(wanted, state.payment)
    given = allocate_refund(wanted, left=state.left, bearer=bearer)
    if seen and seen != given.seal:
        raise RefundChanged(_("Something was refunded since this was shown. Look at it again."))
    if state.settlement is not None:
        write_down(state.settlement, state.shares, given)
    sources = taken_from(order, state, given, actor=actor, now=now)
    ends_order = state.settlement is None and given.of_sale == state.left.total
    if ends_order and given.of_sale == wanted:
        sources = []  # all that is held goes back: it is set aside where it lies
    made = refunds.promise(
        state.payment,
        amount=wanted,
        reason=reason,
        actor=actor,
        now=now,
        allocation=given,
        bearer=bearer,
        made_as=made_as,
        taken_from=sources,
        tells_buyer=not ends_order,  # by the order's own step where it ends it
        to_wallet=to_wallet,
    )
    if state.settlement is not None:
        invoices.issue_credit_note(order, refund=made, actor=actor, now=now)
    return made


def holds_nothing(order: Order) -> bool:
    """Whether all that was held for an order has gone back, so that nothing is left to release."""
    return settlement.settlement_of(order) is None and not _held(order).total.minor


def book_from_provider(told: ProviderRefund, *, now: datetime) -> str:
    """Book a refund that somebody made at the provider's own pages, as one that the sale bears; say what
    was done. It is none of ours to book where its charge is unknown or less is left to refund."""
    payment = Payment.objects.filter(charge_ref=told.charge_ref).exclude(charge_ref="").first()
    if payment is None:
        return ""
    order = ORDER.lock_key(payment.order_id)
    if told.amount.currency != payment.currency or told.amount > refundable(order):
        return ""
    refund(
        order,
        amount=told.amount,
        reason=_("Refunded at the payment provider."),
        actor=refunds.PROVIDER,
        now=now,
        made_as=told.ref,
    )
    return "booked"


def _payment(order: Order) -> Payment | None:
    return Payment.objects.filter(order=order, received_at__isnull=False).first()


def state_of(order: Order, *, lock: bool = False) -> OrderMoney:
    payment = _payment(order)
    if payment is None:
        raise NotPaid(_("Nothing was paid for this order."), order=order.public_id)
    if lock:
        payment = PAYMENT.lock_again(payment)
    payment.order = order
    done = settlement.settlement_of(order, lock=lock)
    if done is None:
        parties = tuple(party.organisation for party in settlement.parties_of(order))
        return OrderMoney(payment, None, (), parties, _held(order))
    shares = tuple(done.shares.select_related("organisation").order_by("position"))
    parties = tuple(share.organisation for share in shares)
    return OrderMoney(payment, done, shares, parties, _released(order, done, shares))


def _held(order: Order) -> Parts:
    """What the parts of the order will hold at its release, less what was given back before."""
    parts = settlement.split_of(order)
    left = Parts(
        parts.tax, parts.fee, parts.fee_tax, parts.shares, invoices.tax_rate(order),
        _fee_tax_rate(order),
    )  # fmt: skip
    for earlier in settlement.refunds_before(order):
        left = left.less(refunds.allocation_of(earlier, shares_count=len(parts.shares)))
    return left


def _fee_tax_rate(order: Order) -> Fraction:
    return Fraction(fees.schedule_of(order).tax_rate)


def _released(order: Order, done: Settlement, shares: Sequence[SettlementShare]) -> Parts:
    return Parts(
        Money(done.tax_minor - done.tax_refunded_minor, done.currency),
        Money(done.fee_minor - done.fee_refunded_minor, done.currency),
        Money(done.fee_tax_minor - done.fee_tax_refunded_minor, done.currency),
        tuple(Money(share.amount_minor - share.refunded_minor, done.currency) for share in shares),
        invoices.tax_rate(order),
        _fee_tax_rate(order),
    )


def _check_amount(amount: Money, payment: Payment) -> None:
    left = payment.refundable
    if amount.currency != left.currency or not 0 < amount.minor <= left.minor:
        raise NothingRefundable(
            _("At most %(amount)s can be refunded.") % {"amount": left},
            refundable_minor=left.minor,
            currency=left.currency,
        )


def write_down(
    done: Settlement, shares: Sequence[SettlementShare], given: RefundAllocation
) -> None:
    """What each part gives back. The database refuses more than a part got."""
    done.tax_refunded_minor += given.tax.minor
    done.fee_refunded_minor += given.fee.minor
    done.fee_tax_refunded_minor += given.fee_tax.minor
    done.save(update_fields=["tax_refunded_minor", "fee_refunded_minor", "fee_tax_refunded_minor"])
    for share, part in zip(shares, given.shares, strict=True):
        if part.minor:
            SettlementShare.objects.filter(pk=share.pk).update(
                refunded_minor=F("refunded_minor") + part.minor
            )


def taken_from(
    order: Order, state: OrderMoney, given: RefundAllocation, *, actor: Doer, now: datetime
) -> list[Source]:
    """Which accounts give how much."""
    accounts = Chart(currency=order.currency, actor=actor, now=now)
    sources: list[Source] = []
    if state.settlement is None:
        sources.append((accounts.escrow(order), given.of_sale))
    else:
        parts = zip(state.parties, given.shares, strict=True)
        sources += _from_sellers(
            parts, accounts, is_cleared=state.settlement.cleared_at is not None
        )
        sources += of_exchange(accounts, given)
    sources.append((accounts.goodwill(), given.exchange))
    return [(code, part) for code, part in sources if part.minor]


def of_exchange(accounts: Chart, given: RefundAllocation) -> list[Source]:
    """What tax and fee give, and the fee's own tax where there is one."""
    own = [(accounts.fee_tax(), given.fee_tax)] if given.fee_tax.minor else []
    return [(accounts.tax(), given.tax), *own, (accounts.fee(), given.fee - given.fee_tax)]


def _from_sellers(
    parts: Iterable[tuple[Organisation, Money]], accounts: Chart, *, is_cleared: bool
) -> list[Source]:
    """What has not cleared is still here. Of what has, a seller gives what is available, and owes us the
    rest, which it was paid already."""
    due = [(party, part) for party, part in parts if part.minor]
    if not is_cleared:
        return [(accounts.pending(party), part) for party, part in due]
    codes = {party: accounts.available(party) for party, _part in due}
    there = books.available_of(list(codes.values()), accounts.currency)
    sources: list[Source] = []
    for party, part in due:
        here = min(part, there[codes[party]])
        sources += [(codes[party], here), (accounts.receivable(party), part - here)]
    return sources
