"""The provider's messages and answers: kept, looked up again, written into the books.

A message only wakes us up. What counts is the object as the provider shows it when asked, so a
message that is late, doubled, out of order or lost changes nothing about the end.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from exchange.core.actions import outbox
from exchange.core.actions.outbox import Lease
from exchange.flows import money_in, payments, payout_progress, refunds
from exchange.members.actors import Actor
from exchange.orders.lifecycle import ORDER
from exchange.payments.actions import events
from exchange.payments.actions import payments as payment_acts
from exchange.payments.actions import refunds as refund_acts
from exchange.payments.errors import ForgedEvent
from exchange.payments.gateway.port import (
    OutcomeUnknown,
    ProviderPayment,
    ProviderPayout,
    ProviderRefund,
    ProviderRefused,
    SignatureRefused,
)
from exchange.payments.gateway.providers import provider
from exchange.payments.models import Payment, ProviderEvent
from exchange.payments.states import EventState, PaymentMethod, PaymentState

TOPIC_EVENT = "payments.event.received"
BODY_BYTES_MAX = 256 * 1024
SYNC_AFTER = timedelta(seconds=60)
SYNC_MAX = 100

log = structlog.get_logger(__name__)

News = ProviderPayment | ProviderRefund | ProviderPayout | None


@transaction.atomic
def receive(*, body: bytes, signature: str, now: datetime) -> bool:
    """Keep a signed message and promise to look at it; False when it was kept before.

    Raises ForgedEvent for one that the provider did not sign within the last minutes; nothing is
    kept then.
    """
    gateway = provider()
    try:
        news = gateway.read_news(body[:BODY_BYTES_MAX], signature)
    except SignatureRefused as error:
        raise ForgedEvent(
            _("The message is not signed by the payment provider, or it is too old.")
        ) from error
    is_new = events.keep(
        provider=gateway.name,
        event_id=news.event_id,
        kind=news.kind,
        object_type=news.object_type,
        object_id=news.object_id,
        account=news.account,
        created_at=news.created_at,
        now=now,
    )
    if is_new:
        outbox.emit(topic=TOPIC_EVENT, key=news.event_id, payload={"event": news.event_id})
    return is_new


def look(lease: Lease) -> News:
    """Ask the provider for the object that the message is about; None when it is none of ours."""
    gateway = provider()
    event = ProviderEvent.objects.get(provider=gateway.name, event_id=lease.payload["event"])
    try:
        if event.object_type == "payment_intent":
            return gateway.payment(event.object_id)
        if event.object_type == "refund":
            return gateway.find_refund(event.object_id)
        if event.object_type == "payout" and event.account:
            return gateway.payout(event.object_id, account_ref=event.account)
    except ProviderRefused:
        return None
    return None


def write_down(lease: Lease, told: News) -> None:
    """Handle the message, in one transaction with the completion of its job."""
    now = timezone.now()
    done = apply(told, now=now)
    event = ProviderEvent.objects.select_for_update().get(
        provider=provider().name, event_id=lease.payload["event"]
    )
    if event.state == EventState.RECEIVED:
        state = EventState.HANDLED if told is not None else EventState.IGNORED
        events.settle(event=event, state=state, outcome=done, now=now)


def apply(told: News, *, now: datetime) -> str:
    """Bring our side up to what the provider says of one object; say what was done."""
    if isinstance(told, ProviderPayment):
        return _apply_payment(told, now=now)
    if isinstance(told, ProviderRefund):
        return refunds.apply(told, refund_acts.locked(told.refund_id), now=now)
    if isinstance(told, ProviderPayout):
        return payout_progress.apply_id(told, now=now)
    return ""


@transaction.atomic
def _apply_payment(told: ProviderPayment, *, now: datetime) -> str:
    known = Payment.objects.filter(public_id=told.payment_id).first()
    if known is None or known.amount != told.amount:
        log.error("payments.payment.unknown", payment=told.payment_id, ref=told.ref)
        return "unknown payment"
    order = ORDER.lock(known.order_ref)
    payment = payment_acts.locked(known.public_id)
    if payment.provider_ref is None:  # the message came before our own call returned
        payment_acts.know_provider_object(payment=payment, ref=told.ref, action_url="")
    if payment.provider_ref != told.ref:
        return "another object of the payment"
    return money_in.apply(told, payment, order, now=now)


@dataclass(frozen=True)
class Captured:
    """What became of an order to take or let go of authorised money."""

    told: ProviderPayment | None


def capture(lease: Lease) -> Captured:
    """Take the authorised money; what cannot be taken any more is looked at again."""
    payment = Payment.objects.get(public_id=lease.payload["payment"])
    gateway, ref = provider(), payment.provider_ref or ""
    try:
        return Captured(gateway.capture(ref, amount=payment.amount, key=lease.idempotency_key))
    except ProviderRefused:
        return Captured(gateway.cancel(ref, key=f"{lease.idempotency_key}:let-go"))


def let_go(lease: Lease) -> Captured:
    """Cancel at the provider what was given up here. Money that came all the same is seen in the answer."""
    payment = Payment.objects.get(public_id=lease.payload["payment"])
    if not payment.provider_ref:
        return Captured(None)
    try:
        return Captured(provider().cancel(payment.provider_ref, key=lease.idempotency_key))
    except ProviderRefused:
        return Captured(provider().payment(payment.provider_ref))


def note_captured(_lease: Lease, captured: Captured) -> None:
    """Write the answer down, when no message was quicker."""
    if captured.told is not None:
        _apply_payment(captured.told, now=timezone.now())


def refresh(*, actor: Actor, payment_id: str, now: datetime) -> Payment:
    """Look at the provider's side of a payment now: the payer has come back from its page.

    When the provider does not answer, the payment is shown as we know it.
    """
    payment = payments.payment_seen_by(actor, payment_id)
    if payment.method == PaymentMethod.CARD and payment.provider_ref:
        _sync(payment, now=now)
        payment = payments.payment_seen_by(actor, payment_id)
    return payment


def sync_open(*, now: datetime) -> int:
    """Look at the card payments that nobody has told us about for a while; return how many.

    This is the guarantee behind the messages: all of them may be lost.
    """
    waiting = Payment.objects.filter(
        method=PaymentMethod.CARD,
        state__in=[PaymentState.WAITING, PaymentState.AUTHORISED],
        provider_ref__isnull=False,
        created_at__lte=now - SYNC_AFTER,
    )
    found = list(waiting.order_by("-pk")[:SYNC_MAX])
    for payment in found:
        _sync(payment, now=now)
    return len(found)


def _sync(payment: Payment, *, now: datetime) -> None:
    try:
        told = provider().payment(payment.provider_ref or "")
    except (OutcomeUnknown, ProviderRefused) as error:
        log.warning("payments.payment.unseen", payment=payment.public_id, error=str(error))
        return
    _apply_payment(told, now=now)
