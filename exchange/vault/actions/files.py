"""Keeping files, and letting them go."""

from datetime import datetime
from typing import IO, NamedTuple

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from exchange.audit.actions import log
from exchange.core.actions import outbox
from exchange.core.moves import check_move
from exchange.core.refusals import NotFound
from exchange.vault.actions import content as contents
from exchange.vault.actions import reading
from exchange.vault.actions.reading_job import TOPIC_READ
from exchange.vault.actions.space import check_room, lock_space
from exchange.vault.errors import FileInUse, NotRefused
from exchange.vault.models import Blob, DataFile
from exchange.vault.names import clean_name
from exchange.vault.queries.space import space_of
from exchange.vault.states import FILE_MOVES, FileState
from exchange.vault.store import Staged, stage


class Kept(NamedTuple):
    """A file of the organisation, and whether it had the very same content already."""

    file: DataFile
    was_known: bool


def keep_file(
    *,
    organisation_id: int,
    name: str,
    content: IO[bytes],
    by_id: int | None,
    actor: str,
    now: datetime,
    synthetic: bool = False,
) -> DataFile:
    """Store a file and promise to read it. Raises QuotaExceeded, and then nothing is stored.

    What the organisation has already is not stored or read again: its file is returned.
    """
    return keep(
        organisation_id=organisation_id,
        name=name,
        content=content,
        by_id=by_id,
        actor=actor,
        now=now,
        synthetic=synthetic,
    ).file


def keep(
    *,
    organisation_id: int,
    name: str,
    content: IO[bytes],
    by_id: int | None,
    actor: str,
    now: datetime,
    synthetic: bool = False,
) -> Kept:
    """As `keep_file`, saying also whether the content was known."""
    space = space_of(organisation_id)
    staged = stage(content, on_bytes=lambda so_far: check_room(space, so_far))
    try:
        return keep_staged(
            staged,
            organisation_id=organisation_id,
            name=name,
            by_id=by_id,
            actor=actor,
            now=now,
            synthetic=synthetic,
        )
    finally:
        staged.path.unlink(missing_ok=True)


@transaction.atomic
def keep_staged(
    staged: Staged,
    *,
    organisation_id: int,
    name: str,
    by_id: int | None,
    actor: str,
    now: datetime,
    synthetic: bool = False,
) -> Kept:
    """Make a complete file of `incoming/` a file of the organisation."""
    lock_space(organisation_id)
    known = (
        DataFile.objects.select_related("blob", "organisation")
        .filter(organisation_id=organisation_id, blob__sha256=staged.sha256, synthetic=synthetic)
        .first()
    )
    if known is not None:
        return Kept(known, was_known=True)
    if not _is_held(organisation_id, staged.sha256):
        check_room(space_of(organisation_id), staged.size_bytes)
    file = DataFile.objects.create(
        organisation_id=organisation_id,
        created_by_id=by_id,
        name=clean_name(name),
        blob=contents.keep_content(staged),
        synthetic=synthetic,
        created_at=now,
    )
    _promise_reading(file)
    log.record(
        event="vault.file.stored",
        actor=actor,
        subject=f"file:{file.public_id}",
        facts={
            "organisation": file.organisation.public_id,
            "sha256": staged.sha256,
            "size_bytes": staged.size_bytes,
            "synthetic": synthetic,
        },
        personal={"name": file.name},
        at=now,
    )
    return Kept(file, was_known=False)


def read_now(file_id: int, *, now: datetime) -> DataFile:
    """Read a stored file in this thread and return it, ready or refused."""
    outcome = reading.read_file(reading.begin_reading(file_id))
    return reading.record_reading(file_id, outcome, now=now)


@transaction.atomic
def read_again(*, file_id: int, actor: str, now: datetime) -> DataFile:
    """Promise another reading of a file that was refused. Raises NotRefused for any other."""
    file = DataFile.objects.select_for_update().get(pk=file_id)
    if file.state != FileState.REFUSED:
        raise NotRefused(_("This file was not refused."), state=file.state)
    check_move(FILE_MOVES, FileState(file.state), FileState.STORED)
    file.state = FileState.STORED
    file.refusal_code = file.refusal_text = ""
    file.read_at = None
    file.save(update_fields=["state", "refusal_code", "refusal_text", "read_at"])
    _promise_reading(file)
    log.record(
        event="vault.file.sent_back",
        actor=actor,
        subject=f"file:{file.public_id}",
        facts={"readings": file.readings},
        at=now,
    )
    return file


@transaction.atomic
def remove_file(*, file_id: int, actor: str, now: datetime) -> None:
    """Forget a file and its tables; the content goes later, when nobody else keeps it.

    Raises FileInUse when one of its tables belongs to a revision of a product.
    """
    file = DataFile.objects.select_for_update().filter(pk=file_id).first()
    if file is None:
        raise NotFound(_("There is no such file."))
    log.record(
        event="vault.file.removed",
        actor=actor,
        subject=f"file:{file.public_id}",
        facts={"sha256": file.blob.sha256},
        at=now,
    )
    try:
        file.tables.all().delete()
        file.delete()
    except ProtectedError:
        raise FileInUse(
            _("Tables of this file are part of a product; the file stays with it.")
        ) from None


def _is_held(organisation_id: int, sha256: str) -> bool:
    return Blob.objects.filter(files__organisation_id=organisation_id, sha256=sha256).exists()


def _promise_reading(file: DataFile) -> None:
    outbox.emit(
        topic=TOPIC_READ,
        key=f"{file.public_id}:{file.readings}",
        payload={"file_id": file.pk},
    )
