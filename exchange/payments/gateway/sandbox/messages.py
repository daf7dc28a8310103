"""Signed messages to the exchange, repeated until they are answered."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass

import stripe
from django.db import transaction

from exchange.payments.gateway.sandbox import clock
from exchange.payments.gateway.sandbox.models import Delivery

BATCH_MAX = 50
ATTEMPTS_MAX = 15
RETRY_SECONDS = 5
RETRY_SECONDS_MAX = 3600


@dataclass(frozen=True)
class Message:
    """One message as it goes over the wire."""

    body: str
    signature: str


def sign(body: str, *, secret: str, at: int | None = None) -> str:
    """The `Stripe-Signature` header. It carries the real time: receivers ask their own clock."""
    moment = int(time.time()) if at is None else at
    return str(stripe.WebhookSignature.generate_signature_header(body, secret, moment))


def message(event: dict[str, object], *, secret: str) -> Message:
    body = json.dumps(event)
    return Message(body, sign(body, secret=secret))


def deliver_due(
    post: Callable[[Message], bool],
    *,
    secret: str,
    connect_secret: str = "",
    limit: int = BATCH_MAX,
) -> int:
    """Send what is due, each under the lock of its row; return how many were answered.

    `post` says whether the answer was 2xx. `connect_secret` signs what is about connected accounts, which
    has an endpoint of its own at Stripe.
    """
    answered = 0
    for _number in range(limit):
        with transaction.atomic():
            moment = clock.now()
            delivery = (
                Delivery.objects.select_for_update(skip_locked=True, of=("self",))
                .select_related("event")
                .filter(delivered__isnull=True, due__lte=moment, attempts__lt=ATTEMPTS_MAX)
                .first()
            )
            if delivery is None:
                return answered
            delivery.attempts += 1
            of_account = connect_secret if delivery.event.account else ""
            if post(message(delivery.event.body, secret=of_account or secret)):
                delivery.delivered = moment
                answered += 1
            else:
                delay = min(RETRY_SECONDS * 2**delivery.attempts, RETRY_SECONDS_MAX)
                delivery.due = moment + delay
            delivery.save(update_fields=["attempts", "delivered", "due"])
    return answered
