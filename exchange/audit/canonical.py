"""Records as canonical JSON (RFC 8785): the same facts give the same bytes on every machine."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeAlias

import rfc8785

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
