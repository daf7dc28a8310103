"""Money moved from the bank to the provider, so that it can pay sellers."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from exchange.audit.actions import log
from exchange.core.actions import outbox
from exchange.core.actions.outbox import Lease
from exchange.flows.payments import BANK
from exchange.flows.settlement_books import Chart, available
from exchange.ledger import books
from exchange.ledger.entries import ExternalFact, Move, Posting
from exchange.ledger.errors import InsufficientFunds
from exchange.members import policy
from exchange.members.actors import Actor
from exchange.members.permissions import Permission
from exchange.payments import chart as codes
from exchange.payments.gateway.port import ProviderRefused
from exchange.payments.gateway.providers import provider
from exchange.payments.models import TopUp
from pricing.money import Money

SCOPE = "payments.top_up"
TOPIC = "payments.top_up.promised"


@transaction.atomic
def top_up(*, actor: Actor, amount: Money, now: datetime) -> TopUp:
    """Promise to move money from the bank to the provider. Raises InsufficientFunds beyond what is
    at the bank."""
    policy.require(actor, Permission.PAYMENTS_RUN)
    there = available(codes.clearing(BANK, amount.currency), amount.currency)
    if not 0 < amount.minor <= there.minor:
        raise InsufficientFunds(
            _("There is not that much at the bank."), available_minor=there.minor
        )
    made = TopUp.objects.create(
        currency=amount.currency, amount_minor=amount.minor, by=actor.name, created_at=now
    )
    outbox.emit(topic=TOPIC, key=made.public_id, payload={"top_up": made.public_id})
    _record_top_up(made, "promised", actor=actor.name, now=now)
    return made


def ask_top_up(lease: Lease) -> tuple[str, str]:
    """The provider's reference, or why it refused."""
    made = TopUp.objects.get(public_id=lease.payload["top_up"])
    try:
        ref = provider().top_up(
            top_up_id=made.public_id, amount=made.amount, key=lease.idempotency_key
        )
    except ProviderRefused as refused:
        return "", refused.code
    return ref, ""


def note_top_up(lease: Lease, answer: tuple[str, str]) -> None:
    """Book what has moved."""
    now = timezone.now()
    made = TopUp.objects.select_for_update().get(public_id=lease.payload["top_up"])
    made.provider_ref, made.failure = answer
    made.sent_at = now if made.provider_ref else None
    made.save(update_fields=["provider_ref", "failure", "sent_at"])
    if not made.provider_ref:
        return
    name, actor = provider().name, "system:payments"
    chart = Chart(currency=made.currency, actor=actor, now=now)
    books.post(
        Posting(
            scope=SCOPE,
            key=made.public_id,
            kind="payments.top_up.sent",
            transfers=[
                Move(debit=chart.clearing(name), credit=chart.clearing(BANK), amount=made.amount)
            ],
            subject=f"top_up:{made.public_id}",
            refs=[
                ExternalFact(
                    psp=name, object_type="topup", object_id=made.provider_ref, kind="topup"
                )
            ],
        ),
        actor=actor,
        now=now,
    )
    _record_top_up(made, "sent", actor=actor, now=now)


def _record_top_up(made: TopUp, event: str, *, actor: str, now: datetime) -> None:
    log.record(
        event=f"payments.top_up.{event}",
        actor=actor,
        subject=f"top_up:{made.public_id}",
        facts={"amount_minor": str(made.amount_minor), "currency": made.currency},
        at=now,
    )
