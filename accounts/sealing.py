"""Secrets lie in the database encrypted under the server's key: those of second factors, and others."""

import base64

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

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
