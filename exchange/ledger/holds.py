"""Holds: money authorised, then captured or voided, or free again when its time is over.

A hold is the first transfer of the posting that authorises it, and has that transfer's id. Each of
the three takes a `Posting` that names the event, puts the hold's step in front of its transfers, and
posts it.
"""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db.models import Q
from django.db.models.functions import Now

from exchange.audit import log
from exchange.core.use_case import use_case
from exchange.ledger import books
from exchange.ledger.entries import Authorise, Capture, Posting, Void
from exchange.ledger.models import Account, JournalEntry, OpenHold
from pricing.money import Money

EXPIRY_SCOPE = "ledger.expiry"
# The accounts of a batch stay locked until its records are written.
EXPIRY_BATCH_MAX = 100
EXPIRY_BATCHES_MAX = 100


def authorise(
    posting: Posting,
    *,
    debit: str,
    credit: str,
    amount: Money,
    actor: str,
    now: datetime,
    expires_at: datetime | None = None,
) -> uuid.UUID:
    """Set `amount` aside; return the hold. It counts against the paying account's guard at once, and
    the receiving account cannot spend it.

    After `expires_at`, by the database's clock, it can no longer be captured; `expire_due` then
    frees it. Raises what `books.post` raises.
    """
    entry = Authorise(debit=debit, credit=credit, amount=amount, expires_at=expires_at)
    books.post(replace(posting, transfers=[entry, *posting.transfers]), actor=actor, now=now)
    return posting.first


def capture(
    posting: Posting, *, hold: uuid.UUID, amount: Money, actor: str, now: datetime
) -> JournalEntry:
    """Take `amount` out of the hold, once; the rest is free again.

    Raises PendingAlreadyResolved, PendingExpired, ExceedsPending and UnknownPending.
    """
    entry = Capture(pending=hold, amount=amount)
    return books.post(replace(posting, transfers=[entry, *posting.transfers]), actor=actor, now=now)


def void(
    posting: Posting, *, holds: Sequence[uuid.UUID], actor: str, now: datetime
) -> JournalEntry:
    """Give whole holds free, run out or not. Raises PendingAlreadyResolved and UnknownPending."""
    entries = [Void(pending=hold) for hold in holds]
    return books.post(
        replace(posting, transfers=[*entries, *posting.transfers]), actor=actor, now=now
    )


def expire_due(*, actor: str, now: datetime) -> int:
    """Void the holds whose time is over by the database's clock; return how many. Each batch commits
    with its records."""
    voided = 0
    for _batch in range(EXPIRY_BATCHES_MAX):
        entries = expire_batch(actor=actor, now=now, limit=EXPIRY_BATCH_MAX)
        voided += len(entries)
        if len(entries) < EXPIRY_BATCH_MAX:
            break
    return voided


@use_case()
def expire_batch(*, actor: str, now: datetime, limit: int) -> list[JournalEntry]:
    """Void up to `limit` holds whose time is over; return the entries. Each has one hold, whose id is
    its key.

    A hold that somebody resolves at the same moment is left to them: the accounts are locked first,
    and what is still open is read again behind the lock.
    """
    due = OpenHold.objects.filter(expires_at__lte=Now())
    candidates = list(due.order_by("expires_at").values_list("pk", flat=True)[:limit])
    if not candidates:
        return []
    moved = OpenHold.objects.filter(pk__in=candidates)
    touched = Q(pk__in=moved.values("transfer__debit")) | Q(pk__in=moved.values("transfer__credit"))
    list(Account.objects.filter(touched).order_by("pk").select_for_update(no_key=True).values("pk"))
    open_still = sorted(due.filter(pk__in=candidates).values_list("pk", flat=True))
    entries = books.post_many([_expiry(hold) for hold in open_still], actor=actor, now=now)
    for entry in entries:
        log.record(
            event="ledger.hold.expired",
            actor=actor,
            subject=f"posting:{bytes(entry.fingerprint).hex()}",
            facts={
                "scope": entry.scope,
                "key": entry.key,
                "kind": entry.kind,
                "transfers": [{"phase": "void", "pending": entry.key}],
            },
            at=now,
        )
    return entries


def _expiry(hold: uuid.UUID) -> Posting:
    return Posting(
        scope=EXPIRY_SCOPE,
        key=str(hold),
        kind="ledger.hold.expired",
        transfers=[Void(pending=hold)],
    )
