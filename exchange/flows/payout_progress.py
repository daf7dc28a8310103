"""A payout on its way: sent by the provider, arrived, failed, called back; each in the books.

Order and repetition of what is heard do not matter: each step looks at where the payout stands.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from exchange.audit.actions import log
from exchange.core.actions import outbox
from exchange.core.actions.outbox import Lease
from exchange.flows.order_recording import SELLERS
from exchange.flows.settlement_books import Chart
from exchange.ledger import books
from exchange.ledger.entries import Capture, Entry, ExternalFact, Move, Posting, Void, transfer_id
from exchange.notices.actions.tell import tell_organisation
from exchange.payments.actions import payouts as acts
from exchange.payments.gateway.port import (
    MoneyStatus,
    OutcomeUnknown,
    ProviderPayout,
    ProviderRefused,
)
from exchange.payments.gateway.providers import provider
from exchange.payments.models import Payout
from exchange.payments.states import PayoutState

SCOPE = "payments.payout"
TOPIC = "payments.payout.promised"
TOPIC_RETURN = "payments.payout.failed"
SETTLEMENT = "system:payments"
SYNC_MAX = 100
# A refused payout asks nothing of the seller: the money is in the next run.
NEWS = {"sent": "payments.payout.sent", "failed": "payments.payout.failed"}

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Answer:
    """What the provider said; `refused` is the code of a definite no."""

    told: ProviderPayout | None
    refused: str = ""


def ask(lease: Lease) -> Answer:
    """Have the provider pay the seller. Asked again with the same key, it pays once, for ever."""
    payout = Payout.objects.select_related("account").get(public_id=lease.payload["payout"])
    try:
        return Answer(
            provider().pay_out(
                payout_id=payout.public_id,
                account_ref=payout.account.provider_ref,
                amount=payout.amount,
                key=lease.idempotency_key,
            )
        )
    except ProviderRefused as error:
        return Answer(None, error.code)


def record_answer(lease: Lease, answer: Answer) -> None:
    """Write down what the provider said, when no message has said it before."""
    now = timezone.now()
    payout = acts.locked(lease.payload["payout"])
    if answer.told is not None:
        apply(answer.told, payout, now=now)
    elif payout.state == PayoutState.PROMISED:
        acts.move(payout=payout, to=PayoutState.REFUSED, failure=answer.refused, now=now)
        _post(payout, "refused", [Void(pending=_hold_id(payout))], now=now)
        _record(payout, "refused", now=now)


def apply_id(told: ProviderPayout, *, now: datetime) -> str:
    """Bring the payout that a message speaks of up to what the provider says; say what was done."""
    if not Payout.objects.filter(public_id=told.payout_id).exists():
        return "unknown payout"
    with transaction.atomic():
        return apply(told, acts.locked(told.payout_id), now=now)


def apply(told: ProviderPayout, payout: Payout, *, now: datetime) -> str:
    """Bring a locked payout up to what the provider says."""
    done = ""
    if payout.state == PayoutState.PROMISED:
        _sent(told, payout, now=now)
        done = "sent"
    if told.status is MoneyStatus.DONE and payout.state == PayoutState.SENT:
        acts.move(payout=payout, to=PayoutState.PAID, provider_ref=told.payout_ref, now=now)
        _record(payout, "paid", now=now)
        done = "paid"
    if told.status is MoneyStatus.FAILED and payout.state in {PayoutState.SENT, PayoutState.PAID}:
        acts.move(
            payout=payout,
            to=PayoutState.FAILED,
            provider_ref=told.payout_ref,
            failure=told.failure,
            now=now,
        )
        acts.close_account(account=payout.account, now=now)
        outbox.emit(topic=TOPIC_RETURN, key=payout.public_id, payload={"payout": payout.public_id})
        _record(payout, "failed", now=now)
        done = "failed"
    return done


def _sent(told: ProviderPayout, payout: Payout, *, now: datetime) -> None:
    acts.move(
        payout=payout,
        to=PayoutState.SENT,
        transfer_ref=told.transfer_ref,
        provider_ref=told.payout_ref,
        now=now,
    )
    chart = Chart(currency=payout.currency, actor=SETTLEMENT, now=now)
    _post(
        payout,
        "sent",
        [
            Capture(pending=_hold_id(payout), amount=payout.amount),
            Move(
                debit=chart.payout(payout.public_id),
                credit=chart.clearing(payout.account.provider),
                amount=payout.amount,
            ),
        ],
        facts=[
            ExternalFact(
                psp=payout.account.provider,
                object_type="transfer",
                object_id=told.transfer_ref,
                kind="transfer",
                step=1,
            )
        ],
        now=now,
    )
    _record(payout, "sent", now=now)


def call_back(lease: Lease) -> str:
    """Take the money of a failed payout back from the seller's account at the provider."""
    payout = Payout.objects.get(public_id=lease.payload["payout"])
    return provider().call_back(
        payout.transfer_ref, amount=payout.amount, key=lease.idempotency_key
    )


def note_returned(lease: Lease, reversal_ref: str) -> None:
    """The money is ours again, and the seller's: available for the next run."""
    now = timezone.now()
    payout = acts.locked(lease.payload["payout"])
    if payout.state != PayoutState.FAILED:
        return
    acts.move(payout=payout, to=PayoutState.RETURNED, now=now)
    chart = Chart(currency=payout.currency, actor=SETTLEMENT, now=now)
    _post(
        payout,
        "returned",
        [
            Move(
                debit=chart.clearing(payout.account.provider),
                credit=chart.available(payout.organisation),
                amount=payout.amount,
            )
        ],
        facts=[
            ExternalFact(
                psp=payout.account.provider,
                object_type="transfer_reversal",
                object_id=reversal_ref,
                kind="transfer_refund",
            )
        ],
        now=now,
    )
    _record(payout, "returned", now=now)


def sync_sent(*, now: datetime) -> int:
    """Look at the payouts under way that nobody has told us about; return how many."""
    under_way = Payout.objects.filter(state=PayoutState.SENT).exclude(provider_ref="")
    found = list(under_way.select_related("account").order_by("pk")[:SYNC_MAX])
    for payout in found:
        try:
            told = provider().payout(payout.provider_ref, account_ref=payout.account.provider_ref)
        except (OutcomeUnknown, ProviderRefused) as error:
            logger.warning("payments.payout.unseen", payout=payout.public_id, error=str(error))
            continue
        apply_id(told, now=now)
    return len(found)


def hold_key(payout: Payout) -> str:
    return f"{payout.public_id}:promised"


def _hold_id(payout: Payout) -> UUID:
    return transfer_id(scope=SCOPE, key=hold_key(payout))


def _post(
    payout: Payout,
    event: str,
    steps: list[Entry],
    *,
    now: datetime,
    facts: list[ExternalFact] | None = None,
) -> None:
    books.post(
        Posting(
            scope=SCOPE,
            key=f"{payout.public_id}:{event}",
            kind=f"payments.payout.{event}",
            transfers=steps,
            subject=f"payout:{payout.public_id}",
            refs=facts or [],
        ),
        actor=SETTLEMENT,
        now=now,
    )


def _record(payout: Payout, event: str, *, now: datetime) -> None:
    """Write the step to the log, and tell the seller where it is news."""
    log.record(
        event=f"payments.payout.{event}",
        actor=SETTLEMENT,
        subject=f"payout:{payout.public_id}",
        facts={
            "organisation": payout.organisation.public_id,
            "amount_minor": str(payout.amount_minor),
            "currency": payout.currency,
            "failure": payout.failure,
        },
        at=now,
    )
    if kind := NEWS.get(event):
        tell_organisation(
            organisation_id=payout.organisation_id,
            roles=SELLERS,
            kind=kind,
            facts={"amount": payout.amount},
            url=reverse("web:payouts"),
            dedupe=f"payout:{payout.public_id}:{kind}",
            now=now,
        )
