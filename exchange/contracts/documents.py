"""The canonical bytes of a contract: what is hashed and what is signed."""

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785


def canonical(document: Mapping[str, Any]) -> bytes:
    """The canonical JSON (RFC 8785) of a document of text, whole numbers, booleans and null."""
    return bytes(rfc8785.dumps(dict(document)))


def document_hash(document: Mapping[str, Any]) -> str:
    """`sha256:` and the hash of the canonical bytes."""
    return f"sha256:{hashlib.sha256(canonical(document)).hexdigest()}"
