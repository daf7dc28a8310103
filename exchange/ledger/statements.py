"""What is on the accounts: statements, their CSV, and the trial balance."""

import csv
import io
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.core import signing
from django.db import connection
from django.utils.translation import gettext as _

from exchange.core.csv_cells import inert
from exchange.core.refusals import Invalid
from exchange.ledger.models import Account
from exchange.ledger.models.accounts import DEBIT_KINDS, AccountKind
from pricing.money import Money

PAGE_LINES_MAX = 200
FORWARD_LINES = 500
CURSOR_SALT = "ledger.statement"
CSV_HEAD = (
    "entered_at", "effective_at", "transfer", "posting", "kind", "subject", "counterparty",
    "currency", "debit", "credit", "balance",
)  # fmt: skip


class NotACursor(Invalid):
    """The cursor is not one that a page of this statement gave."""

    code = "not_a_cursor"


@dataclass(frozen=True, slots=True)
class Line:
    """One posted transfer on the account, and the balance after it on the account's own side.

    `counterparty` is what the account's owner may know of the other side: the code of an account of
    their own, the family of any other. `counterparty_code` is for the exchange's own staff.
    """

    seq: int
    transfer: uuid.UUID
    scope: str
    key: str
    kind: str
    subject: str
    effective_at: datetime
    entered_at: datetime
    counterparty: str
    counterparty_code: str
    on_debit: bool
    amount: Money
    balance: Money


@dataclass(frozen=True, slots=True)
class StatementPage:
    """Lines, newest first. `opening` is the balance before the oldest of them; `older` leads on."""

    account: Account
    lines: list[Line]
    opening: Money
    closing: Money
    older: str | None


def _on_debit(account: Account) -> bool:
    return account.kind in DEBIT_KINDS


def _line(row: tuple[Any, ...], currency: str) -> Line:
    (
        seq,
        pk,
        scope,
        key,
        event,
        kind,
        subject,
        effective,
        entered,
        shown,
        code,
        on_debit,
        minor,
        balance,
    ) = row
    return Line(
        seq=seq, transfer=pk, scope=scope, key=key, kind=kind or event, subject=subject,
        effective_at=effective, entered_at=entered, counterparty=shown, counterparty_code=code,
        on_debit=on_debit, amount=Money(minor, currency), balance=Money(int(balance), currency),
    )  # fmt: skip


def _before(line: Line, *, debit_side: bool) -> Money:
    return line.balance - line.amount if line.on_debit == debit_side else line.balance + line.amount


def statement_page(*, account: Account, cursor: str = "", size: int = 50) -> StatementPage:
    """A page of the statement, newest first; `cursor` is the `older` of the page before.

    Reads `size` lines whatever the length of the history. Raises NotACursor.
    """
    debit_side = _on_debit(account)
    before, closing = _read_cursor(account, cursor) if cursor else (None, None)
    size = max(1, min(size, PAGE_LINES_MAX))
    with connection.cursor() as database:
        database.execute(
            PAGE,
            {
                "account": account.pk,
                "debit_side": debit_side,
                "closing": closing,
                "before": before,
                "limit": size + 1,
            },
        )
        lines = [_line(row, account.currency) for row in database.fetchall()]
    shown = lines[:size]
    if not shown:
        nothing = Money(closing or 0, account.currency)
        return StatementPage(account, [], nothing, nothing, None)
    opening = _before(shown[-1], debit_side=debit_side)
    older = None
    if len(lines) > size:
        fact = [account.pk, shown[-1].seq, opening.minor]
        older = signing.dumps(fact, salt=CURSOR_SALT, compress=True)
    return StatementPage(account, shown, opening, shown[0].balance, older)


def _read_cursor(account: Account, cursor: str) -> tuple[int, int]:
    try:
        pk, seq, balance = signing.loads(cursor, salt=CURSOR_SALT)
    except signing.BadSignature:
        pk, seq, balance = None, 0, 0
    if pk != account.pk:
        raise NotACursor(_("This is not a page of this statement."))
    return seq, balance


def statement_lines(*, account: Account) -> Iterator[Line]:
    """Every line that stands when the first is asked for, oldest first.

    Read page by page: however slowly the lines are taken, no cursor and no transaction stays open.
    """
    newest = statement_page(account=account, size=1).lines
    bounds = {"after": 0, "until": newest[0].seq if newest else 0, "opening": 0}
    while bounds["after"] < bounds["until"]:
        lines = _lines_after(account, bounds)
        yield from lines
        bounds |= {"after": lines[-1].seq, "opening": lines[-1].balance.minor}


def _lines_after(account: Account, bounds: dict[str, int]) -> list[Line]:
    with connection.cursor() as database:
        database.execute(
            NEXT,
            {
                "account": account.pk,
                "debit_side": _on_debit(account),
                "limit": FORWARD_LINES,
                **bounds,
            },
        )
        return [_line(row, account.currency) for row in database.fetchall()]


def statement_csv(*, account: Account) -> Iterator[str]:
    """The statement as CSV, one line at a time; text that a spreadsheet would run is quoted away."""
    yield _csv(CSV_HEAD)
    for line in statement_lines(account=account):
        amount = str(line.amount.decimal)
        yield _csv(
            (
                line.entered_at.isoformat(),
                line.effective_at.isoformat(),
                str(line.transfer),
                inert(f"{line.scope}:{line.key}"),
                inert(line.kind),
                inert(line.subject),
                inert(line.counterparty),
                line.amount.currency,
                amount if line.on_debit else "",
                "" if line.on_debit else amount,
                str(line.balance.decimal),
            )
        )


def _csv(cells: tuple[str, ...]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()


@dataclass(frozen=True, slots=True)
class TrialRow:
    """Accounts of one family (what stands before the first colon of the code) and kind."""

    family: str
    kind: AccountKind
    accounts_count: int
    debit: Money
    credit: Money


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """All accounts of one currency; the two totals are equal."""

    currency: str
    rows: list[TrialRow]
    debit_total: Money
    credit_total: Money


def trial_balances() -> list[TrialBalance]:
    """One trial balance for each currency, by posted balances."""
    with connection.cursor() as database:
        database.execute(TRIAL_BALANCE)
        found = database.fetchall()
    balances = []
    for currency, group in groupby(found, key=lambda row: row[0]):
        rows = [
            TrialRow(
                family, AccountKind(kind), count, Money(int(dr), currency), Money(int(cr), currency)
            )
            for _currency, family, kind, count, dr, cr in group
        ]
        zero = Money(0, currency)
        balances.append(
            TrialBalance(
                currency,
                rows,
                sum((row.debit for row in rows), zero),
                sum((row.credit for row in rows), zero),
            )
        )
    return balances


# A line's balance is a fixed fact, so a page starts from the balance that the page before ended with
# and no page reads more of the history than its own lines: two index scans, newest first.
_LINES = """
SELECT t.seq, t.id, t.posting_id, t.kind, t.amount_minor, true AS on_debit, t.credit_id AS other_id
FROM ledger_transfer t
WHERE t.debit_id = %(account)s AND t.phase IN ('single', 'post') {bound}
UNION ALL
SELECT t.seq, t.id, t.posting_id, t.kind, t.amount_minor, false, t.debit_id
FROM ledger_transfer t
WHERE t.credit_id = %(account)s AND t.phase IN ('single', 'post') {bound}
"""
# Whoever owns the account reads the whole code of the other side only where it is theirs too; of
# others' and the exchange's own accounts the family is told: what stands before the first colon of
# the code, or the kind where that would be all of it.
_COLUMNS = """
    line.seq, line.id, p.scope, p.key, p.kind, line.kind, p.subject, p.effective_at, p.created_at,
    CASE
        WHEN other.owner_id = own.owner_id THEN other.code
        WHEN strpos(other.code, ':') > 0 THEN split_part(other.code, ':', 1)
        ELSE other.kind
    END,
    other.code, line.on_debit, line.amount_minor, line.balance
"""
_JOINS = """
JOIN ledger_journalentry p ON p.id = line.posting_id
JOIN ledger_account other ON other.id = line.other_id
JOIN ledger_account own ON own.id = %(account)s
"""
_CHANGE = (
    "CASE WHEN line.on_debit = %(debit_side)s THEN line.amount_minor ELSE -line.amount_minor END"
)

PAGE = f"""
SELECT {_COLUMNS} FROM (
    SELECT line.*,
        coalesce(%(closing)s::bigint, (
            SELECT CASE WHEN %(debit_side)s THEN dr_minor - cr_minor ELSE cr_minor - dr_minor END
            FROM ledger_account WHERE id = %(account)s
        )) - coalesce(sum({_CHANGE}) OVER (
            ORDER BY line.seq DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0) AS balance
    FROM (
        {_LINES.format(bound="AND (%(before)s::bigint IS NULL OR t.seq < %(before)s)")}
        ORDER BY seq DESC LIMIT %(limit)s
    ) AS line
) AS line {_JOINS}
ORDER BY line.seq DESC
"""  # noqa: S608 - our own words

# The same forwards: from the balance before the page.
NEXT = f"""
SELECT {_COLUMNS} FROM (
    SELECT line.*, %(opening)s::bigint + sum({_CHANGE}) OVER (ORDER BY line.seq) AS balance
    FROM (
        {_LINES.format(bound="AND t.seq > %(after)s AND t.seq <= %(until)s")}
        ORDER BY seq LIMIT %(limit)s
    ) AS line
) AS line {_JOINS}
ORDER BY line.seq
"""  # noqa: S608 - our own words

TRIAL_BALANCE = """
SELECT currency, split_part(code, ':', 1) AS family, kind, count(*),
    sum(greatest(dr_minor - cr_minor, 0)), sum(greatest(cr_minor - dr_minor, 0))
FROM ledger_account
GROUP BY currency, family, kind
ORDER BY currency, kind, family
"""
