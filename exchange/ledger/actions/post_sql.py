"""The one statement that writes postings."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from exchange.ledger.constraints import outages_are_refusals, refusal_for
from exchange.ledger.entries import Hold, Release, Request, Take, check_actor, transfer_id
from exchange.ledger.models import Posting
from exchange.ledger.queries.guards import require_guards


def write(requests: Sequence[Request], *, actor: str, now: datetime) -> list[Posting]:
    """Write the postings, all or none, in one round trip; return them in the order of `requests`.

    A repeated request returns the posting that it made the first time. Raises the refusals of
    `constraints.MEANINGS`, what `Request.check` raises, GuardsMissing and LedgerUnavailable. A
    refusal leaves the caller's transaction usable, except LedgerUnavailable.
    """
    check_actor(actor)
    for request in requests:
        request.check()
    with outages_are_refusals():
        require_guards()
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM ledger_post(%s)", [_payload(requests, actor, now)])
            rows = cursor.fetchall()
    if rows and rows[0][-2] is not None:
        raise refusal_for(*rows[0][-2:])
    return [
        _posting(request, actor, *row[1:4])
        for request, row in zip(requests, sorted(rows), strict=True)
    ]


def _posting(
    request: Request, actor: str, pk: int, effective_at: datetime, created_at: datetime
) -> Posting:
    stored = {
        "id": pk,
        "scope": request.scope,
        "key": request.key,
        "fingerprint": bytes.fromhex(request.fingerprint()),
        "kind": request.kind,
        "subject": request.subject,
        "actor": actor,
        "effective_at": effective_at,
        "created_at": created_at,
    }
    return Posting.from_db(connection.alias, list(stored), list(stored.values()))


def _payload(requests: Sequence[Request], actor: str, now: datetime) -> str:
    postings: list[dict[str, Any]] = []
    transfers: list[dict[str, Any]] = []
    refs: list[dict[str, Any]] = []
    for n, request in enumerate(requests, start=1):
        ids = [
            str(transfer_id(scope=request.scope, key=request.key, step=step))
            for step in range(len(request.transfers))
        ]
        postings.append(
            {
                "n": n,
                "scope": request.scope,
                "key": request.key,
                "fingerprint": request.fingerprint(),
                "kind": request.kind,
                "subject": request.subject,
                "actor": actor,
                "effective_at": (request.effective_at or now).isoformat(),
            }
        )
        for step, entry in enumerate(request.transfers):
            row = {"n": n, "id": ids[step], "step": step, "phase": entry.phase, "kind": entry.kind}
            if isinstance(entry, Take | Release):
                row["pending_of"] = str(entry.pending)
            else:
                row |= {"debit": entry.debit, "credit": entry.credit}
            if not isinstance(entry, Release):
                row |= {"amount": entry.amount.minor, "currency": entry.amount.currency}
            if isinstance(entry, Hold) and entry.expires_at is not None:
                row["expires_at"] = entry.expires_at.isoformat()
            transfers.append(row)
        refs.extend(
            {
                "n": n,
                "transfer": ids[ref.step],
                "psp": ref.psp,
                "object_type": ref.object_type,
                "object_id": ref.object_id,
                "kind": ref.kind,
            }
            for ref in request.refs
        )
    return json.dumps({"postings": postings, "transfers": transfers, "refs": refs})
