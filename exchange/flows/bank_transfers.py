"""Money that comes by bank: entered by operators, matched to payments, the rest sent back.

Whatever arrives is in the books at once, on an account of its own, and leaves it only for a payment
or back to the payer.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from exchange.audit.actions import log
from exchange.flows import money_in, payments
from exchange.flows.refunds import check_bank_ref
from exchange.flows.settlement_books import Chart, balance
from exchange.flows.wallet_top_ups import fill, wallet_named
from exchange.ledger import books
from exchange.ledger.entries import ExternalFact, Move, Posting
from exchange.members import policy
from exchange.members.actors import Actor
from exchange.members.permissions import Permission
from exchange.orders.lifecycle import ORDER
from exchange.payments import chart as codes
from exchange.payments.actions import differences, incoming
from exchange.payments.actions import payments as payment_acts
from exchange.payments.actions.incoming import BankLine
from exchange.payments.errors import MatchRefused
from exchange.payments.models import IncomingTransfer, Payment
from exchange.payments.states import (
    DifferenceKind,
    IncomingState,
    MatchOutcome,
    PaymentMethod,
    PaymentState,
)
from pricing.money import Money

BANK = payments.BANK
SCOPE = "payments.bank"


@transaction.atomic
def enter(*, actor: Actor, line: BankLine, now: datetime) -> tuple[IncomingTransfer, bool]:
    """Write a line of the bank's statement into the books, and match it when its text names a payment.

    The same line again changes nothing.
    """
    policy.require(actor, Permission.PAYMENTS_RUN)
    transfer, is_new = incoming.enter(line=line, actor=actor.name, now=now)
    if not is_new:
        return transfer, False
    chart = Chart(currency=transfer.currency, actor=actor.name, now=now)
    books.post(
        Posting(
            scope=SCOPE,
            key=f"{transfer.public_id}:arrived",
            kind="payments.bank.arrived",
            transfers=[
                Move(
                    debit=chart.clearing(BANK),
                    credit=chart.incoming(transfer.public_id),
                    amount=transfer.amount,
                )
            ],
            subject=f"transfer:{transfer.public_id}",
            refs=[
                ExternalFact(
                    psp=BANK,
                    object_type="statement_line",
                    object_id=transfer.bank_ref,
                    kind="incoming",
                )
            ],
        ),
        actor=actor.name,
        now=now,
    )
    _record(transfer, "entered", actor=actor.name, now=now)
    wallet = wallet_named(transfer)
    named = _named_payment(transfer)
    if wallet is not None:
        fill(transfer=transfer, wallet=wallet, actor=actor.name, now=now)
    elif named is None:
        _unknown(transfer, now=now)
    else:
        match(actor=actor, transfer_id=transfer.public_id, payment_id=named.public_id, now=now)
        transfer.refresh_from_db()
    return transfer, True


def _named_payment(transfer: IncomingTransfer) -> Payment | None:
    """The open payment whose reference stands in the transfer's text, however it is spaced."""
    found = Payment.objects.filter(
        method=PaymentMethod.BANK_TRANSFER,
        state=PaymentState.WAITING,
        currency=transfer.currency,
        reference__in=incoming.references_in(incoming.bare(transfer.text)),
    )
    return found[0] if len(found) == 1 else None


def _unknown(transfer: IncomingTransfer, *, now: datetime) -> None:
    incoming.note_unknown(transfer=transfer)
    differences.open_difference(
        kind=DifferenceKind.UNKNOWN_TRANSFER,
        subject=transfer.public_id,
        amount=transfer.amount,
        detail=f"{transfer.payer_name} · {transfer.text}",
        now=now,
    )


@transaction.atomic
def match(*, actor: Actor, transfer_id: str, payment_id: str, now: datetime) -> MatchOutcome:
    """Use a transfer for a payment. When all has arrived the order goes on; too little waits for the
    rest; too much leaves a difference that is sent back. Raises MatchRefused.
    """
    policy.require(actor, Permission.PAYMENTS_RUN)
    known = Payment.objects.filter(public_id=payment_id).first()
    if known is None:
        raise MatchRefused(_("There is no such payment."), payment=payment_id)
    order = ORDER.lock(known.order_ref)
    payment = payment_acts.locked(payment_id)
    transfer = incoming.locked(transfer_id)
    outcome = incoming.match(transfer=transfer, payment=payment, actor=actor.name, now=now)
    differences.close_about(
        kind=DifferenceKind.UNKNOWN_TRANSFER,
        subject=transfer.public_id,
        explanation=_("Matched to the payment %(reference)s.") % {"reference": payment.reference},
        actor=actor.name,
        now=now,
    )
    _record(transfer, "matched", actor=actor.name, now=now, payment=payment_id, outcome=outcome)
    if outcome is not MatchOutcome.TOO_LITTLE:
        payment_acts.receive(payment=payment, now=now)
        _use(payment, actor=actor, now=now)
        payments.record(payment, "received", actor=actor.name, now=now)
        money_in.hand_over(payment, order, now=now)
    return outcome


def _use(payment: Payment, *, actor: Actor, now: datetime) -> None:
    """Move what the payment asks for to the order's account; what is beyond stays where it arrived."""
    chart = Chart(currency=payment.currency, actor=actor.name, now=now)
    escrow = chart.escrow(payment.order_ref, buyer=payment.payer)
    missing, steps = payment.amount, []
    for transfer in incoming.matched(payment):
        part = min(missing, transfer.amount)
        missing -= part
        if part.minor:
            source = chart.incoming(transfer.public_id)
            steps.append(Move(debit=source, credit=escrow, amount=part))
        incoming.mark(transfer=transfer, to=IncomingState.USED)
        _note_rest(transfer, transfer.amount - part, now=now)
    books.post(
        Posting(
            scope=SCOPE,
            key=f"{payment.public_id}:used",
            kind="payments.payment.received",
            transfers=steps,
            subject=f"order:{payment.order_ref}",
        ),
        actor=actor.name,
        now=now,
    )


def _note_rest(transfer: IncomingTransfer, rest: Money, *, now: datetime) -> None:
    if rest.minor:
        differences.open_difference(
            kind=DifferenceKind.OVERPAID,
            subject=transfer.public_id,
            amount=rest,
            detail=transfer.payer_name,
            now=now,
        )


@transaction.atomic
def send_back(*, actor: Actor, transfer_id: str, bank_ref: str, now: datetime) -> Money:
    """Note that what is left of a transfer was sent back, under the bank's reference; say how much."""
    policy.require(actor, Permission.PAYMENTS_RUN)
    transfer = incoming.locked(transfer_id)
    rest = balance(codes.incoming(transfer.public_id), transfer.currency)
    if transfer.state == IncomingState.MATCHED or not rest.minor:
        raise MatchRefused(_("Nothing of this transfer can be sent back."), rest_minor=rest.minor)
    sent = check_bank_ref(bank_ref)
    if transfer.state == IncomingState.NEW:
        incoming.mark(transfer=transfer, to=IncomingState.RETURNED)
    chart = Chart(currency=transfer.currency, actor=actor.name, now=now)
    for kind in (DifferenceKind.OVERPAID, DifferenceKind.UNKNOWN_TRANSFER):
        differences.close_about(
            kind=kind,
            subject=transfer.public_id,
            explanation=_("Sent back as %(reference)s.") % {"reference": sent},
            actor=actor.name,
            now=now,
        )
    _record(transfer, "returned", actor=actor.name, now=now, bank_ref=sent)
    books.post(
        Posting(
            scope=SCOPE,
            key=f"{transfer.public_id}:returned",
            kind="payments.bank.returned",
            transfers=[
                Move(
                    debit=chart.incoming(transfer.public_id),
                    credit=chart.clearing(BANK),
                    amount=rest,
                )
            ],
            subject=f"transfer:{transfer.public_id}",
            refs=[
                ExternalFact(
                    psp=BANK, object_type="statement_line", object_id=sent, kind="returned"
                )
            ],
        ),
        actor=actor.name,
        now=now,
    )
    return rest


def _record(
    transfer: IncomingTransfer, event: str, *, actor: str, now: datetime, **facts: str
) -> None:
    log.record(
        event=f"payments.incoming_transfer.{event}",
        actor=actor,
        subject=f"transfer:{transfer.public_id}",
        facts={
            "amount_minor": str(transfer.amount_minor),
            "currency": transfer.currency,
            **facts,
        },
        at=now,
    )
