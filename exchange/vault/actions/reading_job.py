"""Reading in the background: promised with the file, begun again when its worker vanishes."""

import structlog
from django.utils import timezone
from django.utils.translation import gettext as _

from exchange.core.actions.outbox import Lease
from exchange.core.moves import IllegalMove
from exchange.vault.actions import reading
from exchange.vault.actions.reading import Outcome, ReadingFailed
from exchange.vault.models import DataFile

log = structlog.get_logger(__name__)

TOPIC_READ = "vault.file.read"
MINUTES_MAX = 6 * 60
# A file that kills its reader, or on which it fails, is not read for ever: its people are told.
ATTEMPTS_MAX = 3


def ask(lease: Lease) -> Outcome | None:
    """Read the file of the job. None when there is nothing to do any more."""
    try:
        file = reading.begin_reading(lease.payload["file_id"])
    except (IllegalMove, DataFile.DoesNotExist):  # it was read by somebody else, or is gone
        return None
    if lease.attempts > ATTEMPTS_MAX:
        return _given_up()
    try:
        return reading.read_file(file)
    except Exception:
        if lease.attempts < ATTEMPTS_MAX:
            raise
        log.exception("vault.reading.failed", file=file.public_id)
        return _given_up()


def record(lease: Lease, outcome: Outcome | None) -> None:
    """Write down what came of it."""
    if outcome is not None:
        reading.record_reading(lease.payload["file_id"], outcome, now=timezone.now())


def _given_up() -> Outcome:
    return Outcome(
        refusal=ReadingFailed(
            _("The file could not be read because of an error of ours. It has been logged.")
        )
    )
