"""What moved on groups of accounts between two points: transfer by transfer, and summed by kind; one statement
for all groups.

Of an account's free money a hold takes when it is made, and gives back what is voided or not captured; of its
booked balance it takes when it is captured. Points are the numbers of transfers: they come in the order in which
an account was changed, since a posting locks its accounts before it is numbered.
"""

import json
from collections.abc import Mapping, Sequence
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
    """What the postings of one kind did to an account."""

    account: str
    kind: str
    count: int
    change_minor: int


@dataclass(frozen=True, slots=True)
class Span:
    """Some accounts, and their transfers after one number and until another."""

    codes: Sequence[str]
    after: int
    until: int


@dataclass(frozen=True, slots=True)
class Time:
    """What is dated from one moment until before another, of the transfers until one number."""

    begins_at: datetime
    ends_at: datetime
    until: int

    @property
    def bounds(self) -> dict[str, Any]:
        return {"begins": self.begins_at, "ends": self.ends_at}

    def span(self, codes: Sequence[str], *, after: int = 0) -> Span:
        """The accounts in this time, after one transfer."""
        return Span(codes, after, self.until)


def newest_seq() -> int:
    """The number of the newest transfer that can be seen."""
    return Transfer.objects.order_by("-seq").values_list("seq", flat=True).first() or 0


def free(spans: Sequence[Span], *, limit: int) -> list[list[Movement]]:
    """What changed what is free on liabilities, of each span so many, oldest first."""
    return _movements(_FREE, spans, limit=limit)


def free_totals(spans: Sequence[Span]) -> list[list[Total]]:
    return _totals(_FREE, spans)


def booked(spans: Sequence[Span], time: Time, *, limit: int) -> list[list[Movement]]:
    """What of the business of a time changed what is booked on the accounts, of each span so many, in the order
    of entry. One transfer between two accounts of a span is two movements, which are never parted: the last may
    go over the limit."""
    return _movements(_BOOKED, spans, limit=limit, **time.bounds)


def booked_totals(spans: Sequence[Span], time: Time) -> list[list[Total]]:
    return _totals(_BOOKED, spans, **time.bounds)


def booked_before(codes: Sequence[str], time: Time) -> dict[str, int]:
    """What was booked on each account before a time; accounts on which nothing was are left out."""
    found = _rows(_SUMS, _BEFORE, [time.span(codes)], time.bounds)
    return {code: int(minor) for code, minor in found}


def _movements(source: str, spans: Sequence[Span], **bounds: Any) -> list[list[Movement]]:
    found: list[list[Movement]] = [[] for _span in spans]
    for number, seq, code, kind, subject, at, minor in _rows(_LINES, source, spans, bounds):
        found[number].append(Movement(seq, code, kind, subject, at, int(minor)))
    return found


def _totals(source: str, spans: Sequence[Span], **bounds: Any) -> list[list[Total]]:
    found: list[list[Total]] = [[] for _span in spans]
    for number, account, kind, count, minor in _rows(_TOTALS, source, spans, bounds):
        found[number].append(Total(account, kind, count, int(minor)))
    return found


def _rows(
    statement: str, source: str, spans: Sequence[Span], bounds: Mapping[str, Any]
) -> list[tuple[Any, ...]]:
    if not spans:
        return []
    asked = [
        {"number": number, "codes": list(span.codes), "after": span.after, "until": span.until}
        for number, span in enumerate(spans)
    ]
    with connection.cursor() as cursor:
        cursor.execute(statement.format(source=source), {"spans": json.dumps(asked), **bounds})
        return list(cursor.fetchall())


# Both sides of a transfer, each with what it does to the account's own side.
_SIDES = """
    SELECT t.*, a.code, t.debit_id = a.id AS is_debit, a.kind IN ('asset', 'expense') AS on_debit
    FROM ledger_account a
    CROSS JOIN LATERAL (
        SELECT * FROM ledger_transfer d WHERE d.debit_id = a.id AND d.seq > span.after AND d.seq <= span.until
        UNION ALL
        SELECT * FROM ledger_transfer c WHERE c.credit_id = a.id AND c.seq > span.after AND c.seq <= span.until
    ) AS t
    WHERE a.code = ANY (span.codes)
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
_CHANGES = f"""
    SELECT side.seq, side.code, side.posting_id,
        CASE WHEN side.is_debit = side.on_debit THEN side.amount_minor ELSE -side.amount_minor END
            AS change_minor
    FROM ({_SIDES}) AS side
    JOIN ledger_journalentry e ON e.id = side.posting_id
    WHERE side.phase IN ('single', 'post') AND e.effective_at < %({{until}})s
"""  # noqa: S608 - our own words
_BEFORE = _CHANGES.format(until="begins")
_BOOKED = f"{_CHANGES.format(until='ends')} AND e.effective_at >= %(begins)s"
_SPANS = """jsonb_to_recordset(%(spans)s::jsonb)
    AS span (number integer, codes text[], after bigint, until bigint)"""
_LINES = f"""
    SELECT span.number, line.* FROM {_SPANS}
    CROSS JOIN LATERAL (
        SELECT m.seq, m.code, p.kind, p.subject, p.effective_at, m.change_minor
        FROM ({{source}}) AS m JOIN ledger_journalentry p ON p.id = m.posting_id
        WHERE m.change_minor <> 0
        ORDER BY m.seq FETCH FIRST %(limit)s ROWS WITH TIES
    ) AS line
    ORDER BY span.number, line.seq
"""  # noqa: S608 - our own words
_TOTALS = f"""
    SELECT span.number, m.code, p.kind, count(*), sum(m.change_minor) FROM {_SPANS}
    CROSS JOIN LATERAL ({{source}}) AS m
    JOIN ledger_journalentry p ON p.id = m.posting_id
    WHERE m.change_minor <> 0
    GROUP BY span.number, m.code, p.kind ORDER BY span.number, m.code, p.kind
"""  # noqa: S608 - our own words
_SUMS = f"""
    SELECT m.code, sum(m.change_minor) FROM {_SPANS}
    CROSS JOIN LATERAL ({{source}}) AS m
    GROUP BY m.code
"""  # noqa: S608 - our own words
