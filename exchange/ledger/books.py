"""The one way into the books: accounts opened, postings made, each with its record.

A room builds a `Posting` that says what moves and why, and hands it to `post`. It is checked once,
written in one round trip, and recorded when it is new.
"""

import json
import uuid
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import InterfaceError, InternalError, OperationalError, connection
from django.db.transaction import TransactionManagementError
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.audit import log
from exchange.audit.log import Json
from exchange.core.refusals import Refusal
from exchange.ledger.entries import (
    Authorise,
    Capture,
    Entry,
    EntryRequest,
    Posting,
    Void,
    check_actor,
    check_name,
    transfer_id,
)
from exchange.ledger.errors import MEANINGS, AccountDiffers, BatchTooLarge, LedgerUnavailable
from exchange.ledger.guards import require_guards
from exchange.ledger.models import Account, JournalEntry
from exchange.ledger.models.accounts import CODE_CHARS_MAX, AccountKind, Guard
from pricing.money import Money, exponent

READ_ONLY = "25006"  # SQLSTATE
POST = "SELECT * FROM ledger_post(%s, %s, %s, %s::text[], %s::uuid[])"


@dataclass(frozen=True, slots=True)
class _Asked:
    posting: Posting
    fingerprint: str


def write(postings: Sequence[Posting], *, actor: str, now: datetime) -> list[JournalEntry]:
    """Write the postings, all or none, in one round trip; return them in the order of `postings`.

    A repeated posting returns the posting that it made the first time. Raises the refusals of
    `MEANINGS`, what `Posting.check` raises, GuardsMissing and LedgerUnavailable. A
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
        raise _refusal_for(refused, detail)
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
            raise _refusal_for("posting_key_names_one_request", posting.key)
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


POSTINGS_MAX = 1000
TRANSFERS_MAX = 10_000


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
    """Open the account, or return the one that the same terms opened before.

    Raises AccountDiffers when the code has other terms, MalformedPosting for a code that is none,
    and UnknownCurrency.
    """
    _require_transaction()
    check_name("code", code, CODE_CHARS_MAX)
    check_actor(actor)
    exponent(currency)
    terms = {"kind": kind, "currency": currency, "guard": guard, "owner": owner}
    with outages_are_refusals():
        account, is_new = Account.objects.get_or_create(
            code=code, defaults={**terms, "opened_at": now, "opened_by": actor}
        )
    account.is_new = is_new
    differing = [name for name, value in terms.items() if getattr(account, name) != value]
    if differing:
        raise AccountDiffers(
            _("This code is taken by an account of other terms."), account=code, differing=differing
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


def balance(code: str, currency: str) -> Money:
    """What is on the account; nothing when it was never opened."""
    account = Account.objects.filter(code=code).first()
    return account.balance if account else Money(0, currency)


def available(code: str, currency: str, *, lock: bool = False) -> Money:
    """What may leave the account; nothing when it was never opened. With `lock` nobody else takes it
    before this transaction ends."""
    rows = Account.objects.select_for_update(no_key=True) if lock else Account.objects
    account = rows.filter(code=code).first()
    return account.available if account else Money(0, currency)


def available_of(codes: Collection[str], currency: str) -> dict[str, Money]:
    """What may leave each account, which nobody else takes before this transaction ends. They are locked
    in the order in which postings lock."""
    nothing = Money(0, currency)
    rows = Account.objects.filter(code__in=codes).order_by("pk").select_for_update(no_key=True)
    return dict.fromkeys(codes, nothing) | {row.code: row.available for row in rows}


def post(posting: Posting, *, actor: str, now: datetime) -> JournalEntry:
    """Make one posting and record it; a repetition changes neither books nor log.

    The same scope and key with the same contents give the first entry; with other contents KeyReused.
    Post last in a transaction: the accounts stay locked until it commits.
    """
    _require_transaction()
    entry = write([posting], actor=actor, now=now)[0]
    if entry.is_new:
        log.record(
            event="ledger.posting.made",
            actor=actor,
            subject=f"posting:{bytes(entry.fingerprint).hex()}",
            facts={
                "scope": posting.scope,
                "key": posting.key,
                "kind": posting.kind,
                "transfers": _described(posting.transfers),
            },
            at=now,
        )
    return entry


def post_many(postings: Sequence[Posting], *, actor: str, now: datetime) -> list[JournalEntry]:
    """Write up to POSTINGS_MAX postings, all or none, with one balance update for each account. What
    they stand for is the caller's to record.

    Guards see the net of the batch. Raises what `post` raises, and BatchTooLarge.
    """
    transfers_count = sum(len(posting.transfers) for posting in postings)
    if len(postings) > POSTINGS_MAX or transfers_count > TRANSFERS_MAX:
        raise BatchTooLarge(
            _("Too many postings at once."),
            postings_maximum=POSTINGS_MAX,
            transfers_maximum=TRANSFERS_MAX,
        )
    return write(postings, actor=actor, now=now) if postings else []


def _require_transaction() -> None:
    """What is written in the books and its record are in one transaction, or neither is written."""
    if not connection.in_atomic_block:
        raise TransactionManagementError(
            "The books are written in the transaction of what they book."
        )


def _described(transfers: Sequence[Entry]) -> list[Json]:
    described: list[Json] = []
    for entry in transfers:
        row: dict[str, Json] = {"phase": str(entry.phase)}
        if isinstance(entry, EntryRequest | Authorise):
            row |= {"debit": entry.debit, "credit": entry.credit}
        else:
            row["pending"] = str(entry.pending)
        if isinstance(entry, EntryRequest | Authorise | Capture):
            row |= {"amount_minor": str(entry.amount.minor), "currency": entry.amount.currency}
        described.append(row)
    return described


def _refusal_for(constraint: str, detail: str | None) -> Refusal:
    """The refusal that a violated constraint stands for. An unforeseen one is a programming error."""
    meaning = MEANINGS.get(constraint)
    if meaning is None:
        raise AssertionError(f"The books refused by {constraint}, which has no meaning: {detail}")
    return meaning.refusal(str(meaning.sentence), **{meaning.fact: detail, "guard": constraint})


@contextmanager
def outages_are_refusals() -> Iterator[None]:
    """Raise LedgerUnavailable when the server is down, restarting, full or read-only.

    Outside a transaction a lost connection is dropped, so that the next attempt gets a new one.
    """
    try:
        yield
    except (OperationalError, InterfaceError, InternalError) as error:
        state = getattr(error.__cause__, "sqlstate", None)
        if isinstance(error, InternalError) and state != READ_ONLY:
            raise
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        raise LedgerUnavailable(
            _("The books cannot be written now. Try again with the same key."),
            retryable=True,
            sqlstate=state,
        ) from error
