"""Money back to the buyer: promised with the books, given by the provider or the bank, recorded."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from exchange.core import clock, outbox
from exchange.core.lifecycle import Change, Doer
from exchange.core.outbox import Lease
from exchange.core.refusals import NotFound
from exchange.core.use_case import use_case
from exchange.ledger import holds
from exchange.ledger.entries import EntryRequest, ExternalFact, Posting, transfer_id
from exchange.ledger.models import ExternalRef
from exchange.members.actors import Actor, system_actor
from exchange.members.permissions import Permission
from exchange.orders.lifecycle import PaymentMethod
from exchange.payments import reconciliation, set_offs
from exchange.payments.allocation import RefundAllocation
from exchange.payments.chart import Chart
from exchange.payments.collection import WALLET
from exchange.payments.errors import BankReferenceMissing, NothingRefundable, WrongPaymentMethod
from exchange.payments.gateway.port import MoneyStatus, ProviderRefund, ProviderRefused
from exchange.payments.gateway.providers import provider
from exchange.payments.lifecycle import (
    PAYMENT,
    REFUND,
    Bearer,
    DifferenceKind,
    RefundState,
    RefundTransition,
)
from exchange.payments.models import Chargeback, Payment, Refund
from exchange.payments.models.bank import BANK_REF_CHARS_MAX
from exchange.payments.models.payments import REASON_CHARS_MAX
from pricing.money import Money

SCOPE = "payments.refund"
TOPIC = "payments.refund.promised"
PROVIDER = system_actor("payments")
UNFAILED = frozenset({RefundState.PROMISED, RefundState.SUCCEEDED})

Source = tuple[str, Money]  # an account of the books, and how much it gives


@use_case()
def promise(
    payment: Payment,
    *,
    amount: Money,
    reason: str,
    actor: Doer,
    now: datetime,
    allocation: RefundAllocation | None = None,
    bearer: Bearer = Bearer.SELLER,
    taken_from: Sequence[Source] = (),
    made_as: str = "",
    tells_buyer: bool = False,
    to_wallet: bool = False,
) -> Refund:
    """Promise money back on a locked payment and set it aside in the books.

    `taken_from` says which accounts give how much; they sum to the amount. Where it names none, all of it
    is set aside from what is held for the order. The provider is asked for it, unless it made it already,
    as `made_as`, or it goes into the payer's wallet. The buyer is told where nothing else does, as
    `tells_buyer` says. Raises NothingRefundable.
    """
    left = payment.refundable
    if not 0 < amount.minor <= left.minor:
        raise NothingRefundable(
            _("At most %(amount)s can be refunded.") % {"amount": left},
            refundable_minor=left.minor,
            currency=left.currency,
        )
    # The database refuses more than was received.
    Payment.objects.filter(pk=payment.pk).update(refunded_minor=F("refunded_minor") + amount.minor)
    payment.refresh_from_db(fields=["refunded_minor"])
    refund = Refund(
        payment=payment,
        currency=amount.currency,
        amount_minor=amount.minor,
        reason=reason[:REASON_CHARS_MAX],
        bearer=bearer,
        to_wallet=to_wallet,
        by=actor.name,
        created_at=now,
        **_columns(allocation),
    )
    accounts = Chart(currency=refund.currency, actor=actor, now=now)
    refund.source = (
        accounts.refund(refund.public_id) if taken_from else accounts.escrow(payment.order)
    )
    REFUND.transition(refund, RefundTransition.PROMISE, actor=actor, now=now, notify=tells_buyer)
    moves = [
        EntryRequest(debit=code, credit=refund.source, amount=part) for code, part in taken_from
    ]
    _set_aside(refund, moves, actor=actor, now=now)
    if made_as:
        _give(refund, ref=made_as, actor=actor, now=now)
    elif _is_into_wallet(refund):
        # The wallet is in our own books: nobody has to be asked.
        _give(refund, ref=refund.public_id, actor=actor, now=now)
    elif payment.method == PaymentMethod.CARD:
        _ask(refund)
    return refund


def _columns(allocation: RefundAllocation | None) -> dict[str, Any]:
    """The allocation as it stands on a refund; none of an order that ended before it began."""
    if allocation is None:
        return {}
    return {
        "exchange_minor": allocation.exchange.minor,
        "tax_minor": allocation.tax.minor,
        "fee_minor": allocation.fee.minor,
        "fee_tax_minor": allocation.fee_tax.minor,
        "shares_minor": [part.minor for part in allocation.shares],
    }


def allocation_of(refund: Refund | Chargeback, *, shares_count: int) -> RefundAllocation:
    """What each part gave of a refund, with a share for each of the order's parties."""
    shares = refund.shares_minor or [0] * shares_count
    return RefundAllocation(
        refund.exchange,
        Money(refund.tax_minor, refund.currency),
        Money(refund.fee_minor, refund.currency),
        Money(refund.fee_tax_minor, refund.currency),
        tuple(Money(part, refund.currency) for part in shares),
    )


def _set_aside(
    refund: Refund, moves: Sequence[EntryRequest], *, actor: Doer, now: datetime
) -> None:
    accounts = Chart(currency=refund.currency, actor=actor, now=now)
    holds.authorise(
        replace(_named(refund, "promised"), key=_key(refund), transfers=moves),
        debit=refund.source,
        credit=_paid_from(refund, accounts),
        amount=refund.to_give,
        actor=actor.name,
        now=now,
    )


def _ask(refund: Refund) -> None:
    outbox.emit(topic=TOPIC, key=_key(refund), payload={"refund": refund.public_id})


def _paid_from(refund: Refund, accounts: Chart) -> str:
    """The account that the refund goes to: that which the payment came from, or the payer's wallet."""
    payment = refund.payment
    if _is_into_wallet(refund):
        return accounts.wallet(payment.payer)
    return accounts.clearing(payment.provider)


def _is_into_wallet(refund: Refund) -> bool:
    return refund.to_wallet or refund.payment.method == PaymentMethod.WALLET


def _key(refund: Refund) -> str:
    return f"{refund.public_id}:{refund.attempt}"


def _hold_id(refund: Refund) -> UUID:
    return transfer_id(scope=SCOPE, key=_key(refund))


def _named(refund: Refund, step: str) -> Posting:
    return Posting(
        scope=SCOPE,
        key=f"{_key(refund)}:{step}",
        kind=f"payments.refund.{step}",
        subject=f"order:{refund.payment.order.public_id}",
    )


def lock(refund_id: str) -> Refund:
    """The refund, locked after its payment. Raises NotFound."""
    known = Refund.objects.filter(public_id=refund_id).select_related("payment").first()
    if known is None:
        raise NotFound(_("There is no such refund."))
    payment = PAYMENT.lock_again(known.payment)
    refund = REFUND.lock_again(known)
    refund.payment = payment
    return refund


@dataclass(frozen=True)
class Answer:
    """What the provider said to one attempt; `refused` is the code of a definite no."""

    told: ProviderRefund | None
    refused: str = ""


def ask_provider(lease: Lease) -> Answer:
    """Have the provider give the money back. Asked again with the same key, it gives it once."""
    refund = Refund.objects.select_related("payment").get(public_id=lease.payload["refund"])
    try:
        return Answer(
            provider().refund(
                refund.payment.charge_ref,
                refund_id=refund.public_id,
                amount=refund.to_give,
                key=lease.idempotency_key,
            )
        )
    except ProviderRefused as error:
        return Answer(None, error.code)


@use_case()
def note_answer(lease: Lease, answer: Answer) -> None:
    """Write down what the provider said, when no message has said it before."""
    refund = lock(lease.payload["refund"])
    now = clock.now()
    if lease.key != _key(refund):
        return
    if answer.told is None:
        _fail(refund, ref="", failure=answer.refused, now=now)
    else:
        apply(answer.told, now=now)


def known_as(told: ProviderRefund) -> str:
    """Our id of the provider's refund, which we asked for or have booked; empty for one that is neither."""
    asked = Refund.objects.filter(public_id=told.refund_id)
    booked = Refund.objects.filter(provider_ref=told.ref, payment__method=PaymentMethod.CARD)
    found = asked.first() or booked.first()
    return found.public_id if found else ""


@use_case()
def apply(told: ProviderRefund, *, now: datetime) -> str:
    """Bring a refund up to what the provider says of it; say what was done."""
    refund = lock(known_as(told))
    if _is_of_an_earlier_attempt(told, refund):
        return ""
    if told.status is MoneyStatus.DONE and refund.state == RefundState.PROMISED:
        _give(refund, ref=told.ref, actor=PROVIDER, now=now)
        return "refunded"
    if told.status is MoneyStatus.FAILED and refund.state in UNFAILED:
        if refund.state == RefundState.PROMISED:
            # It left and came back before we heard of either: the books show both.
            _give(refund, ref=told.ref, actor=PROVIDER, now=now)
        _fail(refund, ref=told.ref, failure=told.failure or "failed", now=now)
        return "refund failed"
    return ""


def _is_of_an_earlier_attempt(told: ProviderRefund, refund: Refund) -> bool:
    """Whether the news is of an attempt that is over: another one is under way, or what this one moved is
    in the books and it was tried again since."""
    if refund.provider_ref:
        return refund.provider_ref != told.ref
    given = ExternalRef.objects.filter(
        psp=refund.payment.provider, object_id=told.ref, kind="refund"
    )
    return refund.attempt > 1 and given.exists()


def _give(refund: Refund, *, ref: str, actor: Doer, now: datetime) -> None:
    """The buyer has the money."""
    refund.provider_ref, refund.decided_at = ref, now
    REFUND.transition(
        refund, RefundTransition.GIVE, actor=actor, now=now, save=("provider_ref", "decided_at")
    )
    psp = WALLET if _is_into_wallet(refund) else refund.payment.provider
    fact = ExternalFact(psp=psp, object_type="refund", object_id=ref, kind="refund")
    holds.capture(
        replace(_named(refund, "given"), refs=[fact]),
        hold=_hold_id(refund),
        amount=refund.to_give,
        actor=actor.name,
        now=now,
    )


def _fail(refund: Refund, *, ref: str, failure: str, now: datetime) -> None:
    """The money stays, or is back, where it was set aside. Somebody has to look into it, unless the payer has had
    it by a chargeback."""
    was_given, given = refund.state == RefundState.SUCCEEDED, refund.to_give
    refund.provider_ref, refund.failure = ref or refund.provider_ref, failure[:60]
    refund.decided_at = now
    REFUND.transition(
        refund, RefundTransition.FAIL, actor=PROVIDER, now=now,
        save=("provider_ref", "failure", "decided_at"),
    )  # fmt: skip
    # Chargebacks and differences are locked before accounts.
    set_off = set_offs.after_failure(refund, now=now)
    set_offs.note_difference(refund, now=now)
    accounts = Chart(currency=refund.currency, actor=PROVIDER, now=now)
    named = _named(refund, "failed")
    if was_given:
        back = EntryRequest(debit=_paid_from(refund, accounts), credit=refund.source, amount=given)
        fact = ExternalFact(
            psp=refund.payment.provider,
            object_type="refund",
            object_id=ref,
            kind="refund_failure",
        )
        accounts.post(replace(named, transfers=[back], refs=[fact]))
    else:
        holds.void(named, holds=[_hold_id(refund)], actor=PROVIDER.name, now=now)
    if set_off.minor:
        made_good = EntryRequest(debit=refund.source, credit=accounts.bad_debt(), amount=set_off)
        accounts.post(replace(_named(refund, "set_off"), transfers=[made_good]))


@use_case(Permission.PAYMENTS_RUN)
def retry(refund_id: str, *, actor: Actor, now: datetime) -> Refund:
    """As the exchange's finance, try a refund that failed once more, as another attempt. Raises
    IllegalTransition and RefundAwaitsBank."""
    refund = lock(refund_id)
    check_retry(refund)
    refund.decided_at, refund.failure, refund.provider_ref = None, "", ""
    refund.attempt += 1
    REFUND.transition(
        refund, RefundTransition.RETRY, actor=actor, now=now,
        save=("decided_at", "failure", "provider_ref", "attempt"),
    )  # fmt: skip
    # Differences are locked before accounts.
    reconciliation.close_about(
        kind=DifferenceKind.REFUND_FAILED,
        subject=refund.public_id,
        explanation=_("The refund was tried again."),
        actor=actor,
        now=now,
    )
    _set_aside(refund, [], actor=actor, now=now)
    if refund.payment.method == PaymentMethod.CARD:
        _ask(refund)
    return refund


def check_retry(refund: Refund) -> None:
    """Raise IllegalTransition or RefundAwaitsBank unless the refund can be tried again."""
    REFUND.check(refund, RefundTransition.RETRY)
    set_offs.check_not_taken(refund.payment)


@use_case(Permission.PAYMENTS_RUN)
def note_sent_by_bank(refund_id: str, *, actor: Actor, bank_ref: str, now: datetime) -> Refund:
    """As the exchange's finance, note that the refund of a bank transfer was sent, under the bank's reference."""
    refund = lock(refund_id)
    check_sent_by_bank(refund)
    sent = checked_bank_ref(bank_ref)
    reconciliation.agree_with_bank(sent, refund.to_give, actor=actor, now=now)
    _give(refund, ref=sent, actor=actor, now=now)
    return refund


def to_send_by_bank() -> QuerySet[Refund]:
    """The refunds that somebody has to send from the exchange's own bank account."""
    promised = Refund.objects.filter(state=RefundState.PROMISED, to_wallet=False)
    return promised.filter(payment__method=PaymentMethod.BANK_TRANSFER).order_by("pk")


def check_sent_by_bank(refund: Refund) -> None:
    """Raise WrongPaymentMethod, or IllegalTransition, unless the refund is one to be sent by bank."""
    if refund.payment.method != PaymentMethod.BANK_TRANSFER:
        raise WrongPaymentMethod(_("The provider gives this refund itself."))
    REFUND.check(refund, RefundTransition.GIVE)


def checked_bank_ref(bank_ref: str) -> str:
    """The bank's reference without surrounding space. Raises BankReferenceMissing."""
    bank_ref = bank_ref.strip()
    if not 0 < len(bank_ref) <= BANK_REF_CHARS_MAX or not bank_ref.isprintable():
        raise BankReferenceMissing(
            _("Give the bank's reference of the transfer that you sent."),
            limit=BANK_REF_CHARS_MAX,
        )
    return bank_ref


def _facts(refund: Refund, _change: Change) -> dict[str, object]:
    return {
        "order": refund.payment.order.public_id,
        "payment": refund.payment.public_id,
        "amount_minor": str(refund.amount_minor),
        "currency": refund.currency,
        "attempt": refund.attempt,
    }


REFUND.record_facts = _facts
