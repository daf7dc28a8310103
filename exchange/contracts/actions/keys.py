"""The keys of organisations: made when they are first needed, opened only to sign."""

import base64
import os
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import IntegrityError, transaction

from accounts.sealing import boxes
from exchange.contracts.models import SigningKey

PURPOSE = b"exchange.contracts.signing"
SEED_BYTES = 32


def key_of(*, organisation_id: int, now: datetime) -> SigningKey:
    """The key that the organisation signs with.

    Two who sign for it at once get the same key: whoever writes the row first wins.
    """
    known = SigningKey.objects.filter(organisation_id=organisation_id, retired_at=None).first()
    if known is not None:
        return known
    seed = os.urandom(SEED_BYTES)
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    try:
        with transaction.atomic():
            return SigningKey.objects.create(
                organisation_id=organisation_id,
                public=base64.b64encode(public).decode(),
                sealed_seed=boxes(PURPOSE).encrypt(seed).decode(),
                made_at=now,
            )
    except IntegrityError:
        return SigningKey.objects.get(organisation_id=organisation_id, retired_at=None)


def sign(*, key: SigningKey, content: bytes) -> str:
    """The signature over the content, in base64."""
    private = Ed25519PrivateKey.from_private_bytes(boxes(PURPOSE).decrypt(key.sealed_seed))
    return base64.b64encode(private.sign(content)).decode()
