"""The books, recomputed from nothing. A scheduled job and `manage.py check_ledger` call `run`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from exchange.ledger.entries import SEPARATOR

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
    with _snapshot(), connection.cursor() as cursor, _whole_tables(cursor):
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
def _whole_tables(cursor: CursorWrapper) -> Iterator[None]:
    """Plan for reading every row, whatever the statistics say: a table that has grown since they were made
    looks small, and a nested loop over it takes the square of the time."""
    cursor.execute("SELECT set_config('enable_nestloop', 'off', true)")
    yield
    cursor.execute("SELECT set_config('enable_nestloop', 'on', true)")


@contextmanager
def _snapshot() -> Iterator[None]:
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(SNAPSHOT)
        yield


# The text that entries.Request.fingerprint hashes, formed again from the stored rows.
_FINGERPRINTS = rf"""
WITH line AS (
    SELECT
        t.posting_id,
        string_agg(
            CASE
                WHEN t.phase IN ('single', 'pending') THEN concat_ws(
                    E'{SEPARATOR}', t.phase, d.code, c.code, t.currency, t.amount_minor, t.kind,
                    coalesce((extract(epoch FROM t.expires_at) * 1000000)::bigint::text, '')
                )
                WHEN t.phase = 'post' THEN concat_ws(
                    E'{SEPARATOR}', t.phase, t.pending_of_id, t.currency, t.amount_minor, t.kind
                )
                ELSE concat_ws(E'{SEPARATOR}', t.phase, t.pending_of_id, t.kind)
            END,
            E'\n' ORDER BY t.step
        ) AS lines
    FROM ledger_transfer t
    JOIN ledger_account d ON d.id = t.debit_id
    JOIN ledger_account c ON c.id = t.credit_id
    GROUP BY t.posting_id
), ref AS (
    SELECT
        t.posting_id,
        string_agg(
            concat_ws(E'{SEPARATOR}', t.step, r.psp, r.object_type, r.object_id, r.kind),
            E'\n' ORDER BY t.step, r.psp COLLATE "C", r.object_id COLLATE "C", r.kind COLLATE "C"
        ) AS lines
    FROM ledger_externalref r JOIN ledger_transfer t ON t.id = r.transfer_id
    GROUP BY t.posting_id
)
SELECT
    'posting ' || p.scope || ':' || p.key,
    'its rows are not those that were posted (' || coalesce(array_length(string_to_array(line.lines, E'\n'), 1), 0)
        || ' transfers)'
FROM ledger_journalentry p
LEFT JOIN line ON line.posting_id = p.id
LEFT JOIN ref ON ref.posting_id = p.id
WHERE p.fingerprint <> sha256(convert_to(
    concat_ws(
        E'\n', concat_ws(E'{SEPARATOR}', p.scope, p.key, p.kind, p.subject), line.lines, ref.lines
    ), 'UTF8'
))
"""  # noqa: S608 - our own words

_SUMS = """
SELECT 'currency ' || currency,
    'debits ' || sum(dr_minor) || ', credits ' || sum(cr_minor)
        || ', held debits ' || sum(dr_pending_minor) || ', held credits ' || sum(cr_pending_minor)
FROM ledger_account
GROUP BY currency
HAVING sum(dr_minor) <> sum(cr_minor) OR sum(dr_pending_minor) <> sum(cr_pending_minor)
"""

_BALANCES = """
WITH effect AS (
    SELECT t.debit_id, t.credit_id,
        CASE WHEN t.phase IN ('single', 'post') THEN t.amount_minor ELSE 0 END AS moved,
        CASE t.phase WHEN 'pending' THEN t.amount_minor WHEN 'single' THEN 0
            ELSE -p.amount_minor END AS held
    FROM ledger_transfer t LEFT JOIN ledger_transfer p ON p.id = t.pending_of_id
), side AS (
    SELECT debit_id AS account_id, moved AS dr, 0 AS cr, held AS drp, 0 AS crp FROM effect
    UNION ALL
    SELECT credit_id, 0, moved, 0, held FROM effect
), recomputed AS (
    SELECT account_id, sum(dr) AS dr, sum(cr) AS cr, sum(drp) AS drp, sum(crp) AS crp
    FROM side GROUP BY account_id
)
SELECT 'account ' || a.code,
    format('kept %s/%s held %s/%s, recomputed %s/%s held %s/%s',
        a.dr_minor, a.cr_minor, a.dr_pending_minor, a.cr_pending_minor,
        coalesce(r.dr, 0), coalesce(r.cr, 0), coalesce(r.drp, 0), coalesce(r.crp, 0))
FROM ledger_account a LEFT JOIN recomputed r ON r.account_id = a.id
WHERE (a.dr_minor, a.cr_minor, a.dr_pending_minor, a.cr_pending_minor)
    <> (coalesce(r.dr, 0), coalesce(r.cr, 0), coalesce(r.drp, 0), coalesce(r.crp, 0))
"""

_GUARDS = """
SELECT 'account ' || code,
    format('debits %s held %s, credits %s held %s', dr_minor, dr_pending_minor, cr_minor, cr_pending_minor)
FROM ledger_account
WHERE guard = 1 AND dr_minor::numeric + dr_pending_minor > cr_minor
    OR guard = 2 AND cr_minor::numeric + cr_pending_minor > dr_minor
    OR least(dr_minor, cr_minor, dr_pending_minor, cr_pending_minor) < 0
    OR closed_at IS NOT NULL AND (dr_minor <> cr_minor OR dr_pending_minor + cr_pending_minor <> 0)
"""

_CURRENCIES = """
SELECT 'transfer ' || t.id, format('%s from %s to %s', t.currency, c.currency, d.currency)
FROM ledger_transfer t
LEFT JOIN ledger_account d ON d.id = t.debit_id
LEFT JOIN ledger_account c ON c.id = t.credit_id
WHERE (t.currency, t.currency) IS DISTINCT FROM (d.currency, c.currency)
    OR t.amount_minor <= 0 OR t.debit_id = t.credit_id
"""

_KEYS = """
SELECT 'posting ' || scope || ':' || key, count(*) || ' postings have this key'
FROM ledger_journalentry GROUP BY scope, key HAVING count(*) > 1
UNION ALL
SELECT 'external fact ' || psp || ':' || object_id || ':' || kind, 'booked ' || count(*) || ' times'
FROM ledger_externalref GROUP BY psp, object_id, kind HAVING count(*) > 1
"""

_HOLDS = """
SELECT 'transfer ' || t.id,
    CASE
        WHEN p.id IS NULL THEN 'resolves a hold that does not exist'
        WHEN p.phase <> 'pending' THEN 'resolves what is no hold'
        WHEN (t.debit_id, t.credit_id, t.currency) <> (p.debit_id, p.credit_id, p.currency)
            THEN 'resolves a hold between other accounts'
        ELSE format('resolves %s of a hold of %s', t.amount_minor, p.amount_minor)
    END
FROM ledger_transfer t LEFT JOIN ledger_transfer p ON p.id = t.pending_of_id
WHERE t.phase IN ('post', 'void') AND (
    p.id IS NULL OR p.phase <> 'pending'
    OR (t.debit_id, t.credit_id, t.currency) <> (p.debit_id, p.credit_id, p.currency)
    OR t.amount_minor > p.amount_minor
    OR t.phase = 'void' AND t.amount_minor <> p.amount_minor
)
UNION ALL
SELECT 'transfer ' || pending_of_id, 'resolved ' || count(*) || ' times'
FROM ledger_transfer WHERE pending_of_id IS NOT NULL GROUP BY pending_of_id HAVING count(*) > 1
UNION ALL
SELECT 'transfer ' || coalesce(open.id, h.transfer_id),
    CASE WHEN open.id IS NULL THEN 'listed as open and is not' ELSE 'open and not listed so' END
FROM (
    SELECT t.id FROM ledger_transfer t
    WHERE t.phase = 'pending'
        AND NOT EXISTS (SELECT FROM ledger_transfer r WHERE r.pending_of_id = t.id)
) AS open
FULL JOIN ledger_openhold h ON h.transfer_id = open.id
WHERE open.id IS NULL OR h.transfer_id IS NULL
"""

_TRACES = """
SELECT 'posting ' || p.scope || ':' || p.key, 'has no transfer'
FROM ledger_journalentry p
WHERE NOT EXISTS (SELECT FROM ledger_transfer t WHERE t.posting_id = p.id)
UNION ALL
SELECT 'transfer ' || t.id,
    CASE WHEN p.id IS NULL THEN 'has no posting' ELSE 'was entered at another time than its posting' END
FROM ledger_transfer t LEFT JOIN ledger_journalentry p ON p.id = t.posting_id
WHERE p.id IS NULL OR p.created_at <> t.created_at
UNION ALL
SELECT 'external fact ' || r.psp || ':' || r.object_id, 'has no transfer'
FROM ledger_externalref r LEFT JOIN ledger_transfer t ON t.id = r.transfer_id WHERE t.id IS NULL
"""

LAWS: dict[str, tuple[str, str]] = {
    "L1": ("Debits equal credits in every currency, held and posted", _SUMS),
    "L2": ("Every balance is the sum of its transfers", _BALANCES),
    "L3": ("No guarded account is below zero, holds counted", _GUARDS),
    "L4": ("No posting has changed since it was made", _FINGERPRINTS),
    "L5": ("A transfer and its accounts have one currency", _CURRENCIES),
    "L6": ("One key has one effect", _KEYS),
    "L7": ("A hold is resolved once, within its amount", _HOLDS),
    "L8": ("A posting is whole: nothing stands without the rest", _TRACES),
}
SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
