"""The witness: a place outside the database that keeps the heads that were signed, so that a cut is found.

AUDIT_WITNESS is a folder or an address. In a folder each head is one line of a file for its day, appended
and flushed. An address takes each head as the body of a POST and gives the newest one that it keeps to a
GET. A witness that does not answer holds nobody up: the newest head is sent as soon as it does again, and
it stands for all before it.
"""

import contextlib
import http.client
import json
import os
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import structlog
from django.conf import settings

from exchange.audit import signed_heads
from exchange.audit.models import Head
from exchange.audit.verify import Unproven
from exchange.core import clock

TIMEOUT_SECONDS = 5
RETRY_SECONDS = 30
NOTE_BYTES_MAX = 4096
HEADS_MAX = 1000
ADDRESSES = ("https://", "http://localhost", "http://127.0.0.1")

logger = structlog.get_logger(__name__)


def is_configured() -> bool:
    return bool(settings.AUDIT_WITNESS)


def _is_address() -> bool:
    return str(settings.AUDIT_WITNESS).startswith(ADDRESSES)


def send(note: str) -> None:
    """Have the witness keep a head. Raises OSError where it cannot."""
    if _is_address():
        _post(note)
    else:
        _append(note)


def kept() -> Iterator[str]:
    """The heads that the witness keeps, oldest first; of an address the newest alone. Raises OSError."""
    if _is_address():
        newest = _get()
        if newest:
            yield newest
        return
    for file in sorted(Path(settings.AUDIT_WITNESS).glob("*.heads")):
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                yield _note_of(line)


def newest() -> str:
    """The last head that the witness was given; empty when it has none. Raises OSError."""
    if _is_address():
        return _get()
    files = sorted(Path(settings.AUDIT_WITNESS).glob("*.heads"))
    lines = files[-1].read_bytes()[-2 * NOTE_BYTES_MAX :].splitlines() if files else []
    return _note_of(lines[-1].decode()) if lines else ""


def _append(note: str) -> None:
    folder = Path(settings.AUDIT_WITNESS)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{clock.now().astimezone(UTC):%Y-%m-%d}.heads"
    is_new = not file.exists()
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, json.dumps(note).encode() + b"\n")  # one write: lines never mix
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if is_new:
        signed_heads.sync_folder(folder)


def _note_of(line: str) -> str:
    """The note of a line; what a full disk has torn is a note that nobody signed."""
    try:
        return str(json.loads(line))
    except ValueError:
        return line


def _post(note: str) -> None:
    request = urllib.request.Request(  # noqa: S310 - ADDRESSES says which
        settings.AUDIT_WITNESS,
        data=note.encode(),
        headers={"Content-Type": "text/plain; charset=utf-8"},
        method="POST",
    )
    _answer(request)


def _get() -> str:
    return _answer(settings.AUDIT_WITNESS).decode("utf-8", errors="replace")


def _answer(asked: str | urllib.request.Request) -> bytes:
    """The body of a 2xx. Raises OSError for anything else, also for what is not HTTP."""
    try:
        with urllib.request.urlopen(asked, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - as above
            return bytes(answer.read(NOTE_BYTES_MAX))
    except http.client.HTTPException as failure:
        raise OSError(repr(failure)) from failure


class Outbox:
    """Sends what was signed and not yet witnessed. One for each sequencer."""

    def __init__(self) -> None:
        self._told_size = 0
        self._retry_at = 0.0
        self._is_behind = True
        self._has_recalled = False

    def recall(self) -> None:
        """At the beginning take over the newest head of the witness, where it is the larger one.

        So a process on a new machine, which has no head beside its key, is bound by what others signed.
        Raises OSError where neither is to be had.
        """
        if self._has_recalled or not is_configured():
            return
        try:
            note = newest()
        except OSError:
            if signed_heads.last_signed() is None:
                raise
            return
        if note:
            with contextlib.suppress(Unproven):  # of a former key, or torn: verify_audit says so
                signed_heads.keep(note)
        self._has_recalled = True

    def send_new(self, *, is_new: bool) -> None:
        """Send the heads since the last one sent, at the beginning the newest; on failure try later."""
        self._is_behind |= is_new
        if not self._is_behind or not is_configured() or time.monotonic() < self._retry_at:
            return
        newest_alone = _is_address() or not self._told_size
        heads = Head.objects.filter(tree_size__gt=self._told_size).order_by("-tree_size")
        notes = heads.values_list("tree_size", "checkpoint")[: 1 if newest_alone else HEADS_MAX]
        try:
            for size, note in reversed(notes):
                send(note)
                self._told_size = size
        except OSError as failure:
            self._retry_at = time.monotonic() + RETRY_SECONDS
            logger.warning("audit.witness_failed", error=str(failure), retry_in=RETRY_SECONDS)
        else:
            self._is_behind = False
