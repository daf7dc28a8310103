"""Writing the books with a record in the log: what every flow that moves money uses."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import Organisation
from exchange.audit.actions import log
from exchange.audit.canonical import Json
from exchange.ledger.actions import accounts, postings
from exchange.ledger.entries import Entry, ExternalFact, Hold, Move, Request, Take
from exchange.ledger.models import Account, Posting
from exchange.ledger.states import AccountKind, Guard


@transaction.atomic
def open_account(
    *,
    code: str,
    kind: AccountKind,
    currency: str,
    guard: Guard,
    actor: str,
    now: datetime,
    owner: Organisation | None = None,
) -> Account:
    """Open an account, or return the one that the same terms opened before."""
    account = accounts.open_account(
        code=code, kind=kind, currency=currency, guard=guard, actor=actor, now=now, owner=owner
    )
    if account.is_new:
        log.record(
            event="ledger.account.opened",
            actor=actor,
            subject=f"account:{account.public_id}",
            facts={
                "code": code,
                "kind": str(kind),
                "currency": currency,
                "guard": int(guard),
                "owner": owner.public_id if owner else None,
            },
            at=now,
        )
    return account


@transaction.atomic
def post(
    *,
    scope: str,
    key: str,
    kind: str,
    transfers: Sequence[Entry],
    actor: str,
    now: datetime,
    subject: str = "",
    effective_at: datetime | None = None,
    refs: Sequence[ExternalFact] = (),
) -> Posting:
    """Post one business event and record it. A repetition changes neither books nor log.

    The record comes first and is taken back when the posting turns out to be a repetition: hot
    accounts stay locked from the posting to the commit, and nothing should happen in between.
    """
    request = Request(
        scope=scope,
        key=key,
        kind=kind,
        transfers=transfers,
        subject=subject,
        effective_at=effective_at,
        refs=refs,
    )
    request.check()
    log.record(
        event="ledger.posting.made",
        actor=actor,
        subject=f"posting:{request.fingerprint()}",
        facts={"scope": scope, "key": key, "kind": kind, "transfers": _described(transfers)},
        at=now,
    )
    posting = postings.post(
        scope=scope,
        key=key,
        kind=kind,
        transfers=transfers,
        actor=actor,
        now=now,
        subject=subject,
        effective_at=effective_at,
        refs=refs,
    )
    if not posting.is_new:
        transaction.set_rollback(True)
    return posting


def _described(transfers: Sequence[Entry]) -> list[Json]:
    described: list[Json] = []
    for entry in transfers:
        row: dict[str, Json] = {"phase": str(entry.phase)}
        if isinstance(entry, Move | Hold):
            row |= {"debit": entry.debit, "credit": entry.credit}
        else:
            row["pending"] = str(entry.pending)
        if isinstance(entry, Move | Hold | Take):
            row |= {"amount_minor": str(entry.amount.minor), "currency": entry.amount.currency}
        described.append(row)
    return described
