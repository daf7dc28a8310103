"""The lifecycles of an upload and of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exchange.core.lifecycle import NEW, Lifecycle, Transition

if TYPE_CHECKING:
    from exchange.vault.models import DataFile, Upload


class UploadState(TextChoices):
    """Where a resumable upload stands."""

    RECEIVING = "receiving", _("Receiving")
    STORED = "stored", _("Stored")
    ABANDONED = "abandoned", _("Abandoned")


class UploadTransition(TextChoices):
    """What can happen to it."""

    STORE = "store", pgettext_lazy("upload", "Stored")
    ABANDON = "abandon", _("Abandoned")


class FileState(TextChoices):
    """Where a stored file stands."""

    STORED = "stored", _("Waiting to be read")
    READING = "reading", _("Being read")
    READY = "ready", _("Ready")
    REFUSED = "refused", _("Cannot be read")


class FileTransition(TextChoices):
    """What can happen to it."""

    KEEP = "keep", _("Stored")
    BEGIN = "begin", _("Reading begun")
    FINISH = "finish", _("Read")
    REFUSE = "refuse", _("Cannot be read")
    STOP = "stop", _("Reading stopped")
    SEND_BACK = "send_back", _("To be read again")
    ANSWER = "answer", _("To be read as answered")


UPLOAD: Lifecycle[Upload] = Lifecycle(
    "vault.upload",
    UploadState,
    title=_("Upload"),
    start=UploadState.RECEIVING,
    transitions=(
        Transition(UploadTransition.STORE, UploadState.RECEIVING, UploadState.STORED),
        Transition(UploadTransition.ABANDON, UploadState.RECEIVING, UploadState.ABANDONED),
    ),
    live=False,
)

S, T = FileState, FileTransition
FILE: Lifecycle[DataFile] = Lifecycle(
    "vault.file",
    FileState,
    title=_("File"),
    start=S.STORED,
    transitions=(
        Transition(T.KEEP, NEW, S.STORED, event="vault.file.stored"),
        # From READING: a worker begins anew what one that vanished had begun.
        Transition(T.BEGIN, (S.STORED, S.READING), S.READING),
        Transition(T.FINISH, S.READING, S.READY, event="vault.file.read"),
        Transition(T.REFUSE, S.READING, S.REFUSED, event="vault.file.refused"),
        # Whoever reads it hears of this at the next progress, and lets go.
        Transition(T.STOP, (S.STORED, S.READING), S.REFUSED, event="vault.file.stopped"),
        # Reading learns new things; its organisation may let it try again.
        Transition(T.SEND_BACK, S.REFUSED, S.STORED, event="vault.file.sent_back"),
        # What was asked of its reading was answered: its tables go, and others come in their place.
        Transition(T.ANSWER, (S.READY, S.REFUSED), S.STORED, event="vault.file.answered"),
    ),
    live=False,
)
