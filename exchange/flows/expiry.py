"""What time alone does to the books, with its record in the log."""

from datetime import datetime

from django.db import transaction

from exchange.audit.actions import log
from exchange.ledger.actions import pendings

# The accounts of a batch stay locked until its records are written, one round trip each.
BATCH_MAX = 100
BATCHES_MAX = 100


def expire_holds(*, actor: str, now: datetime) -> int:
    """Release the holds whose time is over; return how many. Each batch commits with its records."""
    released = 0
    for _batch in range(BATCHES_MAX):
        with transaction.atomic():
            postings = pendings.expire_due(actor=actor, now=now, limit=BATCH_MAX)
            for posting in postings:
                log.record(
                    event="ledger.hold.expired",
                    actor=actor,
                    subject=f"posting:{bytes(posting.fingerprint).hex()}",
                    facts={
                        "scope": posting.scope,
                        "key": posting.key,
                        "kind": posting.kind,
                        "transfers": [{"phase": "void", "pending": posting.key}],
                    },
                    at=now,
                )
        released += len(postings)
        if len(postings) < BATCH_MAX:
            break
    return released
