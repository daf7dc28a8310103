"""Money that comes by bank: entered by two of the exchange's finance, matched to payments, the rest sent back.

Whatever arrives is in the books at once, on an account of its own, and leaves it only for a payment,
into a wallet, or back to the payer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from exchange.core.lifecycle import Change, Doer
from exchange.core.use_case import use_case
from exchange.ledger import books, months
from exchange.ledger.entries import EntryRequest, ExternalFact, Posting
from exchange.members.actors import Actor
from exchange.members.permissions import Permission
from exchange.orders.lifecycle import PaymentMethod
from exchange.payments import chart, collection, parties, reconciliation, wallet_payments
from exchange.payments.chart import BANK, Chart
from exchange.payments.errors import (
    IncomingTransferKnown,
    IncomingTransferRefused,
    MatchRefused,
)
from exchange.payments.lifecycle import (
    INCOMING,
    DifferenceKind,
    IncomingState,
    IncomingTransition,
    MatchOutcome,
    PaymentState,
)
from exchange.payments.models import IncomingTransfer, Payment
from exchange.payments.models.bank import BANK_REF_CHARS_MAX, TEXT_CHARS_MAX
from exchange.payments.refunds import checked_bank_ref
from pricing.money import Money

SCOPE = "payments.bank"


@dataclass(frozen=True)
class BankLine:
    """One line of the bank's statement; `amount` is above zero, and went out where `is_out`. `payer_name` is
    then who got it."""

    bank_ref: str
    received_on: date
    amount: Money
    payer_name: str = ""
    text: str = ""
    is_out: bool = False


@use_case(Permission.PAYMENTS_RUN)
def enter(line: BankLine, *, actor: Actor, now: datetime) -> tuple[IncomingTransfer, bool]:
    """Write a line of the bank's statement into the books, and match it when its text names a payment
    or a wallet; say whether it is new.

    The same line again changes nothing. Raises IncomingTransferRefused, and IncomingTransferKnown
    when the bank's reference stands for another amount or day.
    """
    transfer, is_new = _keep(line, actor=actor, now=now)
    if not is_new:
        return transfer, False
    references = parties.references_in(transfer.text)
    wallet = wallet_payments.wallet_named(transfer, references)
    payment = _named_payment(transfer, references)
    waiting = []  # what the line may pay is locked before accounts are
    if wallet is not None:
        waiting = wallet_payments.lock_waiting(wallet)
    elif payment is not None:
        payment = collection.lock_with_order(payment)
        payment = payment if payment.state == PaymentState.WAITING else None
    accounts = Chart(currency=transfer.currency, actor=actor, now=now)
    _post(
        transfer,
        "arrived",
        EntryRequest(
            debit=accounts.clearing(BANK),
            credit=accounts.incoming(transfer.public_id),
            amount=transfer.amount,
        ),
        bank_ref=transfer.bank_ref,
        fact="incoming",
        actor=actor,
        now=now,
    )
    if wallet is not None:
        wallet_payments.fill(transfer, wallet=wallet, waiting=waiting, actor=actor, now=now)
    elif payment is None:
        _note_unknown(transfer, now=now)
    else:
        match(transfer.public_id, payment_id=payment.public_id, actor=actor, now=now)
        transfer.refresh_from_db()
    return transfer, True


def checked(line: BankLine, *, now: datetime) -> BankLine:
    """The line as it is kept. Raises IncomingTransferRefused for a reference or an amount that is none,
    and for a day that has not come."""
    ref = line.bank_ref.strip()
    if not 0 < len(ref) <= BANK_REF_CHARS_MAX or not ref.isprintable():
        raise IncomingTransferRefused(
            _("The bank's reference has 1 to %(limit)d characters.")
            % {"limit": BANK_REF_CHARS_MAX},
            limit=BANK_REF_CHARS_MAX,
        )
    if line.amount.minor <= 0:
        raise IncomingTransferRefused(_("The amount must be above zero."), bank_ref=ref)
    # The bank may be ahead of the exchange's zone by less than a day.
    if line.received_on > timezone.localtime(now).date() + timedelta(days=1):
        raise IncomingTransferRefused(
            _("The day %(day)s has not come yet.") % {"day": line.received_on.isoformat()},
            bank_ref=ref,
        )
    return replace(
        line,
        bank_ref=ref,
        payer_name=line.payer_name.strip()[:TEXT_CHARS_MAX],
        text=line.text.strip()[:TEXT_CHARS_MAX],
    )


def check_months_open(lines: Sequence[BankLine]) -> None:
    """Raise IncomingTransferRefused where a line is of a month of the books that is closed."""
    closed = months.closed_months_of(line.received_on for line in lines)
    for line in lines:
        month = closed.get(line.received_on.replace(day=1))
        if month is not None:
            raise IncomingTransferRefused(
                _("The month %(month)s of the books is closed.") % {"month": str(month)},
                bank_ref=line.bank_ref,
            )


def _keep(line: BankLine, *, actor: Doer, now: datetime) -> tuple[IncomingTransfer, bool]:
    line = checked(line, now=now)
    check_months_open([line])
    known = known_as(line)
    if known is not None:
        return known, False
    transfer = IncomingTransfer(
        bank_ref=line.bank_ref,
        received_on=line.received_on,
        currency=line.amount.currency,
        amount_minor=line.amount.minor,
        payer_name=line.payer_name,
        text=line.text,
        entered_by=actor.name,
        entered_at=now,
    )
    return INCOMING.transition(transfer, IncomingTransition.ENTER, actor=actor, now=now), True


def known_as(line: BankLine) -> IncomingTransfer | None:
    """The transfer that the line was entered as before. Raises IncomingTransferKnown where the bank's
    reference stands for another amount or day."""
    known = IncomingTransfer.objects.filter(bank_ref=line.bank_ref).first()
    if known and (known.amount != line.amount or known.received_on != line.received_on):
        raise IncomingTransferKnown(
            _("The bank's reference %(ref)s is known with another amount or day.")
            % {"ref": known.bank_ref},
            bank_ref=known.bank_ref,
            amount_minor=known.amount_minor,
            received_on=known.received_on.isoformat(),
        )
    return known


def _named_payment(transfer: IncomingTransfer, references: list[str]) -> Payment | None:
    """The open payment whose reference stands in the transfer's text."""
    payments = Payment.objects.filter(
        method=PaymentMethod.BANK_TRANSFER,
        state=PaymentState.WAITING,
        currency=transfer.currency,
        reference__in=references,
    )
    return payments[0] if len(payments) == 1 else None


def _note_unknown(transfer: IncomingTransfer, *, now: datetime) -> None:
    """Nobody knows what it is for, yet."""
    transfer.outcome = MatchOutcome.UNKNOWN
    transfer.save(update_fields=["outcome"])
    reconciliation.open_difference(
        kind=DifferenceKind.UNKNOWN_TRANSFER,
        subject=transfer.public_id,
        amount=transfer.amount,
        detail=f"{transfer.payer_name} · {transfer.text}",
        now=now,
    )


@use_case(Permission.PAYMENTS_RUN)
def match(transfer_id: str, *, payment_id: str, actor: Actor, now: datetime) -> MatchOutcome:
    """Use a transfer for a payment. When all has arrived the order goes on; too little waits for the
    rest; too much leaves a difference that is sent back. Raises MatchRefused.
    """
    payment = collection.lock_with_order(payment_to_match(payment_id))
    transfer = INCOMING.lock(transfer_id)
    check_match(transfer, payment)
    collection.matched_transfers(payment)  # before what is known about any of them
    arrived = arrived_for(payment) + transfer.amount
    if arrived == payment.amount:
        outcome = MatchOutcome.EXACT
    else:
        outcome = MatchOutcome.TOO_LITTLE if arrived < payment.amount else MatchOutcome.TOO_MUCH
    transfer.outcome, transfer.payment = outcome, payment
    transfer.matched_by, transfer.matched_at = actor.name, now
    INCOMING.transition(
        transfer, IncomingTransition.MATCH, actor=actor, now=now,
        save=("outcome", "payment", "matched_by", "matched_at"),
        facts={"payment": payment_id, "outcome": str(outcome)},
    )  # fmt: skip
    reconciliation.close_about(
        kind=DifferenceKind.UNKNOWN_TRANSFER,
        subject=transfer.public_id,
        explanation=_("Matched to the payment %(reference)s.") % {"reference": payment.reference},
        actor=actor,
        now=now,
    )
    if outcome is not MatchOutcome.TOO_LITTLE:
        _use(payment, actor=actor, now=now)
        collection.receive(payment, actor=actor, now=now)
    return outcome


def payment_to_match(payment_id: str) -> Payment:
    """Raises MatchRefused where there is none."""
    known = Payment.objects.filter(public_id=payment_id).first()
    if known is None:
        raise MatchRefused(_("There is no such payment."), payment=payment_id)
    return known


def check_match(transfer: IncomingTransfer, payment: Payment) -> None:
    """Raise MatchRefused, or IllegalTransition, unless the transfer can be used for the payment."""
    if payment.method != PaymentMethod.BANK_TRANSFER or payment.state != PaymentState.WAITING:
        raise MatchRefused(
            _("This payment does not wait for a bank transfer."),
            method=str(payment.method),
            state=str(payment.state),
        )
    if payment.currency != transfer.currency:
        raise MatchRefused(
            _("The payment is in %(expected)s, the transfer in %(given)s.")
            % {"expected": payment.currency, "given": transfer.currency},
            expected=payment.currency,
            given=transfer.currency,
        )
    INCOMING.check(transfer, IncomingTransition.MATCH)


def arrived_for(payment: Payment) -> Money:
    """What was matched to the payment so far."""
    total = payment.incoming.aggregate(total=Sum("amount_minor"))["total"] or 0
    return Money(total, payment.currency)


def _use(payment: Payment, *, actor: Doer, now: datetime) -> None:
    """EntryRequest what the payment asks for to the order's account; what is beyond stays where it arrived."""
    accounts = Chart(currency=payment.currency, actor=actor, now=now)
    escrow = accounts.escrow(payment.order)
    missing, moves = payment.amount, []
    for transfer in collection.matched_transfers(payment):
        part = min(missing, transfer.amount)
        missing -= part
        if part.minor:
            source = accounts.incoming(transfer.public_id)
            moves.append(EntryRequest(debit=source, credit=escrow, amount=part))
        INCOMING.transition(transfer, IncomingTransition.USE, actor=actor, now=now)
        _note_rest(transfer, transfer.amount - part, now=now)
    accounts.post(
        Posting(
            scope=SCOPE,
            key=f"{payment.public_id}:used",
            kind="payments.payment.received",
            transfers=moves,
            subject=f"order:{payment.order.public_id}",
        )
    )


def _note_rest(transfer: IncomingTransfer, rest: Money, *, now: datetime) -> None:
    if rest.minor:
        reconciliation.open_difference(
            kind=DifferenceKind.OVERPAID,
            subject=transfer.public_id,
            amount=rest,
            detail=transfer.payer_name,
            now=now,
        )


@use_case(Permission.PAYMENTS_RUN, locks=INCOMING)
def send_back(transfer: IncomingTransfer, *, actor: Actor, bank_ref: str, now: datetime) -> Money:
    """Note that what is left of a transfer was sent back, under the bank's reference; say how much."""
    rest = rest_of(transfer)
    sent = checked_bank_ref(bank_ref)
    is_whole = transfer.state == IncomingState.NEW
    if transfer.outcome == MatchOutcome.TOO_MUCH:
        transfer.outcome = MatchOutcome.RETURNED
    for kind in (DifferenceKind.OVERPAID, DifferenceKind.UNKNOWN_TRANSFER):
        reconciliation.close_about(
            kind=kind,
            subject=transfer.public_id,
            explanation=_("Sent back as %(reference)s.") % {"reference": sent},
            actor=actor,
            now=now,
        )
    reconciliation.agree_with_bank(sent, rest, actor=actor, now=now)
    INCOMING.transition(
        transfer,
        IncomingTransition.RETURN if is_whole else IncomingTransition.RETURN_REST,
        actor=actor,
        now=now,
        save=("outcome",),
        facts={"bank_ref": sent},
    )
    accounts = Chart(currency=transfer.currency, actor=actor, now=now)
    _post(
        transfer,
        "returned",
        EntryRequest(
            debit=accounts.incoming(transfer.public_id),
            credit=accounts.clearing(BANK),
            amount=rest,
        ),
        bank_ref=sent,
        fact="returned",
        actor=actor,
        now=now,
    )
    return rest


def rest_of(transfer: IncomingTransfer) -> Money:
    """What can be sent back of it. Raises MatchRefused where that is nothing."""
    rest = unused_of(transfer)
    if transfer.state == IncomingState.MATCHED or not rest.minor:
        raise MatchRefused(_("Nothing of this transfer can be sent back."), rest_minor=rest.minor)
    return rest


def unused_of(transfer: IncomingTransfer) -> Money:
    """What no payment has used of it."""
    return books.balance(chart.incoming(transfer.public_id), transfer.currency)


def _post(
    transfer: IncomingTransfer,
    step: str,
    move: EntryRequest,
    *,
    bank_ref: str,
    fact: str,
    actor: Doer,
    now: datetime,
) -> None:
    """Book one line of the bank's statement."""
    books.post(
        Posting(
            scope=SCOPE,
            key=f"{transfer.public_id}:{step}",
            kind=f"payments.bank.{step}",
            transfers=[move],
            refs=[
                ExternalFact(psp=BANK, object_type="statement_line", object_id=bank_ref, kind=fact)
            ],
            subject=f"transfer:{transfer.public_id}",
        ),
        actor=actor.name,
        now=now,
    )


def _facts(transfer: IncomingTransfer, _change: Change) -> dict[str, str]:
    return {"amount_minor": str(transfer.amount_minor), "currency": transfer.currency}


INCOMING.record_facts = _facts
