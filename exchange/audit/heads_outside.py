"""The heads that have left the database, compared with those in it: a tail that was cut off, or a log that forked."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from exchange.audit import keys, signed_heads, witness
from exchange.audit.findings import Counts, Finding
from exchange.audit.models import Head
from exchange.audit.queries import newest_edge, signed_root
from exchange.audit.signed_heads import LogCutShort
from exchange.audit.verify import Unproven, open_checkpoint

CHUNK_HEADS = 2000
SIZE = re.compile("[0-9]{1,18}")


class HeadsOutside:
    """Made before the database's moment is chosen: what is signed after that is no difference."""

    def __init__(self) -> None:
        self._problem = ""
        self._last = None
        try:
            self._last = signed_heads.last_signed()
        except LogCutShort as reason:
            self._problem = str(reason)
        self._size_at_most = _newest_witnessed()

    def findings(self, counts: Counts) -> Iterator[Finding]:
        """What was signed and is not what the log says."""
        size = newest_edge().size
        try:
            signed_heads.require_continuation(size=size, last=self._last, root_at=signed_root)
        except LogCutShort as reason:
            self._problem = str(reason)
        if self._problem:
            yield Finding("signed head", self._problem)
        if not witness.is_configured():
            return
        try:
            notes = witness.kept()
            while chunk := list(islice(notes, CHUNK_HEADS)):
                counts.witnessed += len(chunk)
                yield from self._compare(chunk, size)
        except OSError as failure:
            yield Finding("witness", f"The witness cannot be read: {failure}.")

    def _compare(self, notes: Sequence[str], size: int) -> Iterator[Finding]:
        """Notes that are not stored word for word; of those the signature counts, for a witness may be written to."""
        sizes = [_size_of(note) for note in notes]
        stored = set(Head.objects.filter(tree_size__in=sizes).values_list("checkpoint", flat=True))
        for note in notes:
            if note in stored:
                continue
            try:
                head = open_checkpoint(note, keys.verifier_keys())
            except Unproven as reason:
                yield Finding("witness", f"It keeps what we did not sign: {reason}")
                continue
            said = f"It keeps a head of {head.size} records, signed at {head.time}; the log has"
            if head.size <= size:
                yield Finding("witness", f"{said} none or another one of this size.")
            elif head.size <= self._size_at_most:
                yield Finding("witness", f"{said} only {size} records: its end was cut off.")


def _newest_witnessed() -> int:
    try:
        return _size_of(witness.newest()) if witness.is_configured() else 0
    except OSError:
        return 0  # the check itself says that the witness cannot be read


def _size_of(note: str) -> int:
    """The size that a note speaks of, unchecked; 0 where it speaks of none."""
    size = note.split("\n", 2)[1:2]
    return int(size[0]) if size and SIZE.fullmatch(size[0]) else 0
