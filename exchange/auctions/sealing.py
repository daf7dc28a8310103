"""Sealed bids: the key of an auction, envelopes, and commitments.

Each auction has an AES-256-GCM key of its own, which lies in the database under the server's key.
What that protects against, and what not, is in docs/decisions/0020.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from accounts.sealing import boxes
from pricing.documents import canonical, digest

PURPOSE = b"auctions.bids"
KEY_BITS = 256
NONCE_BYTES = 12
BID_NONCE_BYTES = 16


def new_key() -> str:
    """A fresh key for one auction, sealed."""
    return boxes(PURPOSE).encrypt(AESGCM.generate_key(KEY_BITS)).decode()


def seal_text(text: str) -> str:
    """A short secret of an auction, such as the seed of a lottery, sealed."""
    return boxes(PURPOSE).encrypt(text.encode()).decode()


def open_text(sealed: str) -> str:
    """The secret that `seal_text` sealed."""
    return boxes(PURPOSE).decrypt(sealed.encode()).decode()


def new_nonce() -> str:
    """What keeps anybody from guessing a bid from its commitment."""
    return secrets.token_hex(BID_NONCE_BYTES)


def commitment(
    *, auction_id: str, bidder: str, rows: Sequence[Mapping[str, Any]], nonce: str
) -> str:
    """`sha256:` and the hash of the canonical JSON of auction, bidder, rows and nonce."""
    return digest(
        {"auction": auction_id, "bidder": bidder, "nonce": nonce, "rows": [dict(r) for r in rows]}
    )


class Sealer:
    """Seals and opens the envelopes of one auction. Each is tied to its auction and bidder: moved to
    another row it does not open."""

    def __init__(self, *, auction_id: str, sealed_key: str) -> None:
        self._cipher = AESGCM(boxes(PURPOSE).decrypt(sealed_key.encode()))
        self._auction_id = auction_id

    def seal(self, *, bidder: str, rows: Sequence[Mapping[str, Any]], nonce: str) -> bytes:
        content = canonical({"nonce": nonce, "rows": [dict(row) for row in rows]})
        fresh = secrets.token_bytes(NONCE_BYTES)
        return fresh + self._cipher.encrypt(fresh, content, self._tied_to(bidder))

    def open(self, envelope: bytes, *, bidder: str) -> tuple[list[dict[str, Any]], str] | None:
        """Rows and nonce; None when the envelope was changed or belongs elsewhere."""
        try:
            content = self._cipher.decrypt(
                envelope[:NONCE_BYTES], envelope[NONCE_BYTES:], self._tied_to(bidder)
            )
        except InvalidTag:
            return None
        read = json.loads(content)
        return read["rows"], read["nonce"]

    def _tied_to(self, bidder: str) -> bytes:
        return f"{self._auction_id}:{bidder}".encode()
