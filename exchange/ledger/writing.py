"""The one statement that writes postings into the books, without a record in the log."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from exchange.ledger.constraints import outages_are_refusals, refusal_for
from exchange.ledger.entries import (
    Authorise,
    Capture,
    Entry,
    Posting,
    Void,
    check_actor,
    transfer_id,
)
from exchange.ledger.models import JournalEntry
from exchange.ledger.queries.guards import require_guards

POST = "SELECT * FROM ledger_post(%s, %s, %s, %s::text[], %s::uuid[])"


@dataclass(frozen=True, slots=True)
class _Asked:
    posting: Posting
    fingerprint: str


def write(postings: Sequence[Posting], *, actor: str, now: datetime) -> list[JournalEntry]:
    """Write the postings, all or none, in one round trip; return them in the order of `postings`.

    A repeated posting returns the posting that it made the first time. Raises the refusals of
    `constraints.MEANINGS`, what `Posting.check` raises, GuardsMissing and LedgerUnavailable. A
    refusal leaves the caller's transaction usable, except LedgerUnavailable.
    """
    check_actor(actor)
    asked = _each_once(postings)
    with outages_are_refusals():
        require_guards()
        with connection.cursor() as cursor:
            cursor.execute(POST, _arguments(asked, actor, now))
            ids, effective, entered, news, refused, detail = cursor.fetchone()
    if refused is not None:
        raise refusal_for(refused, detail)
    written = {
        (one.posting.scope, one.posting.key): _entry(one, actor, *stored)
        for one, *stored in zip(
            asked, ids, effective, entered, news or [True] * len(asked), strict=True
        )
    }
    return [written[posting.scope, posting.key] for posting in postings]


def _each_once(postings: Sequence[Posting]) -> list[_Asked]:
    """The postings in the order of scope and key, a repeated one once. Raises KeyReused."""
    asked: dict[tuple[str, str], _Asked] = {}
    for posting in postings:
        posting.check()
        one = _Asked(posting, posting.fingerprint())
        first = asked.setdefault((posting.scope, posting.key), one)
        if first.fingerprint != one.fingerprint:
            raise refusal_for("posting_key_names_one_request", posting.key)
    return [asked[name] for name in sorted(asked)]


def _entry(
    one: _Asked,
    actor: str,
    pk: int,
    effective_at: datetime,
    created_at: datetime,
    is_new: bool,  # noqa: FBT001 - a column of the answer
) -> JournalEntry:
    stored = {
        "id": pk,
        "scope": one.posting.scope,
        "key": one.posting.key,
        "fingerprint": bytes.fromhex(one.fingerprint),
        "kind": one.posting.kind,
        "subject": one.posting.subject,
        "actor": actor,
        "effective_at": effective_at,
        "created_at": created_at,
    }
    entry = JournalEntry.from_db(connection.alias, list(stored), list(stored.values()))
    entry.is_new = is_new
    return entry


def _arguments(asked: Sequence[_Asked], actor: str, now: datetime) -> list[Any]:
    transfers: list[dict[str, Any]] = []
    refs: list[dict[str, Any]] = []
    codes: set[str] = set()
    holds: set[uuid.UUID] = set()
    for n, one in enumerate(asked, start=1):
        ids = []
        for step, entry in enumerate(one.posting.transfers):
            ids.append(str(transfer_id(scope=one.posting.scope, key=one.posting.key, step=step)))
            transfers.append({"n": n, "id": ids[step], "step": step, **_columns(entry)})
            if isinstance(entry, Capture | Void):
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
            for ref in one.posting.refs
        )
    postings = [
        {
            "n": n,
            "scope": one.posting.scope,
            "key": one.posting.key,
            "fingerprint": one.fingerprint,
            "kind": one.posting.kind,
            "subject": one.posting.subject,
            "actor": actor,
            "effective_at": (one.posting.effective_at or now).isoformat(),
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
    if isinstance(entry, Capture | Void):
        columns["pending_of"] = str(entry.pending)
    else:
        columns |= {"debit": entry.debit, "credit": entry.credit}
    if not isinstance(entry, Void):
        columns |= {"amount": entry.amount.minor, "currency": entry.amount.currency}
    if isinstance(entry, Authorise) and entry.expires_at is not None:
        columns["expires_at"] = entry.expires_at.isoformat()
    return columns
