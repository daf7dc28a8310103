"""The provider's messages: kept once, looked up again, handled once; and what nobody told us of.

A message only wakes us up. What counts is the object as the provider shows it when asked, so a
message that is late, doubled, out of order or lost changes nothing about the end.
"""

from datetime import datetime, timedelta

import structlog
from django.utils.translation import gettext as _

from exchange.core import clock, outbox
from exchange.core.outbox import Lease
from exchange.core.use_case import use_case
from exchange.members.actors import Actor
from exchange.orders.lifecycle import PaymentMethod
from exchange.payments import (
    card_top_ups,
    chargebacks,
    collection,
    order_refunds,
    payout_accounts,
    payouts,
    reconciliation,
    refunds,
    saved_cards,
    withdrawals,
)
from exchange.payments.collection import PROVIDER, Captured, payment_seen_by
from exchange.payments.errors import EventUnreadable, ForgedEvent
from exchange.payments.gateway.port import (
    MoneyStatus,
    NewsUnreadable,
    OutcomeUnknown,
    Provider,
    ProviderAccount,
    ProviderCard,
    ProviderDispute,
    ProviderPayment,
    ProviderPayout,
    ProviderRefund,
    ProviderRefused,
    SignatureRefused,
)
from exchange.payments.gateway.providers import provider, provider_name
from exchange.payments.lifecycle import (
    EVENT,
    DifferenceKind,
    DifferenceState,
    EventState,
    EventTransition,
    PaymentState,
)
from exchange.payments.models import CardTopUp, Difference, Payment, ProviderEvent

TOPIC_EVENT = "payments.event.received"
BODY_BYTES_MAX = 256 * 1024
OUTCOME_CHARS_MAX = 200
SYNC_AFTER = timedelta(seconds=60)
SYNC_MAX = 100
DISPUTE = "dispute"  # the provider's lines of money that a payer's bank took back

log = structlog.get_logger(__name__)

News = (
    ProviderPayment
    | ProviderCard
    | ProviderRefund
    | ProviderDispute
    | ProviderPayout
    | ProviderAccount
    | None
)


@use_case()
def receive(*, body: bytes, signature: str, now: datetime) -> bool:
    """Keep a signed message and promise to look at it; False when it was kept before.

    A second copy that comes at the same moment waits for the first to commit. Raises ForgedEvent for
    one that the provider did not sign within the last minutes, and EventUnreadable for one that is none
    of its messages; nothing is kept then.
    """
    gateway = provider()
    try:
        news = gateway.read_news(body[:BODY_BYTES_MAX], signature)
    except SignatureRefused as error:
        raise ForgedEvent(
            _("The message is not signed by the payment provider, or it is too old.")
        ) from error
    except NewsUnreadable as error:
        log.exception("payments.event.unreadable", size_bytes=len(body))
        raise EventUnreadable(
            _("The message is signed, but it is none of the provider's.")
        ) from error
    _event, is_new = ProviderEvent.objects.get_or_create(
        provider=gateway.name,
        event_id=news.event_id,
        defaults={
            "kind": news.kind,
            "object_type": news.object_type,
            "object_id": news.object_id,
            "account": news.account,
            "created_at": news.created_at,
            "received_at": now,
        },
    )
    if is_new:
        outbox.emit(topic=TOPIC_EVENT, key=news.event_id, payload={"event": news.event_id})
    return is_new


def look(lease: Lease) -> News:
    """Ask the provider for the object that the message is about; None when it is none of ours."""
    gateway = provider()
    event = ProviderEvent.objects.get(provider=gateway.name, event_id=lease.payload["event"])
    try:
        return _looked_up(gateway, event)
    except ProviderRefused:
        return None


def _looked_up(gateway: Provider, event: ProviderEvent) -> News:
    match event.object_type:
        case "payment_intent":
            found: News = gateway.payment(event.object_id)
        case "checkout.session":
            found = gateway.page(event.object_id)
        case "refund":
            found = gateway.find_refund(event.object_id)
        case "dispute":
            found = gateway.dispute(event.object_id)
        case "payout" if event.account:
            found = gateway.payout(event.object_id, account_ref=event.account)
        case "account":
            found = gateway.account(event.object_id)
        case _:
            found = None
    return found


@use_case()
def write_down(lease: Lease, told: News) -> None:
    """Handle the message, in one transaction with the completion of its job."""
    now = clock.now()
    done = apply(told, now=now)
    event = ProviderEvent.objects.select_for_update().get(
        provider=provider_name(), event_id=lease.payload["event"]
    )
    if event.state == EventState.RECEIVED:
        event.outcome, event.handled_at = done[:OUTCOME_CHARS_MAX], now
        transition = EventTransition.IGNORE if told is None else EventTransition.HANDLE
        EVENT.transition(event, transition, actor=PROVIDER, now=now, save=("outcome", "handled_at"))


def apply(told: News, *, now: datetime) -> str:
    """Bring our side up to what the provider says of one object; say what was done."""
    done = ""
    match told:
        case ProviderPayment():
            done = _apply_payment(told, now=now)
        case ProviderCard():
            done = saved_cards.apply(told, now=now)
        case ProviderRefund():
            done = _apply_refund(told, now=now)
        case ProviderDispute():
            done = chargebacks.apply(told, now=now)
        case ProviderPayout():
            done = payouts.apply(told, now=now)
        case ProviderAccount():
            done = payout_accounts.apply(told, now=now)
    return done


def _apply_refund(told: ProviderRefund, *, now: datetime) -> str:
    """One that was not asked for by us was made at the provider's own pages: it is booked once it has
    gone. Where it cannot be, the provider's money differs, and somebody has to look into it."""
    if refunds.known_as(told):
        return refunds.apply(told, now=now)
    if withdrawals.known_as(told):
        return withdrawals.apply(told, now=now)
    if told.status is not MoneyStatus.DONE:
        return "not ours"
    booked = order_refunds.book_from_provider(told, now=now) or withdrawals.book_from_provider(
        told, now=now
    )
    if booked:
        return booked
    reconciliation.open_difference(
        kind=DifferenceKind.PROVIDER_ONLY,
        subject=f"{told.ref}:refund",
        amount=-told.amount,
        detail="refund",
        now=now,
    )
    return "not ours"


def _apply_payment(told: ProviderPayment, *, now: datetime) -> str:
    top_up = CardTopUp.objects.filter(public_id=told.payment_id).first()
    if top_up is not None and top_up.amount == told.amount:
        return card_top_ups.apply(told, top_up, now=now)
    payment = Payment.objects.filter(public_id=told.payment_id).first()
    if payment is None or payment.amount != told.amount:
        log.error("payments.payment.unknown", payment=told.payment_id, ref=told.ref)
        return "unknown payment"
    return collection.apply(told, payment, now=now)


@use_case()
def note_captured(_lease: Lease, captured: Captured) -> None:
    """Write the answer to a capture down, when no message was quicker."""
    if captured.told is not None:
        _apply_payment(captured.told, now=clock.now())


def refresh(*, actor: Actor, payment_id: str, now: datetime) -> Payment:
    """Look at the provider's side of a payment now: the payer has come back from its page.

    When the provider does not answer, the payment is shown as we know it.
    """
    payment = payment_seen_by(actor, payment_id)
    if payment.method == PaymentMethod.CARD and payment.provider_ref:
        _sync(payment, now=now)
        payment = payment_seen_by(actor, payment_id)
    return payment


def sync_open(*, now: datetime) -> int:
    """Look at the card payments, top-ups and pages for saved cards that nobody has told us about for a while; return how many.

    This is the guarantee behind the messages: all of them may be lost.
    """
    waiting = Payment.objects.filter(
        method=PaymentMethod.CARD,
        state__in=[PaymentState.WAITING, PaymentState.AUTHORISED],
        provider_ref__isnull=False,
        created_at__lte=now - SYNC_AFTER,
    )
    payments = list(waiting.order_by("-pk")[:SYNC_MAX])
    for payment in payments:
        _sync(payment, now=now)
    return len(payments) + card_top_ups.sync_open(now=now) + saved_cards.sync_open(now=now)


def take_up_untold(*, now: datetime) -> int:
    """Open the chargebacks of which reconciliation found the money gone and no message came; return how many
    disputes were asked for. What was made of them agrees at the next comparison."""
    open_ones = Difference.objects.filter(
        kind=DifferenceKind.PROVIDER_ONLY, state=DifferenceState.OPEN, detail=DISPUTE
    )
    subjects = list(open_ones.order_by("-pk").values_list("subject", flat=True)[:SYNC_MAX])
    for subject in subjects:
        try:
            told = provider().dispute(subject.partition(":")[0])
        except (OutcomeUnknown, ProviderRefused) as error:
            log.warning("payments.dispute.unseen", subject=subject, error=str(error))
            continue
        chargebacks.apply(told, now=now)
    return len(subjects)


def _sync(payment: Payment, *, now: datetime) -> None:
    try:
        told = provider().payment(payment.provider_ref or "")
    except (OutcomeUnknown, ProviderRefused) as error:
        log.warning("payments.payment.unseen", payment=payment.public_id, error=str(error))
        return
    _apply_payment(told, now=now)
