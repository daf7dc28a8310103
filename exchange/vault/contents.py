"""Stored content held to its rows: each file is there, as long as its row says, and has its hash."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from exchange.vault.models import Blob
from exchange.vault.store import content_name, content_storage

STEP_BYTES = 1024 * 1024


def that_differs(*, is_deep: bool) -> Iterator[str]:
    """A sentence for each content that is gone or altered; `is_deep` reads all of it, else its length is asked."""
    storage = content_storage()
    blobs = Blob.objects.order_by("pk").values_list("sha256", "size_bytes")
    for sha256, size_bytes in blobs.iterator(chunk_size=2000):
        path = Path(storage.path(content_name(sha256)))
        try:
            size = path.stat().st_size
        except OSError:
            yield f"The content {sha256} is gone."
            continue
        if size != size_bytes:
            yield f"The content {sha256} has {size} bytes instead of {size_bytes}."
        elif is_deep and _hash_of(path) != sha256:
            yield f"The content {sha256} does not have that hash."


def _hash_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as content:
        while step := content.read(STEP_BYTES):
            digest.update(step)
    return digest.hexdigest()
