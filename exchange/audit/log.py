"""Writing a record, in the transaction of the change it speaks of, as canonical JSON (RFC 8785): the same facts
give the same bytes on every machine."""

import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

import rfc8785
from django.db import connection

from accounts.ids import new_id
from exchange.audit.models import EVENT_CHARS_MAX, WHO_CHARS_MAX
from exchange.core.use_case import gather

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"

FORMAT = 1
CANONICAL_BYTES_MAX = 64 * 1024
SALT_BYTES = 32


class UnloggableError(ValueError):
    """A record that cannot be written in the log as it is: a mistake of the calling code."""


def encode(document: Mapping[str, Json]) -> bytes:
    """The canonical bytes.

    Raises UnloggableError for values that JSON cannot carry exactly: integers beyond 2**53 - 1
    (write amounts of that size as strings), NaN, lone surrogates, other types; and above 64 KiB.
    """
    try:
        canonical = rfc8785.dumps(document)
    except rfc8785.IntegerDomainError as refused:
        raise UnloggableError(
            f"{refused}: JSON readers round integers beyond 2**53 - 1; log it as a string."
        ) from refused
    except (rfc8785.CanonicalizationError, RecursionError) as refused:
        raise UnloggableError(str(refused)) from refused
    if len(canonical) > CANONICAL_BYTES_MAX:
        raise UnloggableError(
            f"A record of {len(canonical)} bytes is over {CANONICAL_BYTES_MAX}; log large"
            " contents as documents, of which only the hash is kept."
        )
    return canonical


def timestamp(at: datetime) -> str:
    """RFC 3339 in UTC with microseconds; raises UnloggableError for a naive moment."""
    if at.tzinfo is None:
        raise UnloggableError("A moment without a time zone is not a moment.")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def new_salt() -> bytes:
    return secrets.token_bytes(SALT_BYTES)


def commitment(*, salt: bytes, field: str, value: str) -> str:
    """SHA-256 of salt, field, NUL and value. The NUL parts field and value, which both may vary."""
    return hashlib.sha256(salt + field.encode() + b"\0" + value.encode()).hexdigest()


def document_hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


EVENT = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){2}")
WHO = re.compile(r"[!-~]+")
FIELD = re.compile(r"[a-z][a-z0-9_]{0,39}")
_RECORDS = """
WITH written AS (
    INSERT INTO audit_record (public_id, event, actor, subject, at, canonical)
    SELECT r.public_id, r.event, r.actor, r.subject, r.at, r.canonical
    FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::bytea[])
        WITH ORDINALITY AS r (public_id, event, actor, subject, at, canonical, place)
    ORDER BY r.place
    RETURNING id, public_id
)
"""
_DISCLOSURES = """
, disclosed AS (
    INSERT INTO audit_disclosure (record_id, field, salt, value)
    SELECT written.id, p.field, p.salt, p.value
    FROM unnest(%s::text[], %s::text[], %s::bytea[], %s::text[]) AS p (public_id, field, salt, value)
    JOIN written ON written.public_id = p.public_id
)
"""
_QUEUE = "INSERT INTO audit_pending (record_id) SELECT id FROM written ORDER BY id"


@dataclass(frozen=True)
class Row:
    """One record as it is stored; `disclosed` are its personal values: field, salt, value."""

    public_id: str
    event: str
    actor: str
    subject: str
    at: datetime
    content: bytes
    disclosed: Sequence[tuple[str, bytes, str]]


def record(
    *,
    event: str,
    actor: str,
    subject: str,
    facts: Mapping[str, Json],
    at: datetime,
    personal: Mapping[str, str] | None = None,
    documents: Mapping[str, bytes] | None = None,
) -> str:
    """Add one record to the journal and return its public id; no lock that anybody waits for.

    It is written when the running use case ends, at once outside of one, and belongs to the
    transaction of its change: TransactionManagementError outside any. `event` is `room.thing.past_tense`; `actor` and `subject` are printable ASCII without
    spaces, such as `user:usr_…`. `facts` hold no personal values: those go to `personal`, of which
    the record keeps salted commitments only, and of `documents` it keeps the SHA-256.
    Raises UnloggableError for anything that the log could not repeat exactly.
    """
    _check(event=event, actor=actor, subject=subject)
    public_id = new_id("rec")
    disclosed = [(_field(field), new_salt(), value) for field, value in (personal or {}).items()]
    content: dict[str, Json] = {
        "v": FORMAT,
        "id": public_id,
        "event": event,
        "actor": actor,
        "subject": subject,
        "at": timestamp(at),
        "facts": dict(facts),
    }
    if disclosed:
        content["personal"] = {
            field: commitment(salt=salt, field=field, value=value)
            for field, salt, value in disclosed
        }
    if documents:
        content["documents"] = {
            name: document_hash(document) for name, document in documents.items()
        }
    gather(
        "record",
        Row(
            public_id=public_id,
            event=event,
            actor=actor,
            subject=subject,
            at=at,
            content=encode(content),
            disclosed=disclosed,
        ),
    )
    return public_id


def insert(rows: Sequence[Row]) -> None:
    """Write the records in their order. Nothing is read back."""
    statement = _RECORDS
    columns: list[list[Any]] = [
        [row.public_id for row in rows],
        [row.event for row in rows],
        [row.actor for row in rows],
        [row.subject for row in rows],
        [row.at for row in rows],
        [row.content for row in rows],
    ]
    disclosed = [(row.public_id, *value) for row in rows for value in row.disclosed]
    if disclosed:
        statement += _DISCLOSURES
        columns += [list(column) for column in zip(*disclosed, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(statement + _QUEUE, columns)


def _check(*, event: str, actor: str, subject: str) -> None:
    if not EVENT.fullmatch(event) or len(event) > EVENT_CHARS_MAX:
        raise UnloggableError(f"{event!r} is not an event name like orders.auction.closed.")
    for who in (actor, subject):
        if not WHO.fullmatch(who) or len(who) > WHO_CHARS_MAX:
            raise UnloggableError(
                f"{who!r} does not name an actor or a subject, as user:usr_1 does."
            )


def _field(name: str) -> str:
    if not FIELD.fullmatch(name):
        raise UnloggableError(f"{name!r} is not the name of a personal field.")
    return name
