"""What time alone does to the books, with its record in the log."""

from datetime import datetime

from django.db import transaction

from exchange.audit.actions import log
from exchange.ledger.actions import pendings

BATCHES_MAX = 20


def expire_holds(*, actor: str, now: datetime) -> int:
    """Release the holds whose time is over; return how many. Each batch commits with its record."""
    released = 0
    for _batch in range(BATCHES_MAX):
        with transaction.atomic():
            count = pendings.expire_due(actor=actor, now=now)
            if count:
                log.record(
                    event="ledger.holds.expired",
                    actor=actor,
                    subject="ledger",
                    facts={"count": count},
                    at=now,
                )
        released += count
        if count < pendings.EXPIRY_BATCH_MAX:
            break
    return released
