"""Checking a signature over a contract: needs the public half of the key and nothing of the room."""

import base64

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def is_signed(*, public: str, signature: str, content: bytes) -> bool:
    """Whether the key that belongs to `public` signed exactly this content. Both are base64."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public))
        key.verify(base64.b64decode(signature), content)
    except (InvalidSignature, ValueError):
        return False
    return True
