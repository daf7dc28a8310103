"""What moved on some accounts between two points: transfer by transfer, and summed by kind.

Of an account's free money a hold takes when it is made, and gives back what is voided or not captured; of its
booked balance it takes when it is captured. Points are the numbers of transfers: they come in the order in which
an account was changed, since a posting locks its accounts before it is numbered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from exchange.ledger.models import Transfer


@dataclass(frozen=True, slots=True)
class Movement:
    """What one transfer did to an account, on its own side."""

    seq: int
    account: str
    kind: str
    subject: str
    at: datetime
    change_minor: int


@dataclass(frozen=True, slots=True)
class Total:
    """What the postings of one kind did to an account.."""

    account: str
    kind: str
    count: int
    change_minor: int


@dataclass(frozen=True, slots=True)
class Time:
    """What is dated from one moment until before another, of the transfers until one number."""

    begins_at: datetime
    ends_at: datetime
    until: int

    @property
    def bounds(self) -> dict[str, Any]:
        return {"begins": self.begins_at, "ends": self.ends_at, "until": self.until}


def newest_seq() -> int:
    """The number of the newest transfer that can be seen."""
    return Transfer.objects.order_by("-seq").values_list("seq", flat=True).first() or 0


def free(code: str, *, after: int, until: int, limit: int) -> list[Movement]:
    """What changed what is free on a liability after one transfer and until another, oldest first."""
    return _movements(_FREE, [code], after=after, until=until, limit=limit)


def free_totals(code: str, *, after: int, until: int) -> list[Total]:
    return _totals(_FREE, [code], after=after, until=until)


def booked(codes: Sequence[str], time: Time, *, after: int, limit: int) -> list[Movement]:
    """What of the business of a time changed what is booked on the accounts, in the order of entry. One
    transfer between two of them is two movements, which are never parted: the last may go over the limit."""
    return _movements(_BOOKED, codes, after=after, limit=limit, **time.bounds)


def booked_totals(codes: Sequence[str], time: Time) -> list[Total]:
    return _totals(_BOOKED, codes, after=0, **time.bounds)


def booked_before(codes: Sequence[str], time: Time) -> dict[str, int]:
    """What was booked on each account before a time; accounts on which nothing was are left out."""
    with connection.cursor() as cursor:
        cursor.execute(_BEFORE, {"codes": list(codes), **time.bounds})
        return {code: int(minor) for code, minor in cursor.fetchall()}


def _movements(source: str, codes: Sequence[str], **bounds: Any) -> list[Movement]:
    with connection.cursor() as cursor:
        cursor.execute(_LINES.format(source=source), {"codes": list(codes), **bounds})
        return [
            Movement(seq, code, kind, subject, at, int(minor))
            for seq, code, kind, subject, at, minor in cursor.fetchall()
        ]


def _totals(source: str, codes: Sequence[str], **bounds: Any) -> list[Total]:
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS.format(source=source), {"codes": list(codes), **bounds})
        return [
            Total(account, kind, count, int(minor))
            for account, kind, count, minor in cursor.fetchall()
        ]


# Both sides of a transfer, each with what it does to the account's own side.
_SIDES = """
    SELECT t.*, a.code, t.debit_id = a.id AS is_debit, a.kind IN ('asset', 'expense') AS on_debit
    FROM ledger_account a
    CROSS JOIN LATERAL (
        SELECT * FROM ledger_transfer d WHERE d.debit_id = a.id AND d.seq > %(after)s AND d.seq <= %(until)s
        UNION ALL
        SELECT * FROM ledger_transfer c WHERE c.credit_id = a.id AND c.seq > %(after)s AND c.seq <= %(until)s
    ) AS t
    WHERE a.code = ANY (%(codes)s)
"""
_FREE = f"""
    SELECT side.seq, side.code, side.posting_id, CASE
        WHEN NOT side.is_debit THEN
            CASE WHEN side.phase IN ('single', 'post') THEN side.amount_minor ELSE 0 END
        WHEN side.phase IN ('single', 'pending') THEN -side.amount_minor
        WHEN side.phase = 'void' THEN side.amount_minor
        ELSE (SELECT h.amount_minor FROM ledger_transfer h WHERE h.id = side.pending_of_id)
            - side.amount_minor
    END AS change_minor
    FROM ({_SIDES}) AS side
"""  # noqa: S608 - our own words
_BOOKED = f"""
    SELECT side.seq, side.code, side.posting_id,
        CASE WHEN side.is_debit = side.on_debit THEN side.amount_minor ELSE -side.amount_minor END
            AS change_minor
    FROM ({_SIDES}) AS side
    JOIN ledger_journalentry e ON e.id = side.posting_id
    WHERE side.phase IN ('single', 'post')
        AND e.effective_at >= %(begins)s AND e.effective_at < %(ends)s
"""  # noqa: S608 - our own words
_LINES = """
    SELECT m.seq, m.code, p.kind, p.subject, p.effective_at, m.change_minor
    FROM ({source}) AS m JOIN ledger_journalentry p ON p.id = m.posting_id
    WHERE m.change_minor <> 0
    ORDER BY m.seq FETCH FIRST %(limit)s ROWS WITH TIES
"""
_TOTALS = """
    SELECT m.code, p.kind, count(*), sum(m.change_minor)
    FROM ({source}) AS m JOIN ledger_journalentry p ON p.id = m.posting_id
    WHERE m.change_minor <> 0
    GROUP BY m.code, p.kind ORDER BY m.code, p.kind
"""
_BEFORE = """
    SELECT a.code, sum(CASE
        WHEN (t.debit_id = a.id) = (a.kind IN ('asset', 'expense')) THEN t.amount_minor
        ELSE -t.amount_minor END)
    FROM ledger_account a
    CROSS JOIN LATERAL (
        SELECT * FROM ledger_transfer d WHERE d.debit_id = a.id
        UNION ALL
        SELECT * FROM ledger_transfer c WHERE c.credit_id = a.id
    ) AS t
    JOIN ledger_journalentry p ON p.id = t.posting_id
    WHERE a.code = ANY (%(codes)s) AND t.phase IN ('single', 'post')
        AND p.effective_at < %(begins)s AND t.seq <= %(until)s
    GROUP BY a.code
"""
