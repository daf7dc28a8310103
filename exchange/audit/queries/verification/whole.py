"""Everything that must hold of the log, one check after the other."""

from collections.abc import Iterator
from datetime import datetime

from django.db import connection, transaction

from exchange.audit import coverage
from exchange.audit.queries.records import oldest_unsequenced
from exchange.audit.queries.verification import records, rows_sql
from exchange.audit.queries.verification.findings import Counts, Finding
from exchange.audit.queries.verification.tree import TreePass


def findings(now: datetime, counts: Counts) -> Iterator[Finding]:
    """All that is wrong with the log, as one moment of the database shows it; fills in `counts`."""
    alone = not connection.in_atomic_block
    with transaction.atomic():
        if alone:
            rows_sql.freeze()
        yield from _check_guards()
        yield from TreePass(counts).findings()
        for public_id in rows_sql.records_outside():
            yield Finding("queue", "The record has no index and waits for none.", (public_id,))
        yield from _check_queue(now, counts)
        yield from records.check_disclosures(counts)
        yield from _check_coverage(counts)


def _check_guards() -> Iterator[Finding]:
    for guard in rows_sql.missing_guards():
        yield Finding("guard", f"The database does not enforce {guard}.")


def _check_queue(now: datetime, counts: Counts) -> Iterator[Finding]:
    for number, record, has_index in rows_sql.waiting():
        counts.waiting += 1
        if record is None:
            yield Finding("queue", f"Record number {number} waits and is missing.")
            continue
        named = (record.public_id,)
        if has_index:
            yield Finding("queue", "The record waits although it has an index.", named)
        if differing := records.columns_that_differ(record):
            yield Finding(
                "record", f"Columns differ from the record: {', '.join(differing)}.", named
            )
    oldest = oldest_unsequenced(now)
    if oldest is not None and oldest.is_late:
        yield Finding(
            "queue", f"The record has waited {oldest.age_seconds:.0f} s.", (oldest.record,)
        )


def _check_coverage(counts: Counts) -> Iterator[Finding]:
    for duty in coverage.duties():
        counts.duties += 1
        for subject in rows_sql.unrecorded(duty):
            yield Finding(
                "coverage", f"{duty.name}: {subject} has no record {' or '.join(duty.events)}."
            )
