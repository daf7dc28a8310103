"""Files and uploads of an organisation: who may bring, read again and remove them."""

from datetime import datetime
from typing import IO

from django.utils.translation import gettext as _

from exchange.core.refusals import NotFound
from exchange.flows.admission import organisation_of
from exchange.members import policy
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission
from exchange.vault.actions import files, uploads
from exchange.vault.actions.files import Kept
from exchange.vault.models import DataFile, Upload
from exchange.vault.queries.files import file_of
from exchange.vault.queries.uploads import upload_of


def keep_file(*, actor: Actor, name: str, content: IO[bytes], now: datetime) -> Kept:
    """Store a file for the organisation acted for, in one piece."""
    organisation_id = keeper_of(actor)
    return files.keep(
        organisation_id=organisation_id,
        name=name,
        content=content,
        by_id=actor.user_id,
        actor=actor.name,
        now=now,
    )


def begin_upload(*, actor: Actor, name: str, declared_bytes: int, now: datetime) -> Upload:
    """Begin an upload in pieces."""
    return uploads.begin_upload(
        organisation_id=keeper_of(actor),
        name=name,
        declared_bytes=declared_bytes,
        by_id=actor.user_id,
        now=now,
    )


def receive_piece(
    *,
    actor: Actor,
    upload_id: str,
    offset: int,
    content: IO[bytes],
    size_bytes: int,
    now: datetime,
) -> tuple[Upload, Kept | None]:
    """Take a piece; with the last one the upload becomes a file.

    An empty piece at the end finishes an upload whose last answer got lost.
    """
    upload = upload_of(keeper_of(actor), upload_id)
    if upload.file is None:
        upload = uploads.receive_piece(
            upload_id=upload.pk, offset=offset, content=content, size_bytes=size_bytes, now=now
        )
    if upload.received_bytes < upload.declared_bytes:
        return upload, None
    kept = uploads.finish_upload(upload_id=upload.pk, actor=actor.name, now=now)
    return upload, kept


def abandon_upload(*, actor: Actor, upload_id: str) -> Upload:
    """Give an upload up."""
    return uploads.abandon_upload(upload_id=upload_of(keeper_of(actor), upload_id).pk)


def read_again(*, actor: Actor, file_id: str, now: datetime) -> DataFile:
    """Have a refused file read once more."""
    file = file_of(keeper_of(actor), file_id)
    return files.read_again(file_id=file.pk, actor=actor.name, now=now)


def remove_file(*, actor: Actor, file_id: str, now: datetime) -> None:
    """Forget a file that no product needs."""
    file = file_of(keeper_of(actor), file_id)
    files.remove_file(file_id=file.pk, actor=actor.name, now=now)


def file_seen_by(actor: Actor, file_id: str) -> DataFile:
    """A file that the actor may look at, with its document; operators see everybody's."""
    found = DataFile.objects.filter(public_id=file_id).select_related("blob").first()
    if found is None:
        raise NotFound(_("There is no such file."))
    policy.require(actor, Permission.FILE_SEE, Subject(organisation_id=found.organisation_id))
    return found


def keeper_of(actor: Actor) -> int:
    """The organisation that the actor may bring files for. Raises NotAllowed."""
    organisation_id = organisation_of(actor)
    policy.require(actor, Permission.FILE_KEEP, Subject(organisation_id=organisation_id))
    return organisation_id
