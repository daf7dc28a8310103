"""Secrets that are shown once: how they are made, hashed and compared."""

import hashlib
import hmac
import secrets

from django.utils.crypto import salted_hmac

from accounts.ids import ALPHABET
from accounts.models import PREFIX_CHARS

KEY_MARK = "ask_"
KEY_SECRET_CHARS = 40  # 5 random bits each


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
