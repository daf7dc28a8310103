"""Holds: money set aside, then taken, released, or free again when its time is over."""

import uuid
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from exchange.ledger.actions import batches, postings
from exchange.ledger.constraints import outages_are_refusals
from exchange.ledger.entries import Hold, Release, Request, Take, transfer_id
from exchange.ledger.models import Account, OpenHold, Posting
from pricing.money import Money

EXPIRY_SCOPE = "ledger.expiry"
EXPIRY_BATCH_MAX = 500


def hold(
    *,
    scope: str,
    key: str,
    kind: str,
    debit: str,
    credit: str,
    amount: Money,
    actor: str,
    now: datetime,
    expires_at: datetime | None = None,
    subject: str = "",
) -> uuid.UUID:
    """Set `amount` aside; return the hold's id. It counts against the paying account's guard at once.

    The receiving account cannot spend it. After `expires_at`, by the database's clock, the hold can
    no longer be taken; `expire_due` then frees it. Raises what `postings.post` raises.
    """
    entry = Hold(debit=debit, credit=credit, amount=amount, expires_at=expires_at)
    postings.post(
        scope=scope, key=key, kind=kind, transfers=[entry], actor=actor, now=now, subject=subject
    )
    return transfer_id(scope=scope, key=key)


def post(
    *,
    scope: str,
    key: str,
    kind: str,
    pending: uuid.UUID,
    amount: Money,
    actor: str,
    now: datetime,
    subject: str = "",
) -> Posting:
    """Take `amount` out of the hold, once; the rest is free again.

    Raises PendingAlreadyResolved, PendingExpired, ExceedsPending and UnknownPending.
    """
    entry = Take(pending=pending, amount=amount)
    return postings.post(
        scope=scope, key=key, kind=kind, transfers=[entry], actor=actor, now=now, subject=subject
    )


def void(
    *,
    scope: str,
    key: str,
    kind: str,
    pending: uuid.UUID,
    actor: str,
    now: datetime,
    subject: str = "",
) -> Posting:
    """Release the whole hold, run out or not. Raises PendingAlreadyResolved and UnknownPending."""
    return postings.post(
        scope=scope,
        key=key,
        kind=kind,
        transfers=[Release(pending=pending)],
        actor=actor,
        now=now,
        subject=subject,
    )


def expire_due(*, actor: str, now: datetime, limit: int = EXPIRY_BATCH_MAX) -> list[Posting]:
    """Release up to `limit` holds whose time is over by the database's clock; return the postings.

    Each has one hold, whose id is its key.

    A hold that somebody resolves at the same moment is left to them: the accounts are locked first,
    and what is still open is read again behind the lock. Call it until it returns fewer than `limit`.
    """
    due = OpenHold.objects.filter(expires_at__lte=Now())
    with outages_are_refusals(), transaction.atomic():
        candidates = list(due.order_by("expires_at").values_list("pk", flat=True)[:limit])
        if not candidates:
            return []
        moved = OpenHold.objects.filter(pk__in=candidates)
        touched = Q(pk__in=moved.values("transfer__debit")) | Q(
            pk__in=moved.values("transfer__credit")
        )
        list(
            Account.objects.filter(touched)
            .order_by("pk")
            .select_for_update(no_key=True)
            .values("pk")
        )
        open_still = sorted(due.filter(pk__in=candidates).values_list("pk", flat=True))
        return batches.post_many(
            requests=[
                Request(
                    scope=EXPIRY_SCOPE,
                    key=str(pending),
                    kind="ledger.hold.expired",
                    transfers=[Release(pending=pending)],
                )
                for pending in open_still
            ],
            actor=actor,
            now=now,
        )
