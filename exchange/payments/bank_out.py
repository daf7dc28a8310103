"""Money that left the exchange's bank account: each line of a statement beside what was noted as sent under
its reference, and a difference where they disagree."""

from datetime import datetime

from django.db.models import Sum

from exchange.core.use_case import use_case
from exchange.ledger.models import ExternalRef
from exchange.members.actors import Actor
from exchange.members.permissions import Permission
from exchange.payments import payout_files, reconciliation
from exchange.payments.bank import BankLine
from exchange.payments.chart import BANK
from exchange.payments.lifecycle import DifferenceKind
from pricing.money import Money


@use_case(Permission.PAYMENTS_RUN)
def hold_against_books(line: BankLine, *, actor: Actor, now: datetime) -> bool:
    """Whether as much was noted as sent under the line's reference; if not, a difference waits for somebody
    to note it or to explain it. The same line again changes nothing."""
    if payout_files.confirm(line, now=now):
        reconciliation.agree_with_bank(line.bank_ref, line.amount, actor=actor, now=now)
        return True
    booked = booked_under(line.bank_ref, line.amount.currency)
    if booked == line.amount:
        reconciliation.agree_with_bank(line.bank_ref, line.amount, actor=actor, now=now)
        return True
    kind = DifferenceKind.AMOUNT_DIFFERS if booked.minor else DifferenceKind.BANK_ONLY
    reconciliation.open_difference(
        kind=kind,
        subject=line.bank_ref,
        amount=booked - line.amount,
        detail=" · ".join(filter(None, (line.payer_name, line.text))),
        now=now,
    )
    return False


def booked_under(bank_ref: str, currency: str) -> Money:
    """What the books show as sent under a reference of the bank; nothing where they know none."""
    refs = ExternalRef.objects.filter(psp=BANK, object_id=bank_ref, transfer__currency=currency)
    sent = refs.exclude(kind="incoming").aggregate(total=Sum("transfer__amount_minor"))["total"]
    return Money(int(sent or 0), currency)
