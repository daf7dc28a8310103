"""An organisation's files: kept, read again, let go; and the reading of them."""

from datetime import datetime
from typing import IO, NamedTuple

from django.db.models import ProtectedError, QuerySet
from django.utils.translation import gettext as _

from exchange.audit import log
from exchange.core.lifecycle import Doer
from exchange.core.refusals import NotFound
from exchange.core.use_case import use_case
from exchange.members import policy
from exchange.members.actors import Actor, Subject, organisation_of
from exchange.members.permissions import Permission
from exchange.vault.content import keep_content
from exchange.vault.errors import FileInUse, NotBeingRead, NotRefused
from exchange.vault.file_reading import promise_reading
from exchange.vault.lifecycle import FILE, FileState, FileTransition
from exchange.vault.models import Blob, DataFile, DataTable
from exchange.vault.models.files import clean_name
from exchange.vault.reading_process import require_isolation
from exchange.vault.space import check_room, lock_space, space_of
from exchange.vault.store import Staged, stage


class Kept(NamedTuple):
    """A file of the organisation, and whether it had the very same content already."""

    file: DataFile
    was_known: bool


def keep(
    *, actor: Actor, name: str, content: IO[bytes], now: datetime, synthetic: bool = False
) -> Kept:
    """Store a file for the organisation acted for and promise to read it.

    What the organisation has already is not stored or read again: its file is returned. The content
    is received outside of a transaction. Raises QuotaExceeded, and then nothing is stored.
    """
    organisation_id = keeper_of(actor)
    require_isolation()
    space = space_of(organisation_id)
    staged = stage(content, on_bytes=lambda so_far: check_room(space, so_far))
    try:
        return keep_staged(
            staged,
            organisation_id=organisation_id,
            name=name,
            by_id=actor.user_id,
            actor=actor,
            now=now,
            synthetic=synthetic,
        )
    finally:
        staged.path.unlink(missing_ok=True)


@use_case()
def keep_staged(
    staged: Staged,
    *,
    organisation_id: int,
    name: str,
    by_id: int | None,
    actor: Doer,
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
    file = DataFile(
        organisation_id=organisation_id,
        created_by_id=by_id,
        name=clean_name(name),
        blob=keep_content(staged),
        synthetic=synthetic,
        created_at=now,
    )
    FILE.transition(
        file,
        FileTransition.KEEP,
        actor=actor,
        now=now,
        facts={
            "organisation": file.organisation.public_id,
            "sha256": staged.sha256,
            "size_bytes": staged.size_bytes,
            "synthetic": synthetic,
        },
        personal={"name": file.name},
    )
    promise_reading(file)
    return Kept(file, was_known=False)


@use_case(Permission.FILE_KEEP, locks=FILE)
def read_again(file: DataFile, *, actor: Actor, now: datetime) -> DataFile:
    """Promise another reading of a file that was refused. Raises NotRefused for any other."""
    if file.state != FileState.REFUSED:
        raise NotRefused(_("This file was not refused."), state=file.state)
    file.refusal_code = file.refusal_text = ""
    file.read_at = None
    FILE.transition(
        file,
        FileTransition.SEND_BACK,
        actor=actor,
        now=now,
        save=("refusal_code", "refusal_text", "read_at"),
        facts={"readings": file.readings},
    )
    promise_reading(file)
    return file


@use_case(Permission.FILE_KEEP, locks=FILE)
def stop_reading(file: DataFile, *, actor: Actor, now: datetime) -> DataFile:
    """End a reading that waits or goes on: the file stays, unread. Its reader hears of it within a second.

    Raises NotBeingRead for a file that was read or refused already.
    """
    if file.state not in {FileState.STORED, FileState.READING}:
        raise NotBeingRead(_("This file is not being read any more."), state=file.state)
    if file.state == FileState.STORED:
        file.readings += 1  # the promise of this one is used up, and the next has a key of its own
    file.refusal_code = "reading_stopped"
    file.refusal_text = _("Its reading was stopped. Have it read again whenever you like.")
    file.read_at = now
    return FILE.transition(
        file,
        FileTransition.STOP,
        actor=actor,
        now=now,
        save=("readings", "refusal_code", "refusal_text", "read_at"),
        facts={"readings": file.readings},
    )


@use_case(Permission.FILE_KEEP, locks=FILE)
def remove_file(file: DataFile, *, actor: Actor, now: datetime) -> None:
    """Forget a file and its tables; the content goes later, when nobody else keeps it.

    Raises FileInUse when one of its tables belongs to a revision of a product.
    """
    log.record(
        event="vault.file.removed",
        actor=actor.name,
        subject=f"file:{file.public_id}",
        facts={"sha256": file.blob.sha256},
        at=now,
    )
    file.uploads.update(file=None)  # who finishes an upload holds it, and waits for its tables
    try:
        file.tables.all().delete()
        file.delete()
    except ProtectedError:
        raise FileInUse(
            _("Tables of this file are part of a product; the file stays with it.")
        ) from None


def file_seen_by(actor: Actor, file_id: str) -> DataFile:
    """A file that the actor may look at, with its document; operators see everybody's."""
    file = DataFile.objects.filter(public_id=file_id).select_related("blob").first()
    if file is None:
        raise NotFound(_("There is no such file."))
    policy.require(actor, Permission.FILE_SEE, Subject(organisation_id=file.organisation_id))
    return file


def keeper_of(actor: Actor) -> int:
    """The organisation that the actor may bring files for. Raises NotAllowed."""
    organisation_id = organisation_of(actor)
    policy.require(actor, Permission.FILE_KEEP, Subject(organisation_id=organisation_id))
    return organisation_id


def files_of(organisation_id: int) -> QuerySet[DataFile]:
    """The organisation's files, newest first."""
    return (
        DataFile.objects.filter(organisation_id=organisation_id)
        .select_related("blob", "organisation", "created_by")
        .order_by("-id")
    )


def file_of(organisation_id: int | None, public_id: str) -> DataFile:
    """One of the organisation's files. Raises NotFound for anybody else's."""
    found = (
        None
        if organisation_id is None
        else files_of(organisation_id).filter(public_id=public_id).first()
    )
    if found is None:
        raise NotFound(_("There is no such file."))
    return found


def tables_of(file: DataFile) -> list[DataTable]:
    """What was read from the file, in its order."""
    return list(file.tables.select_related("parquet", "sample").order_by("position"))


def _is_held(organisation_id: int, sha256: str) -> bool:
    return Blob.objects.filter(files__organisation_id=organisation_id, sha256=sha256).exists()


FILE.concerns = lambda file: Subject(organisation_id=file.organisation_id)
