"""Close of a day at the bank: the closing balance of the statement beside the exchange's books at that day's
end, in each currency; a difference of finance where they disagree.

What a statement's line brought counts on the bank's day, whenever it was entered; what left counts on the
day on which it was noted as sent. The newest day of a currency stands for it: once it agrees, what an earlier
one differed by has passed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from exchange.audit import log
from exchange.core.formatting import money_shown
from exchange.core.lifecycle import Doer
from exchange.core.use_case import use_case
from exchange.ledger import books
from exchange.ledger.models import Account, Transfer
from exchange.ledger.models.accounts import Phase
from exchange.members.actors import Actor
from exchange.members.permissions import Permission
from exchange.payments import chart, reconciliation
from exchange.payments.chart import BANK
from exchange.payments.errors import IncomingTransferRefused
from exchange.payments.lifecycle import DifferenceKind
from exchange.payments.models import BankDay, Difference, IncomingTransfer
from pricing.money import Money


@dataclass(frozen=True)
class Closing:
    """What a statement says that the account held at the end of a day."""

    day: date
    balance: Money
    number: str = ""


def checked(closing: Closing, *, now: datetime) -> Closing:
    """The closing balance of a day that has come. Raises IncomingTransferRefused."""
    # The bank may be ahead of the exchange's zone by less than a day.
    if closing.day > timezone.localtime(now).date() + timedelta(days=1):
        raise IncomingTransferRefused(
            _("The day %(day)s has not come yet.") % {"day": closing.day.isoformat()}
        )
    return closing


@use_case(Permission.PAYMENTS_RUN)
def close(closing: Closing, *, actor: Actor, now: datetime) -> BankDay:
    """Keep the closing balance of a day and hold the books against it. A later statement of the same day
    replaces what an earlier one said."""
    row, _is_new = BankDay.objects.select_for_update(no_key=True).get_or_create(
        currency=closing.balance.currency,
        day=closing.day,
        defaults={
            "closing_minor": closing.balance.minor,
            "books_minor": 0,
            "held_at": now,
            "entered_at": now,
        },
    )
    row.closing_minor, row.statement = closing.balance.minor, closing.number[:40]
    row.entered_by, row.entered_at = actor.name, now
    _hold(row, now=now)
    row.save()
    log.record(
        event="payments.bank_day.closed",
        actor=actor.name,
        subject=f"bank_day:{row.public_id}",
        facts={
            "currency": row.currency,
            "day": row.day.isoformat(),
            "closing_minor": str(row.closing_minor),
            "books_minor": str(row.books_minor),
        },
        at=now,
    )
    _judge(row, actor=actor, now=now)
    return row


@use_case()
def hold_again(*, actor: Doer, now: datetime) -> tuple[str, ...]:
    """Hold the newest day of each currency against the books once more; what still differs and nobody has
    explained."""
    newest = BankDay.objects.order_by("currency", "-day").distinct("currency")
    keys = list(newest.values_list("pk", flat=True))
    rows = BankDay.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
    found = []
    for row in rows:
        _hold(row, now=now)
        row.save(update_fields=["books_minor", "held_at"])
        if _judge(row, actor=actor, now=now):
            found.append(subject_of(row.currency))
    return tuple(found)


def subject_of(currency: str) -> str:
    """What a difference between the bank's balance and the books is about."""
    return f"{BANK}:{currency}"


def books_at(day: date, currency: str) -> Money:
    """What the books say that the bank account held at the end of a day of the exchange's time zone."""
    code = chart.clearing(BANK, currency)
    account = Account.objects.filter(code=code).first()
    if account is None:
        return Money(0, currency)
    ended_at = timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
    later = Transfer.objects.filter(
        posting__effective_at__gte=ended_at, phase__in=[Phase.SINGLE, Phase.POST]
    ).exclude(external_refs__kind="incoming")
    came = later.filter(debit=account).aggregate(total=Sum("amount_minor"))["total"] or 0
    left = later.filter(credit=account).aggregate(total=Sum("amount_minor"))["total"] or 0
    brought = IncomingTransfer.objects.filter(currency=currency, received_on__gt=day)
    brought_minor = brought.aggregate(total=Sum("amount_minor"))["total"] or 0
    return books.balance(code, currency) - Money(int(came - left + brought_minor), currency)


def of_month(first_day: date) -> Iterable[BankDay]:
    """The last day of the month in each currency that was held against the books."""
    rows = BankDay.objects.filter(day__year=first_day.year, day__month=first_day.month)
    return rows.order_by("currency", "-day").distinct("currency")


def difference_of(row: BankDay) -> Difference | None:
    """The difference that the day's disagreement was opened as; None where bank and books agree."""
    if not row.differs.minor:
        return None
    found = Difference.objects.filter(
        kind=DifferenceKind.BALANCE_DIFFERS,
        subject=subject_of(row.currency),
        detail__startswith=row.day.isoformat(),
    )
    return found.order_by("-pk").first()


def _hold(row: BankDay, *, now: datetime) -> None:
    row.books_minor = books_at(row.day, row.currency).minor
    row.held_at = now


def _judge(row: BankDay, *, actor: Doer, now: datetime) -> bool:
    """Open, or end, the difference of a currency by its newest day; whether somebody has to look into it."""
    if BankDay.objects.filter(currency=row.currency, day__gt=row.day).exists():
        return False
    subject, kind = subject_of(row.currency), DifferenceKind.BALANCE_DIFFERS
    if not row.differs.minor:
        said = _("The balances agree.")
        reconciliation.close_about(
            kind=kind, subject=subject, explanation=said, actor=actor, now=now
        )
        return False
    detail = f"{row.day.isoformat()}: {money_shown(row.closing)} / {money_shown(row.in_books)}"
    return reconciliation.open_difference(
        kind=kind, subject=subject, amount=row.differs, detail=detail, now=now
    )
