"""Money back to the buyer: promised with the books, given by the provider or the bank, recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from exchange.audit.actions import log
from exchange.core.actions import outbox
from exchange.core.actions.outbox import Lease
from exchange.flows.settlement_books import Chart
from exchange.ledger import books
from exchange.ledger.entries import (
    Authorise,
    Capture,
    Entry,
    ExternalFact,
    Move,
    Posting,
    Void,
    transfer_id,
)
from exchange.members import policy
from exchange.members.actors import Actor
from exchange.members.permissions import Permission
from exchange.payments.actions import differences
from exchange.payments.actions import payments as payment_acts
from exchange.payments.actions import refunds as acts
from exchange.payments.errors import BankReferenceMissing, WrongPaymentMethod
from exchange.payments.gateway.port import MoneyStatus, ProviderRefund, ProviderRefused
from exchange.payments.gateway.providers import provider
from exchange.payments.models import Payment, Refund, Settlement
from exchange.payments.models.bank import BANK_REF_CHARS_MAX
from exchange.payments.states import DifferenceKind, PaymentMethod, RefundState
from pricing.money import Money

SCOPE = "payments.refund"
TOPIC = "payments.refund.promised"
SETTLEMENT = "system:payments"


def promise(
    *,
    payment: Payment,
    amount: Money,
    reason: str,
    actor: str,
    now: datetime,
    taken_from: Sequence[tuple[str, Money]] = (),
) -> Refund:
    """Promise money back on a locked payment and set it aside in the books.

    Before the release it is set aside from what is held for the order. Afterwards `taken_from` says
    which accounts give how much; they sum to the amount. Raises NothingRefundable.
    """
    refund = acts.promise(payment=payment, amount=amount, reason=reason, actor=actor, now=now)
    chart = Chart(currency=refund.currency, actor=actor, now=now)
    steps: list[Entry] = []
    if taken_from:
        source = chart.refund(refund.public_id)
        steps = [Move(debit=code, credit=source, amount=part) for code, part in taken_from]
    else:
        source = chart.escrow(payment.order_ref, buyer=payment.payer)
    _set_aside(refund, source, steps, actor=actor, now=now)
    _record(refund, "promised", actor=actor, now=now)
    if payment.method == PaymentMethod.WALLET:
        # The wallet is in our own books: nobody has to be asked.
        succeeded(refund, ref=refund.public_id, now=now, actor=actor)
    return refund


def _set_aside(
    refund: Refund, source: str, before: list[Entry], *, actor: str, now: datetime
) -> None:
    chart = Chart(currency=refund.currency, actor=actor, now=now)
    hold = Authorise(debit=source, credit=_paid_from(refund, chart), amount=refund.amount)
    books.post(
        Posting(
            scope=SCOPE,
            key=_key(refund),
            kind="payments.refund.promised",
            transfers=[hold, *before],
            subject=f"order:{refund.order_ref}",
        ),
        actor=actor,
        now=now,
    )
    if refund.payment.method == PaymentMethod.CARD:
        outbox.emit(topic=TOPIC, key=_key(refund), payload={"refund": refund.public_id})


def _paid_from(refund: Refund, chart: Chart) -> str:
    """The account that the payment came from and the refund goes back to."""
    payment = refund.payment
    if payment.method == PaymentMethod.WALLET:
        return chart.wallet(payment.payer)
    return chart.clearing(payment.provider)


def _key(refund: Refund) -> str:
    return f"{refund.public_id}:{refund.attempt}"


def _hold_id(refund: Refund) -> UUID:
    return transfer_id(scope=SCOPE, key=_key(refund))


@dataclass(frozen=True)
class Answer:
    """What the provider said to one attempt; `refused` is the code of a definite no."""

    told: ProviderRefund | None
    refused: str = ""


def ask(lease: Lease) -> Answer:
    """Have the provider give the money back. Asked again with the same key, it gives it once."""
    refund = Refund.objects.select_related("payment").get(public_id=lease.payload["refund"])
    try:
        return Answer(
            provider().refund(
                refund.payment.charge_ref,
                refund_id=refund.public_id,
                amount=refund.amount,
                key=lease.idempotency_key,
            )
        )
    except ProviderRefused as error:
        return Answer(None, error.code)


def record_answer(lease: Lease, answer: Answer) -> None:
    """Write down what the provider said, when no message has said it before."""
    refund = acts.locked(lease.payload["refund"])
    now = timezone.now()
    if lease.key != _key(refund):
        return
    if answer.told is None:
        failed(refund, ref="", failure=answer.refused, now=now)
    else:
        apply(answer.told, refund, now=now)


def apply(told: ProviderRefund, refund: Refund, *, now: datetime) -> str:
    """Bring a locked refund up to what the provider says; say what was done."""
    if refund.provider_ref and refund.provider_ref != told.ref:
        return ""  # news of an attempt that is over
    if told.status is MoneyStatus.DONE and refund.state == RefundState.PROMISED:
        succeeded(refund, ref=told.ref, now=now)
        return "refunded"
    if told.status is MoneyStatus.FAILED and refund.state != RefundState.FAILED:
        if refund.state == RefundState.PROMISED:
            # It left and came back before we heard of either: the books show both.
            succeeded(refund, ref=told.ref, now=now)
        failed(refund, ref=told.ref, failure=told.failure or "failed", now=now)
        return "refund failed"
    return ""


def succeeded(refund: Refund, *, ref: str, now: datetime, actor: str = SETTLEMENT) -> None:
    """The buyer has the money."""
    acts.succeed(refund=refund, ref=ref, now=now)
    books.post(
        Posting(
            scope=SCOPE,
            key=f"{_key(refund)}:given",
            kind="payments.refund.given",
            transfers=[Capture(pending=_hold_id(refund), amount=refund.amount)],
            subject=f"order:{refund.order_ref}",
            refs=[
                ExternalFact(
                    psp=refund.payment.provider, object_type="refund", object_id=ref, kind="refund"
                )
            ],
        ),
        actor=actor,
        now=now,
    )
    _record(refund, "given", actor=actor, now=now)


def failed(refund: Refund, *, ref: str, failure: str, now: datetime) -> None:
    """The money stays, or is back, where it was set aside; somebody has to look into it."""
    was_given = refund.state == RefundState.SUCCEEDED
    acts.fail(refund=refund, ref=ref, failure=failure, now=now)
    chart = Chart(currency=refund.currency, actor=SETTLEMENT, now=now)
    entry: Entry = Void(pending=_hold_id(refund))
    facts: list[ExternalFact] = []
    if was_given:
        entry = Move(
            debit=_paid_from(refund, chart),
            credit=_source(refund, chart),
            amount=refund.amount,
        )
        facts = [
            ExternalFact(
                psp=refund.payment.provider,
                object_type="refund",
                object_id=ref,
                kind="refund_failure",
            )
        ]
    books.post(
        Posting(
            scope=SCOPE,
            key=f"{_key(refund)}:failed",
            kind="payments.refund.failed",
            transfers=[entry],
            subject=f"order:{refund.order_ref}",
            refs=facts,
        ),
        actor=SETTLEMENT,
        now=now,
    )
    differences.open_difference(
        kind=DifferenceKind.REFUND_FAILED,
        subject=refund.public_id,
        amount=refund.amount,
        detail=failure,
        now=now,
    )
    _record(refund, "failed", actor=SETTLEMENT, now=now)


def _source(refund: Refund, chart: Chart) -> str:
    """Where the refund was set aside: its own account after the release, the order's before."""
    if Settlement.objects.filter(
        order_ref=refund.order_ref, settled_at__lte=refund.created_at
    ).exists():
        return chart.refund(refund.public_id)
    return chart.escrow(refund.order_ref, buyer=refund.payment.payer)


@transaction.atomic
def ask_again(*, actor: Actor, refund_id: str, now: datetime) -> Refund:
    """As an operator, try a refund that failed once more."""
    policy.require(actor, Permission.PAYMENTS_RUN)
    refund = acts.locked(refund_id)
    acts.ask_again(refund=refund)
    refund.provider_ref = ""
    refund.save(update_fields=["provider_ref"])
    chart = Chart(currency=refund.currency, actor=actor.name, now=now)
    _set_aside(refund, _source(refund, chart), [], actor=actor.name, now=now)
    differences.close_about(
        kind=DifferenceKind.REFUND_FAILED,
        subject=refund.public_id,
        explanation=_("The refund was tried again."),
        actor=actor.name,
        now=now,
    )
    _record(refund, "retried", actor=actor.name, now=now)
    return refund


@transaction.atomic
def sent_by_bank(*, actor: Actor, refund_id: str, bank_ref: str, now: datetime) -> Refund:
    """As an operator, note that the refund of a bank transfer was sent, under the bank's reference."""
    policy.require(actor, Permission.PAYMENTS_RUN)
    refund = acts.locked(refund_id)
    if refund.payment.method != PaymentMethod.BANK_TRANSFER:
        raise WrongPaymentMethod(_("The provider gives this refund itself."))
    succeeded(refund, ref=check_bank_ref(bank_ref), now=now, actor=actor.name)
    return refund


def check_bank_ref(bank_ref: str) -> str:
    """The bank's reference without surrounding space. Raises BankReferenceMissing."""
    bank_ref = bank_ref.strip()
    if not 0 < len(bank_ref) <= BANK_REF_CHARS_MAX or not bank_ref.isprintable():
        raise BankReferenceMissing(
            _("Give the bank's reference of the transfer that you sent."),
            limit=BANK_REF_CHARS_MAX,
        )
    return bank_ref


def locked_payment(order_ref: str) -> Payment | None:
    """The order's received payment, locked."""
    found = Payment.objects.filter(order_ref=order_ref, received_at__isnull=False).first()
    return payment_acts.locked(found.public_id) if found else None


def _record(refund: Refund, event: str, *, actor: str, now: datetime) -> None:
    log.record(
        event=f"payments.refund.{event}",
        actor=actor,
        subject=f"refund:{refund.public_id}",
        facts={
            "order": refund.order_ref,
            "payment": refund.payment.public_id,
            "amount_minor": str(refund.amount_minor),
            "currency": refund.currency,
            "attempt": refund.attempt,
        },
        at=now,
    )
