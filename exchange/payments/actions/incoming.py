"""Money that came by bank: entered, matched, used, sent back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Sum
from django.utils.translation import gettext as _

from exchange.core.moves import check_move
from exchange.core.refusals import NotFound
from exchange.payments.actions.payments import REFERENCE_GROUP_CHARS, REFERENCE_GROUPS
from exchange.payments.errors import (
    IncomingTransferKnown,
    IncomingTransferRefused,
    MatchRefused,
)
from exchange.payments.models import IncomingTransfer, Payment, Wallet
from exchange.payments.models.bank import BANK_REF_CHARS_MAX, TEXT_CHARS_MAX
from exchange.payments.states import (
    INCOMING_MOVES,
    IncomingState,
    MatchOutcome,
    PaymentMethod,
    PaymentState,
)
from pricing.money import Money


@dataclass(frozen=True)
class BankLine:
    """One line of the bank's statement."""

    bank_ref: str
    received_on: date
    amount: Money
    payer_name: str = ""
    text: str = ""


def enter(*, line: BankLine, actor: str, now: datetime) -> tuple[IncomingTransfer, bool]:
    """Keep the line; the same line again is the one kept before, and False.

    Raises IncomingTransferRefused, and IncomingTransferKnown when the bank's reference stands for
    another amount or day.
    """
    ref = line.bank_ref.strip()
    if not 0 < len(ref) <= BANK_REF_CHARS_MAX or not ref.isprintable():
        raise IncomingTransferRefused(
            _("The bank's reference has 1 to %(limit)d characters.")
            % {"limit": BANK_REF_CHARS_MAX},
            limit=BANK_REF_CHARS_MAX,
        )
    if line.amount.minor <= 0:
        raise IncomingTransferRefused(_("The amount must be above zero."), bank_ref=ref)
    transfer, is_new = IncomingTransfer.objects.get_or_create(
        bank_ref=ref,
        defaults={
            "received_on": line.received_on,
            "currency": line.amount.currency,
            "amount_minor": line.amount.minor,
            "payer_name": line.payer_name.strip()[:TEXT_CHARS_MAX],
            "text": line.text.strip()[:TEXT_CHARS_MAX],
            "entered_by": actor,
            "entered_at": now,
        },
    )
    if transfer.amount != line.amount or transfer.received_on != line.received_on:
        raise IncomingTransferKnown(
            _("The bank's reference %(ref)s is known with another amount or day.") % {"ref": ref},
            bank_ref=ref,
            amount_minor=transfer.amount_minor,
            received_on=transfer.received_on.isoformat(),
        )
    return transfer, is_new


def fill(*, transfer: IncomingTransfer, wallet: Wallet) -> None:
    """All of a locked transfer goes into a wallet."""
    check_move(INCOMING_MOVES, IncomingState(transfer.state), IncomingState.FILLED)
    transfer.state, transfer.wallet = IncomingState.FILLED, wallet
    transfer.save(update_fields=["state", "wallet"])


def bare(text: str) -> str:
    """The letters and digits of a text, in capitals: how people space a reference does not matter."""
    return "".join(char for char in text.upper() if char.isalnum())


def references_in(text: str) -> list[str]:
    """Every payment reference that a bare text may hold, as references are written."""
    size = REFERENCE_GROUPS * REFERENCE_GROUP_CHARS
    starts = [at for at in range(len(text)) if text.startswith("AS", at)]
    found = [text[at + 2 : at + 2 + size] for at in starts]
    return [
        "-".join(
            [
                "AS",
                *(
                    code[i : i + REFERENCE_GROUP_CHARS]
                    for i in range(0, size, REFERENCE_GROUP_CHARS)
                ),
            ]
        )
        for code in found
        if len(code) == size
    ]


def locked(transfer_id: str) -> IncomingTransfer:
    """The transfer, locked. Raises NotFound."""
    found = IncomingTransfer.objects.select_for_update(no_key=True).filter(public_id=transfer_id)
    transfer = found.first()
    if transfer is None:
        raise NotFound(_("There is no such transfer."))
    return transfer


def match(
    *, transfer: IncomingTransfer, payment: Payment, actor: str, now: datetime
) -> MatchOutcome:
    """Tie the transfer to a locked payment; say whether with it all has arrived. Raises MatchRefused."""
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
    check_move(INCOMING_MOVES, IncomingState(transfer.state), IncomingState.MATCHED)
    arrived = arrived_for(payment) + transfer.amount
    if arrived == payment.amount:
        outcome = MatchOutcome.EXACT
    else:
        outcome = MatchOutcome.TOO_LITTLE if arrived < payment.amount else MatchOutcome.TOO_MUCH
    transfer.state, transfer.outcome, transfer.payment = IncomingState.MATCHED, outcome, payment
    transfer.matched_by, transfer.matched_at = actor, now
    transfer.save(update_fields=["state", "outcome", "payment", "matched_by", "matched_at"])
    return outcome


def arrived_for(payment: Payment) -> Money:
    """What was matched to the payment so far."""
    total = payment.incoming.aggregate(total=Sum("amount_minor"))["total"] or 0
    return Money(total, payment.currency)


def matched(payment: Payment) -> Sequence[IncomingTransfer]:
    """The payment's transfers that are not used yet, locked, first come first."""
    return list(
        IncomingTransfer.objects.select_for_update(no_key=True)
        .filter(payment=payment, state=IncomingState.MATCHED)
        .order_by("matched_at", "pk")
    )


def mark(*, transfer: IncomingTransfer, to: IncomingState) -> None:
    """Take the step; a transfer that is let go or sent back belongs to no payment."""
    check_move(INCOMING_MOVES, IncomingState(transfer.state), to)
    transfer.state = to
    if to in {IncomingState.NEW, IncomingState.RETURNED}:
        transfer.payment = None
    transfer.save(update_fields=["state", "payment"])


def note_unknown(*, transfer: IncomingTransfer) -> None:
    """Nobody knows what it is for, yet."""
    transfer.outcome = MatchOutcome.UNKNOWN
    transfer.save(update_fields=["outcome"])
