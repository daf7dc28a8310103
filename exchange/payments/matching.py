"""The provider's lines beside the books' references, one to one: what one side has and the other lacks or
has otherwise. One pass in the database, whatever their number; here come the disagreements alone."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from exchange.ledger.models import ExternalRef
from exchange.payments import chart
from exchange.payments.lifecycle import DifferenceKind
from exchange.payments.models import ProviderMovement as Movement
from pricing.money import Money

FOUND_MAX = 1000
# For the pass alone: what it sorts and hashes stays in memory where it fits, and goes to disk beyond.
MEMORY = "SET LOCAL work_mem = '64MB'"

# Who reads the provider's account sees one line for a source and a kind, and its fee as a line of its own.
MATCH = """
WITH theirs AS (
    SELECT source_ref, kind, sum(minor)::bigint AS minor, count(*) AS times, max(at) AS at
    FROM (
        SELECT source_ref, kind, amount_minor AS minor, created_at AS at
        FROM payments_providermovement WHERE provider = %(provider)s AND currency = %(currency)s
        UNION ALL
        SELECT source_ref, 'fee', -fee_minor, created_at
        FROM payments_providermovement
        WHERE provider = %(provider)s AND currency = %(currency)s AND fee_minor <> 0
    ) AS line
    GROUP BY source_ref, kind
), ours AS (
    SELECT r.object_id, r.kind, t.id, t.created_at AS at,
        CASE WHEN t.debit_id = (SELECT id FROM ledger_account WHERE code = %(clearing)s)
            THEN t.amount_minor ELSE -t.amount_minor END AS minor
    FROM ledger_externalref r JOIN ledger_transfer t ON t.id = r.transfer_id
    WHERE r.psp = %(provider)s AND t.currency = %(currency)s
), unlike AS (
    SELECT coalesce(theirs.source_ref, ours.object_id) AS source,
        coalesce(theirs.kind, ours.kind) AS kind, theirs.minor AS said, theirs.times,
        ours.minor AS booked, ours.id AS transfer,
        coalesce(greatest(theirs.at, ours.at) > %(cutoff)s, false) AS is_on_its_way
    FROM theirs FULL JOIN ours ON ours.object_id = theirs.source_ref AND ours.kind = theirs.kind
    WHERE theirs.minor IS DISTINCT FROM ours.minor
)
SELECT source, kind, said, times, booked, transfer, is_on_its_way,
    (sum(coalesce(said, 0) - coalesce(booked, 0)) FILTER (WHERE is_on_its_way) OVER ())::bigint,
    count(*) OVER ()
FROM unlike
ORDER BY is_on_its_way, source, kind
LIMIT %(limit)s
"""


@dataclass(frozen=True)
class Found:
    """One disagreement of provider and books."""

    kind: DifferenceKind
    subject: str
    amount: Money
    detail: str


@dataclass(frozen=True)
class Matched:
    """The disagreements, at most FOUND_MAX of them; what the provider moved after the cutoff and the books do
    not show yet (or the other way round), in sum; and by name everything that does not agree."""

    found: tuple[Found, ...]
    on_its_way: Money
    unlike: frozenset[str]
    is_whole: bool


def match(*, provider: str, currency: str, cutoff: datetime | None) -> Matched:
    """Hold every line of the provider that was read against every fact of the books. What moved after
    `cutoff` is still on its way where the two do not agree, and no disagreement."""
    values = {
        "provider": provider, "currency": currency, "cutoff": cutoff, "limit": FOUND_MAX,
        "clearing": chart.clearing(provider, currency),
    }  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(MEMORY)
        cursor.execute(MATCH, values)
        rows = cursor.fetchall()
    found = [
        _found(f"{source}:{kind}", kind, currency, said, times, booked, transfer)
        for source, kind, said, times, booked, transfer, is_on_its_way, *_totals in rows
        if not is_on_its_way
    ]
    *_row, on_its_way, count = rows[0] if rows else (0, 0)
    return Matched(
        found=tuple(found),
        on_its_way=Money(on_its_way or 0, currency),
        unlike=frozenset(f"{row[0]}:{row[1]}" for row in rows),
        is_whole=count <= FOUND_MAX,
    )


def _found(
    subject: str,
    kind: str,
    currency: str,
    said: int | None,
    times: int | None,
    booked: int | None,
    transfer: object,
) -> Found:
    if said is None:
        ours = Money(booked or 0, currency)
        return Found(DifferenceKind.BOOKS_ONLY, subject, ours, str(transfer))
    theirs = Money(said, currency)
    if (times or 0) > 1:
        ours = Money(booked or 0, currency)
        return Found(
            DifferenceKind.MOVED_TWICE, subject, theirs - ours, f"{times} × · {theirs} / {ours}"
        )
    if booked is None:
        return Found(DifferenceKind.PROVIDER_ONLY, subject, theirs, kind)
    ours = Money(booked, currency)
    return Found(DifferenceKind.AMOUNT_DIFFERS, subject, theirs - ours, f"{theirs} / {ours}")


def seen_on_both_sides(subjects: Collection[str], *, provider: str) -> set[str]:
    """Those of the subjects (`source:kind`) that the provider moved and the books show."""
    sources = {subject.rpartition(":")[0] for subject in subjects}
    lines = Movement.objects.filter(provider=provider, source_ref__in=sources)
    theirs = {
        f"{source}:{name}"
        for source, kind, fee in lines.values_list("source_ref", "kind", "fee_minor")
        for name in ([kind, "fee"] if fee else [kind])
    }
    refs = ExternalRef.objects.filter(psp=provider, object_id__in=sources)
    ours = {f"{source}:{kind}" for source, kind in refs.values_list("object_id", "kind")}
    return set(subjects) & theirs & ours
