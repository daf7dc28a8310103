"""The money of an order as its page shows it: payment, tax, refunds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.orders.lifecycle import MONEY_HELD, OrderState, PaymentMethod
from exchange.orders.models import Order
from exchange.orders.queries import Side
from exchange.payments.lifecycle import PaymentState
from exchange.payments.models import Payment, Settlement
from pricing.money import Money

SENTENCES: Mapping[str, str | Promise] = {
    "insufficient_funds": gettext_lazy(
        "The card has not enough money. Use another card, or try again later."
    ),
    "expired_card": gettext_lazy("The card has run out. Use another card."),
    "authentication_failed": gettext_lazy(
        "Your bank was not told that it is you who pays. Try again, or use another card."
    ),
    "authorisation_ended": gettext_lazy("The money was set aside for too long. Please pay again."),
}
OTHER = gettext_lazy(
    "Your bank declined the card and does not say why. Use another card, or ask your bank."
)


@dataclass(frozen=True)
class MoneyLine:
    label: str
    amount: Money
    is_sum: bool = False


@dataclass(frozen=True)
class MoneyLines:
    lines: tuple[MoneyLine, ...]
    method: str
    payment_state: str
    reference: str
    is_held: bool
    held_until: datetime | None
    payout_from: datetime | None
    note: str


def lines_of(order: Order, side: Side) -> MoneyLines:
    """The money as this side may see it: fees and payouts are the seller's own matter."""
    payment = _payment(order)
    settlement = None if side is Side.BUYER else _settlement(order)
    is_held = OrderState(order.state) in MONEY_HELD and not order.is_free
    return MoneyLines(
        lines=_lines(order, settlement),
        method=str(PaymentMethod(order.payment_method).label),
        payment_state=str(PaymentState(payment.state).label) if payment else "",
        reference=payment.reference if payment and side is not Side.SELLER else "",
        is_held=is_held,
        held_until=order.inspection_ends_at if is_held else None,
        payout_from=settlement.clears_at if settlement else None,
        note=_note(order, side, settlement),
    )


def pay_url(order: Order) -> str:
    """What leads the buyer to the payment; empty where there is nothing to pay."""
    payment = _payment(order)
    if payment is None or payment.state != PaymentState.WAITING:
        return ""
    return reverse("web:order_pay", args=[order.public_id])


def _lines(order: Order, settlement: Settlement | None) -> tuple[MoneyLine, ...]:
    lines = (
        MoneyLine(_("Price without tax"), order.net),
        MoneyLine(_("Value-added tax"), order.tax),
        MoneyLine(_("Total"), order.total, is_sum=True),
    )
    if settlement is None:
        return lines
    fee = MoneyLine(_("Service fee"), -settlement.fee)
    return (*lines, fee, MoneyLine(_("The seller gets"), settlement.pool, is_sum=True))


def _note(order: Order, side: Side, settlement: Settlement | None) -> str:
    if order.is_free:
        return _("This costs nothing.")
    if side is Side.SELLER and settlement is None:
        return _("The service fee is taken off the price without tax when the order is settled.")
    return ""


def _payment(order: Order) -> Payment | None:
    if order.is_free:
        return None
    return Payment.objects.filter(order=order).order_by("-pk").first()


def _settlement(order: Order) -> Settlement | None:
    if order.is_free:
        return None
    return Settlement.objects.filter(order=order).first()


def refusal_sentence(code: str) -> str:
    """One sentence for the provider's code."""
    return str(SENTENCES.get(code, OTHER))
