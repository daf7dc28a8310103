"""Secrets: those shown once are stored as hashes, those used again sealed under the server's key."""

import base64
import hashlib
import hmac
import secrets

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.crypto import salted_hmac

from accounts.ids import ALPHABET
from accounts.models import PREFIX_CHARS

KEY_MARK = "ask_"
KEY_SECRET_CHARS = 40  # 5 random bits each
KEY_BYTES = 32
SECOND_FACTOR = b"accounts.second_factor"


class SealingAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """Seals what allauth stores. SECRET_KEY_FALLBACKS open what a former key sealed."""

    def encrypt(self, text: str) -> str:
        return boxes(SECOND_FACTOR).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return boxes(SECOND_FACTOR).decrypt(encrypted_text.encode()).decode()


def boxes(purpose: bytes) -> MultiFernet:
    """What seals and opens for one purpose. What one purpose sealed another does not open."""
    return MultiFernet(
        [_box(secret, purpose) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    )


def _box(secret: str, purpose: bytes) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose)
    return Fernet(base64.urlsafe_b64encode(derived.derive(secret.encode())))


def _letters(count: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(count))


def new_key() -> tuple[str, str]:
    """A fresh API key and its public prefix: `ask_<prefix>_<200 random bits>`."""
    prefix = _letters(PREFIX_CHARS)
    return f"{KEY_MARK}{prefix}_{_letters(KEY_SECRET_CHARS)}", prefix


def prefix_of(secret: str) -> str | None:
    """The public prefix of something that has the form of a key, else None."""
    mark, prefix, rest = secret[: len(KEY_MARK)], *secret[len(KEY_MARK) :].partition("_")[::2]
    well_formed = mark == KEY_MARK and len(prefix) == PREFIX_CHARS and len(rest) == KEY_SECRET_CHARS
    return prefix if well_formed and secret.isascii() else None


def invitation_token(public_id: str) -> str:
    """The token of an invitation. It follows from the server's key, so that a mail sent again after
    a crash carries the same link although nothing but the token's hash is stored."""
    return salted_hmac("accounts.invitation", public_id, algorithm="sha256").hexdigest()


def hash_of(secret: str) -> str:
    """SHA-256 in hex. The secrets are random and long, so that no slow hash is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def matches(secret: str, stored_hash: str) -> bool:
    """Whether the secret has this hash, in a time that does not depend on where they differ."""
    return hmac.compare_digest(hash_of(secret), stored_hash)
