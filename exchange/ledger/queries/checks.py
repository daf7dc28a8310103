"""The books, recomputed from nothing. A scheduled job and `manage.py check_ledger` call `run`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction

from exchange.ledger.queries.checks_sql import LAWS, SNAPSHOT

DIFFERENCES_MAX = 1000


@dataclass(frozen=True)
class Difference:
    """What breaks a law: which account, posting or transfer, and how."""

    subject: str
    detail: str


@dataclass(frozen=True)
class Finding:
    """One law and what breaks it; `differences` holds at most DIFFERENCES_MAX."""

    law: str
    title: str
    differences: list[Difference]


@dataclass(frozen=True)
class Report:
    """All laws over one snapshot of the books."""

    findings: list[Finding]
    accounts_count: int
    transfers_count: int

    @property
    def sound(self) -> bool:
        return not any(finding.differences for finding in self.findings)


def run() -> Report:
    """Check every law on one snapshot. Only differences leave the server, however long the books are.

    Outside a transaction writers go on meanwhile; inside one it sees what that transaction sees.
    """
    with _snapshot(), connection.cursor() as cursor:
        findings = []
        for law, (title, select) in LAWS.items():
            cursor.execute(f"SELECT * FROM ({select}) AS broken LIMIT {DIFFERENCES_MAX}")  # noqa: S608 - our own words
            rows = cursor.fetchall()
            findings.append(Finding(law, title, [Difference(*row) for row in rows]))
        cursor.execute(
            "SELECT (SELECT count(*) FROM ledger_account), count(*) FROM ledger_transfer"
        )
        accounts_count, transfers_count = cursor.fetchone()
    return Report(findings, accounts_count, transfers_count)


@contextmanager
def _snapshot() -> Iterator[None]:
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(SNAPSHOT)
        yield
