"""The lifecycles of an upload and of a file."""

from collections.abc import Mapping

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from exchange.core.moves import lifecycle


class UploadState(TextChoices):
    """Where a resumable upload stands."""

    RECEIVING = "receiving", _("Receiving")
    STORED = "stored", _("Stored")
    ABANDONED = "abandoned", _("Abandoned")


class FileState(TextChoices):
    """Where a stored file stands."""

    STORED = "stored", _("Waiting to be read")
    READING = "reading", _("Being read")
    READY = "ready", _("Ready")
    REFUSED = "refused", _("Cannot be read")


UPLOAD_MOVES: Mapping[UploadState, frozenset[UploadState]] = lifecycle(
    name="vault.upload",
    title=_("Upload"),
    start=UploadState.RECEIVING,
    moves={
        UploadState.RECEIVING: frozenset({UploadState.STORED, UploadState.ABANDONED}),
        UploadState.STORED: frozenset(),
        UploadState.ABANDONED: frozenset(),
    },
)

FILE_MOVES: Mapping[FileState, frozenset[FileState]] = lifecycle(
    name="vault.file",
    title=_("File"),
    start=FileState.STORED,
    moves={
        FileState.STORED: frozenset({FileState.READING}),
        # To itself: a worker begins anew what one that vanished had begun.
        FileState.READING: frozenset({FileState.READING, FileState.READY, FileState.REFUSED}),
        FileState.READY: frozenset(),
        # Reading learns new things; its organisation may let it try again.
        FileState.REFUSED: frozenset({FileState.STORED}),
    },
)
