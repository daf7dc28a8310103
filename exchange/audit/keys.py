"""The key that signs the log's heads, and the public keys that verify them."""

import base64
import binascii
import os
import tempfile
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from exchange.audit.verify import HASH_BYTES, Checkpoint, VerifierKey

SEED_BYTES = HASH_BYTES
KEY_FILE = "audit.key"


def verifier_key() -> VerifierKey:
    """The public half of the key that signs now. Its name is the log's origin."""
    return VerifierKey(
        name=settings.AUDIT_LOG_ORIGIN, public=_signer().public_key().public_bytes_raw()
    )


def verifier_keys() -> list[VerifierKey]:
    """The key that signs now, then those that signed earlier heads."""
    retired = [VerifierKey.parse(vkey) for vkey in settings.AUDIT_RETIRED_KEYS]
    return [verifier_key(), *retired]


def sign(checkpoint: Checkpoint) -> str:
    """The checkpoint as a signed note."""
    return sign_text(checkpoint.body())


def sign_text(body: str) -> str:
    """Lines of text, the last newline included, as a signed note of the exchange.

    The first line has to say what the text is: no head of the log begins like it.
    """
    key = verifier_key()
    encoded = base64.b64encode(key.hash + _signer().sign(body.encode())).decode()
    return f"{body}\n— {key.name} {encoded}\n"


def _signer() -> Ed25519PrivateKey:
    return _load(settings.AUDIT_SIGNING_KEY, settings.INSTANCE_DIR / KEY_FILE)


@cache
def _load(encoded: str, file: Path) -> Ed25519PrivateKey:
    try:
        seed = base64.b64decode(encoded or kept_in(file), validate=True)
    except binascii.Error as refused:
        raise ImproperlyConfigured("AUDIT_SIGNING_KEY is not base64.") from refused
    if len(seed) != SEED_BYTES:
        raise ImproperlyConfigured(f"AUDIT_SIGNING_KEY must be {SEED_BYTES} bytes in base64.")
    return Ed25519PrivateKey.from_private_bytes(seed)


def kept_in(file: Path) -> str:
    """The seed in the file, made the first time for its owner's eyes only.

    Two processes that start together get the same key: whoever links the file first wins.
    """
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=KEY_FILE)  # made with mode 0600
        fresh = Path(name)
        with os.fdopen(handle, "w") as written:
            written.write(base64.b64encode(os.urandom(SEED_BYTES)).decode())
        try:
            file.hardlink_to(fresh)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return file.read_text().strip()
