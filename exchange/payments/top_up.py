"""Money moved from the bank to the provider, so that it can pay sellers."""

from datetime import datetime

from django.utils.translation import gettext as _

from exchange.audit import log
from exchange.core import clock, outbox
from exchange.core.lifecycle import Doer
from exchange.core.outbox import Lease
from exchange.core.use_case import use_case
from exchange.ledger import books
from exchange.ledger.entries import EntryRequest, ExternalFact, Posting
from exchange.ledger.errors import InsufficientFunds
from exchange.members.actors import Actor, system_actor
from exchange.members.permissions import Permission
from exchange.payments import chart
from exchange.payments.chart import BANK, Chart
from exchange.payments.gateway.port import ProviderRefused
from exchange.payments.gateway.providers import provider, provider_name
from exchange.payments.models import TopUp
from pricing.money import Money

SCOPE = "payments.top_up"
TOPIC = "payments.top_up.promised"
PROVIDER = system_actor("payments")


@use_case(Permission.PAYMENTS_RUN)
def top_up(*, actor: Actor, amount: Money, now: datetime) -> TopUp:
    """Promise to move money from the bank to the provider. Raises InsufficientFunds beyond what is
    at the bank."""
    check(amount)
    made = TopUp.objects.create(
        currency=amount.currency, amount_minor=amount.minor, by=actor.name, created_at=now
    )
    outbox.emit(topic=TOPIC, key=made.public_id, payload={"top_up": made.public_id})
    _record(made, "promised", actor=actor, now=now)
    return made


def check(amount: Money) -> None:
    """Raise InsufficientFunds beyond what is at the bank."""
    there = books.available(chart.clearing(BANK, amount.currency), amount.currency)
    if not 0 < amount.minor <= there.minor:
        raise InsufficientFunds(
            _("There is not that much at the bank."), available_minor=there.minor
        )


def ask_provider(lease: Lease) -> tuple[str, str]:
    """The provider's reference, or why it refused."""
    made = TopUp.objects.get(public_id=lease.payload["top_up"])
    try:
        ref = provider().top_up(
            top_up_id=made.public_id, amount=made.amount, key=lease.idempotency_key
        )
    except ProviderRefused as refused:
        return "", refused.code
    return ref, ""


@use_case()
def note_answer(lease: Lease, answer: tuple[str, str]) -> None:
    """Book what has moved."""
    now = clock.now()
    made = TopUp.objects.select_for_update().get(public_id=lease.payload["top_up"])
    made.provider_ref, made.failure = answer
    made.sent_at = now if made.provider_ref else None
    made.save(update_fields=["provider_ref", "failure", "sent_at"])
    if not made.provider_ref:
        return
    name = provider_name()
    accounts = Chart(currency=made.currency, actor=PROVIDER, now=now)
    accounts.post(
        Posting(
            scope=SCOPE,
            key=made.public_id,
            kind="payments.top_up.sent",
            transfers=[
                EntryRequest(
                    debit=accounts.clearing(name),
                    credit=accounts.clearing(BANK),
                    amount=made.amount,
                )
            ],
            refs=[
                ExternalFact(
                    psp=name, object_type="topup", object_id=made.provider_ref, kind="topup"
                )
            ],
            subject=f"top_up:{made.public_id}",
        )
    )
    _record(made, "sent", actor=PROVIDER, now=now)


def _record(made: TopUp, event: str, *, actor: Doer, now: datetime) -> None:
    log.record(
        event=f"payments.top_up.{event}",
        actor=actor.name,
        subject=f"top_up:{made.public_id}",
        facts={"amount_minor": str(made.amount_minor), "currency": made.currency},
        at=now,
    )
