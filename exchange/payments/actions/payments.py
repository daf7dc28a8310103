"""Payments: asked for, answered by the provider, received, given up."""

import secrets
from datetime import datetime

from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.core.moves import check_move
from exchange.core.refusals import NotFound
from exchange.payments.errors import NothingToPay, PaymentNotOpen, WrongPaymentMethod
from exchange.payments.models import Payment
from exchange.payments.states import LIVE_PAYMENTS, PAYMENT_MOVES, PaymentMethod, PaymentState
from pricing.money import Money

# No letters or digits that people confuse when they copy them by hand.
REFERENCE_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
REFERENCE_GROUPS = 2
REFERENCE_GROUP_CHARS = 4


def new_reference() -> str:
    """What a payer writes on a transfer, such as AS-7KQM-2XWB. About 2**39 of them."""
    groups = [
        "".join(secrets.choice(REFERENCE_ALPHABET) for _char in range(REFERENCE_GROUP_CHARS))
        for _group in range(REFERENCE_GROUPS)
    ]
    return "-".join(["AS", *groups])


def ask(
    *,
    order_ref: str,
    payer: Organisation,
    method: PaymentMethod,
    amount: Money,
    provider: str,
    expires_at: datetime | None,
    now: datetime,
) -> tuple[Payment, bool]:
    """The order's payment, and whether it is new: asking again gives the one that is asked for.

    Raises NothingToPay.
    """
    if amount.minor <= 0:
        raise NothingToPay(_("This order costs nothing."), order=order_ref)
    live = Payment.objects.filter(order_ref=order_ref, state__in=LIVE_PAYMENTS).first()
    if live is not None:
        return live, False
    payment = Payment.objects.create(
        order_ref=order_ref,
        payer=payer,
        method=method,
        currency=amount.currency,
        amount_minor=amount.minor,
        provider=provider,
        reference=new_reference(),
        created_at=now,
        expires_at=expires_at,
    )
    return payment, True


def locked(payment_id: str) -> Payment:
    """The payment, which nobody else changes until this transaction ends. Raises NotFound."""
    found = Payment.objects.select_for_update(of=("self",), no_key=True).filter(
        public_id=payment_id
    )
    payment = found.select_related("payer").first()
    if payment is None:
        raise NotFound(_("There is no such payment."))
    return payment


def check_open(payment: Payment, method: PaymentMethod) -> None:
    """Raise WrongPaymentMethod or PaymentNotOpen unless the payer can pay this way now."""
    if payment.method != method:
        raise WrongPaymentMethod(
            _("This order is paid another way."),
            method=str(payment.method),
            payment=payment.public_id,
        )
    if payment.state != PaymentState.WAITING:
        raise PaymentNotOpen(
            _("This payment is not open any more."),
            state=str(payment.state),
            payment=payment.public_id,
        )


def know_provider_object(*, payment: Payment, ref: str, action_url: str) -> None:
    """Write down which object of the provider stands for the payment, once."""
    if payment.provider_ref is None:
        payment.provider_ref, payment.action_url = ref, action_url
        payment.save(update_fields=["provider_ref", "action_url"])


def note_decline(*, payment: Payment, charge_ref: str, refusal: str) -> bool:
    """Count a declined attempt once; say whether it is news."""
    if payment.state != PaymentState.WAITING or payment.charge_ref == charge_ref:
        return False
    payment.charge_ref, payment.last_refusal = charge_ref, refusal[:60]
    payment.declines += 1
    payment.save(update_fields=["charge_ref", "last_refusal", "declines"])
    return True


def authorise(*, payment: Payment, charge_ref: str) -> None:
    """The payer's bank has set the money aside."""
    check_move(PAYMENT_MOVES, PaymentState(payment.state), PaymentState.AUTHORISED)
    payment.state = PaymentState.AUTHORISED
    payment.charge_ref, payment.last_refusal = charge_ref, ""
    payment.save(update_fields=["state", "charge_ref", "last_refusal"])


def receive(*, payment: Payment, charge_ref: str = "", fee_minor: int = 0, now: datetime) -> None:
    """The money is here."""
    check_move(PAYMENT_MOVES, PaymentState(payment.state), PaymentState.RECEIVED)
    payment.state = PaymentState.RECEIVED
    payment.received_at, payment.fee_minor = now, fee_minor
    payment.charge_ref = charge_ref or payment.charge_ref
    payment.save(update_fields=["state", "received_at", "fee_minor", "charge_ref"])


def cancel(*, payment: Payment, now: datetime) -> None:
    """Nothing more is to come on this payment."""
    check_move(PAYMENT_MOVES, PaymentState(payment.state), PaymentState.CANCELLED)
    payment.state = PaymentState.CANCELLED
    payment.cancelled_at = now
    payment.save(update_fields=["state", "cancelled_at"])


def count_refund(*, payment: Payment, amount: Money) -> None:
    """Set part of what was received aside for a refund; a negative amount gives it free again.

    The database refuses more than was received.
    """
    Payment.objects.filter(pk=payment.pk).update(refunded_minor=F("refunded_minor") + amount.minor)
    payment.refresh_from_db(fields=["refunded_minor"])
