"""A month of the books: closed for postings, and its report: what was there, what moved, what is there."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from exchange.core.lifecycle import Doer
from exchange.core.periods import after_months
from exchange.core.refusals import Refusal
from exchange.ledger.lifecycle import MONTH, MonthState, MonthTransition
from exchange.ledger.models import Month
from exchange.ledger.models.accounts import DEBIT_KINDS, AccountKind
from pricing.money import Money

# What is dated within its last moments may not have been committed.
REST = timedelta(hours=1)
CSV_HEAD = ("currency", "account", "kind", "opening", "debit", "credit", "closing")
LOCK = "SELECT pg_advisory_xact_lock(hashtext('ledger_month'))"


class MonthNotOver(Refusal):
    """A month is closed once it is over and an hour has passed."""

    code = "month_not_over"


def close(first_day: date, *, actor: Doer, now: datetime) -> Month:
    """Close the month that begins on that day: from then on the books refuse what is dated into it. Waits
    for postings into it that are being made. Raises MonthNotOver, and IllegalTransition when it is closed.
    """
    first_day = first_day.replace(day=1)
    check_over(first_day, now=now)
    begins_at, ends_at = bounds(first_day)
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
    known = Month.objects.filter(first_day=first_day).first()
    month = MONTH.lock_again(known) if known else Month(
        first_day=first_day, begins_at=begins_at, ends_at=ends_at
    )  # fmt: skip
    return _moved(month, MonthTransition.CLOSE, actor=actor, now=now)


def check_over(first_day: date, *, now: datetime) -> None:
    """Raise MonthNotOver unless the month that begins on that day has been over for its rest."""
    _begins_at, ends_at = bounds(first_day)
    if now < ends_at + REST:
        raise MonthNotOver(
            _("The month %(month)s can be closed an hour after its end.")
            % {"month": f"{first_day:%Y-%m}"},
            ends_at=ends_at.isoformat(),
        )


def bounds(first_day: date) -> tuple[datetime, datetime]:
    """The midnights of the exchange's zone at which the month begins and ends."""
    return _midnight(first_day), _midnight(after_months(first_day, 1))


def reopen(month: Month, *, actor: Doer, reason: str, now: datetime) -> Month:
    """Let postings into a closed, locked month again, for a reason."""
    return _moved(month, MonthTransition.REOPEN, actor=actor, reason=reason, now=now)


def _moved(
    month: Month, transition: MonthTransition, *, actor: Doer, now: datetime, reason: str = ""
) -> Month:
    month.changed_by = actor.name
    return MONTH.transition(
        month, transition, actor=actor, now=now, reason=reason, save=("changed_by",),
        facts={"month": f"{month.first_day:%Y-%m}"},
    )  # fmt: skip


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def closed_months_of(days: Iterable[date]) -> dict[date, Month]:
    """The closed months that the days are of, by their first days."""
    firsts = {day.replace(day=1) for day in days}
    rows = Month.objects.filter(first_day__in=firsts, state=MonthState.CLOSED)
    return {month.first_day: month for month in rows}


@dataclass(frozen=True, slots=True)
class MonthRow:
    """An account's month, or that of a family of accounts. Opening and closing are on its own side."""

    name: str
    kind: AccountKind
    opening: Money
    debit: Money
    credit: Money

    @property
    def closing(self) -> Money:
        change = self.debit - self.credit
        return self.opening + (change if self.kind in DEBIT_KINDS else -change)


@dataclass(frozen=True, slots=True)
class MonthReport:
    """All accounts of one currency. As much was debited as credited, where the books are sound."""

    currency: str
    rows: list[MonthRow]
    debit_total: Money
    credit_total: Money


def reports(month: Month) -> list[MonthReport]:
    """The month by family of accounts, one report for each currency."""
    found = []
    for currency, group in groupby(_rows(month, by_family=True), key=lambda one: one[0]):
        rows = [row for _currency, row in group]
        zero = Money(0, currency)
        debit, credit = sum((r.debit for r in rows), zero), sum((r.credit for r in rows), zero)
        found.append(MonthReport(currency, rows, debit, credit))
    return found


def report_csv(month: Month) -> Iterator[str]:
    """The month by account, as CSV; accounts that held nothing and moved nothing are left out."""
    yield _csv(CSV_HEAD)
    for currency, row in _rows(month, by_family=False):
        amounts = (row.opening, row.debit, row.credit, row.closing)
        yield _csv((currency, row.name, row.kind.value, *(str(one.decimal) for one in amounts)))


def _csv(cells: tuple[str, ...]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()


def _rows(month: Month, *, by_family: bool) -> list[tuple[str, MonthRow]]:
    values: dict[str, datetime | bool] = {
        "begins": month.begins_at,
        "ends": month.ends_at,
        "by_family": by_family,
    }
    with connection.cursor() as database:
        database.execute(REPORT, values)
        found = database.fetchall()
    return [
        (currency, _row(name, AccountKind(kind), currency, int(before), int(dr), int(cr)))
        for currency, kind, name, before, dr, cr in found
    ]


def _row(
    name: str, kind: AccountKind, currency: str, before: int, debit: int, credit: int
) -> MonthRow:
    opening = Money(before if kind in DEBIT_KINDS else -before, currency)
    return MonthRow(name, kind, opening, Money(debit, currency), Money(credit, currency))


# A posting is of the month of its business, whenever it was entered. What an account held before the month is what it
# holds now without all that is dated from the month's beginning on, so that no older posting is read.
REPORT = """
WITH moved AS (
    SELECT side.account_id,
        sum(side.dr - side.cr) AS since,
        coalesce(sum(side.dr) FILTER (WHERE p.effective_at < %(ends)s), 0) AS dr,
        coalesce(sum(side.cr) FILTER (WHERE p.effective_at < %(ends)s), 0) AS cr
    FROM ledger_journalentry p
    JOIN ledger_transfer t ON t.posting_id = p.id
    CROSS JOIN LATERAL (
        VALUES (t.debit_id, t.amount_minor, 0::bigint), (t.credit_id, 0::bigint, t.amount_minor)
    ) AS side (account_id, dr, cr)
    WHERE p.effective_at >= %(begins)s AND t.phase IN ('single', 'post')
    GROUP BY side.account_id
), months AS (
    SELECT a.currency, a.kind, a.code, a.dr_minor - a.cr_minor - coalesce(m.since, 0) AS before,
        coalesce(m.dr, 0) AS dr, coalesce(m.cr, 0) AS cr
    FROM ledger_account a LEFT JOIN moved m ON m.account_id = a.id
)
SELECT currency, kind, CASE WHEN %(by_family)s THEN split_part(code, ':', 1) ELSE code END AS name,
    sum(before), sum(dr), sum(cr)
FROM months
WHERE before <> 0 OR dr <> 0 OR cr <> 0
GROUP BY currency, kind, name
ORDER BY currency, kind, name
"""
