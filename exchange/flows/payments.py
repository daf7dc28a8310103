"""A payment from the order's side: asked for, shown to the payer, given up."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from exchange.audit.actions import log
from exchange.core.actions import outbox
from exchange.core.lifecycle import Change
from exchange.core.refusals import NotFound
from exchange.flows import deposits
from exchange.members import policy
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission
from exchange.orders.lifecycle import OrderState
from exchange.orders.models import Order
from exchange.payments.actions import incoming, payments
from exchange.payments.errors import MoneyAlreadyReceived, ProviderUnavailable
from exchange.payments.gateway.port import OutcomeUnknown, ProviderRefused
from exchange.payments.gateway.providers import provider
from exchange.payments.models import Payment
from exchange.payments.states import (
    LIVE_PAYMENTS,
    IncomingState,
    PaymentMethod,
    PaymentState,
)

BANK = "bank"
WALLET = "wallet"
TOPIC_CANCEL = "payments.payment.cancelled"


@transaction.atomic
def start_payment(*, order: Order, actor: str, now: datetime) -> Payment:
    """Ask for the order's money; asking again gives the same payment. Raises NothingToPay.

    No provider is called here: it hears of the payment when the payer opens the page.
    """
    method = PaymentMethod(order.payment_method)
    payment, is_new = payments.ask(
        order_ref=order.public_id,
        payer=order.buyer,
        method=method,
        amount=order.total,
        provider=_provider_for(method),
        expires_at=order.due_at,
        now=now,
    )
    if is_new:
        record(payment, "asked", actor=actor, now=now, method=str(method))
    return payment


def _provider_for(method: PaymentMethod) -> str:
    """Where the money of a payment comes from."""
    if method is PaymentMethod.CARD:
        return provider().name
    return BANK if method is PaymentMethod.BANK_TRANSFER else WALLET


def give_up(order: Order, change: Change) -> None:
    """Give the payment of an order up that ends before it is paid, and forfeit what was set aside for
    it. A reaction to its end; raises what `cancel_payment` raises, so that the order goes on."""
    if change.source == OrderState.CONTRACT_SIGNED and not order.is_free:
        cancel_payment(order=order, actor=change.actor, now=change.at)
        deposits.forfeit_bound(order=order, actor=change.actor, now=change.at)


@transaction.atomic
def cancel_payment(*, order: Order, actor: str, now: datetime) -> Payment | None:
    """Give the order's payment up, before its money has come.

    Raises MoneyAlreadyReceived once the payer's bank has set the money aside: what is received is
    refunded. What came by bank so far waits to be sent back.
    """
    live = Payment.objects.filter(order_ref=order.public_id, state__in=LIVE_PAYMENTS).first()
    if live is None:
        return None
    payment = payments.locked(live.public_id)
    if payment.state != PaymentState.WAITING:
        raise MoneyAlreadyReceived(
            _("The payment is on its way already."),
            payment=payment.public_id,
            state=str(payment.state),
        )
    payments.cancel(payment=payment, now=now)
    for transfer in incoming.matched(payment):
        incoming.mark(transfer=transfer, to=IncomingState.NEW)
    if payment.provider_ref:
        outbox.emit(
            topic=TOPIC_CANCEL, key=payment.public_id, payload={"payment": payment.public_id}
        )
    record(payment, "cancelled", actor=actor, now=now)
    return payment


def payment_of_order(order_ref: str) -> Payment | None:
    """The order's payment that is not cancelled, or its last one."""
    rows = Payment.objects.filter(order_ref=order_ref).select_related("payer").order_by("-pk")
    return rows.filter(state__in=LIVE_PAYMENTS).first() or rows.first()


def payment_seen_by(actor: Actor, payment_id: str) -> Payment:
    """The payment, to those whom it concerns: its payer and the exchange. Raises NotFound."""
    payment = Payment.objects.select_related("payer").filter(public_id=payment_id).first()
    if payment is None:
        raise NotFound(_("There is no such payment."))
    policy.require(actor, Permission.PAYMENT_SEE, Subject(organisation_id=payment.payer_id))
    return payment


def open_card_page(*, actor: Actor, payment_id: str, now: datetime) -> str:
    """The address where the payer gives the card.

    The provider is asked outside any transaction; asked twice, it has one object. Raises NotAllowed,
    WrongPaymentMethod, PaymentNotOpen and ProviderUnavailable.
    """
    payment = payment_seen_by(actor, payment_id)
    policy.require(actor, Permission.PAYMENT_MAKE, Subject(organisation_id=payment.payer_id))
    payments.check_open(payment, PaymentMethod.CARD)
    gateway = provider()
    try:
        known = gateway.create_payment(
            payment_id=payment.public_id,
            order_ref=payment.order_ref,
            amount=payment.amount,
            key=f"payment:{payment.public_id}",
        )
    except (OutcomeUnknown, ProviderRefused) as error:
        raise unavailable() from error
    url = gateway.payment_page(known.ref, payment_id=payment.public_id)
    with transaction.atomic():
        locked = payments.locked(payment.public_id)
        payments.check_open(locked, PaymentMethod.CARD)
        if locked.provider_ref is None:
            payments.know_provider_object(payment=locked, ref=known.ref, action_url=url)
            record(locked, "opened", actor=actor.name, now=now)
    return url


def unavailable() -> ProviderUnavailable:
    """What the payer is told when the provider gives no clear answer."""
    return ProviderUnavailable(
        _("The payment provider does not answer. Nothing was charged; please try again.")
    )


def record(payment: Payment, event: str, *, actor: str, now: datetime, **facts: str) -> None:
    """Write a step of the payment to the log."""
    log.record(
        event=f"payments.payment.{event}",
        actor=actor,
        subject=f"payment:{payment.public_id}",
        facts={
            "order": payment.order_ref,
            "amount_minor": str(payment.amount_minor),
            "currency": payment.currency,
            **facts,
        },
        at=now,
    )
