"""The one statement that writes postings."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from exchange.ledger.constraints import outages_are_refusals, refusal_for
from exchange.ledger.entries import Entry, Hold, Release, Request, Take, check_actor, transfer_id
from exchange.ledger.models import Posting
from exchange.ledger.queries.guards import require_guards

POST = "SELECT * FROM ledger_post(%s, %s, %s, %s::text[], %s::uuid[])"


@dataclass(frozen=True, slots=True)
class _Asked:
    request: Request
    fingerprint: str


def write(requests: Sequence[Request], *, actor: str, now: datetime) -> list[Posting]:
    """Write the postings, all or none, in one round trip; return them in the order of `requests`.

    A repeated request returns the posting that it made the first time. Raises the refusals of
    `constraints.MEANINGS`, what `Request.check` raises, GuardsMissing and LedgerUnavailable. A
    refusal leaves the caller's transaction usable, except LedgerUnavailable.
    """
    check_actor(actor)
    asked = _each_once(requests)
    with outages_are_refusals():
        require_guards()
        with connection.cursor() as cursor:
            cursor.execute(POST, _arguments(asked, actor, now))
            ids, effective, entered, news, refused, detail = cursor.fetchone()
    if refused is not None:
        raise refusal_for(refused, detail)
    written = {
        (one.request.scope, one.request.key): _posting(one, actor, *stored)
        for one, *stored in zip(
            asked, ids, effective, entered, news or [True] * len(asked), strict=True
        )
    }
    return [written[request.scope, request.key] for request in requests]


def _each_once(requests: Sequence[Request]) -> list[_Asked]:
    """The requests in the order of scope and key, a repeated one once. Raises KeyReused."""
    asked: dict[tuple[str, str], _Asked] = {}
    for request in requests:
        request.check()
        one = _Asked(request, request.fingerprint())
        first = asked.setdefault((request.scope, request.key), one)
        if first.fingerprint != one.fingerprint:
            raise refusal_for("posting_key_names_one_request", request.key)
    return [asked[name] for name in sorted(asked)]


def _posting(
    one: _Asked,
    actor: str,
    pk: int,
    effective_at: datetime,
    created_at: datetime,
    is_new: bool,  # noqa: FBT001 - a column of the answer
) -> Posting:
    stored = {
        "id": pk,
        "scope": one.request.scope,
        "key": one.request.key,
        "fingerprint": bytes.fromhex(one.fingerprint),
        "kind": one.request.kind,
        "subject": one.request.subject,
        "actor": actor,
        "effective_at": effective_at,
        "created_at": created_at,
    }
    posting = Posting.from_db(connection.alias, list(stored), list(stored.values()))
    posting.is_new = is_new
    return posting


def _arguments(asked: Sequence[_Asked], actor: str, now: datetime) -> list[Any]:
    transfers: list[dict[str, Any]] = []
    refs: list[dict[str, Any]] = []
    codes: set[str] = set()
    holds: set[uuid.UUID] = set()
    for n, one in enumerate(asked, start=1):
        ids = []
        for step, entry in enumerate(one.request.transfers):
            ids.append(str(transfer_id(scope=one.request.scope, key=one.request.key, step=step)))
            transfers.append({"n": n, "id": ids[step], "step": step, **_columns(entry)})
            if isinstance(entry, Take | Release):
                holds.add(entry.pending)
            else:
                codes |= {entry.debit, entry.credit}
        refs.extend(
            {
                "n": n,
                "transfer": ids[ref.step],
                "psp": ref.psp,
                "object_type": ref.object_type,
                "object_id": ref.object_id,
                "kind": ref.kind,
            }
            for ref in one.request.refs
        )
    postings = [
        {
            "n": n,
            "scope": one.request.scope,
            "key": one.request.key,
            "fingerprint": one.fingerprint,
            "kind": one.request.kind,
            "subject": one.request.subject,
            "actor": actor,
            "effective_at": (one.request.effective_at or now).isoformat(),
        }
        for n, one in enumerate(asked, start=1)
    ]
    return [
        json.dumps(postings),
        json.dumps(transfers),
        json.dumps(refs) if refs else None,
        list(codes),
        list(holds),
    ]


def _columns(entry: Entry) -> dict[str, Any]:
    columns: dict[str, Any] = {"phase": entry.phase.value, "kind": entry.kind}
    if isinstance(entry, Take | Release):
        columns["pending_of"] = str(entry.pending)
    else:
        columns |= {"debit": entry.debit, "credit": entry.credit}
    if not isinstance(entry, Release):
        columns |= {"amount": entry.amount.minor, "currency": entry.amount.currency}
    if isinstance(entry, Hold) and entry.expires_at is not None:
        columns["expires_at"] = entry.expires_at.isoformat()
    return columns
