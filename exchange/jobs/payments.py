"""Settlement's part of the doors' work: which calls it makes, what its clock does, and, where the
provider is the test provider, carrying that provider's messages over the network.
"""

import threading
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from celery import shared_task
from django.conf import settings
from django.db import Error, connection, transaction

from exchange.core import clock
from exchange.payments import (
    bank_days,
    chargebacks,
    collection,
    fee_invoices,
    off_session,
    payment_webhooks,
    payout_accounts,
    payouts,
    reactions,
    reconciliation,
    refunds,
    saved_cards,
    statements,
    top_up,
    turned_back,
    withdrawals,
)
from exchange.payments.gateway.providers import TEST, takes_cards
from exchange.payments.gateway.sandbox import messages, outgoing
from exchange.payments.gateway.sandbox.messages import Message

log = structlog.get_logger(__name__)

TICK_SECONDS = 1.0
POST_SECONDS_MAX = 10
FOUND_LOGGED_MAX = 50
WEBHOOK_PATH = "/webhooks/payments"

# Topic: (ask, record).
CALLS: Mapping[str, tuple[Any, Any]] = {
    payment_webhooks.TOPIC_EVENT: (payment_webhooks.look, payment_webhooks.write_down),
    collection.TOPIC_CAPTURE: (collection.capture, payment_webhooks.note_captured),
    collection.TOPIC_CANCEL: (collection.let_go, payment_webhooks.note_captured),
    off_session.TOPIC: (off_session.ask_provider, off_session.note_answer),
    saved_cards.TOPIC_FORGET: (saved_cards.forget, saved_cards.note_forgotten),
    refunds.TOPIC: (refunds.ask_provider, refunds.note_answer),
    chargebacks.TOPIC: (chargebacks.ask_provider, chargebacks.note_answer),
    payouts.TOPIC: (payouts.ask_provider, payouts.note_answer),
    payouts.TOPIC_RETURN: (payouts.call_back, payouts.note_returned),
    top_up.TOPIC: (top_up.ask_provider, top_up.note_answer),
    withdrawals.TOPIC: (withdrawals.ask_provider, withdrawals.note_answer),
}


@shared_task(name="jobs.run_payments_due")
def tend() -> None:
    """Clear what is due, run the day's payouts, look after what nobody has told us about."""
    now = clock.now()
    done = reactions.run_due(now=now)
    seen = payment_webhooks.sync_open(now=now) + payouts.sync_sent(now=now)
    seen += payout_accounts.sync_pending(now=now)
    done["statements"] = statements.run_due(actor=reactions.CLOCK, now=now)
    done["fee_invoices"] = fee_invoices.run_due(actor=reactions.CLOCK, now=now)
    done["turned_back"] = turned_back.ask_again(now=now) if takes_cards() else 0
    if any(done.values()):
        log.info("payments.tended", seen=seen, **done)


@shared_task(name="jobs.reconcile")
def reconcile_provider() -> None:
    """Hold the provider's account against the books, take up what no message told us of, and raise the alarm
    over any difference that is left."""
    now = clock.now()
    found = _differing(now)
    if payment_webhooks.take_up_untold(now=now):
        found = _differing(now)
    overdue = reconciliation.look_for_overdue(actor=reconciliation.RECONCILER, now=now)
    found += [one.subject for one in overdue]
    found += bank_days.hold_again(actor=reconciliation.RECONCILER, now=now)
    if found:
        log.error("payments.books.differ", found=found[:FOUND_LOGGED_MAX], found_count=len(found))


def _differing(now: datetime) -> list[str]:
    cutoff = now - reconciliation.ON_ITS_WAY
    return [
        one.subject
        for currency in reconciliation.currencies_at_provider()
        for one in reconciliation.reconcile(currency=currency, now=now, cutoff=cutoff).found
    ]


def carry_messages(stop: threading.Event) -> None:
    """A worker's background loop: post the test provider's messages to this exchange's own address."""
    while settings.PAYMENT_PROVIDER == TEST and not stop.is_set():
        carry_once()
        stop.wait(TICK_SECONDS)
    stop.wait()


def carry_once() -> None:
    """Have the test provider decide its payouts and send what it has to say, each as its endpoint signs."""
    try:
        with transaction.atomic():
            outgoing.decide_payouts()
        messages.deliver_due(
            post_here,
            secret=settings.PAYMENT_WEBHOOK_SECRET,
            connect_secret=settings.STRIPE_CONNECT_WEBHOOK_SECRET,
        )
    except Error as error:  # the database is away; the next tick looks again
        log.warning("payments.messages.waiting", error=str(error))
        connection.close()


def post_here(message: Message) -> bool:
    """Whether the exchange took the message; it is sent again otherwise."""
    request = urllib.request.Request(  # noqa: S310 - our own address
        settings.PUBLIC_URL + WEBHOOK_PATH,
        data=message.body.encode(),
        headers={"Content-Type": "application/json", "Stripe-Signature": message.signature},
        method="POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=POST_SECONDS_MAX) as answer:  # noqa: S310
            return bool(answer.status < 300)  # noqa: PLR2004
    except (urllib.error.URLError, OSError) as error:
        log.info("payments.message.unheard", error=str(error))
        return False
